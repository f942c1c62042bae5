/** What is new and grave enough to sound and to be read out: pure. */
import type { Incident, Report, Severity } from "../../data/contract";

export type Alarm = { readonly kind: "incident"; readonly it: Incident } | { readonly kind: "report"; readonly it: Report };

/** The gravest that was already sounded for each item. */
export type Known = Map<string, number>;

const GRAVITY: Readonly<Record<Severity, number>> = { Extreme: 2, Severe: 1, Moderate: 0, Minor: 0, Unknown: 0 };

/** Take down everything that is there as known: what stood before the page was opened is no news. */
export function prime(known: Known, incidents: Iterable<Incident>, reports: Iterable<Report>): void {
  heard(known, incidents, reports);
}

/** Give what became Severe or Extreme since the last look, the gravest first; each is given once for each level. */
export function heard(known: Known, incidents: Iterable<Incident>, reports: Iterable<Report>): Alarm[] {
  const alarms: (Alarm & { gravity: number })[] = [];
  for (const it of incidents) {
    const gravity = it.state === "open" ? GRAVITY[it.severity] : 0;
    if (louder(known, it.id, gravity)) alarms.push({ kind: "incident", it, gravity });
  }
  for (const it of reports) {
    const gravity = it.state === "waiting" ? GRAVITY[it.severity ?? "Unknown"] : 0;
    if (louder(known, it.id, gravity)) alarms.push({ kind: "report", it, gravity });
  }
  return alarms.sort((a, b) => b.gravity - a.gravity);
}

function louder(known: Known, id: string, gravity: number): boolean {
  if (gravity <= (known.get(id) ?? 0)) return false;
  known.set(id, gravity);
  return true;
}
