import { Age } from "../../parts/Age";
import { far, timeOfDay } from "../../parts/spans";
import { t } from "../../words/words";
import type { Incident, Presence } from "../../data/contract";
import { selected, store } from "../desk";
import { STALE_FIX_MS } from "../lists/PeopleList";
import { grave, type Scene, type There } from "../work/scene";
import { Section } from "./Drawer";

/** Who is there by their positions: it stands beside what they tap, and takes nothing of it away. */
export function AtScene({ incident, scene }: { incident: Incident; scene: Scene }) {
  const { now, earlier } = scene;
  if (incident.scene_m === undefined || (now.length === 0 && earlier.length === 0)) return null;
  return (
    <Section title={t("scene")} count={now.length}>
      <p class="section-note">{t("scene.within", { far: far(incident.scene_m) })}</p>
      <ul class="assignments">
        {now.map((there) => (
          <Row key={there.presence.id} there={there} grave={grave(incident)} />
        ))}
      </ul>
      {earlier.length > 0 ? (
        <details class="more">
          <summary>{t("scene.earlier", { n: earlier.length })}</summary>
          <ul class="assignments">
            {earlier.map((presence) => (
              <li key={presence.id} class="assignment">
                <span class="assignment-who">
                  <Name presence={presence} />
                  <span class="soft">{presence.reason ? t(`left.${presence.reason}`) : ""}</span>
                </span>
                <span class="assignment-when soft figures">
                  {hour(presence.since)}–{presence.left_at ? hour(presence.left_at) : ""}
                </span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </Section>
  );
}

function Row({ there: { presence, ask }, grave }: { there: There; grave: boolean }) {
  const fix = store.docs.responder.value.get(presence.responder)?.fix_at;
  return (
    <li class="assignment">
      <span class={`chip ${ask ? `chip-${ask.state}` : grave ? "chip-warn" : ""}`}>{t(ask ? `assignment.${ask.state}` : "scene.not-asked")}</span>
      <span class="assignment-who">
        <Name presence={presence} />
        <span class="soft">{[presence.title, presence.dwelt_at ? t("scene.stays") : ""].filter(Boolean).join(" · ")}</span>
        {ask === undefined && grave ? <span class="silent">{t("scene.alone")}</span> : null}
      </span>
      <span class="assignment-when">
        <span class="figures">{t("scene.since", { time: hour(presence.since) })}</span>
        {fix === undefined ? null : (
          <span class="soft">
            {t("scene.heard")} <Age at={fix} stale={STALE_FIX_MS} />
          </span>
        )}
      </span>
    </li>
  );
}

function Name({ presence }: { presence: Presence }) {
  return (
    <button type="button" class="link" onClick={() => (selected.value = { kind: "responder", id: presence.responder })}>
      {presence.name}
    </button>
  );
}

/** The hour and minute in Kenya. */
export function hour(at: string): string {
  return timeOfDay(at).slice(0, 5);
}
