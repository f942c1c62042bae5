import { useSignal } from "@preact/signals";
import { Button } from "../../parts/Button";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import { areas } from "../desk";
import { filter, incidents } from "../picture";
import { named } from "../places";
import { HAZARDS, limits, SEVERITIES, SORTS, within, type Filter } from "../work/incidents";

function set(news: Partial<Filter>): void {
  filter.value = { ...filter.peek(), ...news };
}

/** Search, order and limits of the incident list. */
export function IncidentFilter() {
  const shown = useSignal(false);
  const now = filter.value;
  const n = limits(now);
  return (
    <search class="filter">
      <div class="filter-top">
        <label class="filter-search">
          <Icon sign="search" />
          <input
            id="search"
            type="search"
            value={now.search}
            placeholder={t("filter.search")}
            aria-label={t("filter.search")}
            onInput={(event) => set({ search: event.currentTarget.value })}
          />
        </label>
        <Button sign="filter" aria-expanded={shown.value} class={n > 0 ? "button-on" : ""} onClick={() => (shown.value = !shown.value)}>
          {n > 0 ? t("filter.on", { n }) : t("filter")}
        </Button>
      </div>
      <div class="filter-top">
        <label class="filter-sort">
          <span>{t("sort")}</span>
          <select value={now.sort} onChange={(event) => set({ sort: event.currentTarget.value as Filter["sort"] })}>
            {SORTS.map((sort) => (
              <option key={sort} value={sort}>
                {t(`sort.${sort}`)}
              </option>
            ))}
          </select>
        </label>
        <span class="filter-count figures" role="status">
          {t("filter.shown", { n: incidents.value.length })}
        </span>
      </div>
      {shown.value ? <Limits now={now} /> : null}
    </search>
  );
}

function Limits({ now }: { now: Filter }) {
  const mine = areas.value;
  const known = [...named.value.values()].filter(
    (area) => area.level !== "ward" && mine.some((path) => within(area.path, path)),
  );
  known.sort((a, b) => a.path.localeCompare(b.path));
  return (
    <div class="filter-limits">
      <Choice label={t("filter.state")} value={now.state} onPick={(state) => set({ state })} options={(["open", "closed", "all"] as const).map((each) => [each, t(`filter.state.${each}`)])} />
      <Choice label={t("filter.only")} value={now.only} onPick={(only) => set({ only })} options={[["", t("filter.only.all")], ["uncovered", t("filter.only.uncovered")], ["overdue", t("filter.only.overdue")]]} />
      <Choice label={t("filter.severity")} value={now.severity} onPick={(severity) => set({ severity })} options={[["", t("filter.any")], ...SEVERITIES.slice(0, 4).map((each) => [each, t("filter.from", { severity: t(`severity.${each}`) })] as const)]} />
      <Choice label={t("filter.hazard")} value={now.hazard} onPick={(hazard) => set({ hazard })} options={[["", t("filter.any")], ...HAZARDS.map((each) => [each, t(`hazard.${each}`)] as const)]} />
      <Choice label={t("filter.area")} value={now.area} onPick={(area) => set({ area })} options={[["", t("filter.everywhere")], ...known.map((each) => [each.path, each.level === "subcounty" ? `– ${each.name}` : each.name] as const)]} />
      <Button sign="cross" onClick={() => set({ state: "open", severity: "", hazard: "", area: "", only: "", search: "" })}>
        {t("filter.clear")}
      </Button>
    </div>
  );
}

function Choice<V extends string>(props: {
  readonly label: string;
  readonly value: V;
  readonly options: readonly (readonly [V, string])[];
  readonly onPick: (value: V) => void;
}) {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onPick(event.currentTarget.value as V)}>
        {props.options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
