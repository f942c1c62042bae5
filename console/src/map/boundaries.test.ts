import { describe, expect, it } from "vitest";
import { boxAround, edgeDistance, finer, holds, locate, unpack, unpackRing, within, type Packed } from "./boundaries";

/** A square of one degree with a hole, its neighbour to the east, and an island that belongs to the neighbour. */
const PACKED: Packed = {
  version: "v1",
  approximate: true,
  scale: 10,
  wards: [
    {
      path: "KE.001.001.0001",
      name: "Holed",
      rings: [
        [300, 0, 10, 0, 0, 10, -10, 0],
        [304, 4, 2, 0, 0, 2, -2, 0],
      ],
      label: [30.2, 0.2],
    },
    {
      path: "KE.001.002.0002",
      name: "East",
      rings: [
        [310, 0, 10, 0, 0, 10, -10, 0],
        [340, 0, 1, 0, 0, 1],
      ],
    },
  ],
  counties: [{ path: "KE.001", name: "Whole", rings: [[300, 0, 20, 0, 0, 10, -20, 0]] }],
};

describe("unpacking", () => {
  it("adds up differences and divides by the scale", () => {
    expect([...unpackRing([300, -5, 10, 0, 0, 10], 10)]).toEqual([30, -0.5, 31, -0.5, 31, 0.5]);
  });

  it("keeps what is said, and makes boxes and labels", () => {
    const { version, approximate, wards, counties, subcounties } = unpack(PACKED);
    expect([version, approximate, subcounties.length]).toEqual(["v1", true, 0]);
    expect(wards[0]!.label).toEqual([30.2, 0.2]);
    expect(wards[1]!.box).toEqual([31, 0, 34.1, 1]);
    expect(counties[0]!.label).toEqual([31, 0.5]);
  });
});

describe("finding the ward of a position", () => {
  const { wards } = unpack(PACKED);
  const [holed, east] = wards as [(typeof wards)[0], (typeof wards)[0]];

  it("goes by the even-odd rule: holes are outside, islands inside", () => {
    expect(holds(holed, [30.1, 0.1])).toBe(true);
    expect(holds(holed, [30.5, 0.5])).toBe(false);
    expect(holds(east, [34.08, 0.05])).toBe(true);
    expect(holds(east, [33, 0.5])).toBe(false);
  });

  it("measures the distance to the nearest edge in metres, from either side", () => {
    expect(edgeDistance(east, [31.001, 0.5])).toBeCloseTo(111.2, 0);
    expect(edgeDistance(east, [30.999, 0.5])).toBeCloseTo(111.2, 0);
    expect(edgeDistance(holed, [30.5, 0.5])).toBeCloseTo(11_119.5, -1);
  });

  it("names a neighbour only when its edge is within reach", () => {
    expect(locate(wards, [30.998, 0.5], 500)).toMatchObject({ area: { name: "Holed" }, near: [{ area: { name: "East" } }] });
    expect(locate(wards, [30.9, 0.5], 500)).toMatchObject({ area: { name: "Holed" }, near: [] });
    expect(locate(wards, [30.5, 0.5], 500)).toBeNull();
  });
});

it("takes whole segments of a path only", () => {
  expect(within("KE.042.238.1189", "KE.042")).toBe(true);
  expect(within("KE.042", "KE.042")).toBe(true);
  expect(within("KE.0421", "KE.042")).toBe(false);
  expect(within("KE", "KE.042")).toBe(false);
});

it("draws a box around the chosen areas, around all when none is known", () => {
  const { wards } = unpack(PACKED);
  expect(boxAround(wards, ["KE.001.001"])).toEqual([30, 0, 31, 1]);
  expect(boxAround(wards, ["KE.999"])).toEqual([30, 0, 34.1, 1]);
  expect(boxAround([], [])).toBeNull();
});

it("puts a finer part in the place of what stood there, and keeps the rest", () => {
  const standing = unpack(PACKED);
  const part = unpack({ ...PACKED, version: "v2", wards: [{ ...PACKED.wards[1]!, name: "Finer" }], counties: [] });
  const joined = finer(standing, part);
  expect(joined.version).toBe("v2");
  expect(joined.wards.map(({ name }) => name)).toEqual(["Holed", "Finer"]);
  expect(joined.counties.map(({ name }) => name)).toEqual(["Whole"]);
});
