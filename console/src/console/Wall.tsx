import { useComputed } from "@preact/signals";
import { Icon } from "../look/icons";
import { Age } from "../parts/Age";
import { short } from "../parts/spans";
import { tick } from "../parts/tick";
import { t } from "../words/words";
import type { Severity } from "../data/contract";
import { SEVERITIES } from "../data/contract";
import { Severity as Badge } from "../parts/Severity";
import { selected, store, wall } from "./desk";
import { alerts, asks, busy, gaugesOver, openIncidents, people, waiting } from "./picture";
import { passedOn } from "./work/alerts";
import { changesSince, type Change } from "./work/changes";
import { arranged, EVERYTHING, uncovered } from "./work/incidents";
import { HazardIcon } from "../parts/HazardIcon";
import { nameOf } from "./places";
import { mark } from "./work/skills";

const TEN_MINUTES = 600_000;

/** For the wall: big figures on the left of the map, what changed on its right. */
export function WallFigures() {
  const by = useComputed(() => {
    const counts = new Map<Severity, number>();
    let alone = 0;
    for (const it of store.docs.incident.value.values()) {
      if (it.state !== "open") continue;
      counts.set(it.severity, (counts.get(it.severity) ?? 0) + 1);
      if (uncovered(it, asks.value.get(it.id) ?? [])) alone += 1;
    }
    return { counts, alone };
  });
  const { counts, alone } = by.value;
  const oldest = waiting.value[0];
  const inForce = alerts.value.filter((alert) => alert.state === "issued");
  const open = inForce.reduce((sum, alert) => sum + passedOn(alert).all - passedOn(alert).done, 0);
  const over = gaugesOver.value;
  const onShift = people.value.filter((person) => person.on_shift);
  const out = onShift.filter((person) => busy.value.has(person.id)).length;
  return (
    <section class="wall-figures" aria-label={t("wall.figures")}>
      <Figure value={openIncidents.value} words={t("wall.incidents")} tone={alone > 0 ? "warn" : "plain"} note={t("wall.alone", { n: alone })} />
      <div class="wall-severities">
        {SEVERITIES.slice(0, 4).map((severity) => (
          <p key={severity}>
            <span class="figures">{counts.get(severity) ?? 0}</span> <Badge level={severity} />
          </p>
        ))}
      </div>
      <Figure
        value={waiting.value.length}
        words={t("wall.waiting")}
        tone={oldest ? "warn" : "good"}
        note={oldest ? t("wall.oldest", { age: short(tick.value - Date.parse(oldest.seen)) }) : ""}
      />
      <Figure value={inForce.length} words={t("wall.alerts")} tone={open > 0 ? "warn" : "plain"} note={t("wall.unconfirmed", { n: open })} />
      <Figure value={over} words={t("wall.gauges")} tone={over > 0 ? "warn" : "plain"} />
      <Figure value={out} words={t("wall.people", { n: onShift.length })} tone="plain" />
      <Alone />
    </section>
  );
}

/** Where nobody goes: what the room must not overlook. */
function Alone() {
  const alone = useComputed(() => {
    const filter = { ...EVERYTHING, only: "uncovered" as const };
    return arranged(store.docs.incident.value.values(), asks.value, filter, 0).slice(0, 8);
  });
  if (alone.value.length === 0) return null;
  return (
    <div class="wall-alone">
      <h2>{t("filter.only.uncovered")}</h2>
      <ul>
        {alone.value.map((incident) => (
          <li key={incident.id}>
            <HazardIcon hazard={incident.hazard} severity={incident.severity} size="1.75rem" />
            <span>{incident.ward_name}</span>
            <Age at={incident.opened_at} brief />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Figure({ value, words, note, tone }: { value: number | string; words: string; note?: string; tone: "plain" | "warn" | "good" }) {
  return (
    <div class={`wall-figure wall-${tone}`}>
      <span class="wall-value figures">{value}</span>
      <span class="wall-words">
        {words}
        {note ? <span class="wall-note">{note}</span> : null}
      </span>
    </div>
  );
}

/** What changed in the last ten minutes. */
export function WallChanges() {
  const changes = useComputed(() => {
    // Looked at anew with each change, and each ten seconds because things leave the ten minutes.
    const now = Math.floor(tick.value / 10_000) * 10_000;
    return changesSince(store.state.value.docs, now - TEN_MINUTES);
  });
  return (
    <section class="wall-changes" aria-label={t("wall.changes")}>
      <h2>{t("wall.changes")}</h2>
      {changes.value.length === 0 ? <p class="section-note">{t("wall.quiet")}</p> : null}
      <ol>
        {changes.value.map((change, n) => (
          <li key={`${change.at}${change.what}${change.item.id}${n}`} class={`change change-${change.what}`}>
            <Age at={change.at} brief />
            <button
              type="button"
              onClick={() => {
                wall.value = false;
                selected.value = change.item;
              }}
            >
              {change.severity ? <Badge level={change.severity} only="shape" /> : <Icon sign={SIGNS[change.what]} size="1em" />}
              <span>{words(change)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

const SIGNS = {
  opened: "incident",
  closed: "check",
  waiting: "report",
  accepted: "check",
  declined: "cross",
  expired: "clock",
  arrived: "arrived",
  done: "check",
  issued: "alert",
  drafted: "alert",
  confirmed: "check",
  rose: "up",
  fell: "down",
} as const;

function words(change: Change): string {
  const ward = change.what === "confirmed" ? nameOf(change.ward) : change.what === "rose" || change.what === "fell" ? mark(change.ward) : change.ward;
  return t(`change.${change.what}`, { hazard: t(`hazard.${change.hazard as "flood"}`), ward, name: change.name });
}
