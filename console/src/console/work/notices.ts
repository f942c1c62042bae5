/** Short words about what just happened, each with what can be done about it; they leave by themselves. */
import { computed, signal } from "@preact/signals";
import { tick } from "../../parts/tick";

export interface Act {
  readonly label: string;
  readonly run: () => void;
  /** The key that does the same. */
  readonly shortcut?: string;
}

export interface Notice {
  readonly id: number;
  readonly tone: "good" | "bad" | "news";
  readonly text: string;
  readonly acts: readonly Act[];
  /** When it leaves, by the page's own clock. */
  readonly until: number;
}

const STAYS_MS = 8_000;
/** How long what was done can be undone by one key. */
export const UNDO_MS = 30_000;

const all = signal<readonly Notice[]>([]);
let count = 0;

export const notices = computed(() => {
  void tick.value;
  const now = Date.now();
  return all.value.filter((notice) => notice.until > now);
});

/** Show a notice; a trouble stays as long as what can be undone. */
export function notify(tone: Notice["tone"], text: string, acts: readonly Act[] = [], staysMs = STAYS_MS): number {
  const until = Date.now() + (tone === "bad" || acts.length > 0 ? Math.max(staysMs, UNDO_MS) : staysMs);
  const id = ++count;
  // The same trouble twice is one trouble.
  const others = all.peek().filter((notice) => notice.text !== text && notice.until > Date.now());
  all.value = [...others.slice(-3), { id, tone, text, acts, until }];
  return id;
}

export function putAway(id: number): void {
  all.value = all.peek().filter((notice) => notice.id !== id);
}

/** Do what the newest notice that can be undone offers; gives whether there was one. */
export function undoNewest(): boolean {
  return doNewest("u");
}

/** Do what the newest notice with this key offers; gives whether there was one. */
export function doNewest(key: string): boolean {
  const now = Date.now();
  for (const notice of [...all.peek()].reverse()) {
    const act = notice.until > now ? notice.acts.find(({ shortcut }) => shortcut === key) : undefined;
    if (act) {
      putAway(notice.id);
      act.run();
      return true;
    }
  }
  return false;
}
