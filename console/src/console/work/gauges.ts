/** What a gauge says, judged for the eye: level, trend, silence. Pure. */
import { SEVERITIES, type Gauge, type ReadingFlag, type Severity } from "../../data/contract";
import { markSeverity } from "../../map/looks";
import type { FeedState } from "../bar/feeds";
import { rank } from "./incidents";

/** A gauge whose rhythm the server does not know is marked as silent after several quarters of an hour. */
const SILENT_MS = 45 * 60_000;

export type Health = "ok" | "late" | "silent" | "failing";

/** Judge whether a gauge still speaks: by the server's word on its feed, or else by its age. */
export function health(gauge: Gauge, feed: FeedState | undefined, now: number): Health {
  if (gauge.heard_at === undefined || now - Date.parse(gauge.heard_at) > SILENT_MS) return "silent";
  return feed === undefined || feed === "unknown" ? "ok" : feed;
}

/** Give the readings that were not believed; one that only came twice or late is in no doubt. */
export function doubted(flags: readonly ReadingFlag[]): ReadingFlag[] {
  return flags.filter(({ flag }) => !IN_ORDER.has(flag));
}

export const IN_ORDER: ReadonlySet<string> = new Set(["repeated", "late", "recovered"]);

interface Marked {
  readonly marks: readonly { readonly name: string; readonly severity?: Severity }[];
}

/** Give how bad the mark is that a gauge stands over; null where it stands over none. */
export function over(gauge: Gauge, station: Marked | undefined): Severity | null {
  return markSeverity(gauge.mark, (name) => station?.marks.find((mark) => mark.name === name)?.severity);
}

/** Order gauges: those over the worst mark first, then the fastest rising. */
export function byOver(gauges: Iterable<Gauge>, stations: ReadonlyMap<string, Marked>): Gauge[] {
  const worth = (gauge: Gauge) => {
    const severity = over(gauge, stations.get(gauge.id));
    return severity === null ? SEVERITIES.length : rank(severity);
  };
  return [...gauges].sort(
    (a, b) => worth(a) - worth(b) || (b.rate_per_hour ?? -Infinity) - (a.rate_per_hour ?? -Infinity) || a.id.localeCompare(b.id),
  );
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
