import { afterEach, describe, expect, it } from "vitest";
import "../../words/all";
import { language } from "../../words/words";
import { ofSeverity, partName, told, toldAll } from "./why";

afterEach(() => void (language.value = "en"));

describe("reasons", () => {
  it("stand as the server gave them in English, and are said in Kiswahili", () => {
    expect(told("flood counts as Moderate by itself")).toBe("flood counts as Moderate by itself");
    language.value = "sw";
    expect(told("flood counts as Moderate by itself")).toBe("Mafuriko pekee huhesabiwa Hatari ya wastani");
    expect(toldAll("3.1 km, from home ward, no position shared; 2 open; at home in the county")).toBe(
      "km 3.1, kutoka wadi ya nyumbani, hajatuma eneo; 2 wazi; nyumbani katika kaunti",
    );
    expect(told("something newer than this page")).toBe("something newer than this page");
  });

  it("name skills and levels in words, never by their ids", () => {
    expect(toldAll("ward-admin, health-promoter; 2 open")).toBe("ward administrator, health promoter; 2 open");
    language.value = "sw";
    expect(told("health-promoter")).toBe("mhamasishaji wa afya");
    expect(told("at home in the sub-county")).toBe("nyumbani katika kaunti ndogo");
    expect(told("3.1 km, position 4 min old")).toBe("km 3.1, eneo la dakika 4 zilizopita");
    expect(told("constructor")).toBe("constructor");
  });

  it("quote strangers without what turns or hides their words", () => {
    expect(told("3 by 'wat\u202eu'")).toBe("3 by 'watu'");
  });

  it("tell how bad from how sure", () => {
    expect(ofSeverity("household")).toBe(true);
    expect(ofSeverity("sensors")).toBe(false);
    expect(partName("new-part")).toBe("new-part");
  });
});
