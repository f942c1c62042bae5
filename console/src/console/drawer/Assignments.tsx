import { Age } from "../../parts/Age";
import { Countdown } from "../../parts/Countdown";
import { far } from "../../parts/spans";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import type { Assignment, Presence } from "../../data/contract";
import { selected } from "../desk";
import { goes } from "../../map/looks";
import { finished } from "../work/incidents";
import { rung } from "../work/why";
import { skill } from "../work/skills";
import { hour } from "./AtScene";
import { Section } from "./Drawer";

/** Going before asked, asked before finished; what comes after those three is folded away. */
const ORDER: readonly Assignment["state"][] = ["arrived", "enroute", "accepted", "offered", "done", "declined", "expired", "withdrawn"];

interface Props {
  readonly asks: readonly Assignment[];
  readonly exhausted: readonly string[];
  /** How many were asked who are another ward's to see. */
  readonly elsewhere: number;
  /** Who is at the scene by their positions, whatever they have tapped. */
  readonly there: readonly Presence[];
}

/** Who was asked and what became of it: those who go, then who is asked, then who finished, then the others. */
export function Assignments({ asks, exhausted, elsewhere, there }: Props) {
  const sorted = [...asks].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const shown = sorted.filter((ask) => ORDER.indexOf(ask.state) <= 4);
  const over = sorted.filter((ask) => ORDER.indexOf(ask.state) > 4);
  const asked = asks.filter((ask) => ask.state === "offered").length;
  const done = finished(asks);
  const apart = [asked > 0 ? t("assignments.asked", { n: asked }) : "", done > 0 ? t("assignments.finished", { n: done }) : ""].filter(Boolean);
  return (
    <Section title={t("assignments")} count={asks.filter((ask) => goes(ask.state)).length}>
      {exhausted.map((need) => (
        <p class="nobody-left" key={need}>
          <Icon sign="warning" /> {t("assignments.nobody-left", { need: skill(need) })}
        </p>
      ))}
      {sorted.length === 0 && exhausted.length === 0 ? <p class="section-note">{elsewhere > 0 ? t("assignments.elsewhere", { n: elsewhere }) : t("assignments.none")}</p> : null}
      {apart.length > 0 ? <p class="section-note">{apart.join(" · ")}</p> : null}
      <ul class="assignments">
        {shown.map((ask) => (
          <Row key={ask.id} ask={ask} there={there.find(({ responder }) => responder === ask.responder)} />
        ))}
      </ul>
      {over.length > 0 ? (
        <details class="more">
          <summary>{t("assignments.over", { n: over.length })}</summary>
          <ul class="assignments">
            {over.map((ask) => (
              <Row key={ask.id} ask={ask} />
            ))}
          </ul>
        </details>
      ) : null}
    </Section>
  );
}

function Row({ ask, there }: { ask: Assignment; there?: Presence | undefined }) {
  return (
    <li class={`assignment assignment-${ask.state}`}>
      <span class={`chip chip-${ask.state}`}>{t(`assignment.${ask.state}`)}</span>
      <span class="assignment-who">
        <button type="button" class="link" onClick={() => (selected.value = { kind: "responder", id: ask.responder })}>
          {ask.responder_name}
        </button>
        <span class="soft">
          {skill(ask.need)} · {rung(ask.rung)}
          {ask.distance_m === undefined ? "" : ` · ${far(ask.distance_m)}`}
          {ask.answer_reason ? ` · “${ask.answer_reason}”` : ""}
        </span>
        {there && ask.state !== "done" ? (
          <span class="by-position">
            <Icon sign="arrived" size="1em" /> {t("scene.by-position", { time: hour(there.since) })}
          </span>
        ) : null}
      </span>
      <span class="assignment-when">
        {ask.state === "offered" ? (
          <>
            <Countdown until={ask.deadline} />
            <span class="soft">{t(ask.seen_at ? "assignment.seen" : "assignment.unseen")}</span>
          </>
        ) : (
          <Age at={ask.done_at ?? ask.arrived_at ?? ask.enroute_at ?? ask.answered_at ?? ask.offered_at} />
        )}
      </span>
    </li>
  );
}
