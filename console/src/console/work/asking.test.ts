import { describe, expect, it } from "vitest";
import { questionFor, tongueOf } from "./asking";
import { report } from "./made";

describe("asking back", () => {
  it("speaks the sender's language, as far as their words tell it", () => {
    expect(tongueOf("pi opong'o dala nyalenda, nyithindo odong' e iye plz")).toBe("luo");
    expect(tongueOf("Nisaidieni tafadhali, maji ndani ya nyumba")).toBe("sw");
    expect(tongueOf("our house is flooded in nyalennda water is up to the waist")).toBe("en");
    expect(tongueOf("😭😭 Nyalenda")).toBeNull();
    expect(tongueOf("")).toBeNull();
  });

  it("asks which of a few places it is, or where it is", () => {
    const two = report("r", { candidates: [{ ward: "a" }, { ward: "b" }] });
    expect(questionFor(two, "sw", (path) => path.toUpperCase())).toBe("Unamaanisha wapi: 1 A, 2 B?");
    expect(questionFor(report("r"), "luo", String)).toMatch(/^En kanye\?/);
    const many = report("r", { candidates: ["a", "b", "c", "d", "e"].map((ward) => ({ ward })) });
    expect(questionFor(many, "en", String)).toMatch(/^Where is it\?/);
  });
});
