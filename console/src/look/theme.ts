/** Day or night: by the device until the person chooses; told to the document and to whoever draws by hand. */
import { effect, signal } from "@preact/signals";

export type Theme = "day" | "night";

const NIGHT = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme | null {
  try {
    const kept = localStorage.getItem("theme");
    return kept === "day" || kept === "night" ? kept : null;
  } catch {
    return null;
  }
}

export const theme = signal<Theme>(chosen() ?? (NIGHT?.matches ? "night" : "day"));

NIGHT?.addEventListener("change", () => {
  if (chosen() === null) theme.value = NIGHT.matches ? "night" : "day";
});

/** Keep the document's theme in step with the signal. */
export function dress(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
  });
}

export function choose(value: Theme): void {
  theme.value = value;
  try {
    localStorage.setItem("theme", value);
  } catch {
    // Then it holds until the page is closed.
  }
}

/** Read a token of tokens.css as it is in the theme now: `token("--severe")`. */
export function token(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
