/**
 * Hold an item softly while a decision about it is being made, so that two operators never do the same thing unaware.
 *
 * A claim runs out by itself after five minutes; while the dialog or the text field stays open it is said again every
 * two. Leaving releases it. What others hold stands in each document (`claim`).
 */
import { signal } from "@preact/signals";
import { Problem } from "../../data/api";
import type { Item } from "../../data/items";
import { session } from "../desk";
import { notify } from "./notices";
import { inWords } from "./problems";

const RENEW_MS = 120_000;

export type Claimable = Item & { readonly kind: "report" | "incident" | "alert" };

/** What this page holds now, as `kind/id`. */
export const holding = signal<ReadonlySet<string>>(new Set());

const timers = new Map<string, ReturnType<typeof setInterval>>();
/** How many hands on the page want it held: a dialog over a text field is two. */
const hands = new Map<string, number>();

function keyOf(item: Item): string {
  return `${item.kind}/${item.id}`;
}

function pathOf(item: Item): string {
  return `/${item.kind}s/${item.id}/claim`;
}

/** Say that somebody here works on it; gives whether it is ours now. What stands in the way is shown. */
export async function claim(item: Claimable, takeOver = false): Promise<boolean> {
  try {
    await session.send(pathOf(item), { body: { take_over: takeOver } });
  } catch (error) {
    // An item that is decided already needs no claim; who may not claim sees why when deciding.
    const silent = error instanceof Problem && ["conflict", "forbidden", "not-found"].includes(error.code);
    if (!silent) notify("bad", inWords(error));
    return false;
  }
  const key = keyOf(item);
  holding.value = new Set([...holding.peek(), key]);
  if (!timers.has(key)) timers.set(key, setInterval(() => void renew(item), RENEW_MS));
  return true;
}

async function renew(item: Claimable): Promise<void> {
  try {
    await session.send(pathOf(item), { body: { take_over: false } });
  } catch (error) {
    // Offline: it runs out by itself. Refused: somebody took it over, and the document says so.
    if (error instanceof Problem && !error.passing) forget(item);
  }
}

function forget(item: Item): void {
  const key = keyOf(item);
  clearInterval(timers.get(key));
  timers.delete(key);
  hands.delete(key);
  const left = new Set(holding.peek());
  left.delete(key);
  holding.value = left;
}

/** Let go of it. Nothing is said where nothing was held. */
export async function release(item: Claimable): Promise<void> {
  if (!holding.peek().has(keyOf(item))) return;
  forget(item);
  // If this does not reach the server the claim runs out by itself.
  await session.send(pathOf(item), { method: "DELETE" }).catch(() => undefined);
}

/** Hold it for as long as something is open on the page; gives what to call when that closes. */
export function hold(item: Claimable): () => void {
  const key = keyOf(item);
  hands.set(key, (hands.get(key) ?? 0) + 1);
  if (!holding.peek().has(key)) void claim(item);
  let let_go = false;
  return () => {
    if (let_go) return;
    let_go = true;
    const left = (hands.get(key) ?? 1) - 1;
    hands.set(key, left);
    if (left <= 0) void release(item);
  };
}
