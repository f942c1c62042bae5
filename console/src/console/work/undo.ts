/** What of a history can still be taken back, and how: pure. What somebody undid meanwhile, or built upon, cannot. */
import type { Incident } from "../../data/contract";
import type { Fact } from "./facts";

export type Undo =
  /** Open `incident` again: what was closed or merged is its own again. */
  | { readonly how: "reopen"; readonly incident: string }
  /** Merge `incident` back into the one that it was split off from. */
  | { readonly how: "merge-back"; readonly incident: string; readonly into: string };

type Get = (id: string) => Incident | undefined;

/** Give how a fact is undone as things stand now; null where it cannot be, or already was. */
export function undoOf(fact: Fact, get: Get): Undo | null {
  const { body } = fact;
  const incident = typeof body["incident"] === "string" ? get(body["incident"]) : undefined;
  const into = typeof body["into"] === "string" ? get(body["into"]) : undefined;
  switch (body.type) {
    case "IncidentClosed":
      return incident?.state === "closed" && incident.closed_at === fact.at ? { how: "reopen", incident: incident.id } : null;
    case "IncidentMerged":
      // The one that remains must be open: what was merged goes back with its own reports.
      return incident?.state === "merged" && into?.state === "open" && incident.into === into.id
        ? { how: "reopen", incident: incident.id }
        : null;
    case "IncidentSplit":
      return incident?.state === "open" && into?.state === "open"
        ? { how: "merge-back", incident: into.id, into: incident.id }
        : null;
    default:
      return null;
  }
}
