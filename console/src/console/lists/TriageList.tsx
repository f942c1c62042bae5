import { Age } from "../../parts/Age";
import { HazardIcon } from "../../parts/HazardIcon";
import { List } from "../../parts/List";
import { inert } from "../../parts/Said";
import { Severity } from "../../parts/Severity";
import { t } from "../../words/words";
import type { Report } from "../../data/contract";
import { areas, selected } from "../desk";
import { waiting } from "../picture";
import { narrow } from "../work/queue";
import { ClaimChip } from "./ClaimChip";
import { Nothing } from "./Nothing";
import { pick, toDrawer } from "./open";

/** How long a report may wait before its age is marked. */
export const TOO_LONG_MS = 5 * 60_000;

/** Reports that wait for a person to say where they are. */
export function TriageList() {
  const item = selected.value;
  return (
    <List
      items={waiting.value}
      keyOf={(report) => report.id}
      rem={6}
      label={t("tab.triage")}
      picked={item?.kind === "report" ? item.id : null}
      onPick={(report) => pick({ kind: "report", id: report.id })}
      onOpen={(report) => {
        pick({ kind: "report", id: report.id });
        toDrawer();
      }}
      row={(report) => <TriageRow report={report} />}
      empty={<Nothing sign="check" title={t(narrow(areas.value) ? "triage.empty-here" : "triage.empty")} more={t(narrow(areas.value) ? "triage.empty-narrow" : "triage.empty-more")} />}
    />
  );
}

function TriageRow({ report }: { report: Report }) {
  const severity = report.severity ?? "Unknown";
  const hazard = report.hazard ?? "other";
  return (
    <div class="line-row">
      <HazardIcon hazard={hazard} severity={severity} size="2.25rem" />
      <div class="line-main">
        <p class="line-head">
          <strong>{t(`hazard.${hazard}`)}</strong>
          <Severity level={severity} />
          <Age brief at={report.seen} stale={TOO_LONG_MS} />
        </p>
        <p class="line-said" dir="auto">
          {inert((report.text ?? "").slice(0, 300)).trim() || <i>{t("said.nothing")}</i>}
        </p>
        <p class="line-foot">
          <span>{t(`channel.${report.channel}`)}</span>
          <span>{places((report.candidates ?? []).length)}</span>
          {report.asked ? <span class="chip">{t("triage.asked")}</span> : null}
          <ClaimChip claim={report.claim} />
        </p>
      </div>
    </div>
  );
}

function places(n: number): string {
  return n === 0 ? t("triage.no-place") : t(n === 1 ? "triage.place" : "triage.places", { n });
}
