import { afterEach, describe, expect, it } from "vitest";
import "../words/all";
import { language } from "../words/words";
import { clip, inert } from "./Said";
import { about, ago, arrives, clock, far, short } from "./spans";

afterEach(() => void (language.value = "en"));

describe("words of strangers", () => {
  it("lose what turns direction, hides or rings, and keep lines, tags and every script as plain text", () => {
    expect(inert("a\u202eb\u2066c\u0007d\u0000")).toBe("abcd");
    expect(inert("<script>alert(1)</script>\nmaji 🌊 مياه")).toBe("<script>alert(1)</script>\nmaji 🌊 مياه");
  });

  it("are cut between characters, not within one", () => {
    expect(clip("ab🌊cd", 3)).toBe("ab🌊");
    expect([...clip("🌊".repeat(10_000), 280)].length).toBeLessThanOrEqual(280);
    expect(clip("🌊".repeat(10_000), 280)).not.toMatch(/[\ud800-\udbff]$/);
  });
});

describe("spans", () => {
  it("are said as people say them, also when a clock is ahead", () => {
    expect([ago(-9_000), ago(42_000), ago(180_000), ago(7_200_000), ago(3 * 86_400_000)]).toEqual(["just now", "42 s ago", "3 min ago", "2 h ago", "3 d ago"]);
    language.value = "sw";
    expect(ago(180_000)).toBe("dakika 3 zilizopita");
  });

  it("run as a clock", () => {
    expect([clock(0), clock(65_000), clock(3_729_000), clock(-5)]).toEqual(["0:00", "1:05", "1:02:09", "0:00"]);
    expect([short(23_000), short(660_000)]).toEqual(["23 s", "11 min"]);
  });

  it("say when the water comes as a time of day in Kenya, with the day where that is far off", () => {
    const at = arrives("2026-11-22T03:02:00Z", 15);
    expect(about(at, Date.parse("2026-11-22T03:10:00Z"))).toBe("06:17");
    expect(about(at, Date.parse("2026-11-21T03:10:00Z"))).toBe("22/11, 06:17");
  });

  it("measure to the nearest ten metres, then in kilometres", () => {
    expect([far(4), far(347), far(3_128), far(15_600)]).toEqual(["10 m", "350 m", "3.1 km", "16 km"]);
  });
});
