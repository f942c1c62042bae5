import { Age } from "../../parts/Age";
import { Countdown } from "../../parts/Countdown";
import { Icon } from "../../look/icons";
import { tick } from "../../parts/tick";
import { t } from "../../words/words";
import type { Assignment, Responder } from "../../data/contract";
import { selected, store } from "../desk";
import { STALE_FIX_MS } from "../lists/PeopleList";
import { fullName, nameOf } from "../places";
import { skill } from "../work/skills";
import { hour } from "./AtScene";
import { Head, Section } from "./Drawer";

const OPEN: ReadonlySet<Assignment["state"]> = new Set(["offered", "accepted", "enroute", "arrived"]);

/** Somebody who can be asked: reachable how, where, and with what on their hands. */
export function ResponderDrawer({ person }: { person: Responder }) {
  const own = [...store.docs.assignment.value.values()].filter((ask) => ask.responder === person.id);
  own.sort((a, b) => Number(OPEN.has(b.state)) - Number(OPEN.has(a.state)) || b.offered_at.localeCompare(a.offered_at));
  const stale = person.fix_at !== undefined && tick.value - Date.parse(person.fix_at) > STALE_FIX_MS;
  return (
    <>
      <Head
        mark={
          <span class={person.on_shift ? "person-mark person-on" : "person-mark"}>
            <Icon sign="responder" size="1.75rem" />
          </span>
        }
        title={person.name}
      >
        <p class="drawer-sub">
          <span class={person.on_shift ? "chip chip-good" : "chip"}>{t(person.on_shift ? "person.on" : "person.off")}</span>
          <span>{[person.title, person.organisation].filter(Boolean).join(", ")}</span>
        </p>
      </Head>
      <div class="drawer-body">
        <dl class="facts">
          <dt>{t("person.phone")}</dt>
          <dd>
            {person.phone ? (
              <a class="phone" href={`tel:${person.phone}`}>
                <Icon sign="phone" size="1em" /> {person.phone}
              </a>
            ) : (
              t("person.no-phone")
            )}
            {person.has_app ? ` · ${t("person.app")}` : ` · ${t("person.no-app")}`}
          </dd>
          <dt>{t("person.skills")}</dt>
          <dd>{(person.skills ?? []).map(skill).join(", ") || "–"}</dd>
          <dt>{t("person.home")}</dt>
          <dd>{fullName(person.home)}</dd>
          <dt>{t("person.languages")}</dt>
          <dd>{(person.languages ?? []).join(", ")}</dd>
          <dt>{t("person.position")}</dt>
          <dd>
            {person.fix_at ? (
              <>
                <Age at={person.fix_at} stale={STALE_FIX_MS} />
                {stale ? <strong class="silent"> {t("person.stale")}</strong> : null}
                {person.accuracy_m === undefined ? "" : ` · ± ${Math.round(person.accuracy_m)} m`}
              </>
            ) : (
              t("person.no-position", { ward: nameOf(person.home) })
            )}
          </dd>
          <Where person={person} />
        </dl>
        <Section title={t("person.all-asks")} count={own.length}>
          {own.length === 0 ? <p class="section-note">{t("person.no-asks")}</p> : null}
          <ul class="assignments">
            {own.slice(0, 30).map((ask) => (
              <li key={ask.id} class={`assignment assignment-${ask.state}`}>
                <span class={`chip chip-${ask.state}`}>{t(`assignment.${ask.state}`)}</span>
                <span class="assignment-who">
                  <button type="button" class="link" onClick={() => (selected.value = { kind: "incident", id: ask.incident })}>
                    {t(`hazard.${ask.hazard}`)}, {ask.ward_name}
                  </button>
                  <span class="soft">{skill(ask.need)}</span>
                </span>
                <span class="assignment-when">{ask.state === "offered" ? <Countdown until={ask.deadline} /> : <Age at={ask.answered_at ?? ask.offered_at} />}</span>
              </li>
            ))}
          </ul>
        </Section>
      </div>
    </>
  );
}

/** At which scenes somebody is, by their position. */
function Where({ person }: { person: Responder }) {
  const there = [...store.docs.presence.value.values()].filter(({ responder, state }) => responder === person.id && state === "inside");
  if (there.length === 0) return null;
  return (
    <>
      <dt>{t("scene")}</dt>
      <dd>
        {there.map(({ incident, since }) => {
          const it = store.docs.incident.value.get(incident);
          return (
            <span class="fact-more" key={incident}>
              <button type="button" class="link" onClick={() => (selected.value = { kind: "incident", id: incident })}>
                {it ? `${t(`hazard.${it.hazard}`)}, ${it.ward_name}` : t("open-incident")}
              </button>{" "}
              {t("scene.since", { time: hour(since) })}
            </span>
          );
        })}
      </dd>
    </>
  );
}
