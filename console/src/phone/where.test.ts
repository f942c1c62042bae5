import { expect, test } from "vitest";
import { bearing, due, geo, metres, way, wind, WINDS, type Fix } from "./where";

const AHERO = { lon: 34.92, lat: -0.19 };
const KISUMU = { lon: 34.76, lat: -0.1 };
const fix = (news: Partial<Fix> = {}): Fix => ({ ...AHERO, accuracy_m: 10, at: 1_000_000, ...news });

test("distances are those of the globe", () => {
  // One degree of longitude at the equator is 111.2 km.
  expect(metres({ lon: 34, lat: 0 }, { lon: 35, lat: 0 })).toBeCloseTo(111_195, -1);
  expect(metres(AHERO, AHERO)).toBe(0);
  expect(metres(AHERO, KISUMU)).toBeCloseTo(metres(KISUMU, AHERO), 6);
});

test("directions have the names of the winds, and there and back are opposite ones", () => {
  const far = 0.5;
  const turned: [number, number, string][] = [[0, far, "n"], [far, far, "ne"], [far, 0, "e"], [far, -far, "se"], [0, -far, "s"], [-far, -far, "sw"], [-far, 0, "w"], [-far, far, "nw"]];
  for (const [east, north, name] of turned) {
    const to = { lon: AHERO.lon + east, lat: AHERO.lat + north };
    expect(wind(bearing(AHERO, to))).toBe(name);
    const back = WINDS.indexOf(wind(bearing(to, AHERO)));
    expect(WINDS[(back + 4) % 8]).toBe(name);
  }
  expect(wind(359)).toBe("n");
});

test("the way is told from the phone, else from where one was last, else from the ward", () => {
  const now = 2_000_000;
  expect(way(AHERO, { ...fix(KISUMU), at: now - 1_000 }, null, 5, now)).toMatchObject({ from: "here", wind: "se" });
  const old = { ...fix(KISUMU), at: now - 6 * 60_000 };
  expect(way(AHERO, old, { ...KISUMU, fix_at: "2026-04-26T14:00:00Z" }, 5, now)).toMatchObject({ from: "last" });
  expect(way(AHERO, null, KISUMU, 5, now)).toMatchObject({ from: "ward", wind: "se" });
  expect(way(AHERO, null, {}, 5_000, now)).toEqual({ metres: 5_000, wind: null, from: "ward" });
  expect(way(AHERO, null, null, undefined, now)).toBeNull();
  expect(way(AHERO, fix({ at: now }), null, 5, now)).toMatchObject({ wind: null });
});

test("a position is sent at once, then on the move every 30 s or 100 m, at rest every 5 min", () => {
  const north = (m: number): Partial<Fix> => ({ lat: AHERO.lat + m / 111_195 });
  expect(due(null, fix())).toBe(true);
  expect(due(fix(), fix({ at: 1_029_000, ...north(60) }))).toBe(false);
  expect(due(fix(), fix({ at: 1_030_000, ...north(60) }))).toBe(true);
  expect(due(fix(), fix({ at: 1_001_000, ...north(101) }))).toBe(true);
  expect(due(fix(), fix({ at: 1_060_000, ...north(10) }))).toBe(false);
  expect(due(fix(), fix({ at: 1_300_000 }))).toBe(true);
  // A receiver that jumps about within what it vouches for does not move.
  expect(due(fix(), fix({ at: 1_060_000, accuracy_m: 500, ...north(300) }))).toBe(false);
});

test("the phone's own map gets a plain position and a label that cannot leave its place", () => {
  expect(geo(AHERO, "Ahero (flood)")).toBe("geo:-0.19000,34.92000?q=-0.19000,34.92000(Ahero%20%28flood%29)");
});
