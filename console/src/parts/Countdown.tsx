import { t } from "../words/words";
import { Icon } from "../look/icons";
import { clock } from "./spans";
import { tick } from "./tick";

/** A deadline that runs, by the server's clock; past it, how long it is over. */
export function Countdown({ until }: { until: string }) {
  const left = Date.parse(until) - tick.value;
  const tone = left < 0 ? "over" : left < 30_000 ? "soon" : "calm";
  return (
    <span class={`countdown countdown-${tone} figures`} role="timer">
      <Icon sign="clock" size="1em" />
      {left < 0 ? t("countdown.over", { clock: clock(-left) }) : clock(left)}
    </span>
  );
}
