/**
 * Put a report where somebody clicks: the server says which ward that is, as it would of a report from there.
 *
 * In a ward it is placed at once. Off every shore nobody answers by the place alone: then the nearest ward is offered,
 * and a second click makes it answer. What lies abroad is refused in words, and the next click may be a better one.
 */
import { signal } from "@preact/signals";
import { Problem, send } from "../../data/api";
import type { Located, Report } from "../../data/contract";
import { far } from "../../parts/spans";
import { t } from "../../words/words";
import { giveUp } from "../MapPane";
import { pane, placing } from "../desk";
import { hold } from "./claims";
import { inWords } from "./problems";

/** What is the matter with the place that was clicked. */
export interface Doubt {
  readonly words: string;
  /** Place it there all the same, for the nearest ward; missing where nothing can be done about it. */
  readonly act?: { readonly label: string; readonly run: () => void };
}

export const doubt = signal<Doubt | null>(null);

type Put = (lon: number, lat: number, ward?: string) => void;

/** Let clicks on the map place a report until one does, or it is given up; the report is held meanwhile. */
export function startPlacing(report: Report, put: Put): void {
  const letGo = hold({ kind: "report", id: report.id });
  const end = () => {
    placing.value = null;
    giveUp.value = null;
    doubt.value = null;
    letGo();
  };
  const done: Put = (...where) => {
    end();
    put(...where);
  };
  let clicks = 0;
  doubt.value = null;
  giveUp.value = end;
  pane.value = "map";
  placing.value = {
    report: report.id,
    place: (lon, lat) => {
      clicks += 1;
      const click = clicks;
      void judge(lon, lat, done, () => click === clicks && placing.peek()?.report === report.id);
    },
    locate: (lon, lat) => locate(lon, lat).catch(() => null),
  };
}

function locate(lon: number, lat: number): Promise<Located> {
  return send<Located>(`/locate?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`, { patienceMs: 10_000 });
}

async function judge(lon: number, lat: number, done: Put, stands: () => boolean): Promise<void> {
  try {
    const found = await locate(lon, lat);
    if (!stands()) return;
    if (found.ward) return done(lon, lat);
    doubt.value = outside(found, (ward) => done(lon, lat, ward));
  } catch (problem) {
    if (!stands()) return;
    // Whether it can be placed is the server's to say; where it cannot be asked, the decision itself is kept or refused.
    if (problem instanceof Problem && problem.passing) return done(lon, lat);
    doubt.value = { words: inWords(problem) };
  }
}

function outside(found: Located, answer: (ward: string) => void): Doubt {
  const nearest = found.nearest;
  if (!nearest) return { words: t("place.outside") };
  const { name, path } = nearest.ward;
  return {
    words: t("place.off-shore", { ward: name, far: far(nearest.metres ?? 0) }),
    act: { label: t("place.for", { ward: name }), run: () => answer(path) },
  };
}
