/** What can be decided about an incident: whom to send, whether it is over, one with another, or two. */
import type { Askable, Incident, People } from "../../data/contract";
import { t } from "../../words/words";
import { selected, session } from "../desk";
import { decide, undo } from "./decide";
import { notify, putAway } from "./notices";
import { toldAll } from "./why";
import { firstFree } from "./people";

export const REASONS = ["resolved", "false-alarm", "handed-over", "no-answer"] as const;

/** Ask one person to go. */
export async function ask(incident: string, person: { readonly responder: string; readonly name: string }): Promise<void> {
  await decide<Incident>({
    about: { kind: "incident", id: incident },
    what: "dispatch",
    body: { responder: person.responder },
    said: () => t("done.dispatched", { name: person.name }),
  });
}

export async function peopleFor(incident: string, signal?: AbortSignal): Promise<People> {
  return session.send<People>(`/incidents/${incident}/people`, signal ? { signal } : {});
}

/** Offer the likeliest person for an incident with what was just done (`done`, in place of its own notice). */
export async function likeliest(incident: string, done: string, notice: number): Promise<void> {
  let best: Askable | undefined;
  try {
    best = firstFree(await peopleFor(incident));
  } catch {
    return; // only an offer: the drawer of the incident shows what stands in the way
  }
  if (best === undefined) return;
  const { responder, name, reason } = best;
  putAway(notice);
  // What can be done and how far it is: the rest of the reasons stands in the incident's drawer.
  const why = toldAll(reason.split("; ").slice(0, 2).join("; "));
  notify("good", `${done} ${t("offer.best", { name, why })}`, [
    { label: t("offer.ask", { name }), run: () => void ask(incident, { responder, name }), shortcut: "o" },
    { label: t("open-incident"), run: () => (selected.value = { kind: "incident", id: incident }) },
  ]);
}

export async function close(incident: Incident, reason: string): Promise<boolean> {
  const answer = await decide<Incident>({
    about: { kind: "incident", id: incident.id },
    what: "close",
    body: { reason },
    said: () => t("done.closed", { reference: incident.reference }),
    acts: () => [undo(() => void reopen(incident, t("undo.reason")))],
  });
  return answer !== null;
}

export async function reopen(incident: Incident, reason: string): Promise<void> {
  await decide<Incident>({
    about: { kind: "incident", id: incident.id },
    what: "reopen",
    body: { reason },
    said: () => t("done.reopened", { reference: incident.reference }),
    then: () => (selected.value = { kind: "incident", id: incident.id }),
  });
}

export async function merge(incident: Incident, into: Incident, reason: string): Promise<boolean> {
  const answer = await decide<Incident>({
    about: { kind: "incident", id: incident.id },
    what: "merge",
    body: { into: into.id, reason },
    said: () => t("done.merged", { reference: incident.reference, into: into.reference }),
    acts: () => [undo(() => void reopen(incident, t("undo.reason")))],
    then: () => (selected.value = { kind: "incident", id: into.id }),
  });
  return answer !== null;
}

export async function split(incident: Incident, reports: readonly string[], reason: string): Promise<boolean> {
  const answer = await decide<Incident>({
    about: { kind: "incident", id: incident.id },
    what: "split",
    body: { reports, reason },
    said: () => t(reports.length === 1 ? "done.split-one" : "done.split", { n: reports.length, reference: incident.reference }),
    acts: (_, { into }) =>
      into
        ? [undo(() => void back(into, incident)), { label: t("open-incident"), run: () => (selected.value = { kind: "incident", id: into.id }) }]
        : [],
  });
  return answer !== null;
}

/** Merge what was split off back into where it came from. */
export async function back(off: Incident, from: Incident): Promise<void> {
  await decide<Incident>({
    about: { kind: "incident", id: off.id },
    what: "merge",
    body: { into: from.id, reason: t("undo.reason") },
    said: () => t("done.split-back", { reference: from.reference }),
  });
}
