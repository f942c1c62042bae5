/**
 * What the phone keeps over reloads and without a network: who is signed in, what was last known, what was not yet sent.
 *
 * Everything stands under the account's id, and signing out takes all of it away. Where the browser keeps nothing for us
 * (a private window, a full disk) the page works on and forgets. Next: `phone.ts` reads it at the start.
 */
import { createStore, delMany, get, keys, set, update } from "idb-keyval";
import type { State } from "../data/apply";
import { EMPTY, KINDS } from "../data/apply";
import type { Said, Shelf } from "../data/outbox";
import type { Warning } from "./warnings";

/** The form in which things are kept; another one is not read. */
const FORM = 1;

export interface Who {
  readonly account: string;
  readonly name: string;
  readonly person: string | null;
  /** Whom to call, as the server told. */
  readonly centre: string | null;
  readonly exercise?: boolean;
}

export interface Last {
  readonly state: State;
  readonly view: string | null;
  /** When the server was last heard, ms. */
  readonly heard: number;
  /** By how much the server's clock was ahead of this phone's, ms. */
  readonly ahead: number;
  /** Asks that the person has looked at: they do not ring again. */
  readonly seen: readonly string[];
  readonly warnings: readonly Warning[];
}

const shelf = typeof indexedDB === "undefined" ? null : createStore("dharura-phone", "kept");

async function read<T>(key: string): Promise<T | null> {
  try {
    const kept = shelf && (await get<{ form: number; value: T }>(key, shelf));
    return kept?.form === FORM ? kept.value : null;
  } catch {
    return null;
  }
}

async function write(key: string, value: unknown): Promise<void> {
  try {
    if (shelf) await set(key, { form: FORM, value }, shelf);
  } catch {
    // Nothing is kept then; what is on the page stays true.
  }
}

export const readWho = (): Promise<Who | null> => read<Who>("who");
export const writeWho = (who: Who): Promise<void> => write("who", who);

export async function readLast(account: string): Promise<Last | null> {
  const last = await read<Last>(`last/${account}`);
  // A kind that this version knows and the one that wrote it did not: begin afresh.
  return last !== null && KINDS.every((kind) => last.state.docs[kind] instanceof Map) ? last : null;
}

export function writeLast(account: string, last: Last): Promise<void> {
  // A snapshot that is still arriving is asked for again.
  const { state } = last;
  return write(`last/${account}`, { ...last, state: { ...EMPTY, position: state.position, docs: state.docs } });
}

export function saidOf(account: string): Shelf {
  return {
    load: async () => (await read<readonly Said[]>(`said/${account}`)) ?? [],
    save: (all, gone) => merge(`said/${account}`, all, gone),
  };
}

/** Keep what this tab has beside what another one keeps there: each knows only of its own taps. */
async function merge(key: string, all: readonly Said[], gone: readonly string[]): Promise<void> {
  const ours = new Set([...all.map(({ id }) => id), ...gone]);
  try {
    if (!shelf) return;
    await update<{ form: number; value: readonly Said[] }>(
      key,
      (kept) => {
        const others = kept?.form === FORM ? kept.value.filter(({ id }) => !ours.has(id)) : [];
        return { form: FORM, value: [...others, ...all].sort((one, two) => one.at - two.at) };
      },
      shelf,
    );
  } catch {
    // Nothing is kept then; what is on the page is still sent.
  }
}

/** Forget everything of everybody but one account (null: of everybody). */
export async function forgetOthers(account: string | null): Promise<void> {
  try {
    if (!shelf) return;
    const all = (await keys<string>(shelf)).filter((key) => account === null || !key.endsWith(`/${account}`));
    await delMany(all, shelf);
  } catch {
    // Nothing was kept.
  }
}
