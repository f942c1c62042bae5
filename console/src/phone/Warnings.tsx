/** Warnings in an official's ward: the text to read out, and the word that it was passed on. */
import { useState } from "preact/hooks";
import { Mark } from "../look/icons";
import { inert } from "../parts/Said";
import { about, ago, arrives, timeOfDay } from "../parts/spans";
import { tick } from "../parts/tick";
import { t } from "../words/words";
import { phone } from "./desk";
import { Refused } from "./Refused";
import { languageName, readOut, WAYS, type Warning, type WayOn } from "./warnings";

export function Warnings() {
  const all = phone.warnings.value;
  return (
    <section class="card">
      <h2>{t("phone.warn")}</h2>
      {all.length === 0 ? <p class="soft">{t("phone.warn.none")}</p> : null}
      <ul class="warnings">
        {all.map((warning, n) => (
          <li key={warning.id}>
            <One warning={warning} first={n === 0} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function One({ warning, first: isFirst }: { warning: Warning; first: boolean }) {
  const languages = phone.me.value?.languages ?? [];
  const first = readOut(warning.texts, languages)?.language ?? "";
  const [begin] = useState(isFirst && warning.confirmed === undefined);
  const [picked, setPicked] = useState<string | null>(null);
  const text = warning.texts.find(({ language }) => language === (picked ?? first));
  const said = phone.said.value.findLast((each) => each.about === warning.id);
  const waiting = said !== undefined && said.refused === null;
  // Open or shut as at first sight: what moved under the finger after a tap would be tapped by mistake.
  return (
    <details class="warning" open={begin}>
      <summary class="warning-head">
        <Mark hazard={warning.hazard} severity={warning.severity} size="2.5rem" />
        <span class="warning-what">
          <strong>
            {t(`hazard.${warning.hazard}`)}, {t(`severity.${warning.severity}`)}
          </strong>
          <span class="soft small block">
            {warning.exercise ? <strong>{t("exercise")} · </strong> : null}
            {warning.minutes ? `${arrival(arrives(warning.minutes_from ?? warning.issued_at, warning.minutes))} · ` : null}
            {warning.expires ? t("phone.warn.until", { time: timeOfDay(warning.expires).slice(0, 5) }) : null}
          </span>
          {warning.confirmed === undefined && !waiting ? (
            <span class="chip chip-waits">{t("phone.warn.waiting")}</span>
          ) : (
            <span class="chip">{t("phone.warn.done")}</span>
          )}
        </span>
      </summary>
      <div class="stack warning-body">
        <h3>{t("phone.warn.read")}</h3>
        {warning.texts.length > 1 ? (
          <div class="choices">
            {warning.texts.map(({ language }) => (
              <button key={language} type="button" class="choice" lang={language} aria-pressed={language === text?.language} onClick={() => setPicked(language)}>
                {languageName(language)}
              </button>
            ))}
          </div>
        ) : null}
        {text ? (
          <div class="read-out" lang={text.language}>
            {[text.headline, text.description, text.instruction].map((part, n) => (part ? <p key={n} class="said">{inert(part)}</p> : null))}
          </div>
        ) : null}
        {said?.refused ? <Refused said={said} /> : null}
        <Passed warning={warning} how={waiting ? String(said.body["how"]) : null} late={waiting && said.tries > 0} />
      </div>
    </details>
  );
}

function Passed({ warning, how, late }: { warning: Warning; how: string | null; late: boolean }) {
  const word = warning.confirmed;
  if (how !== null || word !== undefined) {
    const mine = how !== null || word?.by === phone.who.value?.person;
    const age = ago(word === undefined ? 0 : Math.max(0, tick.value - Date.parse(word.at)));
    return (
      <p class="passed" role="status">
        <strong>{t("phone.warn.passed", { how: named(how ?? word?.how ?? "") })}</strong>{" "}
        <span class="soft">
          {mine ? t("phone.warn.by-you", { ago: age }) : t("phone.warn.by", { who: inert(word?.by ?? ""), ago: age })}
          {late ? ` (${t("phone.shift.waiting")})` : null}
        </span>
      </p>
    );
  }
  return (
    <fieldset class="pass">
      <legend>{t("phone.warn.ask")}</legend>
      <div class="reasons">
        {(Object.keys(WAYS) as WayOn[]).map((way) => (
          <button key={way} type="button" class="wide reason" onClick={() => void phone.passedOn(warning, WAYS[way])}>
            {t(`phone.passed.${way}`)}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** A clock time stays true for as long as the page stands open; a span would not. */
function arrival(at: number): string {
  return tick.value < at ? t("phone.warn.arrives", { time: about(at, tick.value) }) : t("phone.warn.there");
}

function named(how: string): string {
  const way = (Object.keys(WAYS) as WayOn[]).find((key) => WAYS[key] === how);
  return way ? t(`phone.passed.${way}`) : inert(how);
}
