import { useState } from "preact/hooks";
import type { Incident } from "../../data/contract";
import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Said } from "../../parts/Said";
import { Severity } from "../../parts/Severity";
import { t } from "../../words/words";
import { store } from "../desk";
import { deciding } from "../work/decide";
import { split } from "../work/incident";
import { reportsOf } from "../work/reports";

/** Tick the reports that are about something else; they become an incident of their own. */
export function SplitDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState("");
  const busy = deciding.value.has(`incident/${incident.id}`);
  // What a merged incident brought along leaves by taking that incident out again.
  const reports = reportsOf(store.docs.report.value.values(), { id: incident.id }).filter((report) => report.state === "located");
  const all = ticked.size > 0 && ticked.size >= reports.length;
  const finish = async (event: Event) => {
    event.preventDefault();
    if (await split(incident, [...ticked], reason.trim())) onClose();
  };
  return (
    <Dialog title={t("split.title", { reference: incident.reference })} onClose={onClose} wide>
      <form class="dialog-form" onSubmit={(event) => void finish(event)}>
        <p>{t("split.what")}</p>
        <ul class="picks">
          {reports.map((report, n) => (
            <li key={report.id}>
              <label class="pick-row">
                <input
                  type="checkbox"
                  data-first={n === 0 ? "" : undefined}
                  checked={ticked.has(report.id)}
                  onChange={(event) => {
                    const next = new Set(ticked);
                    if (event.currentTarget.checked) next.add(report.id);
                    else next.delete(report.id);
                    setTicked(next);
                  }}
                />
                <span class="join-name">
                  <span class="report-head">
                    <Severity level={report.severity ?? "Unknown"} />
                    <span>{report.reporter_name ?? report.reporter}</span> <Age at={report.seen} />
                  </span>
                  <Said text={report.text} most={120} />
                </span>
              </label>
            </li>
          ))}
        </ul>
        <label>
          {t("split.reason")}
          <input type="text" maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        {all ? <p class="dialog-warn">{t("split.all")}</p> : null}
        <div class="dialog-acts">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button tone="main" type="submit" sign="split" busy={busy} disabled={ticked.size === 0 || all}>
            {ticked.size === 0 ? t("incident.split") : t(ticked.size === 1 ? "split.do-one" : "split.do", { n: ticked.size })}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
