/**
 * What an ask means to the one who was asked: pure, over the server's document and what was said on this phone since.
 *
 * `stand` lays what waits in the outbox over the document, so that a tap shows at once and a lost answer is no lost tap.
 * `open` says which asks want something of the person now, the most pressing first; `past` the rest. Next: `Ask.tsx`.
 */
import type { Assignment, AssignmentState, Severity } from "../data/contract";
import type { Said } from "../data/outbox";

export type Answer = "accept" | "decline" | "enroute" | "arrived" | "done";

export interface Standing {
  readonly ask: Assignment;
  /** How it stands once what was said here is taken: what the page shows. */
  readonly phase: AssignmentState;
  /** What was said and is not yet taken down, oldest first. */
  readonly waiting: readonly Said[];
  /** The last word that the server refused, until the person has seen it. */
  readonly refused: Said | null;
}

const RANK: Readonly<Partial<Record<AssignmentState, number>>> = { accepted: 0, enroute: 1, arrived: 2, done: 3 };
const GRAVITY: readonly Severity[] = ["Unknown", "Minor", "Moderate", "Severe", "Extreme"];

/** How long an ask without an answer stays on the page after its time, ms: the server says what became of it. */
export const GRACE_MS = 60_000;

/** Reasons for a no that take one tap; what the operators read. */
export const REASONS = { far: "too far away", busy: "busy elsewhere", vehicle: "no vehicle", unsafe: "not safe to go" } as const;
export type Reason = keyof typeof REASONS;

/** Give the key of a reason that was given by one tap; null for one's own words. */
export function reasonOf(text: string | undefined): Reason | null {
  const keys = Object.keys(REASONS) as Reason[];
  return keys.find((key) => REASONS[key] === text) ?? null;
}

/** Say how an ask stands after an answer: the same rule as the server's, which has the last word. */
export function after(phase: AssignmentState, answer: string): AssignmentState {
  if (answer === "decline") return phase === "done" || over(phase) ? phase : "declined";
  const wanted: AssignmentState = answer === "accept" ? "accepted" : (answer as AssignmentState);
  const rank = RANK[wanted];
  if (rank === undefined) return phase;
  const standing = RANK[phase];
  return standing === undefined || rank > standing ? wanted : phase;
}

function over(phase: AssignmentState): boolean {
  return phase === "declined" || phase === "expired" || phase === "withdrawn";
}

export function going(phase: AssignmentState): boolean {
  return phase === "accepted" || phase === "enroute" || phase === "arrived";
}

/** Lay what was said over the document. */
export function stand(ask: Assignment, said: readonly Said[]): Standing {
  const about = said.filter((each) => each.about === ask.id);
  const waiting = about.filter((each) => each.refused === null);
  const phase = waiting.reduce((standing, each) => after(standing, each.what), ask.state);
  return { ask, phase, waiting, refused: about.findLast((each) => each.refused !== null) ?? null };
}

/** Give the answer that comes next on the way, null when there is none. */
export function next(phase: AssignmentState): Answer | null {
  const steps: Partial<Record<AssignmentState, Answer>> = {
    offered: "accept",
    accepted: "enroute",
    enroute: "arrived",
    arrived: "done",
  };
  return steps[phase] ?? null;
}

/** Say whether an ask wants something of the person at a time (ms, the server's clock). */
export function isOpen(standing: Standing, now: number): boolean {
  if (standing.refused !== null || going(standing.phase)) return true;
  return standing.phase === "offered" && now < Date.parse(standing.ask.deadline) + GRACE_MS;
}

/** Give the asks that want something, the most pressing first: unanswered by gravity, then those on the way. */
export function open(all: readonly Standing[], now: number): Standing[] {
  return all.filter((each) => isOpen(each, now)).sort((a, b) => press(b) - press(a) || soonest(a, b));
}

function press(standing: Standing): number {
  if (standing.phase === "offered") return 10 + GRAVITY.indexOf(standing.ask.severity);
  return going(standing.phase) ? 5 : 0;
}

function soonest(a: Standing, b: Standing): number {
  return Date.parse(a.ask.deadline) - Date.parse(b.ask.deadline) || (a.ask.id < b.ask.id ? -1 : 1);
}

/** Give the asks that are over, the newest first. */
export function past(all: readonly Standing[], now: number): Standing[] {
  return all.filter((each) => !isOpen(each, now)).sort((a, b) => last(b.ask) - last(a.ask) || soonest(b, a));
}

/** Say when an ask was last heard of, ms. */
export function last(ask: Assignment): number {
  const times = [ask.done_at, ask.arrived_at, ask.enroute_at, ask.answered_at, ask.offered_at];
  return Math.max(...times.map((time) => (time === undefined ? 0 : Date.parse(time))));
}

/** Say what became of an ask that is over, as the key of its words. */
export function outcome({ ask, phase }: Standing): "done" | "declined" | "late" | "taken" | "closed" | "merged" {
  if (phase === "done" || phase === "declined") return phase;
  if (phase === "withdrawn") return ask.ground ?? "closed";
  return "late";
}

/** Say whether somebody who missed or declined an ask may still offer to go: the server says whether a seat is free. */
export function mayStillGo(standing: Standing, incident: string | undefined): boolean {
  return (standing.phase === "expired" || standing.phase === "declined") && incident === "open";
}

/** Give the share of an ask's time that is left, 1 to 0. */
export function left(ask: Assignment, now: number): number {
  const [from, until] = [Date.parse(ask.offered_at), Date.parse(ask.deadline)];
  return until <= from ? 0 : Math.max(0, Math.min(1, (until - now) / (until - from)));
}
