/** Which incident a report may be part of: near first, of the same hazard first. Pure. */
import type { Incident, Report } from "../../data/contract";

const EARTH_M = 6_371_000;
const FAR_M = 15_000;

/** Give metres between two positions in degrees; good enough within a county. */
export function metres(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const rad = Math.PI / 180;
  const x = (b.lon - a.lon) * rad * Math.cos(((a.lat + b.lat) / 2) * rad);
  const y = (b.lat - a.lat) * rad;
  return Math.sqrt(x * x + y * y) * EARTH_M;
}

export interface Suggestion {
  readonly incident: Incident;
  /** Metres to the nearest place that the report may mean; null when it names none. */
  readonly metres: number | null;
  readonly alike: boolean;
}

/** Give open incidents that a report may be part of, the likeliest first; `search` narrows by words. */
export function suggestions(report: Report, incidents: Iterable<Incident>, search = "", most = 6): Suggestion[] {
  const places = placesOf(report);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found: (Suggestion & { readonly worth: number })[] = [];
  for (const incident of incidents) {
    if (incident.state !== "open") continue;
    const text = `${incident.reference} ${incident.ward_name} ${incident.hazard} ${incident.text ?? ""}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const away = places.length === 0 ? null : Math.min(...places.map((place) => metres(place, incident)));
    const alike = incident.hazard === report.hazard;
    if (words.length === 0 && away !== null && away > FAR_M) continue;
    const near = away === null ? 0 : 1 - Math.min(1, away / FAR_M);
    found.push({ incident, metres: away, alike, worth: (alike ? 1 : 0) + near });
  }
  return found
    .sort((a, b) => b.worth - a.worth || b.incident.last_at.localeCompare(a.incident.last_at))
    .slice(0, most)
    .map(({ incident, metres: away, alike }) => ({ incident, metres: away, alike }));
}

function placesOf(report: Report): { lon: number; lat: number }[] {
  const places: { lon: number; lat: number }[] = [];
  if (report.lon !== undefined && report.lat !== undefined) places.push({ lon: report.lon, lat: report.lat });
  for (const { lon, lat } of report.candidates ?? []) if (lon !== undefined && lat !== undefined) places.push({ lon, lat });
  return places;
}

/** Give open incidents of the same county that another one may be part of, the nearest of its kind first. */
export function mergeable(
  incident: Incident,
  all: Iterable<Incident>,
  search = "",
  most = 8,
): { readonly incident: Incident; readonly metres: number }[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const county = incident.ward.split(".").slice(0, 2).join(".");
  const found: { readonly incident: Incident; readonly metres: number }[] = [];
  for (const other of all) {
    if (other.id === incident.id || other.state !== "open" || !other.ward.startsWith(county)) continue;
    const text = `${other.reference} ${other.ward_name} ${other.hazard} ${other.text ?? ""}`.toLowerCase();
    if (words.every((word) => text.includes(word))) found.push({ incident: other, metres: metres(incident, other) });
  }
  const unlike = (other: Incident) => Number(other.hazard !== incident.hazard);
  return found.sort((a, b) => unlike(a.incident) - unlike(b.incident) || a.metres - b.metres).slice(0, most);
}
