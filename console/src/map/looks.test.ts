import { describe, expect, it } from "vitest";
import type { Assignment, Gauge, Report, Responder } from "../data/contract";
import { gaugeLook, reportShown, unitLook, work, type Station } from "./looks";

const NOW = Date.parse("2026-11-01T12:00:00Z");
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const unit = (more: Partial<Responder>) =>
  ({ active: true, on_shift: true, lon: 34, lat: 0, fix_at: ago(1), ...more }) as Responder;

describe("a responder", () => {
  it("is drawn as stale when the position is older than 30 minutes or was never measured", () => {
    expect(unitLook(unit({ fix_at: ago(30) }), undefined, NOW)).toBe("free");
    expect(unitLook(unit({ fix_at: ago(31) }), undefined, NOW)).toBe("stale");
    expect(unitLook(unit({ fix_at: ago(31) }), "going", NOW)).toBe("stale-going");
    expect(unitLook(unit({ fix_at: ago(31) }), "asked", NOW)).toBe("stale");
    const { fix_at: _, ...unmeasured } = unit({});
    expect(unitLook(unmeasured as Responder, undefined, NOW)).toBe("stale");
  });

  it("is not drawn off shift, struck off the list, or nowhere", () => {
    expect(unitLook(unit({ on_shift: false }), undefined, NOW)).toBeNull();
    expect(unitLook(unit({ active: false }), undefined, NOW)).toBeNull();
    const { lon: _, ...nowhere } = unit({});
    expect(unitLook(nowhere as Responder, undefined, NOW)).toBeNull();
  });

  it("goes if any assignment goes, and is asked only while an offer stands", () => {
    const asked = (responder: string, state: Assignment["state"]) => ({ responder, state }) as Assignment;
    const busy = work([
      asked("a", "offered"),
      asked("b", "enroute"),
      asked("b", "offered"),
      asked("c", "offered"),
      asked("c", "accepted"),
      asked("d", "declined"),
      asked("e", "done"),
      asked("f", "arrived"),
    ]);
    expect([...busy]).toEqual([
      ["a", "asked"],
      ["b", "going"],
      ["c", "going"],
      ["f", "going"],
    ]);
  });
});

describe("a gauge", () => {
  const station: Station = { id: "s", name: "S", lon: 34, lat: 0, marks: new Map([["alarm", "Extreme"]]) };
  const gauge = (more: Partial<Gauge>) => ({ id: "s", heard_at: ago(5), ...more }) as Gauge;

  it("shows its mark by the station's severity, else by the mark's usual name", () => {
    expect(gaugeLook(gauge({}), station, NOW)).toBe("normal");
    expect(gaugeLook(gauge({ mark: "alarm" }), station, NOW)).toBe("Extreme");
    expect(gaugeLook(gauge({ mark: "alarm" }), undefined, NOW)).toBe("Severe");
    expect(gaugeLook(gauge({ mark: "rise" }), undefined, NOW)).toBe("Moderate");
  });

  it("is silent when nothing was heard for an hour, whatever its last mark", () => {
    expect(gaugeLook(gauge({ heard_at: ago(61), mark: "alarm" }), station, NOW)).toBe("silent");
    expect(gaugeLook(gauge({ heard_at: ago(60), mark: "alarm" }), station, NOW)).toBe("Extreme");
  });

  it("has no readings here, rather than silence, when it was never heard", () => {
    expect(gaugeLook(undefined, station, NOW)).toBe("unseen");
    expect(gaugeLook({ id: "s", mark: "alarm" } as Gauge, station, NOW)).toBe("unseen");
  });
});

it("reports are drawn where they were placed, unless thrown away", () => {
  const report = (more: Partial<Report>) => ({ state: "located", lon: 34, lat: 0, ...more }) as Report;
  expect(reportShown(report({}))).toBe(true);
  expect(reportShown(report({ state: "dismissed" }))).toBe(false);
  expect(reportShown({ state: "waiting" } as Report)).toBe(false);
});
