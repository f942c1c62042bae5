import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { token } from "../../look/theme";
import { theme } from "../../look/theme";
import { language, t } from "../../words/words";
import type { Gauge } from "../../data/contract";
import { session } from "../desk";
import { mark as markName } from "../work/skills";
import { inWords } from "../work/problems";
import { columns, range, type Series } from "../work/series";

/** Level over time against the marks, the readings that were doubted, and the rate below. */
export default function GaugeChart({ gauge, hours }: { gauge: Gauge; hours: number }) {
  const level = useRef<HTMLDivElement>(null);
  const series = useSignal<Series | null>(null);
  const trouble = useSignal<string | null>(null);
  const colours = theme.value;
  const words = language.value;

  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(
      () => {
        session.send<Series>(`/stations/${encodeURIComponent(gauge.id)}/series?hours=${hours}`, { signal: stop.signal }).then(
          (answer) => {
            series.value = answer;
            trouble.value = null;
          },
          (error: unknown) => {
            if (!stop.signal.aborted) trouble.value = inWords(error);
          },
        );
      },
      series.peek() === null ? 0 : 1_500,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [gauge.id, hours, gauge.level_at]);

  const drawn = series.value;
  useEffect(() => {
    const frame = level.current;
    if (!frame || drawn === null) return;
    const plot = draw(frame, drawn);
    const watcher = new ResizeObserver(() => plot.setSize({ width: frame.clientWidth, height: height(frame) }));
    watcher.observe(frame);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, [drawn, colours, words]);

  if (trouble.value && drawn === null) return <p class="trouble">{trouble.value}</p>;
  return (
    <figure class="chart">
      <div class="chart-level" ref={level} />
      <figcaption class="chart-legend">
        <span class="key key-level">{t("gauge.level")}</span>
        <span class="key key-rate">{t("gauge.rate")}</span>
        <span class="key key-flag">{t("gauge.flagged")}</span>
        <span class="key key-mark">{t("gauge.mark-lines")}</span>
      </figcaption>
    </figure>
  );
}

function height(frame: HTMLElement): number {
  return Math.round(frame.clientWidth * 0.62);
}

function draw(frame: HTMLElement, series: Series): uPlot {
  const { unit } = series;
  const text = token("--text-soft");
  const line = token("--line");
  const font = `12px ${token("--font")}`;
  const data = columns(series);
  const marks = series.marks.filter((mark) => mark.measure === undefined || mark.measure === "value");
  const tones: Readonly<Record<string, string>> = { Extreme: token("--extreme"), Severe: token("--severe"), Moderate: token("--moderate") };
  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const options: uPlot.Options = {
    width: frame.clientWidth,
    height: height(frame),
    legend: { show: false },
    cursor: { y: false, points: { size: 8 } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1_000), "Africa/Nairobi"),
    fmtDate: (template) => uPlot.fmtDate(template.replace("{h}{aa}", "{HH}:00").replace("{h}:{mm}{aa}", "{HH}:{mm}")),
    scales: {
      y: { range: (_, low, high) => range(low, high, marks) },
      rate: { range: (_, low, high) => [Math.min(low, -Math.abs(high)) * 1.2 || -1, Math.max(high, Math.abs(low)) * 1.2 || 1] },
    },
    axes: [
      { ...axis, values: (_, at) => at.map((each) => hour(each, series)) },
      { ...axis, label: unit, labelFont: font, labelSize: 16, size: 52 },
      { ...axis, scale: "rate", side: 1, grid: { show: false }, label: `${unit}/h`, labelFont: font, labelSize: 16, size: 46 },
    ],
    series: [
      {},
      { stroke: token("--accent"), width: 2, points: { show: false }, fill: `${token("--accent")}1a` },
      { stroke: token("--text-soft"), width: 1, dash: [3, 3], scale: "rate", points: { show: false } },
      { stroke: token("--bad"), width: 0, paths: () => null, points: { show: true, size: 9, width: 2, fill: token("--panel"), stroke: token("--bad") } },
    ],
    hooks: {
      draw: [
        (plot) => {
          const { ctx, bbox } = plot;
          ctx.save();
          ctx.font = `${12 * devicePixelRatio}px ${token("--font")}`;
          for (const mark of marks) {
            const colour = tones[mark.severity ?? ""] ?? token("--text-soft");
            for (const [value, dash] of [[mark.raise_at, []], [mark.clear_at, [6, 5]]] as const) {
              const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
              if (y < bbox.top || y > bbox.top + bbox.height) continue;
              ctx.strokeStyle = colour;
              ctx.lineWidth = (dash.length === 0 ? 2 : 1) * devicePixelRatio;
              ctx.setLineDash([...dash]);
              ctx.beginPath();
              ctx.moveTo(bbox.left, y);
              ctx.lineTo(bbox.left + bbox.width, y);
              ctx.stroke();
              if (dash.length > 0) continue;
              ctx.fillStyle = token("--text");
              ctx.fillText(markName(mark.name), bbox.left + 6 * devicePixelRatio, y - 5 * devicePixelRatio);
            }
          }
          ctx.restore();
        },
      ],
    },
  };
  return new uPlot(options, data, frame);
}

const HOUR = new Intl.DateTimeFormat("en-GB", { timeZone: "Africa/Nairobi", hour: "2-digit", minute: "2-digit" });
const SECOND = new Intl.DateTimeFormat("en-GB", { timeZone: "Africa/Nairobi", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "Africa/Nairobi", day: "2-digit", month: "2-digit" });

/** Write a time on the axis as finely as the span asks for. */
function hour(at: number, series: Series): string {
  const span = (series.times.at(-1) ?? 0) - (series.times[0] ?? 0);
  const date = new Date(at * 1_000);
  if (span > 2 * 86_400) return DAY.format(date);
  return (span < 600 ? SECOND : HOUR).format(date);
}
