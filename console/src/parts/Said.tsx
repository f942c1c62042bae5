import { useState } from "preact/hooks";
import { t } from "../words/words";

/**
 * Words that a stranger wrote: text and nothing else, in a direction of its own, clipped with "more".
 *
 * Marks that turn the direction of what follows are taken out: the element is isolated, and they could still turn words
 * within a sentence of ours that quotes them. Characters that draw nothing are not text either.
 */
export function Said({ text, most = 280, quiet = false }: { text: string | undefined; most?: number; quiet?: boolean }) {
  const [whole, setWhole] = useState(false);
  const clean = inert(text ?? "").trim();
  if (clean === "") return quiet ? null : <p class="said said-nothing">{t("said.nothing")}</p>;
  const long = clean.length > most + 40;
  return (
    <p class="said" dir="auto">
      {whole || !long ? clean : `${clip(clean, most)}… `}
      {long ? (
        <button type="button" class="link" onClick={() => setWhole(!whole)} aria-expanded={whole}>
          {whole ? t("said.less") : t("said.more", { n: clean.length - most })}
        </button>
      ) : null}
    </p>
  );
}

/** Give a text without marks of direction and control characters. */
export function inert(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, "");
}

/** Cut a text without cutting a character in two. */
export function clip(text: string, most: number): string {
  return [...text.slice(0, most + 8)].slice(0, most).join("").trimEnd();
}
