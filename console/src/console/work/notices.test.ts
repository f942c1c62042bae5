import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { doNewest, notices, notify, putAway, UNDO_MS, undoNewest } from "./notices";

describe("notices", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    for (const { id } of notices.value) putAway(id);
  });
  afterEach(() => vi.useRealTimers());

  it("undo the newest that can be undone, once, and not when its time is over", () => {
    const done: string[] = [];
    const act = (name: string) => [{ label: "Undo", run: () => done.push(name), shortcut: "u" }];
    notify("good", "first", act("first"));
    notify("good", "second", act("second"));
    notify("good", "third");
    expect(undoNewest()).toBe(true);
    expect(done).toEqual(["second"]);
    expect(undoNewest()).toBe(true);
    expect(done).toEqual(["second", "first"]);
    expect(undoNewest()).toBe(false);
    notify("good", "late", act("late"));
    vi.advanceTimersByTime(UNDO_MS + 1);
    expect(undoNewest()).toBe(false);
  });

  it("do what the newest with a key offers, and leave the others as they are", () => {
    const done: string[] = [];
    notify("good", "placed", [{ label: "Ask Akinyi", run: () => done.push("asked"), shortcut: "o" }]);
    notify("good", "closed", [{ label: "Undo", run: () => done.push("undone"), shortcut: "u" }]);
    expect(doNewest("o")).toBe(true);
    expect(doNewest("o")).toBe(false);
    expect(done).toEqual(["asked"]);
    expect(notices.value.map(({ text }) => text)).toEqual(["closed"]);
  });

  it("keep a trouble for half a minute or until it is put away, and say the same one once", () => {
    notify("bad", "trouble");
    vi.advanceTimersByTime(UNDO_MS + 1);
    expect(notices.value).toEqual([]);
    notify("bad", "trouble");
    notify("bad", "trouble");
    vi.advanceTimersByTime(UNDO_MS - 1_000);
    notify("good", "news");
    expect(notices.value.map(({ text }) => text)).toEqual(["trouble", "news"]);
    putAway(notices.value[0]!.id);
    expect(notices.value.map(({ text }) => text)).toEqual(["news"]);
  });
});
