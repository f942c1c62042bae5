/**
 * Keep the socket /live: hello with the last position, frames as they come, and how things stand for the banner.
 *
 * The rules are those of docs/live.md. Frames are handed on in batches, one for each picture the page draws, so that a
 * flood of changes costs one redraw. Whatever ends a line, the client comes back by itself with its position; only who is
 * signed out stays away. Times are milliseconds.
 */
import { signal } from "@preact/signals";
import type { Frame } from "./contract";

export type Line =
  | { readonly state: "starting" }
  /** Everything up to `heard` is here. `since`: when this line was opened. */
  | { readonly state: "open"; readonly since: number }
  /** Nothing comes; the next try is at `retryAt`. */
  | { readonly state: "lost"; readonly since: number; readonly retryAt: number; readonly why: string }
  | { readonly state: "out"; readonly why: string };

/** How the last return went: by position with so many changes, or with a whole new picture and why. */
export interface Return {
  readonly at: number;
  readonly awayMs: number;
  readonly changes: number;
  readonly resync: string | null;
}

export interface Place {
  position: string | null;
  view: string | null;
}

export interface LiveOptions {
  /** Give a good token, null when nobody is signed in, or throw when the server cannot be asked. */
  readonly token: () => Promise<string | null>;
  /** The token seemed good and was refused: the next one must be another. */
  readonly refused?: () => void;
  readonly onFrames: (frames: Frame[]) => void;
  /** Where to go on from: read at each hello. */
  readonly position: () => string | null;
  readonly kinds?: readonly string[];
  /** Hear only of these areas, besides what is addressed to the person; none at all: only that. */
  readonly areas?: readonly string[];
  /** The view of an earlier page's last welcome, kept with its position: changed roles are noticed. */
  readonly view?: () => string | null;
  readonly onView?: (view: string) => void;
  readonly url?: string;
  /** For tests: the clock, the socket and the rhythm of drawing. */
  readonly clock?: () => number;
  readonly open?: (url: string) => WebSocket;
  readonly draw?: (run: () => void) => void;
}

const SILENCE_MS = 45_000;
const LONGEST_WAIT_MS = 15_000;
const RENEW_EARLY_S = 90;

export class Live {
  readonly line = signal<Line>({ state: "starting" });
  /** When the server was last heard. */
  readonly heard = signal(0);
  readonly returned = signal<Return | null>(null);
  private socket: WebSocket | null = null;
  private view: string | null = null;
  private waiting: Frame[] = [];
  private drawing = false;
  private tries = 0;
  private retryAfter: number | null = null;
  private timers: ReturnType<typeof setTimeout>[] = [];
  private lostAt: number | null = null;
  private back: { changes: number; resync: string | null } | null = null;
  private stopped = true;
  /** The server does not know our position: begin without one. */
  private afresh = false;
  private asked = new Map<string, { done: (reply: unknown) => void; failed: (error: Error) => void }>();
  private refs = 0;

  constructor(private readonly options: LiveOptions) {}

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.seen);
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.seen);
    this.clear();
    this.socket?.close(1000);
    this.socket = null;
  }

  /** Try again now: the person pressed the button, or the network says that it is back. */
  readonly hurry = (): void => {
    if (!this.stopped && this.socket === null) void this.connect();
  };

  /** Say something over the open line and wait for its reply; rejects when there is no line. */
  say(message: Record<string, unknown>): Promise<unknown> {
    const socket = this.socket;
    if (socket === null || this.line.peek().state !== "open") return Promise.reject(new Error("offline"));
    const ref = `r${++this.refs}`;
    return new Promise((done, failed) => {
      this.asked.set(ref, { done, failed });
      socket.send(JSON.stringify({ ...message, ref }));
    });
  }

  private readonly seen = (): void => {
    if (document.visibilityState !== "visible") return;
    this.hurry();
    // A phone that slept may hold a line that died long ago; one whose clock was set back does not know how long ago.
    if (this.socket !== null && Math.abs(this.now() - this.heard.peek()) > SILENCE_MS) this.socket.close(4000, "silent");
  };

  private now(): number {
    return (this.options.clock ?? Date.now)();
  }

  private async connect(): Promise<void> {
    this.clear();
    let token: string | null;
    try {
      token = await this.options.token();
    } catch {
      this.lost("unreachable");
      return;
    }
    if (this.stopped || this.socket !== null) return;
    if (token === null) {
      this.line.value = { state: "out", why: "unauthenticated" };
      return;
    }
    const url = this.options.url ?? `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`;
    const socket = (this.options.open ?? ((to) => new WebSocket(to)))(url);
    this.socket = socket;
    const view = this.view ?? this.options.view?.() ?? null;
    const hello = {
      type: "hello",
      token,
      position: this.afresh ? null : this.options.position(),
      ...(this.options.kinds ? { kinds: this.options.kinds } : {}),
      ...(this.options.areas ? { areas: this.options.areas } : {}),
      ...(view ? { view } : {}),
    };
    socket.onopen = () => socket.send(JSON.stringify(hello));
    socket.onmessage = (event) => this.take(JSON.parse(event.data as string) as Frame);
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.ended(event.code, event.reason);
    };
    this.watch();
  }

  private take(frame: Frame): void {
    this.heard.value = this.now();
    switch (frame.type) {
      case "welcome":
        this.welcome(frame);
        break;
      case "renewed":
        this.see(frame.view);
        this.renewLater(frame.expires_in_s);
        return;
      case "reply":
      case "error":
        this.answered(frame);
        return;
      case "pong":
        return;
      case "resync":
        if (this.back) this.back.resync = frame.reason;
        break;
      case "change":
        if (this.back) this.back.changes += 1;
        break;
    }
    this.waiting.push(frame);
    if (this.drawing) return;
    this.drawing = true;
    (this.options.draw ?? nextPicture)(() => {
      this.drawing = false;
      this.hand();
    });
  }

  private hand(): void {
    const frames = this.waiting;
    this.waiting = [];
    if (frames.length > 0) this.options.onFrames(frames);
  }

  private welcome(frame: Extract<Frame, { type: "welcome" }>): void {
    const { tries, lostAt } = this;
    this.see(frame.view);
    this.retryAfter = frame.retry_after_ms;
    this.tries = 0;
    this.lostAt = null;
    this.afresh = false;
    this.line.value = { state: "open", since: this.now() };
    this.renewLater(frame.expires_in_s);
    if (lostAt !== null || tries > 0) {
      const awayMs = lostAt === null ? 0 : this.now() - lostAt;
      const back = { changes: 0, resync: null };
      this.back = back;
      // What was missed comes at once; what comes later is news.
      this.later(() => this.wentBack(back, awayMs), 1_500);
    }
  }

  private see(view: string): void {
    this.view = view;
    this.options.onView?.(view);
  }

  private wentBack(back: { changes: number; resync: string | null }, awayMs: number): void {
    this.returned.value = { at: this.now(), awayMs, changes: back.changes, resync: back.resync };
    this.back = null;
  }

  private answered(frame: Extract<Frame, { type: "reply" | "error" }>): void {
    const asked = frame.ref ? this.asked.get(String(frame.ref)) : undefined;
    if (!asked) return;
    this.asked.delete(String(frame.ref));
    if (frame.type === "reply") asked.done(frame);
    else asked.failed(new Error(frame.code));
  }

  private renewLater(seconds: number): void {
    const renew = async () => {
      try {
        const token = await this.options.token();
        if (token !== null) this.socket?.send(JSON.stringify({ type: "token", token }));
      } catch {
        this.later(() => void renew(), 10_000);
      }
    };
    this.later(() => void renew(), Math.max(1, seconds - RENEW_EARLY_S + 40) * 1000);
  }

  private ended(code: number, reason: string): void {
    this.hand();
    for (const { failed } of this.asked.values()) failed(new Error("offline"));
    this.asked.clear();
    const said = /retry_after_ms=(\d+)/.exec(reason);
    if (said) this.retryAfter = Number(said[1]);
    const why = reason.split(" ")[0] ?? "";
    // Roles may have changed, a key was withdrawn, a session ended: whether another token is to be had decides.
    if (code === 4001 || code === 4003 || code === 4009) this.options.refused?.();
    if (code === 4400 && why.startsWith("position-")) this.afresh = true;
    this.lost(why || String(code));
  }

  private lost(why: string): void {
    if (this.stopped) return;
    this.clear();
    this.back = null;
    this.lostAt ??= this.now();
    this.tries += 1;
    const grown = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.tries - 1, 10)) * (0.5 + Math.random() / 2);
    const wait = this.tries === 1 ? (this.retryAfter ?? grown) : grown;
    this.line.value = { state: "lost", since: this.lostAt, retryAt: this.now() + wait, why };
    this.later(() => void this.connect(), wait);
  }

  private watch(): void {
    this.later(() => {
      if (this.socket === null) return;
      if (Math.abs(this.now() - this.heard.peek()) > SILENCE_MS && this.line.peek().state === "open") {
        this.socket.close(4000, "silent");
      }
      this.watch();
    }, 5_000);
  }

  private later(run: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.timers = this.timers.filter((each) => each !== timer);
      run();
    }, ms);
    this.timers.push(timer);
  }

  private clear(): void {
    this.timers.forEach(clearTimeout);
    this.timers = [];
  }
}

/** Before the next picture; a hidden page draws none, and must still keep up. */
function nextPicture(run: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(run);
  else setTimeout(run, 250);
}
