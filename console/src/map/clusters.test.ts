import { describe, expect, it } from "vitest";
import { Clusters, countWord } from "./clusters";
import { mercatorX, type Box } from "./mercator";

const ALL: Box = [0, 0, 1, 1];

function sizes(clusters: Clusters, zoom: number, box: Box = ALL): number[] {
  return clusters
    .at(zoom, box)
    .map(({ ids }) => ids.length)
    .sort((a, b) => b - a);
}

describe("clusters", () => {
  it("gather from afar and fall apart close by, and lose nobody at any zoom", () => {
    const clusters = new Clusters();
    for (let i = 0; i < 50; i += 1) clusters.put(`r${i}`, 34 + (i % 10) * 0.01, (i / 10) * 0.01);
    expect(sizes(clusters, 5)).toEqual([50]);
    expect(sizes(clusters, 16)).toEqual(Array(50).fill(1));
    for (let zoom = 5; zoom < 17; zoom += 1) {
      const ids = clusters.at(zoom, ALL).flatMap((each) => each.ids);
      expect(new Set(ids).size).toBe(50);
      expect(ids.length).toBe(50);
    }
  });

  it("stand apart by the radius, more or less", () => {
    const clusters = new Clusters(44);
    for (let i = 0; i < 400; i += 1) clusters.put(`r${i}`, 34 + ((i * 7919) % 400) / 1000, ((i * 104_729) % 400) / 1000);
    const width = 44 / (512 * 2 ** 10);
    const laid = clusters.at(10, ALL);
    const near = laid.filter((a) => laid.some((b) => a !== b && Math.hypot(a.x - b.x, a.y - b.y) < width / 2));
    expect(near.length).toBeLessThan(laid.length / 20);
  });

  it("follow what moves and what goes, on levels that were laid before", () => {
    const clusters = new Clusters();
    clusters.put("a", 34, 0);
    clusters.put("b", 34, 0);
    expect(sizes(clusters, 10)).toEqual([2]);
    clusters.put("b", 36, 0);
    expect(sizes(clusters, 10)).toEqual([1, 1]);
    clusters.remove("a");
    expect(clusters.at(10, ALL).map(({ x, ids }) => [x, ids])).toEqual([[mercatorX(36), ["b"]]]);
    clusters.remove("b");
    clusters.remove("nobody");
    expect(clusters.at(10, ALL)).toEqual([]);
    expect(clusters.size).toBe(0);
  });

  it("stand in the middle of those who are left", () => {
    const clusters = new Clusters();
    clusters.put("a", 34, 0);
    clusters.put("b", 34.001, 0);
    expect(clusters.at(8, ALL)[0]!.x).toBeCloseTo(mercatorX(34.0005), 12);
    clusters.remove("a");
    expect(clusters.at(8, ALL)[0]!.x).toBeCloseTo(mercatorX(34.001), 12);
  });

  it("lay out only what is in view", () => {
    const clusters = new Clusters();
    for (let i = 0; i < 2000; i += 1) clusters.put(`r${i}`, 30 + i * 0.01, 0);
    const [x, width] = [mercatorX(40), 0.0005];
    const seen = clusters.at(12, [x - width, 0.4, x + width, 0.6]).flatMap(({ ids }) => ids);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.length).toBeLessThan(60);
  });
});

it("writes counts short enough for their disc", () => {
  expect([7, 999, 1000, 1249, 9949, 9950, 20_000].map(countWord)).toEqual(["7", "999", "1.0k", "1.2k", "9.9k", "10k", "20k"]);
});
