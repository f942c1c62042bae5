/** Watch for new danger: sound it, read it out, flash the title while the page is hidden. */
import { effect, signal, untracked } from "@preact/signals";
import { t } from "../words/words";
import { store } from "./desk";
import { sound } from "./sound";
import { heard, prime, type Alarm, type Known } from "./work/alarm";

/** What is read out at once, and what when there is a pause. */
export const shout = signal("");
export const murmur = signal("");
/** The gravest that came last, so that the page can show it for a moment. */
export const alarmed = signal<{ readonly alarm: Alarm; readonly at: number } | null>(null);

export function watch(): void {
  let known: Known | null = null;
  effect(() => {
    const incidents = store.docs.incident.value;
    const reports = store.docs.report.value;
    if (!store.ready.value) {
      known = null;
      return;
    }
    if (known === null) {
      known = new Map();
      prime(known, incidents.values(), reports.values());
      return;
    }
    const alarms = heard(known, incidents.values(), reports.values());
    const first = alarms[0];
    if (first) untracked(() => raise(first, alarms.length));
  });
}

function raise(first: Alarm, count: number): void {
  const severity = first.it.severity ?? "Unknown";
  const hazard = t(`hazard.${first.it.hazard ?? "other"}`);
  const where = first.kind === "incident" ? first.it.ward_name : t("triage.nowhere");
  const words = `${t("news.alarm", { severity: t(`severity.${severity}`), hazard, where })}${count > 1 ? ` ${t("news.more", { n: count - 1 })}` : ""}`;
  if (severity === "Extreme") shout.value = words;
  else murmur.value = words;
  sound(severity === "Extreme" ? "Extreme" : "Severe");
  alarmed.value = { alarm: first, at: Date.now() };
  if (document.visibilityState === "hidden") title(words);
}

function title(words: string): void {
  const plain = t("app.name");
  document.title = `● ${words}`;
  document.addEventListener("visibilitychange", () => (document.title = plain), { once: true });
}
