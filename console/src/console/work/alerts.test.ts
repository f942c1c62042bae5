import { describe, expect, it } from "vitest";
import { holds, infoIn, inOrder, passedOn, severityOf, targets } from "./alerts";
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

  it("is decided by who holds its county, and stands first where it is one's own", () => {
    expect(holds(["KE.042"], "KE.042")).toBe(true);
    expect(holds(["KE"], "KE.042")).toBe(true);
    expect(holds(["KE.042.242"], "KE.042")).toBe(false);
    expect(holds(["KE.042.242"], "KE.042.242.1209")).toBe(true);
    expect(holds([], "KE.042")).toBe(false);
    const all = [
      alert("theirs", { key: "KE.043", state: "draft" }),
      alert("old", { state: "expired" }),
      alert("first", { issued_at: "2026-04-26T10:00:00Z" }),
      alert("newer", { issued_at: "2026-04-26T11:00:00Z" }),
      alert("draft", { state: "draft" }),
    ];
    const ids = (areas: string[]) => inOrder(all, areas).map(({ id }) => id);
    expect(ids(["KE.042"])).toEqual(["draft", "newer", "first", "old", "theirs"]);
    expect(ids(["KE.042.242"])).toEqual(["draft", "newer", "first", "old", "theirs"]);
    expect(ids(["KE.043"])[0]).toBe("theirs");
  });

  it("names first where the water is first, and takes a draft's severity from its text", () => {
    expect(targets(alert("x", { wards })).map(({ ward }) => ward)).toEqual(["KE.042.242.1208", "KE.042.242.1209"]);
    expect(severityOf(alert("x", { cap }))).toBe("Severe");
    expect(severityOf(alert("x"))).toBe("Unknown");
  });
});
