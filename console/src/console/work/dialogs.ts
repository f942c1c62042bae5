/** Which dialog is open. One at a time; an item that it decides about is held while it is. */
import { effect, signal } from "@preact/signals";
import { hold, type Claimable } from "./claims";

export type Dialogue =
  | { readonly kind: "close" | "merge" | "split"; readonly about: Claimable }
  | { readonly kind: "ask"; readonly about: Claimable }
  | { readonly kind: "reject" | "cancel" | "approve" | "confirm"; readonly about: Claimable; readonly ward?: string }
  | { readonly kind: "keys" };

export const dialog = signal<Dialogue | null>(null);

export function closeDialog(): void {
  dialog.value = null;
}

/** Hold what a dialog decides about for as long as it is open. */
export function holdWhileOpen(): void {
  let letGo: (() => void) | null = null;
  effect(() => {
    const open = dialog.value;
    letGo?.();
    letGo = open && open.kind !== "keys" ? hold(open.about) : null;
  });
}
