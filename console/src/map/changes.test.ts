import { expect, it } from "vitest";
import { changes } from "./changes";

const before = new Map([
  ["a", { n: 1 }],
  ["b", { n: 2 }],
]);

it("finds nothing in the same shelf or a copy of it", () => {
  expect(changes(before, before)).toEqual({ put: new Map(), gone: [] });
  expect(changes(before, new Map(before))).toEqual({ put: new Map(), gone: [] });
});

it("finds what is new, what is another one now, and what is gone", () => {
  const after = new Map(before);
  after.set("c", { n: 3 });
  after.set("a", { n: 1 });
  after.delete("b");
  const found = changes(before, after);
  expect([...found.put.keys()]).toEqual(["a", "c"]);
  expect(found.gone).toEqual(["b"]);
});
