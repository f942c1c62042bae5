/** The one big ask: what, where, who else goes, and what to say, in reach of a thumb. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Mark, SEVERITIES, Icon } from "../look/icons";
import { tick } from "../parts/tick";
import { inert } from "../parts/Said";
import { clock } from "../parts/spans";
import { t } from "../words/words";
import { Act } from "./Act";
import { going, left, outcome, type Standing } from "./asks";
import { Crew } from "./Crew";
import { phone } from "./desk";
import { Refused } from "./Refused";
import { Where } from "./Where";
import { Words } from "./Words";

export function AskView({ standing }: { standing: Standing }) {
  const { ask, phase, refused } = standing;
  const head = useRef<HTMLHeadingElement>(null);
  const incident = phone.incident(ask);
  const isNew = phase === "offered";
  // What is known of the incident now; the ask itself says what was known when it went out.
  const hazard = incident?.hazard ?? ask.hazard;
  const severity = incident?.severity ?? ask.severity;
  const ward = inert(ask.ward_name);
  // Said once: words that change would be read out again and again.
  const [spoken] = useState(() => {
    const time = clock(Math.max(0, Date.parse(ask.deadline) - tick.peek()));
    return t("phone.ask.spoken", { hazard: t(`hazard.${hazard}`), severity: t(`severity.${severity}`), ward, left: time });
  });
  useEffect(() => {
    if (isNew) head.current?.focus({ preventScroll: true });
    if (isNew) scrollTo({ top: 0 });
  }, [ask.id]);
  return (
    <article class={`ask ask-${phase}`} aria-labelledby="ask-head" onClick={() => phone.look(ask.id)} onKeyDown={() => phone.look(ask.id)}>
      {isNew ? (
        <p class="unseen" role="alert">
          {phone.who.value?.exercise ? `${t("exercise")}. ` : null}
          {spoken}
        </p>
      ) : null}
      <header class={`ask-band severity-${severity}`}>
        <span class="ask-severity">
          <Icon sign={SEVERITIES[severity]} size="1.25rem" /> {t(`severity.${severity}`)}
        </span>
        {phone.who.value?.exercise ? <strong class="exercise">{t("exercise")}</strong> : null}
        <span class="ask-kind">{kind(standing)}</span>
      </header>
      <div class="ask-what">
        <Mark hazard={hazard} severity={severity} size="3.5rem" />
        <h1 id="ask-head" ref={head} tabIndex={-1}>
          {t(`hazard.${hazard}`)}
          <span class="ask-ward">{t("phone.ask.ward", { ward })}</span>
        </h1>
        {isNew ? <Deadline standing={standing} /> : null}
      </div>
      {refused ? <Refused said={refused} /> : null}
      <Words text={ask.text ?? incident?.text} />
      <Where standing={standing} incident={incident} />
      <Crew ask={ask} incident={incident} going={!isNew} />
      <p class="small soft ask-numbers">
        {t("phone.ask.code", { code: ask.code })}
        {incident ? ` · ${t("phone.ask.reference", { reference: incident.reference })}` : null}
      </p>
      {isNew || going(phase) ? <Act standing={standing} /> : null}
    </article>
  );
}

/** Say in a word how the ask stands. */
function kind(standing: Standing): string {
  const { phase } = standing;
  if (phase === "offered") return t("phone.ask.new");
  if (phase === "accepted" || phase === "enroute" || phase === "arrived") return t(`phone.step.${phase}`);
  return t(`phone.outcome.${outcome(standing)}`);
}

const AROUND = 2 * Math.PI * 20;

/** The time to answer as a ring and as figures, by the server's clock. */
function Deadline({ standing: { ask } }: { standing: Standing }) {
  const share = left(ask, tick.value);
  const ms = Math.max(0, Date.parse(ask.deadline) - tick.value);
  const tone = ms === 0 ? "over" : ms < 30_000 ? "soon" : "calm";
  return (
    <div class={`deadline deadline-${tone}`} role="timer" aria-label={t("phone.ask.time-left", { clock: clock(ms) })}>
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <circle class="deadline-track" cx="24" cy="24" r="20" />
        <circle
          class="deadline-left"
          cx="24"
          cy="24"
          r="20"
          stroke-dasharray={`${(share * AROUND).toFixed(1)} ${AROUND.toFixed(1)}`}
          transform="rotate(-90 24 24)"
        />
      </svg>
      <span class="figures" aria-hidden="true">
        {clock(ms)}
      </span>
    </div>
  );
}
