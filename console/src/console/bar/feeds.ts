/** How the feeds are: asked of the server every ten seconds; what cannot be asked is not shown as well. */
import { signal } from "@preact/signals";
import { session } from "../desk";

export type FeedState = "ok" | "late" | "silent" | "failing" | "unknown";
export type FeedKind = "sms" | "reports" | "gauge" | "outgoing" | "pipeline" | "disk" | "deadletters";

/** One thing that should be moving, as `GET /health/feeds` gives it. */
export interface Feed {
  readonly id: string;
  readonly feed: FeedKind;
  readonly state: FeedState;
  readonly detail: string;
  readonly last_at?: string | null;
  readonly age_s?: number | null;
  readonly count?: number | null;
  readonly station?: string | null;
}

/** Feeds of one kind under one sign: the worst of them speaks, and how many there are of each state. */
export interface Group {
  readonly kind: FeedKind;
  readonly state: FeedState;
  readonly feeds: readonly Feed[];
  /** How many are not well. */
  readonly bad: number;
  /** When the freshest of them last moved. */
  readonly last: string | null;
}

/** The worst first. What never spoke is no trouble, and no comfort either. */
export const WORST: readonly FeedState[] = ["failing", "silent", "late", "unknown", "ok"];
const KINDS: readonly FeedKind[] = ["sms", "reports", "gauge", "pipeline", "outgoing", "disk"];

/** Put feeds together by kind, in the order of the road; dead letters have a place of their own. Pure. */
export function grouped(feeds: readonly Feed[]): Group[] {
  const groups: Group[] = [];
  for (const kind of KINDS) {
    const some = feeds.filter((feed) => feed.feed === kind);
    if (some.length === 0) continue;
    const states: FeedState[] = some.map((feed) => feed.state);
    // One gauge that never spoke does not make the others unknown.
    const told: FeedState[] = states.every((each) => each === "unknown") ? states : states.filter((each) => each !== "unknown");
    const state = WORST.find((each) => told.includes(each)) ?? "unknown";
    const bad = states.filter((each) => each !== "ok" && each !== "unknown").length;
    const last = some.reduce<string | null>((newest, { last_at: at }) => (at && (newest === null || at > newest) ? at : newest), null);
    groups.push({ kind, state, feeds: some, bad, last });
  }
  return groups;
}

export const feeds = signal<readonly Feed[]>([]);
/** When the feeds were last known, by the page's clock; 0 when never. */
export const feedsAt = signal(0);

const EVERY_MS = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export async function watchFeeds(): Promise<void> {
  clearTimeout(timer);
  try {
    feeds.value = (await session.send<{ items: readonly Feed[] }>("/health/feeds")).items;
    feedsAt.value = Date.now();
  } catch {
    // `feedsAt` stays: the strip says how old it is.
  }
  timer = setTimeout(() => void watchFeeds(), EVERY_MS);
}

/** Give how the feed of a station is, as far as it is known. */
export function feedOf(station: string): FeedState | undefined {
  return feeds.value.find((feed) => feed.station === station)?.state;
}
