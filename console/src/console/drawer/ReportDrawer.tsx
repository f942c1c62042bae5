import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { HazardIcon } from "../../parts/HazardIcon";
import { Said } from "../../parts/Said";
import { Severity } from "../../parts/Severity";
import { t } from "../../words/words";
import type { Report } from "../../data/contract";
import { decides, selected, store } from "../desk";
import { TOO_LONG_MS } from "../lists/TriageList";
import { decidedBy } from "../work/border";
import { deciding } from "../work/decide";
import { dialog } from "../work/dialogs";
import { dismiss } from "../work/triage";
import { waitsWhy } from "../work/why";
import { Candidates } from "./Candidates";
import { ClaimBar, useBarred } from "./ClaimBar";
import { Head, Section } from "./Drawer";
import { Elsewhere } from "./Elsewhere";
import { JoinList } from "./JoinList";
import { Parts } from "./Parts";
import { ReportFacts } from "./ReportFacts";

/** A report: what was said, and, while it waits, everything that can be decided about it. */
export function ReportDrawer({ report }: { report: Report }) {
  const severity = report.severity ?? "Unknown";
  const hazard = report.hazard ?? "other";
  const waits = report.state === "waiting";
  const elsewhere = decidedBy(report);
  const incident = report.incident === undefined ? undefined : store.docs.incident.value.get(report.incident);
  return (
    <>
      <Head mark={<HazardIcon hazard={hazard} severity={severity} size="2.75rem" />} title={t(waits ? "report.waits" : "report.title", { hazard: t(`hazard.${hazard}`) })}>
        <p class="drawer-sub">
          <Severity level={severity} />
          <span class="figures">{report.reference}</span>
          <Age at={report.seen} {...(waits ? { stale: TOO_LONG_MS } : {})} />
        </p>
      </Head>
      <div class="drawer-body">
        <ClaimBar about={{ kind: "report", id: report.id }} claim={report.claim} />
        <blockquote class="quote">
          <Said text={report.text} most={400} />
        </blockquote>
        <ReportFacts report={report} />
        {elsewhere !== undefined ? <Elsewhere system={elsewhere} /> : waits && decides.value ? <Decide report={report} /> : null}
        {incident ? (
          <Section title={t("report.part-of")}>
            <Button sign="incident" onClick={() => (selected.value = { kind: "incident", id: incident.id })}>
              {t(`hazard.${incident.hazard}`)}, {incident.ward_name} · {incident.reference}
            </Button>
          </Section>
        ) : null}
        {(report.parts ?? []).length > 0 ? (
          <Section title={t("report.severity-why")}>
            <Parts parts={report.parts ?? []} severity />
          </Section>
        ) : null}
      </div>
    </>
  );
}

function Decide({ report }: { report: Report }) {
  const barred = useBarred(report.claim);
  const busy = deciding.value.has(`report/${report.id}`);
  const asks = (report.reporter ?? "").startsWith("+");
  return (
    <fieldset class="decide" disabled={barred} aria-busy={busy}>
      <legend class="unseen">{t("report.decide")}</legend>
      <Section title={t("report.where")}>
        <p class="section-note">{waitsWhy(report)}</p>
        <Candidates report={report} />
      </Section>
      <JoinList report={report} />
      <Section title={t("report.other")}>
        <div class="acts">
          {asks ? (
            <Button sign="ask" shortcut="a" disabled={barred} onClick={() => (dialog.value = { kind: "ask", about: { kind: "report", id: report.id } })}>
              {t("report.ask-back")}
            </Button>
          ) : null}
          <Button sign="copy" shortcut="d" busy={busy} disabled={barred} onClick={() => void dismiss(report, "duplicate")}>
            {t("dismiss.duplicate")}
          </Button>
          <Button sign="forbid" shortcut="h" busy={busy} disabled={barred} onClick={() => void dismiss(report, "hoax")}>
            {t("dismiss.hoax")}
          </Button>
          <Button sign="cross" shortcut="x" busy={busy} disabled={barred} onClick={() => void dismiss(report, "not-an-emergency")}>
            {t("dismiss.not-an-emergency")}
          </Button>
        </div>
      </Section>
    </fieldset>
  );
}
