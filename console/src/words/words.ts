/** The words on the pages, in the language that the person chose: `t("triage.empty")`, `t("asked", { n: 3 })`. */
import { computed, signal } from "@preact/signals";
import { en } from "./en";
import { sw } from "./sw";

export type Language = "en" | "sw";
export type Key = keyof typeof en;
export type Words = Readonly<Record<Key, string>>;

const ALL: Readonly<Record<Language, Words>> = { en, sw };

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

const words = computed(() => ALL[language.value]);

/** Give the words for a key, with `{name}` filled in. */
export function t(key: Key, fill: Readonly<Record<string, string | number>> = {}): string {
  return words.value[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}
