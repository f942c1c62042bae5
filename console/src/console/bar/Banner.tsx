import { useComputed } from "@preact/signals";
import { Button } from "../../parts/Button";
import { clock, short } from "../../parts/spans";
import { tick } from "../../parts/tick";
import { Icon } from "../../look/icons";
import { t, type Key } from "../../words/words";
import { live, store } from "../desk";
import { news, standing } from "./connection";

/** How the line stands now; moves on each second. */
export function useStanding() {
  return useComputed(() => {
    void tick.value;
    return standing(live.line.value, live.heard.value, Date.now());
  });
}

/** Always in the bar: live, and how old the last word is. */
export function LineChip() {
  const state = useStanding().value;
  const words =
    state.kind === "live"
      ? t("line.live")
      : state.kind === "quiet"
        ? t("line.quiet", { n: short(state.quietMs) })
        : state.kind === "lost"
          ? t("line.lost-short", { clock: clock(state.lostMs) })
          : t(state.kind === "out" ? "line.out" : "line.starting");
  return (
    <span class={`line line-${state.kind} figures`}>
      <Icon sign={state.kind === "live" || state.kind === "starting" ? "online" : "offline"} size="1.1em" />
      {words}
    </span>
  );
}

const REASONS: Readonly<Record<string, Key>> = {
  fresh: "resync.fresh",
  "epoch-changed": "resync.epoch-changed",
  "too-old": "resync.too-old",
  "scope-changed": "resync.scope-changed",
};

/**
 * Over the top of the map, only when something is to be said: the line is lost, quiet, or back. Nothing makes room for it,
 * so that no row moves away under a hand. What ticks is for eyes only: read out, it would never stop.
 */
export function Banner() {
  return (
    <div class="banner-place" role="status" aria-atomic="false">
      <Standing />
    </div>
  );
}

function Standing() {
  const state = useStanding().value;
  void tick.value;
  const back = news(live.returned.value, Date.now());
  if (state.kind === "lost") {
    return (
      <div class="banner banner-lost">
        <Icon sign="offline" size="1.5em" />
        <p>
          <strong class="figures" aria-hidden="true">
            {t("line.lost", { clock: clock(state.lostMs) })}
          </strong>
          <span class="unseen">{t("line.lost-said")}</span> {store.ready.value ? t("line.old") : ""}{" "}
          <span class="figures" aria-hidden="true">
            {t("line.next", { n: Math.ceil(state.nextMs / 1_000) })}
          </span>
        </p>
        <Button tone="plain" sign="again" onClick={live.hurry}>
          {t("line.now")}
        </Button>
      </div>
    );
  }
  if (state.kind === "quiet") {
    return (
      <div class="banner banner-quiet">
        <Icon sign="clock" size="1.5em" />
        <p>
          <span class="figures" aria-hidden="true">
            {t("line.quiet-long", { n: Math.floor(state.quietMs / 1_000) })}
          </span>
          <span class="unseen">{t("line.quiet-said")}</span>
        </p>
      </div>
    );
  }
  if (state.kind === "live" && back) {
    const words =
      back.resync === null
        ? t(back.changes === 0 ? "line.back-none" : back.changes === 1 ? "line.back-one" : "line.back", { n: back.changes, away: clock(back.awayMs) })
        : t("line.back-new", { why: t(REASONS[back.resync] ?? "resync.fresh") });
    return (
      <div class="banner banner-back">
        <Icon sign="check" size="1.5em" />
        <p>{words}</p>
      </div>
    );
  }
  return null;
}
