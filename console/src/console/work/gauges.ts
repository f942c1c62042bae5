/** What a gauge says, judged for the eye: level, trend, silence. Pure. */
import type { Gauge } from "../../data/contract";

/** A gauge that said nothing for so long is marked as silent: several of its usual rhythm of a quarter of an hour. */
const SILENT_MS = 30 * 60_000;

export function silent(gauge: Gauge, now: number): boolean {
  return gauge.heard_at === undefined || now - Date.parse(gauge.heard_at) > SILENT_MS;
}

/** Give the level with its unit, or a dash where none is known. */
export function level(gauge: Pick<Gauge, "level" | "unit">): string {
  return gauge.level === undefined ? "–" : `${gauge.level.toFixed(2)} ${gauge.unit ?? ""}`.trim();
}

/** Give where it goes; less than a centimetre an hour (or its like in other units) is steady. */
export function trend(gauge: Gauge): "rising" | "falling" | "steady" {
  const rate = gauge.rate_per_hour ?? 0;
  return Math.abs(rate) < 0.01 ? "steady" : rate > 0 ? "rising" : "falling";
}

/** Give the rate with its sign: `+0.35 m/h`. */
export function rate(gauge: Gauge): string {
  if (gauge.rate_per_hour === undefined) return "–";
  const sign = gauge.rate_per_hour > 0 ? "+" : "";
  return `${sign}${gauge.rate_per_hour.toFixed(2)} ${gauge.unit ?? ""}/h`;
}
