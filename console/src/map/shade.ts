/** Which wards are shaded and how badly, and where alerts hold: pure, from documents. */
import { SEVERITIES, type Alert, type Incident, type Severity } from "../data/contract";

/** By ward: the worst severity of its open incidents. */
export type Shades = ReadonlyMap<string, Severity>;

/** Smaller is worse. */
export function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

export function worse(a: Severity | undefined, b: Severity): Severity {
  return a === undefined || rank(b) < rank(a) ? b : a;
}

export function shades(incidents: Iterable<Incident>): Shades {
  const worst = new Map<string, Severity>();
  for (const { state, ward, severity } of incidents) {
    if (state === "open") worst.set(ward, worse(worst.get(ward), severity));
  }
  return worst;
}

export function sameShades(a: Shades, b: Shades): boolean {
  return a.size === b.size && [...a].every(([ward, severity]) => b.get(ward) === severity);
}

/** Wards (or wider areas) that an alert is for: with arrival times when it knows the water's way, else from its codes. */
export function alertedAreas(alert: Alert): readonly string[] {
  if (alert.wards && alert.wards.length > 0) return alert.wards.map(({ ward }) => ward);
  const codes = (alert.cap.infos ?? []).flatMap(({ areas = [] }) => areas.flatMap(({ geocodes = [] }) => geocodes));
  return [...new Set(codes.filter(({ name }) => name === "dharura:area").map(({ value }) => value))];
}

/** By area path: the worst severity of the alerts in force there. */
export function warned(alerts: Iterable<Alert>): ReadonlyMap<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const alert of alerts) {
    if (alert.state !== "issued" || alert.cap.msg_type === "Cancel") continue;
    for (const path of alertedAreas(alert)) worst.set(path, worse(worst.get(path), alert.severity ?? "Unknown"));
  }
  return worst;
}

/** What is outlined, by area path. */
export interface Outlines {
  readonly picked: Shades;
  readonly watching: Shades;
}

/** Say what is outlined of what is picked: the areas of an alert; of an incident on a border whose it is and who watches. */
export function outlines(alert: Alert | undefined, incident: Incident | undefined): Outlines {
  if (alert) return { picked: of(alertedAreas(alert), alert.severity ?? "Unknown"), watching: new Map() };
  const watching = incident?.observers ?? [];
  if (!incident || watching.length === 0) return { picked: new Map(), watching: new Map() };
  return { picked: of([incident.ward], incident.severity), watching: of(watching, incident.severity) };
}

function of(areas: readonly string[], severity: Severity): Shades {
  return new Map(areas.map((path) => [path, severity]));
}
