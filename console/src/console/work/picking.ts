/** Pick another incident on the map for a merge: the dialog steps aside until one is clicked. */
import { effect, signal, untracked } from "@preact/signals";
import type { Incident } from "../../data/contract";
import { pane, selected } from "../desk";
import { dialog } from "./dialogs";

export interface Picking {
  /** The incident that is to be merged. */
  readonly of: string;
  readonly found: string | null;
}

export const picking = signal<Picking | null>(null);

/** Close the dialog and wait for a click on another incident; Esc gives up. */
export function startPicking(incident: Incident): void {
  dialog.value = null;
  // The dialog's own leaving ends a picking that is over; this one begins after it.
  queueMicrotask(() => {
    picking.value = { of: incident.id, found: null };
    pane.value = "map";
  });
}

export function stopPicking(): void {
  picking.value = null;
}

/** Bring the dialog back once another incident is picked. */
export function watchPicking(): void {
  effect(() => {
    const item = selected.value;
    untracked(() => {
      const now = picking.peek();
      if (now === null || now.found !== null || item?.kind !== "incident" || item.id === now.of) return;
      picking.value = { of: now.of, found: item.id };
      selected.value = { kind: "incident", id: now.of };
      dialog.value = { kind: "merge", about: { kind: "incident", id: now.of } };
    });
  });
}
