import { Age } from "../../parts/Age";
import { Button } from "../../parts/Button";
import { HazardIcon } from "../../parts/HazardIcon";
import { Said } from "../../parts/Said";
import { Severity } from "../../parts/Severity";
import { t } from "../../words/words";
import type { Incident } from "../../data/contract";
import { decides, operates, selected, store } from "../desk";
import { asks, presences } from "../picture";
import { fullName } from "../places";
import { decidedBy, watches, watching } from "../work/border";
import { deciding } from "../work/decide";
import { dialog, type Dialogue } from "../work/dialogs";
import { reopen } from "../work/incident";
import { sceneOf } from "../work/scene";
import { Assignments } from "./Assignments";
import { AtScene } from "./AtScene";
import { ClaimBar, useBarred } from "./ClaimBar";
import { Elsewhere } from "./Elsewhere";
import { Head } from "./Drawer";
import { IncidentReports } from "./IncidentReports";
import { PeopleToAsk } from "./PeopleToAsk";
import { Timeline } from "./Timeline";
import { Why } from "./Why";

/** An incident: what it is, who goes, whom to ask, how sure it is and why, and everything that happened. */
export function IncidentDrawer({ incident }: { incident: Incident }) {
  const open = incident.state === "open";
  const watched = watches(operates.value, incident);
  const elsewhere = decidedBy(incident);
  const acts = decides.value && !watched && elsewhere === undefined;
  const own = asks.value.get(incident.id) ?? [];
  const scene = sceneOf(presences.value.get(incident.id) ?? [], own);
  return (
    <>
      <Head mark={<HazardIcon hazard={incident.hazard} severity={incident.severity} size="2.75rem" />} title={`${t(`hazard.${incident.hazard}`)}, ${incident.ward_name}`}>
        <p class="drawer-sub">
          <Severity level={incident.severity} />
          <span class="figures">{incident.reference}</span>
          <Age at={incident.opened_at} />
        </p>
      </Head>
      <div class="drawer-body">
        <ClaimBar about={{ kind: "incident", id: incident.id }} claim={incident.claim} />
        {open ? null : <Over incident={incident} acts={acts} />}
        {incident.text ? (
          <blockquote class="quote">
            <Said text={incident.text} />
          </blockquote>
        ) : null}
        <Facts incident={incident} />
        {elsewhere !== undefined ? (
          <Elsewhere system={elsewhere} />
        ) : open && watched ? (
          <p class="section-note" role="note">
            {t("incident.you-watch", { ward: incident.ward_name })}
          </p>
        ) : null}
        {open && acts ? <Acts incident={incident} /> : null}
        <Assignments asks={own} elsewhere={incident.asked - own.length} exhausted={open ? (incident.exhausted ?? []) : []} there={scene.now.map(({ presence }) => presence)} />
        <AtScene incident={incident} scene={scene} />
        {open && acts ? <PeopleToAsk incident={incident} asks={own} /> : null}
        <Why incident={incident} />
        <IncidentReports incident={incident} />
        <Timeline incident={incident} asks={own} scene={scene} />
      </div>
    </>
  );
}

function Facts({ incident }: { incident: Incident }) {
  const from = incident.split_from === undefined ? undefined : store.docs.incident.value.get(incident.split_from);
  return (
    <dl class="facts">
      <dt>{t("report.place")}</dt>
      <dd>{fullName(incident.ward)}</dd>
      <dt>{t("incident.last")}</dt>
      <dd>
        <Age at={incident.last_at} /> · {t(incident.reports === 1 ? "reports.one" : "reports.many", { n: incident.reports })}
      </dd>
      {(incident.observers ?? []).length > 0 ? (
        <>
          <dt>{t("incident.observers")}</dt>
          <dd>{t("incident.watched", { wards: watching(incident).join(", ") })}</dd>
        </>
      ) : null}
      {from ? (
        <>
          <dt>{t("incident.split-from")}</dt>
          <dd>
            <button type="button" class="link" onClick={() => (selected.value = { kind: "incident", id: from.id })}>
              {from.reference}
            </button>
          </dd>
        </>
      ) : null}
    </dl>
  );
}

function Acts({ incident }: { incident: Incident }) {
  const barred = useBarred(incident.claim);
  const busy = deciding.value.has(`incident/${incident.id}`);
  const ask = (kind: Extract<Dialogue["kind"], "close" | "merge" | "split">) => () => {
    dialog.value = { kind, about: { kind: "incident", id: incident.id } };
  };
  return (
    <div class="acts" role="group" aria-label={t("incident.acts")}>
      <Button sign="check" shortcut="e" busy={busy} disabled={barred} label={t("incident.close.whole")} onClick={ask("close")}>
        {t("incident.close")}
      </Button>
      <Button sign="merge" shortcut="r" busy={busy} disabled={barred} onClick={ask("merge")}>
        {t("incident.merge")}
      </Button>
      {incident.reports > 1 ? (
        <Button sign="split" shortcut="s" busy={busy} disabled={barred} onClick={ask("split")}>
          {t("incident.split")}
        </Button>
      ) : null}
    </div>
  );
}

function Over({ incident, acts }: { incident: Incident; acts: boolean }) {
  const into = incident.into === undefined ? undefined : store.docs.incident.value.get(incident.into);
  return (
    <div class="over" role="status">
      <p>
        <strong>{t(`incident.${incident.state}`)}</strong> <Age at={incident.closed_at ?? incident.merged_at} />
        {incident.reason ? <span> · {incident.reason}</span> : null}
      </p>
      {into ? (
        <Button sign="forward" onClick={() => (selected.value = { kind: "incident", id: into.id })}>
          {t("incident.into", { reference: into.reference })}
        </Button>
      ) : null}
      {acts ? (
        <Button sign="undo" shortcut="u" onClick={() => void reopen(incident, t("undo.reason"))}>
          {t(incident.state === "merged" ? "incident.take-out" : "incident.reopen")}
        </Button>
      ) : null}
    </div>
  );
}

