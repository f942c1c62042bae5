/** What is picked, and what is being placed: shared by lists, map and drawer. */
import type { Kind } from "./apply";

export interface Item {
  readonly kind: Extract<Kind, "incident" | "report" | "gauge" | "alert" | "responder">;
  readonly id: string;
}

/** A report that waits for a click on the map. */
export interface Placing {
  readonly report: string;
  readonly place: (lon: number, lat: number) => void;
}

export function same(a: Item | null, b: Item | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && a.id === b.id);
}
