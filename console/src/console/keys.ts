/**
 * The keyboard: every act of the console has a key. Keys are those of the drawer that is open; `?` shows them all.
 *
 * While somebody types, only Esc means anything; a dialog has its own keys (the browser's).
 */
import type { Item } from "../data/items";
import { choose, theme } from "../look/theme";
import { cancelPlacing } from "./MapPane";
import { decides, me, operates, pane, placing, selected, store, tab, wall, type Tab } from "./desk";
import { holds } from "./work/alerts";
import { pick, toDrawer } from "./lists/open";
import { alerts, gauges, incidents, people, waiting } from "./picture";
import { mute, mutedMs } from "./sound";
import { now } from "../data/api";
import { decidedBy, watches } from "./work/border";
import { claim, release } from "./work/claims";
import { dialog } from "./work/dialogs";
import { doNewest, undoNewest } from "./work/notices";
import { picking, stopPicking } from "./work/picking";
import { held } from "./work/queue";
import { dismiss, placeAs, startPlacing } from "./work/triage";

export function openSheet(): void {
  dialog.value = { kind: "keys" };
}

const LETTERS: Readonly<Record<string, Tab>> = { t: "triage", i: "incidents", g: "gauges", a: "alerts", p: "people" };

/** Give the items of the list that is shown, in its order. */
function order(): readonly Item[] {
  const as = (kind: Item["kind"], docs: readonly { readonly id: string }[]) => docs.map(({ id }) => ({ kind, id }));
  switch (tab.peek()) {
    case "triage":
      return as("report", waiting.peek());
    case "incidents":
      return as("incident", incidents.peek());
    case "gauges":
      return as("gauge", gauges.peek());
    case "alerts":
      return as("alert", alerts.peek());
    case "people":
      return as("responder", people.peek());
  }
}

export function move(step: 1 | -1): void {
  const items = order();
  const item = selected.peek();
  const at = items.findIndex(({ kind, id }) => kind === item?.kind && id === item.id);
  const next = at < 0 ? (step > 0 ? items[0] : items.at(-1)) : items[Math.max(0, Math.min(items.length - 1, at + step))];
  if (next) pick(next);
}

function escape(): boolean {
  if (placing.peek()) cancelPlacing();
  else if (picking.peek()) stopPicking();
  else if (wall.peek()) wall.value = false;
  else if (selected.peek()) {
    selected.value = null;
    document.querySelector<HTMLElement>("#list-panel [role=listbox]")?.focus();
  } else return false;
  return true;
}

/** Do what a key does on the page at large; gives whether it did something. */
function onPage(key: string): boolean {
  switch (key) {
    case "j":
    case "ArrowDown":
      move(1);
      return true;
    case "k":
    case "ArrowUp":
      move(-1);
      return true;
    case "Enter":
      if (selected.peek() === null) return false;
      toDrawer();
      return true;
    case "/": {
      if (tab.peek() !== "incidents" && tab.peek() !== "people") tab.value = "incidents";
      pane.value = "lists";
      requestAnimationFrame(() => document.getElementById("search")?.focus());
      return true;
    }
    // The wall shows no notices, and what is not seen is not done.
    case "u":
      return !wall.peek() && undoNewest();
    case "o":
      return !wall.peek() && decides.peek() && doNewest("o");
    case "m":
      mute(mutedMs.peek() > 0 ? 0 : 15);
      return true;
    case "n":
      choose(theme.peek() === "day" ? "night" : "day");
      return true;
    case "w":
      wall.value = !wall.peek();
      return true;
    case "?":
      openSheet();
      return true;
    default:
      return false;
  }
}

/** Do what a key does about what is picked. */
function onItem(key: string, item: Item): boolean {
  if (!decides.peek()) return false;
  const incident = item.kind === "incident" ? store.docs.incident.peek().get(item.id) : undefined;
  if (incident && watches(operates.peek(), incident)) return false;
  const doc = item.kind === "report" || item.kind === "incident" || item.kind === "alert" ? store.docs[item.kind].peek().get(item.id) : undefined;
  if (doc && decidedBy(doc)) return false;
  if (key === "c" && (item.kind === "report" || item.kind === "incident" || item.kind === "alert")) {
    const about = { kind: item.kind, id: item.id };
    const standing = store.docs[item.kind].peek().get(item.id)?.claim;
    const mine = standing?.by === me.peek() && Date.parse(standing.until) > now();
    void (mine ? release(about) : claim(about, standing !== undefined));
    return true;
  }
  if (item.kind === "report") return onReport(key, item.id);
  if (item.kind === "incident") return onIncident(key, item.id);
  if (item.kind === "alert") {
    const alert = store.docs.alert.peek().get(item.id);
    const kind = alert?.state === "draft" ? { y: "approve", x: "reject" }[key] : alert?.state === "issued" ? { x: "cancel" }[key] : undefined;
    if (kind === undefined || alert === undefined || !holds(operates.peek(), alert.key)) return false;
    dialog.value = { kind: kind as "approve" | "reject" | "cancel", about: { kind: "alert", id: item.id } };
    return true;
  }
  return false;
}

function onReport(key: string, id: string): boolean {
  const report = store.docs.report.peek().get(id);
  if (report?.state !== "waiting" || held(report.claim, me.peek(), now())) return false;
  const candidate = /^[1-9]$/.test(key) ? report.candidates?.[Number(key) - 1] : undefined;
  if (candidate) placeAs(report, candidate);
  else if (key === "p") startPlacing(report);
  else if (key === "d") void dismiss(report, "duplicate");
  else if (key === "h") void dismiss(report, "hoax");
  else if (key === "x") void dismiss(report, "not-an-emergency");
  else if (key === "a" && report.reporter?.startsWith("+")) dialog.value = { kind: "ask", about: { kind: "report", id } };
  else return false;
  return true;
}

function onIncident(key: string, id: string): boolean {
  const incident = store.docs.incident.peek().get(id);
  if (!incident || held(incident.claim, me.peek(), now())) return false;
  if (incident.state !== "open") return false;
  if (key === "o") {
    document.querySelector<HTMLButtonElement>(".to-ask [aria-keyshortcuts=o]")?.click();
    // Never on to the notice: while an incident is open, the key means nobody for another one.
    return true;
  }
  const kind = ({ e: "close", r: "merge", s: "split" } as const)[key];
  if (kind === undefined || (kind === "split" && incident.reports < 2)) return false;
  dialog.value = { kind, about: { kind: "incident", id } };
  return true;
}

let leading = 0;

/** Listen for as long as the desk is open; gives what to call at its end. */
export function listen(): () => void {
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog.peek()) return;
    const target = event.target as HTMLElement;
    const typing = target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (typing) {
      if (event.key === "Escape") target.blur();
      return;
    }
    // Enter and the space bar belong to the button that has the focus, arrows to the map.
    const own = target.closest("button, a, summary, [role=tab]") && (event.key === "Enter" || event.key === " ");
    if (own || (target.closest(".map") && event.key.startsWith("Arrow"))) return;
    if (Date.now() - leading < 1_500 && LETTERS[event.key]) {
      leading = 0;
      tab.value = LETTERS[event.key] as Tab;
      wall.value = false;
      pane.value = "lists";
      document.getElementById(`tab-${tab.peek()}`)?.focus();
      event.preventDefault();
      return;
    }
    if (event.key === "g") {
      leading = Date.now();
      return;
    }
    const item = selected.peek();
    const done =
      event.key === "Escape" ? escape() : (item !== null && !event.repeat && onItem(event.key, item)) || onPage(event.key);
    if (done) event.preventDefault();
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

