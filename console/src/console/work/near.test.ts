import { describe, expect, it } from "vitest";
import { incident, report } from "./made";
import { mergeable, metres, suggestions } from "./near";

const near = { lon: 34.92, lat: -0.17 };

describe("what a report may be part of", () => {
  const candidates = [{ ward: "KE.042.242.1208", ...near }];
  const all = [
    incident("far", { lon: 36.8, lat: -1.3 }),
    incident("fire-near", { hazard: "fire", ...near }),
    incident("flood-near", { lon: 34.93 }),
    incident("closed", { state: "closed" }),
  ];

  it("is near, of the same kind first, and open", () => {
    const found = suggestions(report("r", { hazard: "flood", candidates }), all);
    expect(found.map((each) => each.incident.id)).toEqual(["flood-near", "fire-near"]);
    expect(found[0]?.metres).toBeGreaterThan(1_000);
    expect(found[0]?.metres).toBeLessThan(1_250);
  });

  it("is of the same kind where no place is known, and anything that is searched for", () => {
    const nowhere = report("r", { hazard: "flood" });
    expect(suggestions(nowhere, all)[0]).toMatchObject({ incident: { id: expect.stringMatching(/far|flood-near/) }, metres: null });
    expect(suggestions(report("r", { candidates }), all, "FAR").map((each) => each.incident.id)).toEqual(["far"]);
  });

  it("measures a degree of the equator", () => {
    expect(metres({ lon: 34, lat: 0 }, { lon: 35, lat: 0 })).toBeCloseTo(111_195, -2);
  });

  it("merges only with another open one of the same county", () => {
    const other = incident("other-county", { ward: "KE.044.253.1264" });
    const found = mergeable(incident("me"), [...all, other, incident("me")]);
    expect(found.map((each) => each.incident.id)).toEqual(["flood-near", "far", "fire-near"]);
  });
});
