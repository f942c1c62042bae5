import { describe, expect, it } from "vitest";
import { at, NOON, report } from "./made";
import { held, narrow, next, queue } from "./queue";

const theirs = { by: "other", at: at(0), until: at(300) };

describe("the triage queue", () => {
  it("has only what waits, the longest wait first", () => {
    const all = [report("c", { seen: at(9) }), report("a", { seen: at(3) }), report("x", { state: "located" }), report("b", { seen: at(5) })];
    expect(queue(all).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("has nothing that another system decides about", () => {
    expect(queue([report("a", { origin: "kisumu" }), report("b")]).map(({ id }) => id)).toEqual(["b"]);
  });

  it("turns to the one after a decision, past those that others work on, and around the end", () => {
    const waiting = [report("a"), report("b", { claim: theirs }), report("c"), report("d")];
    expect(next(waiting, "a", "me", NOON)?.id).toBe("c");
    expect(next(waiting, "d", "me", NOON)?.id).toBe("a");
    expect(next([report("a")], "a", "me", NOON)).toBeNull();
  });

  it("goes on from the front when what was decided has left the queue already", () => {
    expect(next([report("b"), report("c")], "a", "me", NOON)?.id).toBe("b");
  });

  it("is whole only for who sees a county", () => {
    expect(narrow(["KE.042.238"])).toBe(true);
    expect(narrow(["KE.042.238", "KE.042"])).toBe(false);
    expect(narrow(["KE"])).toBe(false);
    expect(narrow([])).toBe(false);
  });

  it("knows whose claim stands in the way: neither one's own nor one that ran out", () => {
    expect(held(theirs, "me", NOON)).toBe(theirs);
    expect(held(theirs, "other", NOON)).toBeNull();
    expect(held(theirs, "me", NOON + 301_000)).toBeNull();
    expect(held(undefined, "me", NOON)).toBeNull();
  });
});
