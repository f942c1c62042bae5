/** Spans of time and distances in words: pure but for the language chosen. */
import { t } from "../words/words";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Say how long ago something was; what lies ahead (a clock that goes wrong) counts as now. */
export function ago(ms: number): string {
  if (ms < 5 * SECOND) return t("ago.now");
  if (ms < MINUTE) return t("ago.seconds", { n: Math.floor(ms / SECOND) });
  if (ms < HOUR) return t("ago.minutes", { n: Math.floor(ms / MINUTE) });
  if (ms < 2 * DAY) return t("ago.hours", { n: Math.floor(ms / HOUR) });
  return t("ago.days", { n: Math.floor(ms / DAY) });
}

/** Give a span as a short figure: `42 s`, `7 min`, `3 h`, `2 d`. */
export function short(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  return `${Math.floor(span / DAY)} d`;
}

/** Give a span as a running clock: `0:42`, `12:05`, `1:02:09`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Say a distance as people do: metres to the nearest ten, then kilometres. */
export function far(metres: number): string {
  if (metres < 950) return t("far.metres", { n: Math.max(10, Math.round(metres / 10) * 10) });
  const km = metres / 1_000;
  return t("far.km", { n: km < 10 ? km.toFixed(1) : Math.round(km) });
}

const TIME = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Africa/Nairobi",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const DATE = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Africa/Nairobi",
  day: "2-digit",
  month: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
});

/** Give the time of day in Kenya, to the second. */
export function timeOfDay(at: string | number): string {
  return TIME.format(new Date(at));
}

/** Give when the water is there: so many minutes after the crossing. */
export function arrives(from: string, minutes: number): number {
  return Date.parse(from) + minutes * MINUTE;
}

/** Give a time to the minute, with the day where it is half a day off or more. */
export function about(at: number, now: number): string {
  return Math.abs(at - now) < DAY / 2 ? timeOfDay(at).slice(0, 5) : dayAndTime(at);
}

/** Give day and time in Kenya. */
export function dayAndTime(at: string | number): string {
  return DATE.format(new Date(at));
}
