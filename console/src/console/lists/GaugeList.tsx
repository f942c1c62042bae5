import { Age } from "../../parts/Age";
import { GaugeMark } from "../../parts/GaugeMark";
import { List } from "../../parts/List";
import { Icon } from "../../look/icons";
import { tick } from "../../parts/tick";
import { t } from "../../words/words";
import type { Gauge } from "../../data/contract";
import { selected } from "../desk";
import { gauges } from "../picture";
import { stations } from "../places";
import { feedOf } from "../bar/feeds";
import { health, level, over, trend } from "../work/gauges";
import { mark } from "../work/skills";
import { Nothing } from "./Nothing";
import { pick, toDrawer } from "./open";

/** Gauges over a mark first. */
export function GaugeList() {
  const item = selected.value;
  return (
    <List
      items={gauges.value}
      keyOf={(gauge) => gauge.id}
      rem={4.75}
      label={t("tab.gauges")}
      picked={item?.kind === "gauge" ? item.id : null}
      onPick={(gauge) => pick({ kind: "gauge", id: gauge.id })}
      onOpen={(gauge) => {
        pick({ kind: "gauge", id: gauge.id });
        toDrawer();
      }}
      row={(gauge) => <GaugeRow gauge={gauge} />}
      empty={<Nothing sign="gauge" title={t("gauges.none")} more={t("gauges.none-more")} />}
    />
  );
}

function GaugeRow({ gauge }: { gauge: Gauge }) {
  const station = stations.value.get(gauge.id);
  const state = health(gauge, feedOf(gauge.id), tick.value);
  const mute = state === "silent";
  const goes = trend(gauge);
  const severity = over(gauge, station);
  return (
    <div class={mute ? "line-row line-silent" : "line-row"}>
      <span class={severity ? "gauge-over" : "gauge-mark"}>
        {severity ? <GaugeMark severity={severity} size="2.25rem" /> : <Icon sign="gauge" size="1.5rem" />}
      </span>
      <div class="line-main">
        <p class="line-head">
          <strong>{gauge.name ?? station?.name ?? gauge.id}</strong>
          <span class="gauge-level figures">{level(gauge)}</span>
        </p>
        <p class="line-foot">
          {severity ? <span class={`chip chip-over-${severity}`}>{t("gauge.over", { mark: mark(gauge.mark ?? "") })}</span> : <span class="chip">{t("gauge.under")}</span>}
          <span class={`trend trend-${goes}`}>
            <Icon sign={goes === "steady" ? "forward" : goes === "rising" ? "up" : "down"} size="1em" />
            {t(`gauge.${goes}`)}
          </span>
          {state === "ok" ? null : <strong class="silent">{t(`gauge.health.${state}`)}</strong>}
          <Age brief at={gauge.heard_at} {...(state === "ok" ? {} : { stale: 0 })} />
        </p>
      </div>
    </div>
  );
}
