import { describe, expect, it } from "vitest";
import { byOver, over } from "./gauges";
import { gauge } from "./made";

const station = { marks: [{ name: "alarm", severity: "Extreme" }, { name: "rise" }] } as const;

describe("a gauge in the list", () => {
  it("is as bad as the map says: by the station's own word, else by the mark's usual name", () => {
    expect(over(gauge("a", { mark: "alarm" }), station)).toBe("Extreme");
    expect(over(gauge("a", { mark: "alarm" }), undefined)).toBe("Severe");
    expect(over(gauge("a", { mark: "alert" }), station)).toBe("Moderate");
    expect(over(gauge("a", { mark: "rise" }), station)).toBe("Moderate");
    expect(over(gauge("a"), station)).toBeNull();
    expect(over(gauge("a", { mark: "" }), station)).toBeNull();
  });

  it("stands by its mark first, then by how fast it rises", () => {
    const all = [
      gauge("calm"),
      gauge("fast", { rate_per_hour: 0.4 }),
      gauge("alert", { mark: "alert", rate_per_hour: 2 }),
      gauge("emergency", { mark: "emergency" }),
      gauge("own", { mark: "alarm", rate_per_hour: 0.1 }),
    ];
    const ids = byOver(all, new Map([["own", station]])).map(({ id }) => id);
    expect(ids).toEqual(["own", "emergency", "alert", "fast", "calm"]);
  });
});
