/** Other asks that wait, and what became of the last ones. */
import { useState } from "preact/hooks";
import { Mark } from "../look/icons";
import { inert } from "../parts/Said";
import { ago } from "../parts/spans";
import { tick } from "../parts/tick";
import { t } from "../words/words";
import { last, mayStillGo, outcome, reasonOf, type Standing } from "./asks";
import { phone } from "./desk";

const FIRST = 5;

export function Others() {
  const shown = phone.ask.value?.ask.id;
  const others = phone.open.value.filter(({ ask }) => ask.id !== shown);
  if (others.length === 0) return null;
  return (
    <section class="card">
      <h2>{t("phone.ask.others")}</h2>
      <ul class="asks">
        {others.map((each) => (
          <li key={each.ask.id}>
            <button type="button" class="ask-row" onClick={() => look(each)}>
              <Line standing={each} />
              <span class="ask-row-do">{t("phone.ask.show")}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function look({ ask }: Standing): void {
  phone.look(ask.id);
  phone.chosen.value = ask.id;
  scrollTo({ top: 0 });
}

function Line({ standing: { ask } }: { standing: Standing }) {
  return (
    <>
      <Mark hazard={ask.hazard} severity={ask.severity} size="2rem" label={`${t(`severity.${ask.severity}`)}:`} />
      <span class="ask-row-what">
        <strong>{t(`hazard.${ask.hazard}`)}</strong> <span class="said">{inert(ask.ward_name)}</span>
      </span>
    </>
  );
}

export function Past() {
  const [all, setAll] = useState(false);
  const [failed, setFailed] = useState(false);
  const older = () =>
    phone.fetchOlder().then(
      () => (setFailed(false), setAll(true)),
      () => setFailed(true),
    );
  const past = phone.past.value;
  const shown = all ? past : past.slice(0, FIRST);
  return (
    <section class="card">
      <h2>{t("phone.past")}</h2>
      {past.length === 0 ? <p class="soft">{t("phone.past.none")}</p> : null}
      <ul class="asks">
        {shown.map((each) => (
          <li key={each.ask.id} class="past">
            <div class="past-line">
              <Line standing={each} />
            </div>
            <p class="past-became">
              <span class={`became became-${outcome(each)}`}>{t(`phone.outcome.${outcome(each)}`)}</span>
              <Reason standing={each} />
              {each.waiting.length > 0 ? <span class="soft">{t("phone.shift.waiting")}</span> : null}
              <time class="soft" dateTime={new Date(last(each.ask)).toISOString()}>
                {ago(Math.max(0, tick.value - last(each.ask)))}
              </time>
            </p>
            {each.refused === null && mayStillGo(each, phone.incident(each.ask)?.state) ? (
              <button type="button" class="wide" onClick={() => void phone.answer(each.ask, "accept")}>
                {t("phone.still-go")}
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {past.length > shown.length ? (
        <button type="button" class="wide" onClick={() => setAll(true)}>
          {t("phone.past.more", { n: past.length })}
        </button>
      ) : null}
      {phone.older.value === null && past.length === shown.length ? (
        <button type="button" class="wide" onClick={() => void older()}>
          {t("phone.past.older")}
        </button>
      ) : null}
      {failed ? (
        <p class="wrong" role="alert">
          {t("sign-in.offline")}
        </p>
      ) : null}
    </section>
  );
}

function Reason({ standing: { ask, phase, waiting } }: { standing: Standing }) {
  if (phase !== "declined") return null;
  const said = String(waiting.at(-1)?.body["reason"] ?? ask.answer_reason ?? "");
  const reason = reasonOf(said);
  if (said === "") return null;
  return <span class="said">{reason ? t(`phone.reason.${reason}`) : inert(said)}</span>;
}
