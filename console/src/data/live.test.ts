import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Frame } from "./contract";
import { Live } from "./live";

/** The other end of a socket, in the test's hands. */
class Wire {
  static all: Wire[] = [];
  sent: Record<string, unknown>[] = [];
  closed: number | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor() {
    Wire.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code: number): void {
    this.end(code);
  }
  open(): void {
    this.onopen?.();
  }
  say(...frames: unknown[]): void {
    frames.forEach((frame) => this.onmessage?.({ data: JSON.stringify(frame) }));
  }
  end(code: number, reason = ""): void {
    this.closed = code;
    this.onclose?.({ code, reason });
  }
}

const WELCOME = {
  type: "welcome",
  position: "e:5",
  epoch: "e",
  heartbeat_s: 20,
  viewer: { account: "a", person: null, grants: [] },
  view: "v1",
  expires_in_s: 900,
  retry_after_ms: 300,
};

function change(n: number): Frame {
  return { type: "change", position: `e:${n}`, op: "gone", kind: "report", id: `r${n}`, cause: "c", at: "2026-01-01T00:00:00Z" } as Frame;
}

let page: { visibilityState: string };

function begin(token: () => Promise<string | null> = async () => "token", refused: () => void = () => undefined) {
  const got: Frame[][] = [];
  let position: string | null = null;
  const live = new Live({
    token,
    refused,
    onFrames: (frames) => {
      got.push(frames);
      const last = frames.at(-1);
      if (last && "position" in last) position = last.position;
    },
    position: () => position,
    url: "ws://test/live",
    open: () => new Wire() as unknown as WebSocket,
    draw: (run) => void setTimeout(run, 16),
  });
  live.start();
  return { live, got };
}

async function wire(n: number): Promise<Wire> {
  await vi.advanceTimersByTimeAsync(0);
  const found = Wire.all[n];
  if (!found) throw new Error(`no line ${n}`);
  return found;
}

beforeEach(() => {
  Wire.all = [];
  vi.useFakeTimers();
  page = { visibilityState: "visible" };
  vi.stubGlobal("document", { ...page, addEventListener: vi.fn(), removeEventListener: vi.fn() });
  vi.stubGlobal("addEventListener", vi.fn());
  vi.stubGlobal("removeEventListener", vi.fn());
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a line", () => {
  it("says hello, and hands on what comes in one batch a picture", async () => {
    const { live, got } = begin();
    const first = await wire(0);
    first.open();
    expect(first.sent).toEqual([{ type: "hello", token: "token", position: null }]);
    first.say(WELCOME, { type: "resync", reason: "fresh" }, change(6), change(7));
    expect(live.line.value.state).toBe("open");
    expect(got).toEqual([]);
    await vi.advanceTimersByTimeAsync(16);
    expect(got.map((frames) => frames.length)).toEqual([4]);
  });

  it("comes back by itself with its position and view, and says what it had missed", async () => {
    const { live } = begin();
    const first = await wire(0);
    first.open();
    first.say(WELCOME, change(6));
    first.end(1012, "restart retry_after_ms=700");
    expect(live.line.value).toMatchObject({ state: "lost", why: "restart" });
    await vi.advanceTimersByTimeAsync(699);
    expect(Wire.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    const second = await wire(1);
    second.open();
    expect(second.sent[0]).toMatchObject({ position: "e:6", view: "v1" });
    second.say(WELCOME, change(7), change(8));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(live.returned.value).toMatchObject({ changes: 2, resync: null, awayMs: 700 });
  });

  it("says so when the picture had to be made anew", async () => {
    const { live } = begin();
    const first = await wire(0);
    first.say(WELCOME);
    first.end(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    (await wire(1)).say(WELCOME, { type: "resync", reason: "epoch-changed" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(live.returned.value?.resync).toBe("epoch-changed");
  });

  it("waits longer each time nobody answers, and not at all when asked to hurry", async () => {
    const { live } = begin();
    for (let n = 0; n < 12; n++) {
      (await wire(n)).end(1006);
      const { line } = live;
      if (line.value.state !== "lost") throw new Error(line.value.state);
      const wait = line.value.retryAt - Date.now();
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(15_000);
      await vi.advanceTimersByTimeAsync(wait);
    }
    (await wire(12)).end(1006);
    live.hurry();
    await wire(13);
  });

  it("keeps saying since when it has been lost, however often it is tried", async () => {
    const { live } = begin();
    const first = await wire(0);
    first.say(WELCOME);
    first.end(1006);
    const since = live.line.value.state === "lost" ? live.line.value.since : 0;
    await vi.advanceTimersByTimeAsync(1_000);
    (await wire(1)).end(1006);
    expect(live.line.value).toMatchObject({ state: "lost", since });
  });

  it("is dead when nothing comes for 45 s", async () => {
    begin();
    const first = await wire(0);
    first.say(WELCOME);
    await vi.advanceTimersByTimeAsync(40_000);
    first.say({ type: "heartbeat", position: "e:5" });
    await vi.advanceTimersByTimeAsync(44_000);
    expect(first.closed).toBeNull();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(first.closed).toBe(4000);
  });

  it("is not taken for alive because the device's clock was set back", async () => {
    begin();
    const first = await wire(0);
    first.say(WELCOME);
    vi.setSystemTime(Date.now() - 3 * 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(first.closed).toBe(4000);
  });

  it("shows a newer token before the old one is over", async () => {
    let n = 0;
    begin(async () => `token${++n}`);
    const first = await wire(0);
    first.open();
    first.say(WELCOME);
    for (let beat = 0; beat < 43; beat++) {
      await vi.advanceTimersByTimeAsync(20_000);
      first.say({ type: "heartbeat", position: "e:5" });
    }
    expect(first.sent.at(-1)).toEqual({ type: "token", token: "token2" });
  });

  it("stays away when the session is over, and when nobody is signed in", async () => {
    let token: string | null = "token";
    const { live } = begin(async () => token, () => (token = null));
    (await wire(0)).end(4001, "session-over");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(live.line.value).toEqual({ state: "out", why: "unauthenticated" });
    expect(Wire.all).toHaveLength(1);
    const nobody = begin(async () => null);
    await vi.advanceTimersByTimeAsync(0);
    expect(nobody.live.line.value.state).toBe("out");
  });

  it("does not come back with a token that was refused, however long it seemed good", async () => {
    let n = 1;
    const { live } = begin(async () => `token${n}`, () => n++);
    // Roles that changed, a clock that was set back, a key that was withdrawn.
    for (const [code, why] of [[4009, "token-expired"], [4001, "unauthenticated"], [4003, "forbidden"]] as const) {
      const line = await wire(n - 1);
      line.open();
      line.end(code, why);
      await vi.advanceTimersByTimeAsync(5_000);
    }
    const last = await wire(3);
    last.open();
    last.say(WELCOME);
    expect(Wire.all.map((line) => line.sent[0]?.["token"])).toEqual(["token1", "token2", "token3", "token4"]);
    expect(live.line.value.state).toBe("open");
  });

  it("begins afresh where the server does not know its position, instead of saying it for ever", async () => {
    begin();
    const first = await wire(0);
    first.say(WELCOME, change(900));
    await vi.advanceTimersByTimeAsync(100);
    first.end(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    const second = await wire(1);
    second.open();
    expect(second.sent[0]).toMatchObject({ position: "e:900" });
    second.end(4400, "position-in-future");
    await vi.advanceTimersByTimeAsync(2_000);
    const third = await wire(2);
    third.open();
    expect(third.sent[0]).toMatchObject({ position: null });
  });

  it("tries again when a token cannot be had for want of a network", async () => {
    let tries = 0;
    const { live } = begin(async () => {
      if (++tries < 3) throw new Error("offline");
      return "token";
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(live.line.value.state).toBe("lost");
    await vi.advanceTimersByTimeAsync(5_000);
    (await wire(0)).say(WELCOME);
    expect(live.line.value.state).toBe("open");
  });

  it("pairs what is said with its reply, and fails it when the line breaks", async () => {
    const { live } = begin();
    const first = await wire(0);
    first.say(WELCOME);
    const one = live.say({ type: "received", id: "a" });
    const two = live.say({ type: "received", id: "b" });
    first.say({ type: "error", ref: first.sent.at(-1)?.["ref"], code: "not-found", detail: "" });
    first.say({ type: "reply", ref: first.sent.at(-2)?.["ref"], id: "x" });
    await expect(one).resolves.toMatchObject({ id: "x" });
    await expect(two).rejects.toThrow("not-found");
    const three = live.say({ type: "received", id: "c" });
    first.end(1006);
    await expect(three).rejects.toThrow("offline");
    await expect(live.say({ type: "received", id: "d" })).rejects.toThrow("offline");
  });
});
