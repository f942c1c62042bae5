import { describe, expect, it } from "vitest";
import type { Incident } from "../../data/contract";
import type { Fact } from "./facts";
import { at, incident } from "./made";
import { undoOf } from "./undo";

const fact = (type: string, body: object, when = at(5)): Fact => ({ id: "f", source: "x", at: when, seen: when, body: { type, ...body } });
const among = (...all: Incident[]) => (id: string) => all.find((each) => each.id === id);

describe("undoing from the history", () => {
  it("reopens what stands closed by this very fact, not by an earlier closing", () => {
    const closed = among(incident("a", { state: "closed", closed_at: at(5) }));
    expect(undoOf(fact("IncidentClosed", { incident: "a" }), closed)).toEqual({ how: "reopen", incident: "a" });
    expect(undoOf(fact("IncidentClosed", { incident: "a" }, at(1)), closed)).toBeNull();
    expect(undoOf(fact("IncidentClosed", { incident: "a" }), among(incident("a")))).toBeNull();
  });

  it("takes a merged one out while it is still part of an open one", () => {
    const merged = incident("a", { state: "merged", into: "b" });
    const said = fact("IncidentMerged", { incident: "a", into: "b" });
    expect(undoOf(said, among(merged, incident("b")))).toEqual({ how: "reopen", incident: "a" });
    expect(undoOf(said, among(merged, incident("b", { state: "closed" })))).toBeNull();
    expect(undoOf(said, among(incident("a"), incident("b")))).toBeNull();
    expect(undoOf(said, among(incident("a", { state: "merged", into: "c" }), incident("b"), incident("c")))).toBeNull();
  });

  it("merges back what was split off while both are open", () => {
    const said = fact("IncidentSplit", { incident: "a", into: "b", reports: ["r"] });
    expect(undoOf(said, among(incident("a"), incident("b")))).toEqual({ how: "merge-back", incident: "b", into: "a" });
    expect(undoOf(said, among(incident("a"), incident("b", { state: "merged" })))).toBeNull();
    expect(undoOf(said, among(incident("a")))).toBeNull();
  });

  it("offers nothing for anything else", () => {
    expect(undoOf(fact("IncidentOpened", { incident: "a" }), among(incident("a")))).toBeNull();
  });
});
