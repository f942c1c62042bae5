/** What a label says about the thing under the pointer: its name, its state, its age. Pure but for the words. */
import { now as serverNow } from "../data/api";
import type { Store } from "../data/store";
import { t, type Key } from "../words/words";
import type { Figure } from "./figures";
import { gaugeLook, type Station } from "./looks";

export interface Told {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Give "3 min ago" for a time on the wire. */
export function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  if (seconds < 10) return t("ago.now");
  if (seconds < 90) return t("ago.seconds", { n: seconds });
  if (seconds < 90 * 60) return t("ago.minutes", { n: Math.round(seconds / 60) });
  if (seconds < 36 * 3600) return t("ago.hours", { n: Math.round(seconds / 3600) });
  return t("ago.days", { n: Math.round(seconds / 86_400) });
}

export function told(figure: Figure, store: Store, stations: ReadonlyMap<string, Station>): Told | null {
  const { docs } = store;
  const now = serverNow();
  if (figure.ids) return { title: t("map.reports-here", { n: figure.ids.length }), lines: [] };
  const { kind, id } = figure.item!;
  switch (kind) {
    case "incident": {
      const doc = docs.incident.peek().get(id);
      if (!doc) return null;
      const reports = doc.reports === 1 ? t("map.one-report") : t("map.n-reports", { n: doc.reports });
      const watched = (doc.observers ?? []).length > 0 ? [t("map.border")] : [];
      const going = doc.going > 0 ? ` · ${t("map.going", { n: doc.going })}` : "";
      return {
        title: `${t(`hazard.${doc.hazard}`)} · ${t(`severity.${doc.severity}`)}`,
        lines: [doc.ward_name, ...watched, `${reports}${going}`, ago(doc.last_at, now)],
      };
    }
    case "report": {
      const doc = docs.report.peek().get(id);
      if (!doc) return null;
      const what = doc.hazard ? t(`hazard.${doc.hazard}`) : t("map.report");
      const text = doc.text === undefined ? [] : [short(doc.text)];
      return { title: `${what} · ${t(`map.report-state.${doc.state}`)}`, lines: [...text, ago(doc.at, now)] };
    }
    case "responder": {
      const doc = docs.responder.peek().get(id);
      if (!doc) return null;
      const state = figure.marks[0]!.sprite.split("/")[1]!;
      const seen = doc.fix_at === undefined ? t("map.no-fix") : t("map.seen", { ago: ago(doc.fix_at, now) });
      const office = [doc.title, doc.organisation].filter(Boolean).join(", ");
      return { title: doc.name, lines: [...(office ? [office] : []), t(`map.unit.${state}` as Key), seen] };
    }
    case "gauge": {
      const doc = docs.gauge.peek().get(id);
      const station = stations.get(id);
      const level = doc?.level === undefined ? [] : [`${doc.level.toFixed(2)} ${doc.unit ?? ""}`];
      const heard = doc?.heard_at === undefined ? [] : [t("map.heard", { ago: ago(doc.heard_at, now) })];
      const state = t(`map.gauge.${gaugeLook(doc, station, now)}`);
      return { title: station?.name ?? doc?.name ?? id, lines: [...level, state, ...heard] };
    }
    case "alert":
      return null;
  }
}

/** Strangers' words, cut to what a label holds and without what could turn its direction. */
export function short(text: string, most = 90): string {
  const plain = text.replace(/[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069\s]+/g, " ").trim();
  const letters = [...plain];
  return letters.length <= most ? plain : `${letters.slice(0, most - 1).join("")}…`;
}
