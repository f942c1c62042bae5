import { Age } from "../../parts/Age";
import { Countdown } from "../../parts/Countdown";
import { HazardIcon } from "../../parts/HazardIcon";
import { List } from "../../parts/List";
import { Meter } from "../../parts/Meter";
import { Severity } from "../../parts/Severity";
import { Button } from "../../parts/Button";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import type { Incident } from "../../data/contract";
import { selected } from "../desk";
import { asks, filter, incidents } from "../picture";
import { EVERYTHING, finished, limits, openAsk, uncovered } from "../work/incidents";
import { ClaimChip } from "./ClaimChip";
import { IncidentFilter } from "./IncidentFilter";
import { Nothing } from "./Nothing";
import { pick, toDrawer } from "./open";

/** What is going on, filtered and sorted. */
export function IncidentList() {
  const item = selected.value;
  const narrowed = limits(filter.value) > 0 || filter.value.search !== "";
  return (
    <>
      <IncidentFilter />
      <List
        items={incidents.value}
        keyOf={(incident) => incident.id}
        rem={5.75}
        label={t("tab.incidents")}
        picked={item?.kind === "incident" ? item.id : null}
        onPick={(incident) => pick({ kind: "incident", id: incident.id })}
        onOpen={(incident) => {
          pick({ kind: "incident", id: incident.id });
          toDrawer();
        }}
        row={(incident) => <IncidentRow incident={incident} />}
        empty={
          <Nothing sign={narrowed ? "filter" : "check"} title={t(narrowed ? "incidents.none-so" : "incidents.none")}>
            {narrowed ? <Button onClick={() => (filter.value = { ...EVERYTHING, sort: filter.value.sort })}>{t("filter.clear")}</Button> : null}
          </Nothing>
        }
      />
    </>
  );
}

function IncidentRow({ incident }: { incident: Incident }) {
  const open = incident.state === "open";
  const own = asks.value.get(incident.id) ?? [];
  const ask = openAsk(own);
  const done = finished(own);
  const alone = uncovered(incident, own);
  return (
    <div class={open ? "line-row" : "line-row line-over"}>
      <HazardIcon hazard={incident.hazard} severity={incident.severity} size="2.5rem" />
      <div class="line-main">
        <p class="line-head">
          <strong>{incident.ward_name}</strong>
          <Severity level={incident.severity} />
          <Age brief at={incident.opened_at} />
        </p>
        <p class="line-facts">
          <span>{t(`hazard.${incident.hazard}`)}</span>
          <span class="figures">{t(incident.reports === 1 ? "reports.one" : "reports.many", { n: incident.reports })}</span>
          <span class="line-evidence">
            <Meter value={incident.evidence} label={t("evidence")} />
            <span class="figures">{Math.round(incident.evidence * 100)} %</span>
          </span>
        </p>
        <p class="line-foot">
          {open ? (
            <span class={alone ? "chip chip-nobody" : "chip chip-going"}>
              <Icon sign={alone ? "people" : incident.going === 0 ? "check" : "way"} size="1em" />
              {t("incident.asked-going", { asked: incident.asked, going: incident.going })}
              {done > 0 ? `, ${t("incident.finished", { n: done })}` : ""}
            </span>
          ) : (
            <span class="chip">{t(`incident.${incident.state}`)}</span>
          )}
          {open && ask ? <Countdown until={ask.deadline} /> : null}
          {open && (incident.exhausted ?? []).length > 0 ? (
            <span class="chip chip-bad chip-yields" title={t("incident.nobody-left-more")}>
              <Icon sign="warning" size="1em" /> <span class="chip-words">{t("incident.nobody-left")}</span>
            </span>
          ) : null}
          <ClaimChip claim={incident.claim} />
        </p>
      </div>
    </div>
  );
}
