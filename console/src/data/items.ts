/** What is picked, and what is being placed: shared by lists, map and drawer. */
import type { Kind } from "./apply";
import type { Located } from "./contract";

export interface Item {
  readonly kind: Extract<Kind, "incident" | "report" | "gauge" | "alert" | "responder">;
  readonly id: string;
}

/** A report that waits for a click on the map. */
export interface Placing {
  readonly report: string;
  readonly place: (lon: number, lat: number) => void;
  /** Ask the server where a place is; null where it says nothing, because it is abroad or cannot be reached. */
  readonly locate?: (lon: number, lat: number) => Promise<Located | null>;
}

export function same(a: Item | null, b: Item | null): boolean {
  return a === b || (a !== null && b !== null && a.kind === b.kind && a.id === b.id);
}
