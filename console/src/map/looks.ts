/** How a document looks on the map: which sprite, where, and whether at all. Pure; the time is an argument. */
import type { Assignment, Gauge, Report, Responder, Severity } from "../data/contract";
import { rank } from "./shade";

/** A position older than this is history. */
export const STALE_MS = 30 * 60_000;

/** A gauge that was not heard for so long is silent, whatever its last level was. */
export const SILENT_MS = 60 * 60_000;

export type UnitLook = "free" | "asked" | "going" | "stale" | "stale-going";

export function stale(fixAt: string | undefined, now: number, after = STALE_MS): boolean {
  const at = fixAt === undefined ? Number.NaN : Date.parse(fixAt);
  // A position without a time is the entry's own, of the day the list was made.
  return Number.isNaN(at) || now - at > after;
}

/** Say how a responder is drawn; null when off shift, struck off the list, or nowhere. */
export function unitLook(unit: Responder, work: UnitWork | undefined, now: number): UnitLook | null {
  if (!unit.active || !unit.on_shift || unit.lon === undefined || unit.lat === undefined) return null;
  // Somebody on the way is that, however old their position; but nobody is where they were an hour ago.
  if (stale(unit.fix_at, now)) return work === "going" ? "stale-going" : "stale";
  return work ?? "free";
}

export type UnitWork = "asked" | "going";

/** By responder: whether somebody waits for their answer or they are on their way. Going outweighs asked. */
export function work(assignments: Iterable<Assignment>): ReadonlyMap<string, UnitWork> {
  const busy = new Map<string, UnitWork>();
  for (const { state, responder } of assignments) {
    if (goes(state)) busy.set(responder, "going");
    else if (state === "offered" && !busy.has(responder)) busy.set(responder, "asked");
  }
  return busy;
}

export function goes(state: Assignment["state"]): boolean {
  return state === "accepted" || state === "enroute" || state === "arrived";
}

/** A report is drawn where it was placed, unless it was thrown away. */
export function reportShown(report: Report): boolean {
  return report.lon !== undefined && report.lat !== undefined && report.state !== "dismissed";
}

/** What is known of a station beside its series. */
export interface Station {
  readonly id: string;
  readonly name: string;
  readonly river?: string;
  readonly lon: number;
  readonly lat: number;
  /** By the mark's name. */
  readonly marks: ReadonlyMap<string, Severity>;
}

/** `unseen`: no reading of it ever came to this desk. */
export type GaugeLook = "normal" | "silent" | "unseen" | Severity;

const BY_NAME: Readonly<Record<string, Severity>> = { alert: "Moderate", alarm: "Severe", emergency: "Extreme" };

/**
 * Say how a gauge stands. Silent outweighs its last mark, for nobody knows how it stands now; but only who was heard once
 * can fall silent: of a gauge in another operator's care nothing is known here.
 */
export function gaugeLook(gauge: Gauge | undefined, station: Station | undefined, now: number): GaugeLook {
  const heard = gauge?.heard_at ?? gauge?.level_at;
  if (!gauge || heard === undefined) return "unseen";
  if (stale(heard, now, SILENT_MS)) return "silent";
  return markSeverity(gauge.mark, (mark) => station?.marks.get(mark)) ?? "normal";
}

/** Give the severity of a raised mark: by the station's word, else by the mark's usual name; null where none is raised. */
export function markSeverity(mark: string | undefined, known: (mark: string) => Severity | undefined): Severity | null {
  if (mark === undefined || mark === "") return null;
  return known(mark) ?? BY_NAME[mark] ?? "Moderate";
}

/** The order in which marks lie on each other: the worse above, then the newer. */
export function above(a: { severity: Severity; last_at: string }, b: { severity: Severity; last_at: string }): number {
  return rank(b.severity) - rank(a.severity) || (a.last_at < b.last_at ? -1 : a.last_at > b.last_at ? 1 : 0);
}
