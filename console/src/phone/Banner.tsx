/** How old what is shown is, and what waits to be sent: always visible when it matters, one quiet line when not. */
import { Icon } from "../look/icons";
import { ago, timeOfDay } from "../parts/spans";
import { tick } from "../parts/tick";
import { t } from "../words/words";
import { phone } from "./desk";

const BACK_MS = 6_000;
/** A line without a word for so long is no line; the server speaks every 20 s. */
const QUIET_MS = 45_000;
/** What is younger than this is not called old. */
const MINUTE_MS = 60_000;

export function Banner() {
  const line = phone.live.line.value;
  const heard = phone.live.heard.value || phone.keptFrom.value;
  const waiting = phone.said.value.filter((each) => each.refused === null).length;
  const fresh = line.state === "open" && heard !== null && Date.now() - heard < QUIET_MS;
  const old = heard ? Date.now() - heard : 0;
  void tick.value;
  if (fresh) return <Fine waiting={waiting} />;
  if (line.state === "starting" && phone.keptFrom.value === null) {
    return <p class="bar bar-soft" role="status">{t("phone.line.starting")}</p>;
  }
  return (
    <div class="bar bar-old" role="status">
      <Icon sign="offline" size="1.5rem" />
      <div>
        <p class="bar-first">
          {line.state === "lost" ? t("phone.line.lost", { time: timeOfDay(line.since).slice(0, 5) }) : t("phone.line.starting")}
        </p>
        <p>
          {old >= MINUTE_MS ? t("phone.line.as-of", { ago: ago(old) }) : null} {waiting > 0 ? `${count(waiting)}.` : null}
        </p>
      </div>
      <button type="button" class="bar-try" aria-label={t("phone.line.try")} onClick={() => phone.hurry()}>
        <Icon sign="again" size="1.5rem" />
      </button>
    </div>
  );
}

function Fine({ waiting }: { waiting: number }) {
  const back = phone.live.returned.value;
  const news = back !== null && Date.now() - back.at < BACK_MS;
  return (
    <div class="bar bar-soft">
      <span class="bar-name">{phone.me.value?.name ?? phone.who.value?.name}</span>
      {phone.who.value?.exercise ? <strong class="exercise">{t("exercise")}</strong> : null}
      <span class="bar-line" role="status">
        <span class="dot" aria-hidden="true" />
        {news ? t("phone.line.back") : waiting > 0 ? count(waiting) : t("phone.line.open")}
      </span>
    </div>
  );
}

function count(n: number): string {
  return n === 1 ? t("phone.said.count-one") : t("phone.said.count", { n });
}
