/** What a person says, as the outbox keeps and sends it: pure but for its id, which stays through every try. */
import type { Hazard } from "../data/contract";
import type { Said } from "../data/outbox";
import type { Answer } from "./asks";
import type { Fix } from "./where";

export type Saying = Omit<Said, "at" | "tries" | "refused">;

export interface Sighting {
  readonly hazard: Hazard | null;
  readonly text: string;
  readonly fix: Fix | null;
}

/** Make an id that nobody else makes; `crypto.randomUUID` is there only behind TLS. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Answer an ask; `fix` only where the person shares where they are. */
export function answer(id: string, ask: string, what: Answer, reason: string, fix: Fix | null): Saying {
  const place = fix === null ? {} : { lon: fix.lon, lat: fix.lat };
  const body = { answer: what, client_id: id, ...(reason ? { reason } : {}), ...place };
  return { id, about: ask, what, path: `/assignments/${ask}/answer`, body };
}

export function shift(id: string, person: string, on: boolean): Saying {
  return { id, about: "shift", what: on ? "on" : "off", path: `/responders/${person}/shift`, body: { on } };
}

/** Report something seen at a time (ms, the server's clock); an official's word goes further. */
export function report(id: string, { hazard, text, fix }: Sighting, official: boolean, at: number): Saying {
  const place = fix === null ? {} : { lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, position_of: "reporter" };
  const happened_at = new Date(at).toISOString();
  const body = { text, hazard, channel: official ? "officer" : "app", happened_at, idempotency_key: id, ...place };
  return { id, about: `report/${id}`, what: "report", path: "/intake/reports", body };
}

/** Say that a warning was passed on in a ward, and how. */
export function passedOn(id: string, alert: string, ward: string, how: string): Saying {
  return { id, about: alert, what: "passed-on", path: `/alerts/${alert}/passed-on`, body: { ward, how } };
}
