/** Warnings in force in an official's own ward: pure choices over what `GET /alerts/in-force/{ward}` says. */
import type { Hazard, PassedOn, Responder, Severity } from "../data/contract";

export interface Text {
  /** As CAP names it: sw-KE. */
  readonly language: string;
  readonly headline?: string;
  readonly description?: string;
  readonly instruction?: string;
}

/** A warning as one ward needs it: texts without polygons. */
export interface Warning {
  readonly id: string;
  readonly hazard: Hazard;
  readonly severity: Severity;
  readonly issued_at: string;
  readonly expires?: string;
  readonly minutes?: number;
  /** From when `minutes` count: the crossing, not the moment of looking. */
  readonly minutes_from?: string;
  readonly exercise?: boolean;
  readonly texts: readonly Text[];
  readonly confirmed?: PassedOn;
}

/** Whoever has one of these passes warnings on in the home ward. */
const OFFICIALS: readonly string[] = ["ward-admin", "chief"];
const WARD_DEPTH = 4;

/** Give the ward in which a responder passes warnings on; null for everybody else. */
export function wardOf(responder: Responder | null): string | null {
  if (responder === null || responder.home.split(".").length !== WARD_DEPTH) return null;
  return responder.skills?.some((skill) => OFFICIALS.includes(skill)) ? responder.home : null;
}

/** How a warning can be passed on. What is sent is English; the page shows its own words. */
export const WAYS = {
  baraza: "baraza",
  door: "door to door",
  siren: "siren or loudspeaker",
  worship: "mosque or church",
  radio: "radio",
  phone: "calls and messages",
} as const;
export type WayOn = keyof typeof WAYS;

/** Sort what is in force, the graver first, then the newer; passing one on moves nothing under the finger. */
export function inOrder(all: readonly Warning[]): Warning[] {
  const gravity: readonly Severity[] = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"];
  return [...all].sort(
    (a, b) =>
      gravity.indexOf(a.severity) - gravity.indexOf(b.severity) ||
      Date.parse(b.issued_at) - Date.parse(a.issued_at) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Give the text to read out: in the people's own language where there is one, else by the official's order. */
export function readOut(texts: readonly Text[], languages: readonly string[]): Text | null {
  const by = (code: string) => texts.find((text) => text.language.split("-")[0] === code);
  const own = languages.filter((code) => code !== "en" && code !== "sw");
  for (const code of [...own, "sw", ...languages]) {
    const found = by(code);
    if (found !== undefined) return found;
  }
  return texts[0] ?? null;
}

const NAMES: Readonly<Record<string, string>> = { en: "English", sw: "Kiswahili", luo: "Dholuo", guz: "Ekegusii", luy: "Luluhya", kuj: "Igikuria", ki: "Gĩkũyũ", so: "Soomaali", om: "Afaan Oromoo", kam: "Kikamba", mas: "Maa", saq: "Samburu", tuv: "Turkana" };

/** Name a language as its speakers do; its code where that is not known. */
export function languageName(language: string): string {
  const code = language.split("-")[0] ?? language;
  return NAMES[code] ?? code;
}
