/** For what one is asked, and who else goes. */
import type { Assignment, Incident } from "../data/contract";
import { inert } from "../parts/Said";
import { t, type Key } from "../words/words";
import { phoneWords } from "../words/phone";

/** What stands in place of a skill when an operator asked for one person by name. */
const BY_NAME = "requested";

/** Name a skill; one that the county added stands as the plan writes it. */
function need(skill: string): string {
  if (skill === BY_NAME) return "";
  const key = `phone.need.${skill}`;
  return key in phoneWords.en ? t(key as Key) : skill;
}

export function Crew({ ask, incident, going }: { ask: Assignment; incident: Incident | undefined; going: boolean }) {
  const others = (incident?.crew ?? []).filter((goer) => goer.assignment !== ask.id);
  const missing = (incident?.exhausted ?? []).filter((skill) => skill !== ask.need);
  return (
    <section class="crew">
      {ask.need === BY_NAME ? (
        <p>{t("phone.ask.by-operator")}</p>
      ) : (
        <p>
          {t("phone.ask.needed")} <strong>{need(ask.need)}</strong>
        </p>
      )}
      <h2>{t("phone.crew")}</h2>
      <ul>
        {going ? (
          <li>
            <strong>{t("phone.crew.you")}</strong> <span class="soft">{need(ask.need)}</span>
          </li>
        ) : null}
        {others.map((goer) => (
          <li key={goer.assignment}>
            <strong class="said">{inert(goer.name)}</strong>
            <span class={`crew-state crew-${goer.state}`}>{t(`phone.state.${goer.state}`)}</span>
            <span class="crew-title soft said">{[inert(goer.title ?? ""), need(goer.need)].filter(Boolean).join(", ")}</span>
          </li>
        ))}
        {others.length === 0 && !going ? (
          <li class="soft">{incident ? t("phone.crew.none") : t("phone.crew.unknown")}</li>
        ) : null}
      </ul>
      {missing.length > 0 ? <p class="crew-missing">{t("phone.crew.missing", { needs: missing.map(need).join(", ") })}</p> : null}
    </section>
  );
}
