/** Which reports speak of an incident: its own, and those of incidents that were joined into it. Pure. */
import type { Incident, Report } from "../../data/contract";

export function reportsOf(reports: Iterable<Report>, incident: Pick<Incident, "id" | "merged">): Report[] {
  const ids = new Set([incident.id, ...(incident.merged ?? [])]);
  const found: Report[] = [];
  for (const report of reports) if (report.incident !== undefined && ids.has(report.incident)) found.push(report);
  return found.sort((a, b) => b.seen.localeCompare(a.seen));
}
