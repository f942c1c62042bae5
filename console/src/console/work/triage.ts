/** What can be decided about a report: place it, join it, ask back, put it away. Then the next one is picked. */
import type { Candidate, Incident, Report } from "../../data/contract";
import { now } from "../../data/api";
import { t } from "../../words/words";
import { me, selected } from "../desk";
import { waiting } from "../picture";
import { decide } from "./decide";
import { likeliest } from "./incident";
import type { Act } from "./notices";
import { border } from "./border";
import { startPlacing as byClick } from "./placing";
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
  else void place(report, lon, lat, candidate.ward);
}

/** Place it; `ward` answers for a place outside all wards, or beside its edge. */
export async function place(report: Report, lon: number, lat: number, ward?: string): Promise<void> {
  const said = (now: Report) => [t("done.placed", { reference: report.reference, ward: now.ward_name ?? "" }), ...border(now)].join(" ");
  await decide<Report>({
    about: { kind: "report", id: report.id },
    what: "place",
    body: { lon, lat, ...(ward === undefined ? {} : { ward }) },
    said,
    acts: (now) => (now.incident ? ways(now.incident) : []),
    then: (now, notice) => {
      toNext(report.id);
      // Who could go is asked after the answer, and offered with it: two clicks from a report to a person.
      if (now.incident) void likeliest(now.incident, said(now), notice);
    },
  });
}

function ways(incident: string): Act[] {
  return [{ label: t("open-incident"), run: () => (selected.value = { kind: "incident", id: incident }) }];
}

/** Let a click on the map place it. */
export function startPlacing(report: Report): void {
  byClick(report, (lon, lat, ward) => void place(report, lon, lat, ward));
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

