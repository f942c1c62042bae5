/** A gauge's readings as a chart draws them. Pure. */

/** What `GET /stations/{id}/series` gives: times and levels go together; null is a gap. */
export interface Series {
  readonly times: readonly string[];
  readonly values: readonly (number | null)[];
  readonly flags?: readonly { readonly at: string; readonly value?: number; readonly flag: string }[];
}

/** Over how long the rate is taken, seconds: the slope of a single step is noise. */
const RATE_OVER_S = 900;

type Columns = [number[], (number | null)[], (number | null)[], (number | null)[]];

/** Give times (seconds), levels, rates an hour and doubted readings, aligned and in order of time. */
export function columns(series: Series): Columns {
  const level = new Map<number, number | null>();
  const doubt = new Map<number, number>();
  series.times.forEach((at, n) => level.set(Date.parse(at) / 1_000, series.values[n] ?? null));
  for (const flag of series.flags ?? []) {
    if (flag.value === undefined) continue;
    const at = Date.parse(flag.at) / 1_000;
    doubt.set(at, flag.value);
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
export function range(low: number | null, high: number | null, marks: readonly { readonly raise_at: number }[]): [number, number] {
  const bottom = low ?? Math.min(...marks.map((mark) => mark.raise_at), 0);
  const top = high ?? Math.max(...marks.map((mark) => mark.raise_at), 1);
  const above = marks.map((mark) => mark.raise_at).filter((value) => value > top);
  const roof = above.length > 0 ? Math.min(...above) : top;
  const air = Math.max((roof - bottom) * 0.08, 0.05);
  return [bottom - air, roof + air];
}
