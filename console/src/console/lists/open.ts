/** Pick something and go to it: the list shows it, the drawer holds it, focus moves there when work begins. */
import type { Item } from "../../data/items";
import { map } from "../MapPane";
import { selected } from "../desk";

/** Pick it; the map brings it into view. */
export function pick(item: Item): void {
  selected.value = item;
  map.peek()?.show(item);
}

/** Go to work: focus moves into the drawer. */
export function toDrawer(): void {
  // The drawer of what was picked just now is drawn first.
  requestAnimationFrame(() => document.getElementById("drawer-title")?.focus());
}
