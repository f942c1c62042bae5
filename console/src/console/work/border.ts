/** What a border, of wards or of systems, has to say about a report or an incident: pure but for the words. */
import type { Incident, Report } from "../../data/contract";
import { far } from "../../parts/spans";
import { t } from "../../words/words";
import { within } from "../../map/boundaries";
import { nameOf } from "../places";

/** Nearer than this to another ward, a place is said to be on the border. */
export const BORDER_M = 500;

/** Say that a report lies outside the ward that answers for it, or which other wards are near. */
export function border(report: Report): string[] {
  if (report.outside_m !== undefined) return [t("border.outside", { far: far(report.outside_m) })];
  const beside = (report.candidates ?? []).flatMap(({ ward, name, metres }) =>
    ward === report.ward || metres === undefined || metres > BORDER_M ? [] : [beyond(name ?? nameOf(ward), metres)],
  );
  return beside.length === 0 ? [] : [t("border.near", { wards: beside.join(", ") })];
}

/** Whether an account only watches it: an operator, but not where the incident's own ward is. */
export function watches(operates: readonly string[], { ward }: Incident): boolean {
  return operates.length > 0 && !operates.some((area) => within(ward, area));
}

/** The system that decides about something that was mirrored from it; nothing for what is decided here. */
export function decidedBy({ origin }: { readonly origin?: string }): string | undefined {
  return origin?.split("/")[0];
}

/** Name the wards that watch an incident, each with how far it is. */
export function watching({ observers = [], observers_m = {} }: Incident, name: (path: string) => string = nameOf): string[] {
  return observers.map((path) => {
    const metres = observers_m[path];
    return metres === undefined ? name(path) : beyond(name(path), metres);
  });
}

function beyond(name: string, metres: number): string {
  return metres === 0 ? name : `${name} (${far(metres)})`;
}
