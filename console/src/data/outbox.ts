/**
 * What a person has said and the server has not yet taken down: kept over reloads, sent in order, each with one id.
 *
 * A tap is put here first and shown as said at once. The same id goes with every try, so that a tap whose answer was lost
 * is written once. What the server refuses stays, with its code, until the person has seen it.
 */
import { signal } from "@preact/signals";
import { Problem } from "./api";

export interface Said {
  readonly id: string;
  /** What it is about, so that a page can show it there: an assignment's id, `shift`, `report`, an alert's id. */
  readonly about: string;
  readonly what: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly at: number;
  readonly tries: number;
  readonly refused: { readonly code: string; readonly detail: string } | null;
}

export interface Shelf {
  load(): Promise<readonly Said[]>;
  /** Keep these; `gone` are the ids of what has left since. What another tab keeps beside them stays. */
  save(all: readonly Said[], gone: readonly string[]): Promise<void>;
}

export type Send = (path: string, body: Record<string, unknown>) => Promise<unknown>;

const WAITS_MS = [1_000, 2_000, 5_000, 10_000, 20_000];

export class Outbox {
  readonly all = signal<readonly Said[]>([]);
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private closed = false;

  constructor(
    private readonly shelf: Shelf,
    private readonly send: Send,
    // Not setTimeout itself: a browser's own functions cannot be called as another object's.
    private readonly later: (run: () => void, ms: number) => ReturnType<typeof setTimeout> = (run, ms) => setTimeout(run, ms),
  ) {}

  /** Take up what an earlier page left. */
  async open(): Promise<void> {
    const kept = await this.shelf.load();
    const known = new Set(this.all.peek().map((said) => said.id));
    this.all.value = [...kept.filter((said) => !known.has(said.id)), ...this.all.peek()];
    void this.flush();
  }

  /** Send and keep nothing from now on: somebody else has the page. */
  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.all.value = [];
  }

  /** Say something. With `instead`, what is about the same and has not left yet is replaced (a shift is on or off). */
  async say(said: Omit<Said, "at" | "tries" | "refused">, { instead = false } = {}): Promise<void> {
    const standing = this.all.peek().filter((other) => {
      if (other.id === said.id) return false;
      return !(other.about === said.about && (other.refused !== null || (instead && other.what !== "")));
    });
    await this.keep([...standing, { ...said, at: Date.now(), tries: 0, refused: null }]);
    void this.flush();
  }

  /** The person has seen that this was refused. */
  async dismiss(id: string): Promise<void> {
    await this.keep(this.all.peek().filter((said) => said.id !== id));
  }

  /** Send what waits, in order; stop at the first that cannot leave now. */
  async flush(): Promise<void> {
    if (this.sending || this.closed) return;
    this.sending = true;
    if (this.timer !== null) clearTimeout(this.timer);
    try {
      while (!this.closed) {
        const said = this.all.peek().find((each) => each.refused === null);
        if (said === undefined) return;
        if (!(await this.attempt(said))) {
          if (this.closed) return;
          this.timer = this.later(() => void this.flush(), WAITS_MS[Math.min(said.tries, WAITS_MS.length - 1)] ?? 20_000);
          return;
        }
      }
    } finally {
      this.sending = false;
    }
  }

  /** Give whether the next one may be sent. */
  private async attempt(said: Said): Promise<boolean> {
    try {
      await this.send(said.path, said.body);
      await this.dismiss(said.id);
      return true;
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem("offline", 0, String(error));
      if (problem.passing || problem.status === 401) {
        await this.replace(said.id, { tries: said.tries + 1 });
        return false;
      }
      await this.replace(said.id, { refused: { code: problem.code, detail: problem.detail } });
      return true;
    }
  }

  private async replace(id: string, news: Partial<Said>): Promise<void> {
    await this.keep(this.all.peek().map((said) => (said.id === id ? { ...said, ...news } : said)));
  }

  private async keep(all: readonly Said[]): Promise<void> {
    if (this.closed) return;
    const gone = this.all.peek().map(({ id }) => id).filter((id) => !all.some((said) => said.id === id));
    this.all.value = all;
    await this.shelf.save(all, gone);
  }
}
