import { useSignal } from "@preact/signals";
import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { HazardIcon } from "../../parts/HazardIcon";
import { far } from "../../parts/spans";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import type { Report } from "../../data/contract";
import { store } from "../desk";
import { deciding } from "../work/decide";
import { suggestions } from "../work/near";
import { join } from "../work/triage";
import { useBarred } from "./ClaimBar";
import { Section } from "./Drawer";

/** Incidents that it may be part of: near and of the same kind first, or by words. */
export function JoinList({ report }: { report: Report }) {
  const search = useSignal("");
  const barred = useBarred(report.claim);
  const busy = deciding.value.has(`report/${report.id}`);
  const found = suggestions(report, store.docs.incident.value.values(), search.value, search.value ? 12 : 4);
  return (
    <Section title={t("join.title")}>
      <label class="filter-search">
        <Icon sign="search" />
        <input
          type="search"
          id="join-search"
          value={search.value}
          placeholder={t("join.search")}
          aria-label={t("join.search")}
          onInput={(event) => (search.value = event.currentTarget.value)}
        />
      </label>
      <ul class="joins">
        {found.map(({ incident, metres }) => (
          <li key={incident.id} class="join">
            <HazardIcon hazard={incident.hazard} severity={incident.severity} size="1.75rem" />
            <span class="join-name">
              <strong>{incident.ward_name}</strong>
              <span>
                {t(`hazard.${incident.hazard}`)} · {incident.reference}
                {metres === null ? "" : ` · ${far(metres)}`} · <Age at={incident.last_at} />
              </span>
            </span>
            <Button sign="join" busy={busy} disabled={barred} label={t("join.this", { reference: incident.reference })} onClick={() => void join(report, incident)}>
              {t("join")}
            </Button>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="section-note">{t(search.value ? "join.none-so" : "join.none")}</p> : null}
    </Section>
  );
}
