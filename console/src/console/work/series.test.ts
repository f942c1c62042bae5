import { describe, expect, it } from "vitest";
import { columns, range, type Series } from "./series";

const series = (news: Partial<Series>): Series => ({ times: [], values: [], unit: "m", marks: [], flags: [], ...news });

describe("a gauge's readings for the chart", () => {
  it("keeps gaps, and puts doubted readings beside the level without joining them to it", () => {
    const [times, levels, , doubts] = columns(
      series({
        times: [0, 60, 120],
        values: [1, null, 3],
        flags: [
          { flag: "spike", at: 90, value: 9, taken: false },
          { flag: "repeated", at: 120, value: 3, taken: true },
        ],
      }),
    );
    expect(times).toEqual([0, 60, 90, 120]);
    expect(levels).toEqual([1, null, null, 3]);
    expect(doubts).toEqual([null, null, 9, null]);
  });

  it("gives the rate an hour over some time, not over a single step", () => {
    const times = Array.from({ length: 121 }, (_, n) => n * 60);
    const [, , rates] = columns(series({ times, values: times.map((at) => at / 3_600) }));
    expect(rates[0]).toBeNull();
    expect(rates[120]).toBeCloseTo(1, 6);
  });

  it("shows the next mark above, and holds without readings or marks", () => {
    const [low, high] = range(2, 2.5, [{ raise_at: 3 }, { raise_at: 9 }]);
    expect(low).toBeLessThan(2);
    expect(high).toBeGreaterThan(3);
    expect(high).toBeLessThan(4);
    expect(range(null, null, []).every(Number.isFinite)).toBe(true);
    expect(columns(series({}))).toEqual([[], [], [], []]);
  });
});
