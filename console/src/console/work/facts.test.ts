import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { history, tell, versions, type Fact } from "./facts";
import { at } from "./made";

const fact = (type: string, body: object = {}, versions?: Record<string, string>): Fact => ({
  id: type,
  source: "x",
  at: at(0),
  seen: at(0),
  body: { type, ...body },
  ...(versions ? { versions } : {}),
});

describe("a history in words", () => {
  it("says who, what and why", () => {
    const told = tell(fact("IncidentClosed", { by: "demo-kisumu", reason: "Help was given" }));
    expect(told).toMatchObject({ key: "fact.IncidentClosed", by: "demo-kisumu", why: "Help was given", technical: false });
    expect(tell(fact("IncidentGrew", { reports: 3, evidence: 0.873, severity: "Severe" })).fill).toMatchObject({ reports: "3", evidence: "87 %" });
  });

  it("tells the newest first, and the machinery only when asked for", () => {
    const facts = [fact("IncidentOpened"), fact("DeadlineSet"), fact("AssignmentAccepted")];
    expect(history(facts, false).map((told) => told.fact.id)).toEqual(["AssignmentAccepted", "IncidentOpened"]);
    expect(history(facts, true)).toHaveLength(3);
  });

  it("does not hide a fact that it does not know when everything is asked for", () => {
    expect(history([fact("SomethingNew")], true)[0]).toMatchObject({ key: "fact.other", fill: { type: "SomethingNew" } });
  });

  it("gives each version of rules and boundaries once", () => {
    const facts = [fact("A", {}, { rules: "reports-1" }), fact("B", {}, { rules: "reports-1", boundaries: "e1" })];
    expect(versions(facts)).toEqual(["boundaries e1", "rules reports-1"]);
  });

  it("has words for every fact that may stand in an incident's history", () => {
    // Golden facts, one each: those of gauges, warnings, people and dead letters belong to no incident.
    const folder = new URL("../../../../fixtures/wire/", import.meta.url);
    const others = /^(Alert|Warning|Readings|Level|Crossing|Responder|Shift|Position|Dead|Event|Standing|contract)/;
    const types = readdirSync(folder)
      .map((name) => name.replace(".json", ""))
      .filter((type) => !others.test(type));
    expect(types.length).toBeGreaterThan(30);
    const silent = types.filter((type) => {
      const golden = JSON.parse(readFileSync(new URL(`${type}.json`, folder), "utf-8")) as Fact;
      return tell(golden).key === "fact.other";
    });
    expect(silent).toEqual([]);
  });
});
