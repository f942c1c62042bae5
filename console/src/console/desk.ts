/**
 * The console's one desk: who sits at it, what it knows, what is picked. Everything on the page reads from here.
 *
 * You are behind `App.tsx`. The session hands out tokens, the store holds the documents, the live line keeps them fresh;
 * the rest is what this page alone knows. Decisions go out through `work/decide.ts`.
 */
import { computed, effect, signal, untracked } from "@preact/signals";
import { Problem, send } from "../data/api";
import type { Item, Placing } from "../data/items";
import { Live } from "../data/live";
import { Session } from "../data/session";
import { Store } from "../data/store";

export type Tab = "triage" | "incidents" | "gauges" | "alerts" | "people";
export const TABS: readonly Tab[] = ["triage", "incidents", "gauges", "alerts", "people"];

export const session = new Session("console");
export const store = new Store();
export const live = new Live({
  token: () => session.token(),
  refused: () => session.forget(),
  onFrames: (frames) => store.take(frames),
  position: () => store.state.peek().position,
});

export const tab = signal<Tab>("triage");
export const selected = signal<Item | null>(null);
export const placing = signal<Placing | null>(null);
export const hovered = signal<{ readonly path: string; readonly name: string } | null>(null);
export const wall = signal(false);
/** On a narrow screen one pane shows at a time. */
export const pane = signal<"lists" | "map">("lists");
/** The session was over under an open page: sign in again in place. */
export const expelled = signal(false);

/** The account that looks, as documents name it. */
export const me = computed(() => session.account.value?.id ?? "");

/** The areas that this account works in; the country when it does not say. */
export const areas = computed(() => {
  const roles = session.account.value?.roles ?? [];
  return roles.filter(({ role }) => role !== "responder").map(({ area }) => area);
});

/** Whether this account may decide (an agency only looks on). */
export const decides = computed(() =>
  (session.account.value?.roles ?? []).some(({ role }) => role === "operator" || role === "admin"),
);

/** Where this account acts as an operator; an admin sees as much, but the server lets nobody else act. */
export const operates = computed(() =>
  (session.account.value?.roles ?? []).filter(({ role }) => role === "operator").map(({ area }) => area),
);

/** Whether what is shown is an exercise: the server says so, or a warning in force does. */
export const played = signal(false);
export const exercise = computed(() => {
  if (played.value) return true;
  for (const alert of store.docs.alert.value.values()) {
    if (alert.state === "issued" && alert.cap.status === "Exercise") return true;
  }
  return false;
});

let who = "";

/** Start the line when somebody signs in; another person's picture is not shown to the next. */
export function open(): void {
  effect(() => {
    const standing = session.standing.value;
    const account = session.account.value?.id ?? "";
    untracked(() => {
      if (standing === "in" && account !== "") {
        if (who !== "" && who !== account) leave();
        who = account;
        expelled.value = false;
        if (live.line.peek().state === "out") live.stop();
        live.start();
      } else if (standing === "out" && who !== "") {
        live.stop();
        expelled.value = true;
      }
    });
  });
  void look();
}

async function look(): Promise<void> {
  try {
    played.value = (await send<{ exercise?: boolean }>("/map/config")).exercise === true;
  } catch {
    // The banner says what is the matter with the server; the mark then rests on the warnings alone.
  }
}

/** Leave the desk to the next person; gives why that cannot be just now, and then nothing has changed. */
export async function signOut(): Promise<Problem | null> {
  const sitting = who;
  who = ""; // what ends now was meant to
  try {
    await session.signOut();
  } catch (error) {
    who = sitting;
    return error instanceof Problem ? error : new Problem("internal", 0, String(error));
  }
  live.stop();
  leave();
  expelled.value = false;
  return null;
}

function leave(): void {
  store.clear();
  selected.value = null;
  placing.value = null;
}
