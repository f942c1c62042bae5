/**
 * The words on the pages, in the language that the person chose: `t("triage.empty")`, `t("asked", { n: 3 })`.
 *
 * Each page learns its own words at its start (`learn`): a phone does not fetch those of the console. `all.ts` learns
 * everything.
 */
import { computed, signal } from "@preact/signals";
import type { en } from "./en";
import { shared } from "./shared";

export type Language = "en" | "sw";
export type Key = keyof typeof en;
export type Words = Readonly<Record<Key, string>>;

const known = signal<Readonly<Record<Language, Partial<Words>>>>(shared);

/** Know the words of a page, or of a part of it that came later. */
export function learn(words: Readonly<Record<Language, Partial<Words>>>): void {
  known.value = { en: { ...known.peek().en, ...words.en }, sw: { ...known.peek().sw, ...words.sw } };
}

function remembered(): Language {
  try {
    const kept = localStorage.getItem("language");
    if (kept === "en" || kept === "sw") return kept;
  } catch {
    // Storage may be closed to us; the browser's own language is a good guess.
  }
  return typeof navigator !== "undefined" && navigator.language.startsWith("sw") ? "sw" : "en";
}

export const language = signal<Language>(remembered());

export function speak(chosen: Language): void {
  language.value = chosen;
  document.documentElement.lang = chosen;
  try {
    localStorage.setItem("language", chosen);
  } catch {
    // Then it holds until the page is closed.
  }
}

const words = computed(() => known.value[language.value]);

/** Give the words for a key, with `{name}` filled in. */
export function t(key: Key, fill: Readonly<Record<string, string | number>> = {}): string {
  return (words.value[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}
