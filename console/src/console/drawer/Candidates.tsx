import { Button } from "../../parts/Button";
import { Meter } from "../../parts/Meter";
import { far } from "../../parts/spans";
import { t } from "../../words/words";
import type { Report } from "../../data/contract";
import { fullName, nameOf } from "../places";
import { useBarred } from "./ClaimBar";
import { deciding } from "../work/decide";
import { placeAs, startPlacing } from "../work/triage";
import { told } from "../work/why";

/** Where it may be: one click or one key each; else a click on the map. */
export function Candidates({ report }: { report: Report }) {
  const barred = useBarred(report.claim);
  const busy = deciding.value.has(`report/${report.id}`);
  return (
    <ul class="candidates">
      {(report.candidates ?? []).slice(0, 9).map((candidate, n) => (
        <li key={candidate.ward}>
          <button type="button" class="candidate" disabled={barred} aria-busy={busy} aria-keyshortcuts={String(n + 1)} onClick={() => !busy && placeAs(report, candidate)}>
            <kbd aria-hidden="true">{n + 1}</kbd>
            <span class="candidate-name">
              <strong>{candidate.name ?? nameOf(candidate.ward)}</strong>
              <span>{fullName(candidate.ward).split(", ")[1]}</span>
              {candidate.metres ? (
                <span class="candidate-why">{t("why.away", { far: far(candidate.metres) })}</span>
              ) : candidate.why ? (
                <span class="candidate-why">{told(candidate.why)}</span>
              ) : null}
            </span>
            {/* How likely a place off the shore lies in a ward says nothing: it does not. */}
            {candidate.metres && !candidate.confidence ? null : (
              <span class="candidate-sure">
                <Meter value={candidate.confidence ?? 0} label={t("sure", { n: Math.round((candidate.confidence ?? 0) * 100) })} />
                <span class="figures">{Math.round((candidate.confidence ?? 0) * 100)} %</span>
              </span>
            )}
          </button>
        </li>
      ))}
      <li>
        <Button sign="pin" shortcut="p" disabled={barred} onClick={() => startPlacing(report)}>
          {t("report.place-on-map")}
        </Button>
      </li>
    </ul>
  );
}
