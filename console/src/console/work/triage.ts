/** What can be decided about a report: place it, join it, ask back, put it away. Then the next one is picked. */
import type { Candidate, Incident, Report } from "../../data/contract";
import { now } from "../../data/api";
import { t } from "../../words/words";
import { giveUp } from "../MapPane";
import { me, pane, placing, selected } from "../desk";
import { waiting } from "../picture";
import { hold } from "./claims";
import { decide } from "./decide";
import { likeliest } from "./incident";
import type { Act } from "./notices";
import { next } from "./queue";

type Reason = NonNullable<Report["reason"]>;

/** Turn to the next report that waits; where none does, stay. */
export function toNext(done: string): void {
  const report = next(waiting.peek(), done, me.peek(), now());
  // Whoever turned elsewhere meanwhile stays there.
  if (selected.peek()?.id !== done) return;
  selected.value = report ? { kind: "report", id: report.id } : null;
}

/** Put a report where one of its candidates is. */
export function placeAs(report: Report, candidate: Candidate): void {
  const { lon, lat } = candidate;
  if (lon === undefined || lat === undefined) void startPlacing(report);
  else void place(report, lon, lat);
}

export async function place(report: Report, lon: number, lat: number): Promise<void> {
  await decide<Report>({
    about: { kind: "report", id: report.id },
    what: "place",
    body: { lon, lat },
    said: (now) => t("done.placed", { reference: report.reference, ward: now.ward_name ?? "" }),
    acts: (now) => (now.incident ? ways(now.incident) : []),
    then: (now, notice) => {
      toNext(report.id);
      // Who could go is asked after the answer, and offered with it: two clicks from a report to a person.
      if (now.incident) void likeliest(now.incident, t("done.placed", { reference: report.reference, ward: now.ward_name ?? "" }), notice);
    },
  });
}

function ways(incident: string): Act[] {
  return [{ label: t("open-incident"), run: () => (selected.value = { kind: "incident", id: incident }) }];
}

/** Let the next click on the map place it; the report is held meanwhile. */
export function startPlacing(report: Report): void {
  const letGo = hold({ kind: "report", id: report.id });
  const end = () => {
    placing.value = null;
    giveUp.value = null;
    letGo();
  };
  giveUp.value = end;
  pane.value = "map";
  placing.value = {
    report: report.id,
    place: (lon, lat) => {
      end();
      void place(report, lon, lat);
    },
  };
}

export async function dismiss(report: Report, reason: Reason): Promise<void> {
  await decide<Report>({
    about: { kind: "report", id: report.id },
    what: "dismiss",
    body: { reason },
    said: () => t("done.dismissed", { reference: report.reference, reason: t(`dismiss.${reason}`) }),
    then: () => toNext(report.id),
  });
}

export async function join(report: Report, incident: Incident): Promise<void> {
  await decide<Report>({
    about: { kind: "report", id: report.id },
    what: "join",
    body: { incident: incident.id },
    said: () => t("done.joined", { reference: report.reference, incident: incident.reference }),
    acts: () => ways(incident.id),
    then: () => toNext(report.id),
  });
}

/** Ask whoever sent it; the same question twice under one id is sent once. */
export async function askBack(report: Report, question: string, id: string): Promise<boolean> {
  const answer = await decide<Report>({
    about: { kind: "report", id: report.id },
    what: "ask",
    body: { question, client_id: id },
    said: () => t("done.asked-back", { reference: report.reference }),
    then: () => toNext(report.id),
  });
  return answer !== null;
}

