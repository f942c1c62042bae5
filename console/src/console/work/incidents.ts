/** The incident list: what is shown of it and in which order. Pure; times are milliseconds by the server's clock. */
import { HAZARDS, SEVERITIES, type Assignment, type Hazard, type Incident, type Severity } from "../../data/contract";

export type Sort = "severity" | "newest" | "evidence" | "waiting";
export const SORTS: readonly Sort[] = ["severity", "waiting", "newest", "evidence"];
/** `uncovered`: nobody goes and nobody was there; `overdue`: an ask ran out unanswered or nobody is left to ask. */
export type Only = "" | "uncovered" | "overdue";

export interface Filter {
  readonly state: "open" | "closed" | "all";
  /** At least this bad; empty for any. */
  readonly severity: Severity | "";
  readonly hazard: Hazard | "";
  /** Area path; empty for everywhere. */
  readonly area: string;
  readonly only: Only;
  readonly search: string;
  readonly sort: Sort;
}

export const EVERYTHING: Filter = {
  state: "open",
  severity: "",
  hazard: "",
  area: "",
  only: "",
  search: "",
  sort: "severity",
};

type Asks = ReadonlyMap<string, readonly Assignment[]>;

/** Give the incidents that a filter lets through, in its order. */
export function arranged(all: Iterable<Incident>, asks: Asks, filter: Filter, now: number): Incident[] {
  const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown: Incident[] = [];
  for (const incident of all) if (passes(incident, asks.get(incident.id) ?? [], filter, words, now)) shown.push(incident);
  const order = ORDERS[filter.sort];
  return shown.sort((a, b) => order(a, b, asks) || b.opened_at.localeCompare(a.opened_at) || a.id.localeCompare(b.id));
}

function passes(it: Incident, asks: readonly Assignment[], f: Filter, words: readonly string[], now: number): boolean {
  if (f.state !== "all" && (it.state === "open") !== (f.state === "open")) return false;
  if (f.severity !== "" && rank(it.severity) > rank(f.severity)) return false;
  if (f.hazard !== "" && it.hazard !== f.hazard) return false;
  if (f.area !== "" && !within(it.ward, f.area)) return false;
  if (f.only === "uncovered" && !uncovered(it, asks)) return false;
  if (f.only === "overdue" && !overdue(it, asks, now)) return false;
  if (words.length === 0) return true;
  const text = `${it.reference} ${it.ward_name} ${it.hazard} ${it.text ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

const ORDERS: Readonly<Record<Sort, (a: Incident, b: Incident, asks: Asks) => number>> = {
  severity: (a, b) => rank(a.severity) - rank(b.severity),
  newest: (a, b) => b.opened_at.localeCompare(a.opened_at),
  evidence: (a, b) => b.evidence - a.evidence,
  // Those to whom nobody goes or came come before those who are helped; in each the longest wait first.
  waiting: (a, b, asks) => helped(a, asks) - helped(b, asks) || a.opened_at.localeCompare(b.opened_at),
};

function helped(incident: Incident, asks: Asks): number {
  return Number(incident.going > 0 || finished(asks.get(incident.id) ?? []) > 0);
}

/** Give the place of a severity from the worst (0) on. */
export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Say whether an area path lies in another one: by whole segments. */
export function within(path: string, area: string): boolean {
  return path === area || path.startsWith(`${area}.`);
}

/** Count the people who came and finished. */
export function finished(asks: readonly Assignment[]): number {
  const people = new Set<string>();
  for (const ask of asks) if (ask.state === "done") people.add(ask.responder);
  return people.size;
}

/** Say whether an incident is still open and nobody goes to it, nor has been there and finished. */
export function uncovered(incident: Incident, asks: readonly Assignment[]): boolean {
  return incident.state === "open" && incident.going === 0 && finished(asks) === 0;
}

/** Say whether something that should have been answered was not: an ask ran out, or nobody is left to ask. */
export function overdue(incident: Incident, asks: readonly Assignment[], now: number): boolean {
  if (incident.state !== "open") return false;
  if ((incident.exhausted ?? []).length > 0) return true;
  return asks.some((ask) => ask.state === "offered" && Date.parse(ask.deadline) < now);
}

/** Give the ask whose deadline comes next; null when none is open. */
export function openAsk(asks: readonly Assignment[]): Assignment | null {
  let first: Assignment | null = null;
  for (const ask of asks) {
    if (ask.state === "offered" && (first === null || ask.deadline < first.deadline)) first = ask;
  }
  return first;
}

/** Give how many of a filter's limits differ from none (the order is no limit). */
export function limits(filter: Filter): number {
  const { state, severity, hazard, area, only } = filter;
  return [state !== "open", severity !== "", hazard !== "", area !== "", only !== ""].filter(Boolean).length;
}

export { HAZARDS, SEVERITIES };
