import { describe, expect, it } from "vitest";
import { unpack, unpackRing } from "./boundaries";
import { metres } from "./mercator";
import { polygons, ring, severeShapes, ways } from "./shapes";

const square = (at: number, side: number) => unpackRing([at, at, side, 0, 0, side, -side, 0], 1);

describe("rings that go together by the even-odd rule", () => {
  it("become polygons with the holes that lie in them, closed by their first point", () => {
    const made = polygons([square(0, 10), square(2, 2), square(20, 5)]);
    expect(made.map((polygon) => polygon.length)).toEqual([2, 1]);
    expect(made[0]![0]![0]).toEqual(made[0]![0]!.at(-1));
  });

  it("an island in a hole is a polygon of its own, and its hole is its own", () => {
    const made = polygons([square(0, 20), square(2, 16), square(4, 10), square(6, 2)]);
    expect(made.map((polygon) => polygon.map((ring) => ring[0]![0]))).toEqual([
      [0, 2],
      [4, 6],
    ]);
  });
});

describe("areas with a severity", () => {
  const { wards } = unpack({
    version: "",
    scale: 1,
    wards: ["KE.001.001.0001", "KE.001.001.0002", "KE.002.003.0003"].map((path) => ({
      path,
      name: path,
      rings: [[0, 0, 1, 0, 0, 1]],
    })),
  });

  it("covers each ward of a wider area, and lets the ward's own word count more", () => {
    const made = severeShapes("warned", wards, new Map([["KE.001", "Minor"], ["KE.001.001.0002", "Extreme"]]));
    expect(made.map(({ properties }) => [properties!["name"], properties!["severity"]])).toEqual([
      ["KE.001.001.0001", "Minor"],
      ["KE.001.001.0002", "Extreme"],
    ]);
  });
});

it("leads from everybody to the one place, and nowhere without it", () => {
  expect(ways([[1, 2]], [3, 4]).map(({ geometry }) => geometry.coordinates)).toEqual([[[1, 2], [3, 4]]]);
  expect(ways([[1, 2]], null)).toEqual([]);
});

it("a ring is closed, and everywhere as far from its middle as it is said to be", () => {
  for (const middle of [[34.75, -0.13], [37.5, 4.4]] as const) {
    const [[corners]] = ring("scene", middle, 500).geometry.coordinates as [[number[][]]];
    expect(corners[0]).toEqual(corners.at(-1));
    for (const [lon, lat] of corners as [number, number][]) expect(Math.hypot(...metres(middle, [lon, lat]))).toBeCloseTo(500, 0);
  }
});
