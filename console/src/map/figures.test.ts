import { describe, expect, it } from "vitest";
import type { Gauge, Incident, Report } from "../data/contract";
import { gaugeFigures, hits, incidentFigures, reportFigures, ringOffset, type Figure } from "./figures";

function incident(id: string, more: Partial<Incident> = {}): [string, Incident] {
  const value = { id, state: "open", hazard: "flood", severity: "Minor", lon: 34, lat: 0, reports: 1, last_at: "1", ...more };
  return [id, value as Incident];
}

describe("incidents", () => {
  it("lie the worse above, then the newer, and only while open", () => {
    const shelf = new Map([
      incident("extreme", { severity: "Extreme" }),
      incident("old", { last_at: "1" }),
      incident("new", { last_at: "2" }),
      incident("closed", { state: "closed", severity: "Extreme" }),
      incident("unknown", { severity: "Unknown" }),
    ]);
    expect(incidentFigures(shelf, 1, false).map(({ item }) => item!.id)).toEqual(["unknown", "old", "new", "extreme"]);
  });

  it("at one place stand around it, so that each can be hit", () => {
    const figures = incidentFigures(new Map([incident("a"), incident("b"), incident("c", { lon: 35 })]), 1, false);
    const [a, b, c] = ["a", "b", "c"].map((id) => figures.find(({ item }) => item!.id === id)!) as [Figure, Figure, Figure];
    expect(Math.hypot(a.dx - b.dx, a.dy - b.dy)).toBeGreaterThan(36);
    expect([c.dx, c.dy]).toEqual([0, 0]);
  });

  it("carry the count of their reports when there are several, but not from far", () => {
    const sprites = (reports: number, far: boolean) =>
      incidentFigures(new Map([incident("a", { reports })]), 1, far)[0]!.marks.map(({ sprite }) => sprite);
    expect(sprites(1, false)).toEqual(["incident/flood/Minor"]);
    expect(sprites(12, false)).toEqual(["incident/flood/Minor", "badge/12"]);
    expect(sprites(12, true)).toEqual(["far/flood/Minor"]);
  });
});

it("a ring has room for every mark on it", () => {
  for (const n of [2, 5, 12]) {
    const [a, b] = [ringOffset(0, n, 1), ringOffset(1, n, 1)];
    expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThan(28);
  }
});

it("a gauge stands at its station, or where it says itself, or nowhere", () => {
  const station = { id: "s", name: "S", lon: 34, lat: 0, marks: new Map() };
  const gauges = new Map([["own", { id: "own", lon: 35, lat: 1 } as Gauge], ["lost", { id: "lost" } as Gauge]]);
  const figures = gaugeFigures(new Map([["s", station]]), gauges, 0);
  expect(figures.map(({ item }) => item!.id)).toEqual(["s", "own"]);
});

it("one report is itself, several are a cluster with their count", () => {
  const reports = new Map([["b", { id: "b", incident: "i" } as Report]]);
  const figures = reportFigures([{ x: 0, y: 0, ids: ["a"] }, { x: 0, y: 0, ids: ["b"] }, { x: 0, y: 0, ids: ["c", "d"] }], reports);
  expect(figures.map(({ item, ids, marks }) => [item?.id, ids?.length, marks.map(({ sprite }) => sprite)])).toEqual([
    ["a", undefined, ["report"]],
    ["b", undefined, ["report/joined"]],
    [undefined, 2, ["cluster/1", "count/2"]],
  ]);
});

it("hits are what lies under the point, the topmost bank and mark first", () => {
  const at = (id: string, x: number): Figure => ({
    item: { kind: "report", id },
    ids: null,
    x,
    y: 0,
    dx: 0,
    dy: 0,
    reach: 10,
    marks: [],
  });
  const banks = [[at("low", 0), at("far", 50)], [at("under", 4), at("over", 6)]];
  const found = (px: number, slop = 0) => hits(banks, [px, 0], (x, y) => [x, y], 1, slop).map(({ item }) => item!.id);
  expect(found(5)).toEqual(["over", "under", "low"]);
  expect(found(14.5)).toEqual(["over"]);
  expect(found(14.5, 5)).toEqual(["over", "under", "low"]);
  expect(found(30)).toEqual([]);
});
