/** What changed in the last minutes, told from the documents themselves, so that it is the same after a reload: pure. */
import type { Shelves } from "../../data/apply";
import type { Item } from "../../data/items";
import type { Severity } from "../../data/contract";

export interface Change {
  readonly at: string;
  readonly what:
    | "opened"
    | "closed"
    | "waiting"
    | "accepted"
    | "declined"
    | "expired"
    | "arrived"
    | "done"
    | "issued"
    | "drafted"
    | "confirmed"
    | "rose"
    | "fell";
  readonly item: Item;
  /** Name of who or where. */
  readonly name: string;
  readonly ward: string;
  readonly severity: Severity | null;
  readonly hazard: string;
}

/** Give what happened since `from` (milliseconds), the newest first, at most `most`. */
export function changesSince(docs: Shelves, from: number, most = 60): Change[] {
  const found: Change[] = [];
  const since = new Date(from).toISOString();
  const add = (at: string | undefined, change: Omit<Change, "at">) => {
    if (at !== undefined && at >= since) found.push({ ...change, at });
  };
  for (const it of docs.incident.values()) {
    const item = { kind: "incident", id: it.id } as const;
    const told = { item, name: it.reference, ward: it.ward_name, severity: it.severity, hazard: it.hazard };
    add(it.opened_at, { ...told, what: "opened" });
    if (it.state === "closed") add(it.closed_at, { ...told, what: "closed" });
  }
  for (const it of docs.report.values()) {
    if (it.state !== "waiting") continue;
    const item = { kind: "report", id: it.id } as const;
    const told = { item, name: it.reference, ward: "", severity: it.severity ?? null, hazard: it.hazard ?? "other" };
    add(it.seen, { ...told, what: "waiting" });
  }
  for (const it of docs.assignment.values()) {
    const item = { kind: "incident", id: it.incident } as const;
    const told = { item, name: it.responder_name, ward: it.ward_name, severity: null, hazard: it.hazard };
    if (it.state === "declined") add(it.answered_at, { ...told, what: "declined" });
    else if (it.state === "expired") add(it.answered_at, { ...told, what: "expired" });
    else if (it.state !== "withdrawn" && it.state !== "offered") add(it.answered_at, { ...told, what: "accepted" });
    add(it.arrived_at, { ...told, what: "arrived" });
    add(it.done_at, { ...told, what: "done" });
  }
  for (const it of docs.alert.values()) {
    const item = { kind: "alert", id: it.id } as const;
    const headline = it.cap.infos?.at(-1)?.headline ?? "";
    const told = { item, name: headline, ward: "", severity: it.severity ?? null, hazard: it.hazard ?? "flood" };
    if (it.state === "draft") add(it.drafted_at, { ...told, what: "drafted" });
    else add(it.issued_at, { ...told, what: "issued" });
    for (const [ward, word] of Object.entries(it.confirmed ?? {})) add(word.at, { ...told, what: "confirmed", ward });
  }
  for (const it of docs.gauge.values()) {
    if (!it.crossed) continue;
    const item = { kind: "gauge", id: it.id } as const;
    const told = { item, name: it.name ?? it.id, ward: it.crossed.mark, severity: null, hazard: "flood" };
    add(it.crossed.at, { ...told, what: it.crossed.direction === "up" ? "rose" : "fell" });
  }
  return found.sort((a, b) => b.at.localeCompare(a.at)).slice(0, most);
}
