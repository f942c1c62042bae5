/**
 * The state that pages draw from: `apply` behind signals, one for each kind of document.
 *
 * A page reads `store.docs.incident.value`; it is drawn again only when a document of that kind has changed.
 */
import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";
import { apply, EMPTY, KINDS, type Kind, type Shelf, type State } from "./apply";
import type { Frame } from "./contract";

export type Docs = { readonly [K in Kind]: ReadonlySignal<Shelf<K>> };

export class Store {
  readonly state = signal<State>(EMPTY);
  readonly docs: Docs;
  /** Whether a whole picture has ever arrived. */
  readonly ready = computed(() => this.state.value.position !== null);

  constructor(begin: State = EMPTY) {
    this.state.value = begin;
    const shelf = (kind: Kind) => computed(() => this.state.value.docs[kind]);
    this.docs = Object.fromEntries(KINDS.map((kind) => [kind, shelf(kind)])) as unknown as Docs;
  }

  take(frames: readonly Frame[]): void {
    batch(() => (this.state.value = apply(this.state.peek(), frames)));
  }

  /** Forget everything: somebody else signed in. */
  clear(): void {
    this.state.value = EMPTY;
  }
}
