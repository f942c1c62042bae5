import { describe, expect, it } from "vitest";
import type { Alert, Incident } from "../data/contract";
import { alertedAreas, outlines, sameShades, shades, warned } from "./shade";

const incident = (ward: string, severity: Incident["severity"], state: Incident["state"] = "open") =>
  ({ ward, severity, state }) as Incident;

const alert = (more: Partial<Alert>, msg_type = "Alert") =>
  ({ state: "issued", severity: "Severe", cap: { msg_type }, ...more }) as unknown as Alert;

describe("shades of wards", () => {
  it("show the worst open incident of each ward", () => {
    const made = shades([incident("A", "Minor"), incident("A", "Severe"), incident("A", "Unknown"), incident("B", "Unknown")]);
    expect([...made]).toEqual([
      ["A", "Severe"],
      ["B", "Unknown"],
    ]);
  });

  it("leave out what is closed or merged", () => {
    expect(shades([incident("A", "Extreme", "closed"), incident("B", "Extreme", "merged")]).size).toBe(0);
  });

  it("are the same when every ward has the same", () => {
    const one = shades([incident("A", "Minor")]);
    expect(sameShades(one, shades([incident("A", "Minor"), incident("A", "Unknown")]))).toBe(true);
    expect(sameShades(one, shades([incident("A", "Severe")]))).toBe(false);
    expect(sameShades(one, shades([incident("B", "Minor")]))).toBe(false);
    expect(sameShades(one, shades([]))).toBe(false);
  });
});

describe("what is outlined of what is picked", () => {
  it("is whose the incident is and who watches, where it is on a border", () => {
    const on = { ward: "A", severity: "Severe", observers: ["B", "C"] } as unknown as Incident;
    const { picked, watching } = outlines(undefined, on);
    expect([[...picked], [...watching]]).toEqual([[["A", "Severe"]], [["B", "Severe"], ["C", "Severe"]]]);
  });

  it("is nothing of an incident well inside its ward, and of nothing", () => {
    const inside = { ward: "A", severity: "Severe" } as unknown as Incident;
    for (const { picked, watching } of [outlines(undefined, inside), outlines(undefined, undefined)]) {
      expect(picked.size + watching.size).toBe(0);
    }
  });

  it("is the areas of an alert", () => {
    const { picked, watching } = outlines(alert({ wards: [{ ward: "A" }], severity: "Minor" }), undefined);
    expect([[...picked], watching.size]).toEqual([[["A", "Minor"]], 0]);
  });
});

describe("alerts in force", () => {
  it("hold where the water goes, else where the message's codes say", () => {
    expect(alertedAreas(alert({ wards: [{ ward: "A" }, { ward: "B" }] }))).toEqual(["A", "B"]);
    const geocodes = [
      { name: "dharura:area", value: "KE.042" },
      { name: "other", value: "x" },
      { name: "dharura:area", value: "KE.042" },
    ];
    const cap = { msg_type: "Alert", infos: [{ areas: [{ geocodes }] }] } as unknown as Alert["cap"];
    expect(alertedAreas(alert({ cap }))).toEqual(["KE.042"]);
  });

  it("are those issued, not drafts, not what is over, not cancellations", () => {
    const wards = [{ ward: "A" }];
    for (const state of ["draft", "superseded", "cancelled", "rejected", "expired"] as const) {
      expect(warned([alert({ state, wards })]).size).toBe(0);
    }
    expect(warned([alert({ wards }, "Cancel")]).size).toBe(0);
    expect([...warned([alert({ wards, severity: "Minor" }), alert({ wards, severity: "Extreme" })])]).toEqual([["A", "Extreme"]]);
  });
});
