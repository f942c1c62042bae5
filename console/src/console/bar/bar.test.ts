import { describe, expect, it } from "vitest";
import { doubtful, news, standing } from "./connection";
import { grouped, type Feed, type FeedState } from "./feeds";

describe("how the line stands", () => {
  const open = { state: "open", since: 0 } as const;

  it("is live while words come in the server's rhythm, and in doubt when they do not", () => {
    expect(standing(open, 10_000, 31_000)).toEqual({ kind: "live", quietMs: 21_000 });
    expect(standing(open, 10_000, 34_000)).toEqual({ kind: "quiet", quietMs: 24_000 });
    expect(doubtful(standing(open, 10_000, 31_000))).toBe(false);
    expect(doubtful(standing(open, 10_000, 34_000))).toBe(true);
  });

  it("counts from the new line's beginning after a return", () => {
    expect(standing({ state: "open", since: 99_000 }, 10_000, 100_000).kind).toBe("live");
  });

  it("counts how long it is lost and when it tries again", () => {
    const lost = { state: "lost", since: 1_000, retryAt: 5_000, why: "1006" } as const;
    expect(standing(lost, 0, 3_000)).toEqual({ kind: "lost", lostMs: 2_000, nextMs: 2_000 });
    expect(standing(lost, 0, 9_000)).toMatchObject({ nextMs: 0 });
    expect(doubtful(standing(lost, 0, 3_000))).toBe(true);
  });

  it("says that it is back for a while only", () => {
    const back = { at: 1_000, awayMs: 41_000, changes: 12, resync: null };
    expect(news(back, 5_000)).toBe(back);
    expect(news(back, 60_000)).toBeNull();
    expect(news(null, 0)).toBeNull();
    const nothing = { ...back, changes: 0 };
    expect(news(nothing, 5_000)).toBe(nothing);
    expect(news({ ...back, awayMs: 1_999 }, 5_000)).toBeNull();
    const anew = { ...back, changes: 0, resync: "too-old" };
    expect(news(anew, 5_000)).toBe(anew);
  });
});

describe("the feeds", () => {
  const feed = (id: string, kind: Feed["feed"], state: FeedState, last_at?: string): Feed => ({ id, feed: kind, state, detail: "", ...(last_at ? { last_at } : {}) });

  it("stand by kind, the worst of each speaking, with how many are not well", () => {
    const groups = grouped([feed("g1", "gauge", "ok", "2"), feed("g2", "gauge", "silent", "1"), feed("g3", "gauge", "late"), feed("sms", "sms", "ok")]);
    expect(groups.map(({ kind }) => kind)).toEqual(["sms", "gauge"]);
    expect(groups[1]).toMatchObject({ state: "silent", bad: 2, last: "2" });
  });

  it("do not call a kind unknown because one of it never spoke, nor well because none did", () => {
    expect(grouped([feed("g1", "gauge", "ok"), feed("g2", "gauge", "unknown")])[0]).toMatchObject({ state: "ok", bad: 0 });
    expect(grouped([feed("g2", "gauge", "unknown")])[0]).toMatchObject({ state: "unknown" });
  });
});
