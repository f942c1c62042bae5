import { Age } from "../../parts/Age";
import { HazardIcon } from "../../parts/HazardIcon";
import { List } from "../../parts/List";
import { Icon } from "../../look/icons";
import { language, t } from "../../words/words";
import type { Alert } from "../../data/contract";
import { selected } from "../desk";
import { alerts } from "../picture";
import { infoIn, passedOn, severityOf } from "../work/alerts";
import { ClaimChip } from "./ClaimChip";
import { Nothing } from "./Nothing";
import { pick, toDrawer } from "./open";

/** Drafts that wait for a decision, then what is in force, then what was. */
export function AlertList() {
  const item = selected.value;
  return (
    <List
      items={alerts.value}
      keyOf={(alert) => alert.id}
      rem={5.5}
      label={t("tab.alerts")}
      picked={item?.kind === "alert" ? item.id : null}
      onPick={(alert) => pick({ kind: "alert", id: alert.id })}
      onOpen={(alert) => {
        pick({ kind: "alert", id: alert.id });
        toDrawer();
      }}
      row={(alert) => <AlertRow alert={alert} />}
      empty={<Nothing sign="alert" title={t("alerts.none")} />}
    />
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const words = infoIn(alert, language.value);
  const { done, all } = passedOn(alert);
  const over = alert.state !== "issued" && alert.state !== "draft";
  return (
    <div class={over ? "line-row line-over" : "line-row"}>
      <HazardIcon hazard={alert.hazard ?? "flood"} severity={severityOf(alert)} size="2.25rem" />
      <div class="line-main">
        <p class="line-head">
          <strong class="line-two">{words?.headline ?? words?.event ?? alert.id}</strong>
          <Age brief at={alert.issued_at ?? alert.drafted_at} />
        </p>
        <p class="line-foot">
          <span class={`chip chip-${alert.state}`}>{t(`alert.${alert.state}`)}</span>
          {alert.state === "issued" ? (
            <span class={done < all ? "chip chip-warn" : "chip chip-good"}>
              <Icon sign={done < all ? "warning" : "check"} size="1em" />
              {done < all ? t("alert.unconfirmed", { n: all - done, all }) : t("alert.confirmed-all", { all })}
            </span>
          ) : null}
          {alert.overdue && alert.state === "draft" ? <span class="chip chip-bad">{t("alert.overdue")}</span> : null}
          <ClaimChip claim={alert.claim} />
        </p>
      </div>
    </div>
  );
}
