/** The triage queue: its order, and which report comes next after a decision. Pure. */
import type { Report } from "../../data/contract";
import { decidedBy } from "./border";

/** Give the reports that wait, those first that have waited longest. */
export function queue(reports: Iterable<Report>): Report[] {
  const waiting: Report[] = [];
  for (const report of reports) if (report.state === "waiting" && !decidedBy(report)) waiting.push(report);
  return waiting.sort((a, b) => a.seen.localeCompare(b.seen) || a.id.localeCompare(b.id));
}

/** Give the report to turn to once `done` is decided: the one after it, then the first that nobody else works on. */
export function next(waiting: readonly Report[], done: string, me: string, now: number): Report | null {
  const at = waiting.findIndex((report) => report.id === done);
  const after = at < 0 ? waiting : [...waiting.slice(at + 1), ...waiting.slice(0, at)];
  const free = after.filter((report) => report.id !== done && held(report.claim, me, now) === null);
  return free[0] ?? null;
}

type Held = NonNullable<Report["claim"]>;

/** Give somebody else's claim that still stands; null where nobody or oneself holds it. */
export function held(claim: Held | null | undefined, me: string, now: number): Held | null {
  return claim && claim.by !== me && Date.parse(claim.until) > now ? claim : null;
}

/** Say whether an account sees less than a county: reports without a place then wait before somebody else. */
export function narrow(areas: readonly string[]): boolean {
  return areas.length > 0 && areas.every((path) => path.split(".").length > 2);
}
