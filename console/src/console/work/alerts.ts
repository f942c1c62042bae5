/** What a warning says and where it was passed on. Pure. */
import type { Alert, CapInfo, Severity } from "../../data/contract";
import { within } from "./incidents";

/** Give its words in a language, or else in English, or else the first. */
export function infoIn(alert: Alert, language: string): CapInfo | undefined {
  const infos = alert.cap.infos ?? [];
  const speaks = (tongue: string) => infos.find((info) => (info.language ?? "en").split("-")[0] === tongue);
  return speaks(language) ?? speaks("en") ?? infos[0];
}

export function severityOf(alert: Alert): Severity {
  return alert.severity ?? alert.cap.infos?.[0]?.severity ?? "Unknown";
}

/** Give the target wards by their paths, the first that the water reaches first. */
export function targets(alert: Alert): { readonly ward: string; readonly minutes: number }[] {
  const wards = (alert.wards ?? []).map(({ ward, minutes }) => ({ ward, minutes: minutes ?? 0 }));
  return wards.sort((a, b) => a.minutes - b.minutes || a.ward.localeCompare(b.ward));
}

/** Say whether one of the areas that an account acts in holds another one: what the server asks before it lets one act. */
export function holds(areas: readonly string[], area: string): boolean {
  return areas.some((own) => within(area, own));
}

/** Say whether a warning is for where the account works: its county lies in one of the areas, or holds one. */
export function near(areas: readonly string[], alert: Alert): boolean {
  return areas.some((own) => within(alert.key, own) || within(own, alert.key));
}

const ORDER: readonly Alert["state"][] = ["draft", "issued", "superseded", "cancelled", "expired", "rejected"];

/** Order warnings: one's own area's first; drafts, then what is in force, then what was; the newest first in each. */
export function inOrder(alerts: Iterable<Alert>, areas: readonly string[]): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      Number(near(areas, b)) - Number(near(areas, a)) ||
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      since(b).localeCompare(since(a)),
  );
}

function since(alert: Alert): string {
  return alert.issued_at ?? alert.drafted_at ?? "";
}

/** Count the target wards, and those where somebody said that it was passed on. */
export function passedOn(alert: Alert): { readonly done: number; readonly all: number } {
  const confirmed = alert.confirmed ?? {};
  const wards = targets(alert);
  return { done: wards.filter(({ ward }) => ward in confirmed).length, all: wards.length };
}
