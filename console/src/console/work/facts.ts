/**
 * The facts of an incident's history in words: who, what, why. Pure.
 *
 * A fact comes as `GET /incidents/{id}/history` gives it. Facts that only move the machinery (a deadline set, a message
 * handed over) are `technical`: shown when somebody asks to see everything.
 */
import type { Key } from "../../words/words";

export interface Fact {
  readonly id: string;
  readonly cause?: string;
  readonly source: string;
  readonly at: string;
  readonly seen: string;
  readonly body: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly versions?: Readonly<Record<string, string>>;
}

export interface Told {
  readonly fact: Fact;
  readonly key: Key;
  /** Values for the words; `hazard`, `severity`, `skill`, `rung` and `ward` are yet to be named in the language. */
  readonly fill: Readonly<Record<string, string | number>>;
  /** Account or person who did it; empty where the rules did. */
  readonly by: string;
  /** Why, as it was given. */
  readonly why: string;
  readonly technical: boolean;
  readonly tone: "good" | "bad" | "plain";
}

interface Rule {
  readonly key: Key;
  /** Fields of the body that the words use. */
  readonly fill?: readonly string[];
  readonly by?: string;
  readonly why?: string;
  readonly technical?: true;
  readonly tone?: "good" | "bad";
}

const RULES: Readonly<Record<string, Rule>> = {
  SmsReceived: { key: "fact.SmsReceived", technical: true },
  ReportReceived: { key: "fact.ReportReceived", fill: ["channel"], by: "reporter_name", why: "text" },
  ReportLocated: { key: "fact.ReportLocated", fill: ["ward_name", "hazard", "severity"] },
  ReportUnlocated: { key: "fact.ReportUnlocated", why: "detail" },
  ReportRepeated: { key: "fact.ReportRepeated", why: "why" },
  ReportPlaced: { key: "fact.ReportPlaced", by: "by" },
  ReportDismissed: { key: "fact.ReportDismissed", fill: ["reason"], by: "by" },
  ReportJoined: { key: "fact.ReportJoined", by: "by" },
  ReportJoinRequested: { key: "fact.ReportJoined", by: "by" },
  QuestionAsked: { key: "fact.QuestionAsked", by: "by", why: "question" },
  IncidentOpened: { key: "fact.IncidentOpened", fill: ["hazard", "ward_name", "severity"] },
  IncidentGrew: { key: "fact.IncidentGrew", fill: ["reports", "severity", "evidence"] },
  IncidentRescored: { key: "fact.IncidentRescored", fill: ["severity", "evidence"], why: "reason" },
  IncidentMergeRequested: { key: "fact.IncidentMergeRequested", by: "by", why: "reason", technical: true },
  IncidentMerged: { key: "fact.IncidentMerged", by: "by", why: "reason" },
  IncidentSplitRequested: { key: "fact.IncidentSplitRequested", by: "by", why: "reason", technical: true },
  IncidentSplit: { key: "fact.IncidentSplit", by: "by", why: "reason" },
  IncidentReopenRequested: { key: "fact.IncidentReopenRequested", by: "by", why: "reason", technical: true },
  IncidentReopened: { key: "fact.IncidentReopened", by: "by", why: "reason" },
  IncidentCloseRequested: { key: "fact.IncidentCloseRequested", by: "by", why: "reason", technical: true },
  IncidentClosed: { key: "fact.IncidentClosed", by: "by", why: "reason" },
  DispatchRequested: { key: "fact.DispatchRequested", fill: ["responder"], by: "by" },
  AssignmentOffered: { key: "fact.AssignmentOffered", fill: ["responder_name", "need"], by: "asked_by", why: "reason" },
  AssignmentSeen: { key: "fact.AssignmentSeen", fill: ["responder"], technical: true },
  AssignmentAccepted: { key: "fact.AssignmentAccepted", fill: ["responder", "via"], tone: "good" },
  AssignmentDeclined: { key: "fact.AssignmentDeclined", fill: ["responder", "via"], why: "reason", tone: "bad" },
  AssignmentExpired: { key: "fact.AssignmentExpired", fill: ["responder"], tone: "bad" },
  AssignmentWithdrawn: { key: "fact.AssignmentWithdrawn", fill: ["responder"], why: "reason" },
  AssignmentMoved: { key: "fact.AssignmentMoved", fill: ["responder"] },
  AssignmentProgressed: { key: "fact.AssignmentProgressed", fill: ["responder", "state"], tone: "good" },
  DispatchExhausted: { key: "fact.DispatchExhausted", fill: ["need", "asked"], tone: "bad" },
  FenceEntered: { key: "fact.FenceEntered", fill: ["responder"] },
  FenceDwelt: { key: "fact.FenceDwelt", fill: ["responder"] },
  FenceLeft: { key: "fact.FenceLeft", fill: ["responder", "reason"] },
  AnswerReceived: { key: "fact.AnswerReceived", fill: ["responder", "answer"], technical: true },
  AnswerRefused: { key: "fact.AnswerRefused", fill: ["responder"], why: "detail" },
  MessageAsked: { key: "fact.MessageAsked", fill: ["channel"], technical: true },
  MessageTaken: { key: "fact.MessageTaken", technical: true },
  MessageSent: { key: "fact.MessageSent", technical: true },
  MessageDelivered: { key: "fact.MessageDelivered", technical: true },
  MessageFailed: { key: "fact.MessageFailed", why: "detail", tone: "bad", technical: true },
  MessageRecalled: { key: "fact.MessageRecalled", technical: true },
  WorkClaimed: { key: "fact.WorkClaimed", by: "by_name" },
  WorkReleased: { key: "fact.WorkReleased", by: "by", technical: true },
  ClaimRequested: { key: "fact.WorkClaimed", by: "by_name", technical: true },
  ReleaseRequested: { key: "fact.WorkReleased", by: "by", technical: true },
  RequestRefused: { key: "fact.RequestRefused", why: "detail", tone: "bad" },
  Filed: { key: "fact.Filed", technical: true },
  DeadlineSet: { key: "fact.DeadlineSet", fill: ["name"], technical: true },
  DeadlineReached: { key: "fact.DeadlineReached", fill: ["name"], technical: true },
};

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** Give one fact as words to fill in; a fact that is newer than this page is told by its name. */
export function tell(fact: Fact): Told {
  const { body } = fact;
  const rule = RULES[body.type] ?? { key: "fact.other" as const, technical: true as const };
  const fill: Record<string, string | number> = { type: body.type };
  for (const name of rule.fill ?? []) {
    const value = body[name];
    fill[name] = name === "evidence" && typeof value === "number" ? `${Math.round(value * 100)} %` : text(value);
  }
  return {
    fact,
    key: rule.key,
    fill,
    by: rule.by ? text(body[rule.by]) : "",
    why: rule.why ? text(body[rule.why]) : "",
    technical: rule.technical === true,
    tone: rule.tone ?? "plain",
  };
}

/** Give a history, the newest first; the machinery only when asked for. */
export function history(facts: readonly Fact[], everything: boolean): Told[] {
  const told = facts.map(tell).reverse();
  return everything ? told : told.filter((each) => !each.technical);
}

/** Give the versions of rules and boundaries that the decisions rested on, each once, as `name version`. */
export function versions(facts: readonly Fact[]): string[] {
  const all = new Set<string>();
  for (const { versions: of } of facts) for (const [name, value] of Object.entries(of ?? {})) all.add(`${name} ${value}`);
  return [...all].sort();
}
