/** What a warning says and where it was passed on. Pure. */
import type { Alert, CapInfo, Severity } from "../../data/contract";

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

/** Count the target wards, and those where somebody said that it was passed on. */
export function passedOn(alert: Alert): { readonly done: number; readonly all: number } {
  const confirmed = alert.confirmed ?? {};
  const wards = targets(alert);
  return { done: wards.filter(({ ward }) => ward in confirmed).length, all: wards.length };
}
