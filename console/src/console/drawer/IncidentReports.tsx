import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { inert, Said } from "../../parts/Said";
import { Severity } from "../../parts/Severity";
import { useSignal } from "@preact/signals";
import { t } from "../../words/words";
import type { Incident } from "../../data/contract";
import { selected } from "../desk";
import { reportsOf } from "../work/reports";
import { store } from "../desk";
import { Section } from "./Drawer";

const FIRST = 5;

/** The reports that speak of it, the newest first. */
export function IncidentReports({ incident }: { incident: Incident }) {
  const all = useSignal(false);
  const reports = reportsOf(store.docs.report.value.values(), incident);
  const shown = all.value ? reports : reports.slice(0, FIRST);
  return (
    <Section title={t("incident.reports")} count={reports.length}>
      <ul class="reports">
        {shown.map((report) => (
          <li key={report.id} class={report.state === "dismissed" ? "report report-out" : "report"}>
            <p class="report-head">
              <Severity level={report.severity ?? "Unknown"} />
              <span>{t(`channel.${report.channel}`)}</span>
              <span class="soft">{inert(report.reporter_name ?? report.reporter ?? "")}</span>
              {report.state === "dismissed" ? <span class="chip">{t("report.dismissed")}</span> : null}
              {report.state === "repeated" ? <span class="chip">{t("report.repeated")}</span> : null}
              <Age at={report.seen} />
            </p>
            <Said text={report.text} most={160} />
            <button type="button" class="link" onClick={() => (selected.value = { kind: "report", id: report.id })}>
              {t("report.open", { reference: report.reference })}
            </button>
          </li>
        ))}
      </ul>
      {reports.length > FIRST ? (
        <Button tone="quiet" sign={all.value ? "up" : "down"} onClick={() => (all.value = !all.value)}>
          {all.value ? t("less") : t("reports.more", { n: reports.length - FIRST })}
        </Button>
      ) : null}
    </Section>
  );
}
