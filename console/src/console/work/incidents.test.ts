import { describe, expect, it } from "vitest";
import { arranged, EVERYTHING, finished, limits, openAsk, overdue, uncovered, within, type Filter } from "./incidents";
import { ask, at, incident, NOON } from "./made";

const none = new Map();
const ids = (filter: Partial<Filter>, all: ReturnType<typeof incident>[], asks: Map<string, ReturnType<typeof ask>[]> = none, now = NOON) =>
  arranged(all, asks, { ...EVERYTHING, ...filter }, now).map(({ id }) => id);

describe("the incident list", () => {
  const all = [
    incident("mild", { severity: "Minor", opened_at: at(50), evidence: 0.9 }),
    incident("worst", { severity: "Extreme", opened_at: at(10), going: 2, ward: "KE.042.238.1189", ward_name: "Nyalenda 'A'" }),
    incident("fire", { severity: "Severe", hazard: "fire", opened_at: at(30), text: "Moto sokoni" }),
    incident("over", { state: "closed", severity: "Extreme" }),
    incident("joined", { state: "merged" }),
  ];

  it("shows what is open, the worst first", () => {
    expect(ids({}, all)).toEqual(["worst", "fire", "mild"]);
  });

  it("sorts by newest, by evidence, and by who has waited longest without help", () => {
    expect(ids({ sort: "newest" }, all)).toEqual(["mild", "fire", "worst"]);
    expect(ids({ sort: "evidence" }, all)[0]).toBe("mild");
    expect(ids({ sort: "waiting" }, all)).toEqual(["fire", "mild", "worst"]);
  });

  it("narrows by state, severity, hazard, area and words, all of which must fit", () => {
    expect(ids({ state: "closed" }, all)).toEqual(["over", "joined"]);
    expect(ids({ state: "all" }, all)).toHaveLength(5);
    expect(ids({ severity: "Severe" }, all)).toEqual(["worst", "fire"]);
    expect(ids({ hazard: "fire" }, all)).toEqual(["fire"]);
    expect(ids({ area: "KE.042.238" }, all)).toEqual(["worst"]);
    expect(ids({ search: "SOKONI moto" }, all)).toEqual(["fire"]);
    expect(ids({ search: "moto nyalenda" }, all)).toEqual([]);
    expect(ids({ only: "uncovered" }, all)).toEqual(["fire", "mild"]);
  });

  it("calls overdue what an ask ran out for, and what nobody is left for", () => {
    const late = [ask("1", { deadline: at(-1) })];
    expect(overdue(incident("a"), late, NOON)).toBe(true);
    expect(overdue(incident("a"), [ask("1")], NOON)).toBe(false);
    expect(overdue(incident("a"), [ask("1", { state: "accepted", deadline: at(-1) })], NOON)).toBe(false);
    expect(overdue(incident("a", { exhausted: ["boat"] }), [], NOON)).toBe(true);
    expect(overdue(incident("a", { state: "closed", exhausted: ["boat"] }), [], NOON)).toBe(false);
    expect(ids({ only: "overdue" }, all, new Map([["fire", late]]))).toEqual(["fire"]);
  });

  it("keeps its order when everything else is alike", () => {
    const alike = ["b", "c", "a"].map((id) => incident(id));
    expect(ids({}, alike)).toEqual(["a", "b", "c"]);
  });

  it("knows an area by whole segments", () => {
    expect(within("KE.042.242", "KE.042")).toBe(true);
    expect(within("KE.0421", "KE.042")).toBe(false);
    expect(within("KE.042", "KE.042")).toBe(true);
  });

  it("counts the limits that are set, and finds the ask that runs out first", () => {
    expect(limits({ ...EVERYTHING, sort: "newest", search: "x" })).toBe(0);
    expect(limits({ ...EVERYTHING, hazard: "fire", only: "overdue" })).toBe(2);
    expect(openAsk([ask("1", { deadline: at(90) }), ask("2", { deadline: at(60) }), ask("3", { state: "declined", deadline: at(5) })])?.id).toBe("2");
    expect(openAsk([])).toBeNull();
  });

  it("counts who came and finished once each, and calls nobody-going only where nobody was", () => {
    const done = [ask("1", { state: "done" }), ask("2", { state: "done" }), ask("3", { state: "declined", responder: "r002" })];
    expect(finished(done)).toBe(1);
    expect(finished([])).toBe(0);
    expect(uncovered(incident("a"), [])).toBe(true);
    expect(uncovered(incident("a"), [ask("1", { state: "declined" })])).toBe(true);
    expect(uncovered(incident("a"), done)).toBe(false);
    expect(uncovered(incident("a", { going: 1 }), [])).toBe(false);
    expect(ids({ only: "uncovered" }, all, new Map([["fire", done]]))).toEqual(["mild"]);
    expect(ids({ sort: "waiting" }, all, new Map([["fire", done]]))[0]).toBe("mild");
  });

  it("sorts two thousand without being felt", () => {
    const many = Array.from({ length: 2_000 }, (_, n) => incident(`i${n}`, { opened_at: at(n), severity: n % 3 ? "Minor" : "Extreme" }));
    expect(ids({}, many).slice(0, 2)).toEqual(["i1998", "i1995"]);
  });
});
