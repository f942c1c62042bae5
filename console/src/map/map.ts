/**
 * The map that pages open: what they may ask of it. The drawing is in the modules beside it.
 */
import type { ReadonlySignal, Signal } from "@preact/signals";
import type { Store } from "../data/store";
import type { Item, Placing } from "../data/items";
import type { Theme } from "../look/theme";

export { openMap } from "./open";

export interface MapOptions {
  readonly store: Store;
  readonly theme: ReadonlySignal<Theme>;
  /** What is picked: the map marks it, and writes here what is clicked. */
  readonly selected: Signal<Item | null>;
  /** While set, a click places the report instead of picking what lies there. */
  readonly placing: ReadonlySignal<Placing | null>;
  /** The ward under the pointer while placing; null elsewhere. */
  readonly hovered: Signal<{ readonly path: string; readonly name: string } | null>;
  /**
   * Area paths of whoever looks: what `home` shows. With them all wards of the country are fetched; without, as on a
   * phone, only those of the counties that are looked at.
   */
  readonly areas?: ReadonlySignal<readonly string[]>;
}

export interface OpenMap {
  /** Bring something into view without hurry; what has no place is ignored. */
  show(item: Item): void;
  /** Bring the whole area of whoever looks into view. */
  home(): void;
  close(): void;
}
