import { describe, expect, it } from "vitest";
import { roundLength } from "./chrome";
import { latOf, lonOf, mercatorX, mercatorY, metresPerPixel } from "./mercator";
import { shifted, type Camera } from "./picture";
import { pixelRatio } from "./ratio";
import { short } from "./told";

describe("a ground that was taken from elsewhere", () => {
  const then: Camera = { x: 0.6, y: 0.5, zoom: 8 };
  const ground = { camera: then, width: 1200, height: 800 };
  const view = { width: 1000, height: 600 };

  it("lies around the screen when nothing has moved", () => {
    expect(shifted(ground, then, view)).toEqual({ left: -100, top: -100, grown: 1 });
  });

  it("moves with the map, pixel by pixel", () => {
    const world = 512 * 2 ** 8;
    const { left, top } = shifted(ground, { ...then, x: then.x + 30 / world, y: then.y - 20 / world }, view);
    expect(left).toBeCloseTo(-130);
    expect(top).toBeCloseTo(-80);
  });

  it("grows about the middle of the screen", () => {
    expect(shifted(ground, { ...then, zoom: 9 }, view)).toEqual({ left: -700, top: -500, grown: 2 });
  });
});

it("degrees come back from the Mercator square", () => {
  for (const [lon, lat] of [[34.76, -0.1], [41.9, 4.6]] as const) {
    expect(lonOf(mercatorX(lon))).toBeCloseTo(lon, 10);
    expect(latOf(mercatorY(lat))).toBeCloseTo(lat, 10);
  }
  expect(metresPerPixel(0, 0)).toBeCloseTo(78_184, -1);
});

it("a scale bar has a round length that fits", () => {
  expect([1, 4.9, 5, 99, 100, 2345].map(roundLength)).toEqual([1, 2, 5, 50, 100, 2000]);
});

describe("device pixels", () => {
  it("are all drawn by a graphics card, up to two each way", () => {
    expect(pixelRatio(1, 3840, 2160, false)).toBe(1);
    expect(pixelRatio(3, 390, 844, false)).toBe(2);
  });

  it("are as many as a processor can draw where there is no card", () => {
    expect(pixelRatio(1, 1920, 1080, true)).toBe(1);
    expect(pixelRatio(1, 3840, 2160, true)).toBeLessThan(1);
    expect(pixelRatio(1, 20_000, 20_000, true)).toBe(0.5);
  });
});

it("strangers' words in a label are short and keep their direction", () => {
  expect(short("water \u202e rising\n\n<b>here</b>")).toBe("water rising <b>here</b>");
  expect(short("ab".repeat(5000)).length).toBe(90);
  expect(short("😀".repeat(100)).endsWith("😀…")).toBe(true);
});
