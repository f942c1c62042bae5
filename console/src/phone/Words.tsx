import { useState } from "preact/hooks";
import { clip, inert } from "../parts/Said";
import { t } from "../words/words";

const MOST = 220;

/** The words of a report, as somebody wrote them: text and nothing else. */
export function Words({ text }: { text: string | undefined }) {
  const [whole, setWhole] = useState(false);
  const clean = text === undefined ? "" : inert(text).trim();
  if (clean === "") return null;
  const long = clean.length > MOST + 40;
  return (
    <figure class="words">
      <figcaption class="unseen">{t("phone.words")}</figcaption>
      <blockquote class="said" dir="auto">
        {long && !whole ? `${clip(clean, MOST)}…` : clean}
      </blockquote>
      {long && !whole ? (
        <button type="button" class="small-button" onClick={() => setWhole(true)}>
          {t("phone.words.more")}
        </button>
      ) : null}
    </figure>
  );
}
