/** How the feeds are: asked of the server every fifteen seconds; what cannot be asked is not shown as well. */
import { signal } from "@preact/signals";
import { session } from "../desk";

export interface Feed {
  readonly id: string;
  readonly state: string;
  readonly [more: string]: unknown;
}

export const feeds = signal<readonly Feed[]>([]);
/** When the feeds were last known, by the page's clock; 0 when never. */
export const feedsAt = signal(0);

const EVERY_MS = 15_000;
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
