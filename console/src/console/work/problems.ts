/** A refusal in words that say what to do next. */
import { Problem } from "../../data/api";
import { t, type Key } from "../../words/words";

const WORDS: Readonly<Record<string, Key>> = {
  offline: "problem.offline",
  "no-answer": "problem.no-answer",
  "too-many-requests": "problem.too-many",
  "storage-full": "problem.storage",
  "storage-busy": "problem.busy",
  "storage-broken": "problem.storage",
  "not-ready": "problem.busy",
  forbidden: "problem.forbidden",
  "not-found": "problem.not-found",
  conflict: "problem.conflict",
  "incident-closed": "problem.incident-closed",
  "incident-merged": "problem.incident-merged",
  "alert-over": "problem.alert-over",
  "alert-state": "problem.alert-over",
  "assignment-taken": "problem.assignment-taken",
  "position-outside": "problem.position-outside",
  "position-swapped": "problem.position-outside",
  "reporter-unreachable": "problem.reporter-unreachable",
  claimed: "problem.claimed",
  internal: "problem.internal",
  unauthenticated: "problem.session",
  "session-over": "problem.session",
  "token-expired": "problem.session",
};

/** Give a refusal in words; the server's own detail goes along where ours do not say which thing it was. */
export function inWords(problem: unknown): string {
  if (!(problem instanceof Problem)) return t("problem.internal");
  const key = WORDS[problem.code];
  if (key === undefined) return problem.detail;
  return t(key, { detail: problem.detail });
}
