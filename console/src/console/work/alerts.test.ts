import { describe, expect, it } from "vitest";
import { infoIn, passedOn, severityOf, targets } from "./alerts";
import { alert } from "./made";

const info = (language: string) => ({ categories: [], event: language, urgency: "Immediate", severity: "Severe", certainty: "Observed", language }) as const;

describe("a warning", () => {
  const cap = { ...alert("x").cap, infos: [info("sw-KE"), info("luo-KE"), info("en-KE")] };
  const wards = [{ ward: "KE.042.242.1209", minutes: 60 }, { ward: "KE.042.242.1208" }];

  it("speaks the reader's language, else English, else its first", () => {
    expect(infoIn(alert("x", { cap }), "sw")?.event).toBe("sw-KE");
    expect(infoIn(alert("x", { cap }), "fr")?.event).toBe("en-KE");
    expect(infoIn(alert("x"), "sw")).toBeUndefined();
  });

  it("counts a ward only when somebody there said so", () => {
    const said = { by: "r001", at: "" };
    expect(passedOn(alert("x", { wards }))).toEqual({ done: 0, all: 2 });
    expect(passedOn(alert("x", { wards, confirmed: { "KE.042.242.1208": said, "KE.042.999.9999": said } }))).toEqual({ done: 1, all: 2 });
  });

  it("names first where the water is first, and takes a draft's severity from its text", () => {
    expect(targets(alert("x", { wards })).map(({ ward }) => ward)).toEqual(["KE.042.242.1208", "KE.042.242.1209"]);
    expect(severityOf(alert("x", { cap }))).toBe("Severe");
    expect(severityOf(alert("x"))).toBe("Unknown");
  });
});
