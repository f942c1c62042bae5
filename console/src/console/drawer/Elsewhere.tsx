import { t } from "../../words/words";

/** Say that something was mirrored, and where it is decided: here it is only looked at. */
export function Elsewhere({ system }: { system: string }) {
  return (
    <p class="section-note" role="note">
      {t("mirrored.elsewhere", { system })}
    </p>
  );
}
