/** Documents for tests: whole ones, of which a test says only what it is about. */
import type { Alert, Assignment, Gauge, Incident, Report } from "../../data/contract";

/** A time so many seconds after noon. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 3, 26, 12) + seconds * 1_000).toISOString();
}

export const NOON = Date.parse(at(0));

export function report(id: string, news: Partial<Report> = {}): Report {
  const known = { reference: id.toUpperCase(), state: "waiting", at: at(0), seen: at(0), channel: "sms" } as const;
  return { id, ...known, position_of: "unknown", source_kind: "citizen", ...news };
}

export function incident(id: string, news: Partial<Incident> = {}): Incident {
  const known = { reference: id.toUpperCase(), state: "open", hazard: "flood", severity: "Moderate" } as const;
  const place = { ward: "KE.042.242.1208", ward_name: "Ahero", lon: 34.92, lat: -0.17 };
  return { id, ...known, ...place, reports: 1, evidence: 0.3, opened_at: at(0), last_at: at(0), asked: 0, going: 0, ...news };
}

export function ask(id: string, news: Partial<Assignment> = {}): Assignment {
  const who = { responder: "r001", responder_name: "Achieng Odongo", need: "boat", rung: "ward", attempt: 1 } as const;
  const place = { ward: "KE.042.242.1208", ward_name: "Ahero", lon: 34.92, lat: -0.17, hazard: "flood", severity: "Severe" } as const;
  return { id, code: "5K", state: "offered", incident: "i", ...who, ...place, offered_at: at(0), deadline: at(120), ...news };
}

export function alert(id: string, news: Partial<Alert> = {}): Alert {
  const cap = { identifier: id, sender: "x", sent: at(0), status: "Actual", msg_type: "Alert", scope: "Public" } as const;
  return { id, key: "KE.042", state: "issued", cap, issued_at: at(0), ...news };
}

export function gauge(id: string, news: Partial<Gauge> = {}): Gauge {
  return { id, level: 2, unit: "m", heard_at: at(0), ...news };
}
