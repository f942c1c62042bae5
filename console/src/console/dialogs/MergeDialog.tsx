import { useEffect, useState } from "preact/hooks";
import type { Incident } from "../../data/contract";
import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { HazardIcon } from "../../parts/HazardIcon";
import { far } from "../../parts/spans";
import { Icon } from "../../look/icons";
import { t } from "../../words/words";
import { store } from "../desk";
import { deciding } from "../work/decide";
import { merge } from "../work/incident";
import { mergeable } from "../work/near";
import { picking, startPicking } from "../work/picking";

/** Pick the incident that this one is part of: from the list, by words, or on the map. */
export function MergeDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [search, setSearch] = useState("");
  const [into, setInto] = useState<string | null>(picking.value?.found ?? null);
  const [reason, setReason] = useState("");
  const busy = deciding.value.has(`incident/${incident.id}`);
  const found = mergeable(incident, store.docs.incident.value.values(), search);
  const chosen = into === null ? undefined : store.docs.incident.value.get(into);
  useEffect(() => () => void (picking.value = null), []);
  const finish = async (event: Event) => {
    event.preventDefault();
    if (chosen && (await merge(incident, chosen, reason.trim()))) onClose();
  };
  return (
    <Dialog title={t("merge.title", { reference: incident.reference })} onClose={onClose}>
      <form class="dialog-form" onSubmit={(event) => void finish(event)}>
        <label class="filter-search">
          <Icon sign="search" />
          <input type="search" data-first value={search} placeholder={t("join.search")} aria-label={t("join.search")} onInput={(event) => setSearch(event.currentTarget.value)} />
        </label>
        <div class="picks" role="radiogroup" aria-label={t("merge.into")}>
          {(chosen && !found.some(({ incident: each }) => each.id === chosen.id) ? [{ incident: chosen, metres: null }, ...found] : found).map(({ incident: each, metres }) => (
            <label key={each.id} class="pick-row">
              <input type="radio" name="into" checked={each.id === into} onChange={() => setInto(each.id)} />
              <HazardIcon hazard={each.hazard} severity={each.severity} size="1.75rem" />
              <span class="join-name">
                <strong>{each.ward_name}</strong>
                <span>
                  {t(`hazard.${each.hazard}`)} · {each.reference}
                  {metres === null ? "" : ` · ${far(metres)}`} · <Age at={each.last_at} />
                </span>
              </span>
            </label>
          ))}
          {found.length === 0 ? <p class="section-note">{t("join.none-so")}</p> : null}
        </div>
        <label>
          {t("merge.reason")}
          <input type="text" maxLength={500} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <div class="dialog-acts">
          <Button sign="map" onClick={() => startPicking(incident)}>
            {t("merge.on-map")}
          </Button>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button tone="main" type="submit" sign="merge" busy={busy} disabled={!chosen}>
            {chosen ? t("merge.do", { into: chosen.reference }) : t("incident.merge")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
