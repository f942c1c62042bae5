import { Meter } from "../../parts/Meter";
import { t } from "../../words/words";
import type { Part } from "../../data/contract";
import { partName, told } from "../work/why";

/** The parts of a score as bars and words. `severity`: they count up to 4, else they add up to 1. */
export function Parts({ parts, severity = false }: { parts: readonly Part[]; severity?: boolean }) {
  if (parts.length === 0) return <p class="section-note">{t("parts.none")}</p>;
  return (
    <ul class="parts">
      {parts.map((part, n) => (
        <li key={n}>
          <span class="part-name">{partName(part.name)}</span>
          <Meter value={Math.abs(part.value)} most={severity ? 4 : 1} label={partName(part.name)} />
          <span class="part-value figures">{severity ? part.value : `${part.value < 0 ? "−" : "+"}${Math.round(Math.abs(part.value) * 100)} %`}</span>
          {part.why ? <span class="part-why">{told(part.why)}</span> : null}
        </li>
      ))}
    </ul>
  );
}
