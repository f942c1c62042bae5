import { useSignal } from "@preact/signals";
import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { HazardIcon } from "../../parts/HazardIcon";
import { Severity } from "../../parts/Severity";
import { Said } from "../../parts/Said";
import { about, arrives, dayAndTime } from "../../parts/spans";
import { tick } from "../../parts/tick";
import { Icon } from "../../look/icons";
import { language, t, type Key } from "../../words/words";
import type { Alert } from "../../data/contract";
import { decides, operates, selected, store } from "../desk";
import { nameOf } from "../places";
import { holds, infoIn, passedOn, severityOf, targets } from "../work/alerts";
import { decidedBy } from "../work/border";
import { deciding } from "../work/decide";
import { dialog } from "../work/dialogs";
import { nameBy } from "../work/tell";
import { ClaimBar, useBarred } from "./ClaimBar";
import { Head, Section } from "./Drawer";
import { Elsewhere } from "./Elsewhere";

/** A warning: as it will be read in each language, where, and where nobody has passed it on yet. */
export function AlertDrawer({ alert }: { alert: Alert }) {
  const words = infoIn(alert, language.value);
  const gauge = alert.station;
  const elsewhere = decidedBy(alert);
  return (
    <>
      <Head mark={<HazardIcon hazard={alert.hazard ?? "flood"} severity={severityOf(alert)} size="2.75rem" />} title={words?.headline ?? words?.event ?? t("alert.title")}>
        <p class="drawer-sub">
          <Severity level={severityOf(alert)} />
          <span class={`chip chip-${alert.state}`}>{t(`alert.${alert.state}`)}</span>
          <Age at={alert.issued_at ?? alert.drafted_at} />
        </p>
      </Head>
      <div class="drawer-body">
        <ClaimBar about={{ kind: "alert", id: alert.id }} claim={alert.claim} />
        {elsewhere !== undefined ? <Elsewhere system={elsewhere} /> : decides.value ? <Acts alert={alert} /> : null}
        <dl class="facts">
          {alert.reason ? (
            <>
              <dt>{t("alert.why")}</dt>
              <dd>{alert.reason}</dd>
            </>
          ) : null}
          {words?.expires ? (
            <>
              <dt>{t("alert.until")}</dt>
              <dd>{dayAndTime(words.expires)}</dd>
            </>
          ) : null}
          <dt>{t("alert.approved-by")}</dt>
          <dd>{alert.approved_by ? nameBy(alert.approved_by) : t(alert.needs_approval ? "alert.not-yet" : "alert.by-plan")}</dd>
          {gauge && store.docs.gauge.value.has(gauge) ? (
            <>
              <dt>{t("alert.gauge")}</dt>
              <dd>
                <button type="button" class="link" onClick={() => (selected.value = { kind: "gauge", id: gauge })}>
                  {store.docs.gauge.value.get(gauge)?.name ?? gauge}
                </button>
              </dd>
            </>
          ) : null}
        </dl>
        <Wards alert={alert} />
        <Texts alert={alert} />
      </div>
    </>
  );
}

function Acts({ alert }: { alert: Alert }) {
  const barred = useBarred(alert.claim);
  const busy = deciding.value.has(`alert/${alert.id}`);
  if ((alert.state === "draft" || alert.state === "issued") && !holds(operates.value, alert.key)) {
    return <p class="section-note">{t("alert.not-yours", { area: alert.key === "KE" ? t("area.country") : nameOf(alert.key) })}</p>;
  }
  const ask = (kind: "approve" | "reject" | "cancel") => () => {
    dialog.value = { kind, about: { kind: "alert", id: alert.id } };
  };
  if (alert.state === "draft") {
    return (
      <div class="acts">
        <Button tone="main" sign="check" shortcut="y" busy={busy} disabled={barred} onClick={ask("approve")}>
          {t("alert.approve")}
        </Button>
        <Button sign="cross" shortcut="x" busy={busy} disabled={barred} onClick={ask("reject")}>
          {t("alert.reject")}
        </Button>
      </div>
    );
  }
  if (alert.state !== "issued") return null;
  return (
    <div class="acts">
      <Button tone="danger" sign="forbid" shortcut="x" busy={busy} disabled={barred} onClick={ask("cancel")}>
        {t("alert.cancel")}
      </Button>
    </div>
  );
}

function Wards({ alert }: { alert: Alert }) {
  const { done, all } = passedOn(alert);
  const confirmed = alert.confirmed ?? {};
  const open = targets(alert).filter(({ ward }) => !(ward in confirmed));
  const through = targets(alert).filter(({ ward }) => ward in confirmed);
  return (
    <Section title={t("alert.wards")}>
      <p class={done < all ? "wards-count wards-open" : "wards-count"}>
        <Icon sign={done < all ? "warning" : "check"} />
        <strong class="figures">{done < all ? t("alert.unconfirmed", { n: all - done, all }) : t("alert.confirmed-all", { all })}</strong>
      </p>
      <ul class="wards">
        {open.map(({ ward, minutes }) => (
          <li key={ward} class="ward ward-open">
            <span>
              <strong>{nameOf(ward)}</strong> <span class="soft">{reaches(alert, minutes)}</span>
            </span>
            {alert.state === "issued" && decidedBy(alert) === undefined && holds(operates.value, ward) ? (
              <Button sign="check" label={t("alert.confirm-ward", { ward: nameOf(ward) })} onClick={() => (dialog.value = { kind: "confirm", about: { kind: "alert", id: alert.id }, ward })}>
                {t("alert.confirm")}
              </Button>
            ) : (
              <span class="chip chip-warn">{t("alert.ward-open")}</span>
            )}
          </li>
        ))}
        {through.map(({ ward }) => (
          <li key={ward} class="ward ward-done">
            <span>
              <Icon sign="check" /> <strong>{nameOf(ward)}</strong>{" "}
              <span class="soft">
                {nameBy(confirmed[ward]?.by ?? "")}
                {confirmed[ward]?.how ? `, ${confirmed[ward]?.how}` : ""}
              </span>
            </span>
            <Age at={confirmed[ward]?.at} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function reaches(alert: Alert, minutes: number): string {
  const from = alert.minutes_from ?? alert.issued_at ?? alert.drafted_at;
  const at = from === undefined ? 0 : arrives(from, minutes);
  return tick.value < at ? t("alert.reaches", { time: about(at, tick.value) }) : t("alert.there");
}

/** The text in each language as it will be read. */
export function Texts({ alert }: { alert: Alert }) {
  const infos = alert.cap.infos ?? [];
  const shown = useSignal(infos.find((info) => info.language?.startsWith(language.value))?.language ?? infos[0]?.language ?? "");
  const info = infos.find((each) => each.language === shown.value) ?? infos[0];
  if (!info) return null;
  return (
    <Section
      title={t("alert.text")}
      action={
        <span class="hours" role="group" aria-label={t("alert.languages")}>
          {infos.map((each) => (
            <button key={each.language} type="button" class="hour" aria-pressed={each.language === info.language} onClick={() => (shown.value = each.language ?? "")}>
              {tongue(each.language)}
            </button>
          ))}
        </span>
      }
    >
      <div class="cap" lang={info.language?.split("-")[0]}>
        <p class="cap-headline">{info.headline}</p>
        <Said text={info.description} most={800} quiet />
        <Said text={info.instruction} most={800} quiet />
        <p class="soft">{info.sender_name}</p>
      </div>
    </Section>
  );
}

const TONGUES: Readonly<Record<string, Key>> = { en: "tongue.en", sw: "tongue.sw", luo: "tongue.luo", guz: "tongue.guz", so: "tongue.so", luy: "tongue.luy" };

function tongue(language: string | undefined): string {
  const base = (language ?? "en").split("-")[0] ?? "";
  const key = TONGUES[base];
  return key === undefined ? base : t(key);
}
