import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COLOURS, SIZES } from "./tokens";

const CSS = readFileSync(new URL("../look/tokens.css", import.meta.url), "utf-8");

function block(name: string): Map<string, string> {
  const at = CSS.indexOf(name);
  const body = CSS.slice(CSS.indexOf("{", at) + 1, CSS.indexOf("}", at));
  return new Map([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, key = "", value = ""]) => [key, value.trim()]));
}

const day = block('[data-theme="day"]');
const night = block('[data-theme="night"]');

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

describe("the tokens", () => {
  it("are all shown, and the same ones stand by day and by night", () => {
    const colours = [...day].filter(([, value]) => value.startsWith("#")).map(([name]) => name);
    expect([...COLOURS]).toEqual(colours);
    expect([...night.keys()]).toEqual([...day.keys()]);
    const sizes = [...CSS.matchAll(/--size-(\w+):/g)].map(([, name]) => name);
    expect([...SIZES]).toEqual(sizes);
  });

  const TEXT = [
    ["text", "panel"], ["text", "ground"], ["text", "raised"], ["text-soft", "panel"], ["text-soft", "raised"],
    ["text-soft", "ground"], ["text", "accent-soft"], ["text-soft", "accent-soft"], ["accent", "panel"],
    ["accent", "raised"], ["accent", "accent-soft"], ["on-accent", "accent"],
    ["good", "good-soft"], ["warn", "warn-soft"], ["bad", "bad-soft"], ["good", "panel"], ["warn", "panel"],
    ["bad", "panel"], ["warn", "raised"], ["warn", "accent-soft"], ["bad", "raised"], ["panel", "bad"],
    ["on-extreme", "extreme"], ["on-severe", "severe"], ["on-moderate", "moderate"], ["on-minor", "minor"],
    ["on-unknown", "unknown"],
  ] as const;

  for (const [name, theme] of [["day", day], ["night", night]] as const) {
    it(`let every text be read by ${name} (4.5:1)`, () => {
      for (const [text, ground] of TEXT) {
        expect(contrast(theme.get(text) ?? "", theme.get(ground) ?? ""), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    });

    it(`let every edge be seen by ${name} (3:1)`, () => {
      for (const edge of ["line-strong", "focus", "accent", "bad", "good"]) {
        expect(contrast(theme.get(edge) ?? "", theme.get("panel") ?? ""), edge).toBeGreaterThanOrEqual(3);
      }
    });
  }
});
