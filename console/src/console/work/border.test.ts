import { beforeAll, describe, expect, it } from "vitest";
import type { Incident, Report } from "../../data/contract";
import "../../words/all";
import { language } from "../../words/words";
import { border, decidedBy, watches, watching } from "./border";

const report = (more: Partial<Report>) => ({ ward: "A", ...more }) as Report;

beforeAll(() => {
  language.value = "en";
});

describe("a report near a border", () => {
  it("names the wards within 500 m, but not its own", () => {
    const candidates = [
      { ward: "A", name: "Ahero", metres: 0 },
      { ward: "B", name: "Kobura", metres: 180 },
      { ward: "C", name: "Awasi", metres: 1_200 },
      { ward: "D", name: "Wawidhi" },
    ];
    expect(border(report({ candidates }))).toEqual(["On the border with Kobura (180 m)."]);
  });

  it("says how far outside its ward it lies", () => {
    expect(border(report({ outside_m: 12.4 }))).toEqual(["10 m outside: the nearest ward answers."]);
  });

  it("says nothing well inside", () => {
    expect(border(report({}))).toEqual([]);
    expect(border(report({ candidates: [{ ward: "B", name: "Kobura", confidence: 0.4 }] }))).toEqual([]);
  });
});

it("is left to the operators of its own ward, and of what holds it", () => {
  const incident = { ward: "KE.042.242.1208" } as Incident;
  expect(watches(["KE.042.242.1210"], incident)).toBe(true);
  for (const own of [["KE.042"], ["KE.042.242.1208"], ["KE.044", "KE.042.242"], []]) expect(watches(own, incident)).toBe(false);
});

it("names who watches an incident, with how far it is where that is known", () => {
  const incident = { observers: ["B", "C"], observers_m: { B: 60 } } as unknown as Incident;
  expect(watching(incident, (path) => `Ward ${path}`)).toEqual(["Ward B (60 m)", "Ward C"]);
  expect(watching({} as Incident)).toEqual([]);
});

it("says which system decides about what it mirrored here", () => {
  expect(decidedBy({ origin: "kisumu/nyanza" })).toBe("kisumu");
  expect(decidedBy({})).toBeUndefined();
});
