/**
 * Send a decision, say what came of it, and offer the way back where there is one.
 *
 * Every decision of the console goes through here: none is swallowed, none is sent twice while the first is under way,
 * and a claim of somebody else is answered with the offer to take over.
 */
import { signal } from "@preact/signals";
import { Problem } from "../../data/api";
import { t } from "../../words/words";
import { session } from "../desk";
import { claim, type Claimable } from "./claims";
import { notify, type Act } from "./notices";
import { inWords } from "./problems";

/** Decisions under way, as `kind/id`. */
export const deciding = signal<ReadonlySet<string>>(new Set());

/** What the server answers: the document under its kind, and others that the decision made. */
type Answer<Doc> = { readonly id: string } & Readonly<Record<string, Doc>>;

export interface Decision<Doc> {
  readonly about: Claimable;
  /** What follows `/reports/ID/`, `/incidents/ID/`, `/alerts/ID/`. */
  readonly what: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** What to say once it is done. */
  readonly said: (doc: Doc) => string;
  /** The way back, and other things to do about it. */
  readonly acts?: (doc: Doc, others: Readonly<Record<string, Doc>>) => readonly Act[];
  readonly then?: (doc: Doc, notice: number) => void;
}

/** Carry a decision out; gives the document as it then stands, or null when it was refused (which is shown). */
export async function decide<Doc>(decision: Decision<Doc>): Promise<Doc | null> {
  const { about } = decision;
  const key = `${about.kind}/${about.id}`;
  if (deciding.peek().has(key)) return null;
  deciding.value = new Set([...deciding.peek(), key]);
  try {
    const answer = await session.send<Answer<Doc>>(`/${about.kind}s/${about.id}/${decision.what}`, {
      method: "POST",
      ...(decision.body ? { body: decision.body } : {}),
    });
    const doc = answer[about.kind] as Doc;
    const notice = notify("good", decision.said(doc), decision.acts?.(doc, answer) ?? []);
    decision.then?.(doc, notice);
    return doc;
  } catch (error) {
    refused(error, decision);
    return null;
  } finally {
    const left = new Set(deciding.peek());
    left.delete(key);
    deciding.value = left;
  }
}

function refused<Doc>(error: unknown, decision: Decision<Doc>): void {
  const acts: Act[] = [];
  if (error instanceof Problem && error.code === "claimed") {
    acts.push({ label: t("claim.take-over"), run: () => void takeOver(decision) });
  } else if (error instanceof Problem && error.passing) {
    acts.push({ label: t("again"), run: () => void decide(decision) });
  }
  notify("bad", inWords(error), acts);
}

async function takeOver<Doc>(decision: Decision<Doc>): Promise<void> {
  if (await claim(decision.about, true)) await decide(decision);
}

/** Make the act that undoes; its key is `u`. */
export function undo(run: () => void): Act {
  return { label: t("undo"), run, shortcut: "u" };
}
