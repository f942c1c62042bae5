import { describe, expect, it } from "vitest";
import { heard, prime, type Known } from "./alarm";
import { incident, report } from "./made";

describe("what sounds", () => {
  it("is nothing that stood before, everything grave that is new, the gravest first and each once", () => {
    const known: Known = new Map();
    prime(known, [incident("old", { severity: "Extreme" })], []);
    const now = [incident("old", { severity: "Extreme" }), incident("severe", { severity: "Severe" }), incident("mild")];
    const waits = [report("grave", { severity: "Extreme" }), report("placed", { severity: "Extreme", state: "located" })];
    expect(heard(known, now, waits).map(({ it }) => it.id)).toEqual(["grave", "severe"]);
    expect(heard(known, now, waits)).toEqual([]);
  });

  it("sounds again for what grew worse, never for what grew milder", () => {
    const known: Known = new Map();
    prime(known, [incident("a", { severity: "Moderate" })], []);
    expect(heard(known, [incident("a", { severity: "Severe" })], [])).toHaveLength(1);
    expect(heard(known, [incident("a", { severity: "Extreme" })], [])).toHaveLength(1);
    expect(heard(known, [incident("a", { severity: "Severe" })], [])).toHaveLength(0);
    expect(heard(known, [incident("a", { severity: "Extreme", state: "closed" })], [])).toHaveLength(0);
  });
});
