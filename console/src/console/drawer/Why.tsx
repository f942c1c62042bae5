import { Meter } from "../../parts/Meter";
import { t } from "../../words/words";
import type { Incident } from "../../data/contract";
import { partName, ofSeverity, told } from "../work/why";
import { Parts } from "./Parts";
import { Section } from "./Drawer";

/** How sure it is and how bad, part by part, and why the last report was taken for the same thing. */
export function Why({ incident }: { incident: Incident }) {
  const parts = incident.parts ?? [];
  const severity = parts.filter((part) => ofSeverity(part.name));
  const evidence = parts.filter((part) => !ofSeverity(part.name));
  const why = incident.why ?? [];
  return (
    <Section title={t("why")}>
      <h4 class="why-head">
        {t("evidence")} <Meter value={incident.evidence} label={t("evidence")} /> <span class="figures">{Math.round(incident.evidence * 100)} %</span>
      </h4>
      <Parts parts={evidence} />
      {severity.length > 0 ? (
        <>
          <h4 class="why-head">{t("why.severity", { severity: t(`severity.${incident.severity}`) })}</h4>
          <Parts parts={severity} severity />
        </>
      ) : null}
      {why.length > 0 ? (
        <>
          <h4 class="why-head">{t("why.joined")}</h4>
          <ul class="parts">
            {why.map((part) => (
              <li key={part.name}>
                <span class="part-name">{partName(part.name)}</span>
                <Meter value={part.value} label={partName(part.name)} />
                <span class="part-value figures">{Math.round(part.value * 100)} %</span>
                {part.why ? <span class="part-why">{told(part.why)}</span> : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Section>
  );
}
