/**
 * What the client knows, and how a frame of /live changes it: pure, the twin of the server's projection.
 *
 * You are between the socket (`live.ts`) and everything that is drawn (`store.ts`). A frame carries whole documents, so
 * that applying one twice does no harm; a position that goes back is never taken. The rules are those of docs/live.md.
 */
import type { Documents, Frame } from "./contract";

export type Kind = keyof Documents;
export type Shelf<K extends Kind> = ReadonlyMap<string, Documents[K]>;
export type Shelves = { readonly [K in Kind]: Shelf<K> };

export interface State {
  /** The last position whose changes are in `docs`; null before the first snapshot is whole. */
  readonly position: string | null;
  readonly docs: Shelves;
  /** A snapshot that is still arriving; what stands is shown until it is whole. */
  readonly arriving: Shelves | null;
}

export const KINDS = [
  "report",
  "incident",
  "assignment",
  "responder",
  "presence",
  "alert",
  "gauge",
  "message",
  "deadletter",
] as const satisfies readonly Kind[];

function shelves(): Shelves {
  return Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as unknown as Shelves;
}

export const EMPTY: State = { position: null, docs: shelves(), arriving: null };

/** Give the state after some frames, oldest first; the state given is left as it is. Kinds untouched keep their map. */
export function apply(state: State, frames: readonly Frame[]): State {
  let { position, arriving } = state;
  let docs = state.docs;
  const own = new Set<Kind>();
  const shelf = (kind: Kind): Map<string, unknown> => {
    if (!own.has(kind)) {
      docs = { ...docs, [kind]: new Map(docs[kind] as ReadonlyMap<string, never>) };
      own.add(kind);
    }
    return docs[kind] as unknown as Map<string, unknown>;
  };
  for (const frame of frames) {
    switch (frame.type) {
      case "welcome":
        // A new line: the rest of a snapshot that broke off will not come.
        arriving = null;
        break;
      case "resync":
        arriving = shelves();
        break;
      case "snapshot": {
        if (arriving === null) break;
        for (const { kind, id, value } of frame.documents) {
          if (known(kind)) (arriving[kind] as unknown as Map<string, unknown>).set(id, value);
        }
        if (frame.part === frame.of) {
          docs = arriving;
          KINDS.forEach((kind) => own.add(kind));
          arriving = null;
          position = frame.position;
        }
        break;
      }
      case "change":
        if (arriving !== null || !known(frame.kind) || !after(frame.position, position)) break;
        if (frame.op === "gone") shelf(frame.kind).delete(frame.id);
        else shelf(frame.kind).set(frame.id, frame.value);
        position = frame.position;
        break;
      case "heartbeat":
        if (arriving === null && after(frame.position, position)) position = frame.position;
        break;
    }
  }
  return position === state.position && docs === state.docs && arriving === state.arriving
    ? state
    : { position, docs, arriving };
}

function known(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}

/** Say whether a position is later than another; one of another epoch always is. */
function after(position: string, than: string | null): boolean {
  if (than === null) return true;
  const [epoch, offset] = split(position);
  const [before, standing] = split(than);
  return epoch !== before || offset > standing;
}

function split(position: string): [string, number] {
  const colon = position.lastIndexOf(":");
  return [position.slice(0, colon), Number(position.slice(colon + 1))];
}
