import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../parts/Button";
import { t } from "../../words/words";
import type { Item } from "../../data/items";
import { selected, store } from "../desk";
import { Guard } from "../Guard";
import { AlertDrawer } from "./AlertDrawer";
import { GaugeDrawer } from "./GaugeDrawer";
import { IncidentDrawer } from "./IncidentDrawer";
import { ReportDrawer } from "./ReportDrawer";
import { ResponderDrawer } from "./ResponderDrawer";

/** What is picked, whole. */
export function Drawer() {
  const item = selected.value;
  if (item === null) return null;
  return (
    <aside class="drawer" aria-labelledby="drawer-title" key={`${item.kind}/${item.id}`}>
      <Guard of={`${item.kind}/${item.id}`}>
        <Inside item={item} />
      </Guard>
    </aside>
  );
}

function Inside({ item }: { item: Item }) {
  switch (item.kind) {
    case "incident": {
      const it = store.docs.incident.value.get(item.id);
      return it ? <IncidentDrawer incident={it} /> : <Gone />;
    }
    case "report": {
      const it = store.docs.report.value.get(item.id);
      return it ? <ReportDrawer report={it} /> : <Gone />;
    }
    case "gauge": {
      const it = store.docs.gauge.value.get(item.id);
      return it ? <GaugeDrawer gauge={it} /> : <Gone />;
    }
    case "alert": {
      const it = store.docs.alert.value.get(item.id);
      return it ? <AlertDrawer alert={it} /> : <Gone />;
    }
    case "responder": {
      const it = store.docs.responder.value.get(item.id);
      return it ? <ResponderDrawer person={it} /> : <Gone />;
    }
  }
}

function Gone() {
  return (
    <>
      <Head title={t("drawer.gone")} />
      <p class="drawer-note">{t("drawer.gone-more")}</p>
    </>
  );
}

/** The head of a drawer: what it is, and the way out. */
export function Head({ mark, title, children }: { mark?: ComponentChildren; title: string; children?: ComponentChildren }) {
  const frame = useRef<HTMLElement>(null);
  // A drawer that opens while another had the focus takes it along: the keyboard stays where the work is.
  useEffect(() => {
    if (document.activeElement === document.body && pickedByDecision()) frame.current?.querySelector("h2")?.focus();
  }, []);
  return (
    <header class="drawer-head" ref={frame}>
      {mark}
      <div class="drawer-name">
        <h2 id="drawer-title" tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
      <Button tone="quiet" sign="close" label={t("close")} onClick={() => (selected.value = null)} />
    </header>
  );
}

function pickedByDecision(): boolean {
  return document.getElementById("list-panel")?.contains(document.activeElement) !== true;
}

/** A part of a drawer under its own heading. */
export function Section({ title, count, children, action }: { title: string; count?: number; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <section class="section">
      <div class="section-head">
        <h3>
          {title}
          {count === undefined ? null : <span class="section-count figures">{count}</span>}
        </h3>
        {action}
      </div>
      {children}
    </section>
  );
}
