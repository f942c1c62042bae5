import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Age } from "../../parts/Age";
import { GaugeMark } from "../../parts/GaugeMark";
import { Icon } from "../../look/icons";
import { dayAndTime } from "../../parts/spans";
import { tick } from "../../parts/tick";
import { t } from "../../words/words";
import type { Gauge } from "../../data/contract";
import { stations, type Station } from "../places";
import { feedOf } from "../bar/feeds";
import { doubted, health, level, over, rate, trend } from "../work/gauges";
import { mark as markName } from "../work/skills";
import { Reload } from "../Guard";
import { Head, Section } from "./Drawer";

type Chart = typeof import("./GaugeChart").default;
const HOURS = [6, 24, 72, 168] as const;

/** A gauge: where it stands, where it goes, its marks, what was doubted. */
export function GaugeDrawer({ gauge }: { gauge: Gauge }) {
  const station = stations.value.get(gauge.id);
  const hours = useSignal<number>(24);
  const state = health(gauge, feedOf(gauge.id), tick.value);
  const flags = doubted(gauge.flags ?? []);
  const goes = trend(gauge);
  const severity = over(gauge, station);
  return (
    <>
      <Head
        mark={
          <span class={severity ? "gauge-over" : "gauge-mark"}>
            {severity ? <GaugeMark severity={severity} size="2.5rem" /> : <Icon sign="gauge" size="2rem" />}
          </span>
        }
        title={gauge.name ?? station?.name ?? gauge.id}
      >
        <p class="drawer-sub">
          {severity ? <span class={`chip chip-over-${severity}`}>{t("gauge.over", { mark: markName(gauge.mark ?? "") })}</span> : <span class="chip">{t("gauge.under")}</span>}
          {state === "ok" ? null : <strong class="silent">{t(`gauge.health.${state}`)}</strong>}
          <Age at={gauge.heard_at} {...(state === "ok" ? {} : { stale: 0 })} />
        </p>
      </Head>
      <div class="drawer-body">
        <div class="gauge-now">
          <p>
            <span class="gauge-big figures">{level(gauge)}</span>
            <span class={`trend trend-${goes}`}>
              <Icon sign={goes === "steady" ? "forward" : goes === "rising" ? "up" : "down"} size="1.25em" />
              <span class="figures">{rate(gauge)}</span> {t(`gauge.${goes}`)}
            </span>
          </p>
          <p class="soft">
            {t("gauge.measured")} {gauge.level_at ? dayAndTime(gauge.level_at) : "–"} · {gauge.datum ?? station?.datum}
          </p>
        </div>
        <Section
          title={t("gauge.chart")}
          action={
            <span class="hours" role="group" aria-label={t("gauge.span")}>
              {HOURS.map((each) => (
                <button key={each} type="button" class="hour" aria-pressed={hours.value === each} onClick={() => (hours.value = each)}>
                  {each < 72 ? `${each} h` : `${each / 24} d`}
                </button>
              ))}
            </span>
          }
        >
          <LateChart gauge={gauge} hours={hours.value} />
        </Section>
        {station ? <Marks station={station} gauge={gauge} /> : null}
        {flags.length > 0 ? (
          <Section title={t("gauge.flags")} count={flags.length}>
            <ul class="flags">
              {flags.map((flag) => (
                <li key={flag.at + flag.flag}>
                  <span class="chip chip-warn">{flag.flag}</span> <span class="figures">{flag.value?.toFixed(2)}</span> <span class="soft">{flag.detail}</span>
                  <Age at={flag.at} />
                </li>
              ))}
            </ul>
          </Section>
        ) : null}
      </div>
    </>
  );
}

/** The chart comes when a gauge is opened for the first time; a page older than the server cannot fetch it any more. */
function LateChart({ gauge, hours }: { gauge: Gauge; hours: number }) {
  const chart = useSignal<{ readonly Shown: Chart } | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    import("./GaugeChart").then(
      ({ default: Shown }) => (chart.value = { Shown }),
      () => (failed.value = true),
    );
  }, []);
  if (failed.value) return <Reload />;
  if (chart.value === null) return <p class="section-note">{t("list.loading")}</p>;
  const { Shown } = chart.value;
  return <Shown gauge={gauge} hours={hours} />;
}

function Marks({ station, gauge }: { station: Station; gauge: Gauge }) {
  return (
    <Section title={t("gauge.marks")}>
      <table class="marks">
        <thead>
          <tr>
            <th scope="col">{t("gauge.mark")}</th>
            <th scope="col">{t("gauge.raise")}</th>
            <th scope="col">{t("gauge.clear")}</th>
          </tr>
        </thead>
        <tbody>
          {[...station.marks].reverse().map((mark) => (
            <tr key={mark.name} class={gauge.mark === mark.name ? "mark-on" : ""}>
              <th scope="row">{markName(mark.name)}</th>
              <td class="figures">{unit(mark.raise_at, station, mark.measure)}</td>
              <td class="figures">{unit(mark.clear_at, station, mark.measure)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function unit(value: number, station: Station, measure: string | undefined): string {
  return `${value.toFixed(2)} ${station.unit}${measure === "rise" ? "/h" : ""}`;
}
