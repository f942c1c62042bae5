/** A gauge's readings as a chart draws them. Pure. */
import type { Mark } from "../places";
import { IN_ORDER } from "./gauges";

/** What `GET /stations/{id}/series` gives: times (seconds) and levels go together; null is a gap. */
export interface Series {
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly unit: string;
  readonly marks: readonly Mark[];
  readonly flags: readonly { readonly flag: string; readonly at: number; readonly value: number | null; readonly taken: boolean }[];
}

/** Over how long the rate is taken, seconds: the slope of a single step is noise. */
const RATE_OVER_S = 900;

type Columns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Give times (seconds), levels, rates an hour and doubted readings, aligned and in order of time. */
export function columns(series: Series): Columns {
  const level = new Map<number, number | null>();
  const doubt = new Map<number, number>();
  series.times.forEach((at, n) => level.set(at, series.values[n] ?? null));
  for (const { at, value, flag } of series.flags) {
    // A reading that only came twice or late is in no doubt.
    if (value === null || IN_ORDER.has(flag)) continue;
    doubt.set(at, value);
    if (!level.has(at)) level.set(at, null);
  }
  const times = [...level.keys()].sort((a, b) => a - b);
  const values = times.map((at) => level.get(at) ?? null);
  return [times, values, rates(times, values), times.map((at) => doubt.get(at) ?? null)];
}

function rates(times: readonly number[], values: readonly (number | null)[]): (number | null)[] {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const over = Math.min(RATE_OVER_S, span / 8);
  let from = 0;
  return times.map((at, n) => {
    const value = values[n] ?? null;
    while (from < n && (at - (times[from] ?? 0) > over || values[from] === null)) from += 1;
    const before = values[from] ?? null;
    const seconds = at - (times[from] ?? at);
    return value === null || before === null || seconds <= 0 ? null : ((value - before) / seconds) * 3_600;
  });
}

/** Give the limits of the axis: the readings, and the next mark above them, with some air. */
export function range(low: number | null, high: number | null, marks: readonly Pick<Mark, "raise_at">[]): [number, number] {
  const raised = marks.map((mark) => mark.raise_at);
  const bottom = low ?? Math.min(...raised, 0);
  const top = high ?? Math.max(...raised, 1);
  const above = raised.filter((value) => value > top);
  const roof = above.length > 0 ? Math.min(...above) : top;
  const air = Math.max((roof - bottom) * 0.08, 0.05);
  return [bottom - air, roof + air];
}
