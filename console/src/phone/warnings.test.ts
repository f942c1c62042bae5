import { expect, test } from "vitest";
import type { Responder } from "../data/contract";
import { inOrder, languageName, readOut, wardOf, type Text, type Warning } from "./warnings";

const responder = (news: Partial<Responder>): Responder => ({
  id: "r001", key: "KE.042", name: "Achieng", home: "KE.042.242.1208", skills: ["ward-admin"], has_app: true, active: true, on_shift: true, ...news,
});
const text = (language: string): Text => ({ language, headline: language });
const warning = (id: string, news: Partial<Warning> = {}): Warning => ({
  id, hazard: "flood", severity: "Severe", issued_at: "2026-04-26T14:00:00Z", texts: [], ...news,
});

test("officials pass warnings on in their own ward, others nowhere", () => {
  expect(wardOf(responder({}))).toBe("KE.042.242.1208");
  expect(wardOf(responder({ skills: ["chief", "boat"] }))).toBe("KE.042.242.1208");
  expect(wardOf(responder({ skills: ["medical"] }))).toBeNull();
  expect(wardOf(responder({ home: "KE.042" }))).toBeNull();
  expect(wardOf(null)).toBeNull();
});

test("the text to read out is in the people's own language where there is one", () => {
  const texts = [text("sw-KE"), text("luo-KE"), text("en-KE")];
  expect(readOut(texts, ["en", "sw", "luo"])?.language).toBe("luo-KE");
  expect(readOut(texts, ["en", "sw", "guz"])?.language).toBe("sw-KE");
  expect(readOut([text("en-KE")], ["sw"])?.language).toBe("en-KE");
  expect(readOut([], ["sw"])).toBeNull();
});

test("the graver comes first, then the newer, and passing one on does not move it", () => {
  const confirmed = { by: "r001", at: "2026-04-26T14:00:00Z" };
  const all = [warning("minor", { severity: "Minor" }), warning("old"), warning("new", { issued_at: "2026-04-26T15:00:00Z" })];
  const ids = (each: readonly Warning[]) => inOrder(each).map(({ id }) => id);
  expect(ids(all)).toEqual(["new", "old", "minor"]);
  expect(ids(all.map((each) => (each.id === "new" ? { ...each, confirmed } : each)))).toEqual(ids(all));
});

test("languages have their own names", () => {
  expect(languageName("luo-KE")).toBe("Dholuo");
  expect(languageName("xyz")).toBe("xyz");
});
