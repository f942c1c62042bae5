import { useEffect } from "preact/hooks";
import { t } from "../../words/words";
import { tab, TABS, type Tab } from "../desk";
import { alerts, gaugesOver, openIncidents, people, waiting } from "../picture";
import { Guard } from "../Guard";
import { AlertList } from "./AlertList";
import { GaugeList } from "./GaugeList";
import { IncidentList } from "./IncidentList";
import { PeopleList } from "./PeopleList";
import { TriageList } from "./TriageList";

const LISTS: Readonly<Record<Tab, () => preact.VNode>> = {
  triage: TriageList,
  incidents: IncidentList,
  gauges: GaugeList,
  alerts: AlertList,
  people: PeopleList,
};

function count(which: Tab): number {
  switch (which) {
    case "triage":
      return waiting.value.length;
    case "incidents":
      return openIncidents.value;
    case "gauges":
      return gaugesOver.value;
    case "alerts":
      return alerts.value.filter((alert) => alert.state === "issued" || alert.state === "draft").length;
    case "people":
      return people.value.filter((person) => person.on_shift).length;
  }
}

/** The work lists, one at a time. */
export function Lists() {
  const shown = tab.value;
  const Shown = LISTS[shown];
  const turn = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    tab.value = TABS[(TABS.indexOf(tab.peek()) + step + TABS.length) % TABS.length] as Tab;
    document.getElementById(`tab-${tab.peek()}`)?.focus();
  };
  useEffect(() => document.getElementById(`tab-${shown}`)?.scrollIntoView({ block: "nearest", inline: "nearest" }), [shown]);
  return (
    <nav class="lists" aria-label={t("lists")}>
      <div class="tabs" role="tablist" aria-label={t("lists")} onKeyDown={turn}>
        {TABS.map((each) => (
          <button
            key={each}
            id={`tab-${each}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={each === shown}
            aria-controls="list-panel"
            tabIndex={each === shown ? 0 : -1}
            title={t(`count.${each}`, { n: count(each) })}
            onClick={() => (tab.value = each)}
          >
            <span class={`tab-count figures${each === "triage" && count(each) > 0 ? " tab-count-work" : ""}`}>{count(each)}</span>
            {t(`tab.${each}`)}
          </button>
        ))}
      </div>
      <div class="list-panel" id="list-panel" role="tabpanel" aria-labelledby={`tab-${shown}`}>
        <Guard of={shown}>
          <Shown />
        </Guard>
      </div>
    </nav>
  );
}
