import { Age } from "../../parts/Age";
import { inert } from "../../parts/Said";
import { t, type Key } from "../../words/words";
import type { Report } from "../../data/contract";
import { fullName } from "../places";
import { border } from "../work/border";

const SOURCES: Readonly<Record<string, Key>> = {
  citizen: "source.citizen",
  chief: "source.chief",
  officer: "source.officer",
  responder: "source.responder",
  "ward-admin": "source.ward-admin",
  "village-elder": "source.village-elder",
  "health-promoter": "source.health-promoter",
  operator: "source.operator",
  agency: "source.agency",
};

/** Who said it, how, and where it is. */
export function ReportFacts({ report }: { report: Report }) {
  const source = SOURCES[report.source_kind];
  return (
    <dl class="facts">
      <dt>{t("report.from")}</dt>
      <dd>
        {report.reporter_name ? `${inert(report.reporter_name)}, ` : ""}
        {report.reporter?.startsWith("+") ? <a href={`tel:${report.reporter}`}>{report.reporter}</a> : report.reporter}
        {report.reporter || report.reporter_name ? " · " : ""}
        {t(`channel.${report.channel}`)}
        {source ? ` · ${t(source)}` : ""}
      </dd>
      {report.ward ? (
        <>
          <dt>{t("report.place")}</dt>
          <dd>
            {fullName(report.ward)}
            {report.how ? ` · ${t(`how.${report.how}`)}` : ""}
            {report.confidence === undefined ? "" : ` · ${t("sure", { n: Math.round(report.confidence * 100) })}`}
            {border(report).map((said) => (
              <span class="fact-more">{said}</span>
            ))}
          </dd>
        </>
      ) : null}
      {report.state === "located" || report.state === "waiting" ? null : (
        <>
          <dt>{t("report.state")}</dt>
          <dd>
            {t(`report.${report.state}`)}
            {report.reason ? `: ${t(`dismiss.${report.reason}`)}` : ""}
          </dd>
        </>
      )}
      {report.asked ? (
        <>
          <dt>{t("report.asked-back")}</dt>
          <dd>
            “{inert(report.asked.question)}” <Age at={report.asked.at} />
          </dd>
        </>
      ) : null}
    </dl>
  );
}
