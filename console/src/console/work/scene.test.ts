import { expect, it } from "vitest";
import type { Presence } from "../../data/contract";
import { ask, at } from "./made";
import { by, grave, sceneOf } from "./scene";

const presence = (responder: string, since: number, news: Partial<Presence> = {}): Presence => ({
  id: `${responder}@i`,
  state: "inside",
  incident: "i",
  responder,
  name: responder,
  since: at(since),
  ...news,
});

it("puts those whom nobody sent first, then who came first; who declined was not sent", () => {
  const asks = [ask("a1", { responder: "r1", state: "enroute" }), ask("a2", { responder: "r2", state: "declined" })];
  const { now } = sceneOf([presence("r1", 10), presence("r3", 30), presence("r2", 40), presence("r4", 20)], asks);
  expect(now.map(({ presence: { responder }, ask: found }) => [responder, found?.id])).toEqual([
    ["r4", undefined],
    ["r3", undefined],
    ["r2", undefined],
    ["r1", "a1"],
  ]);
});

it("takes the newest ask that counts of several to one person", () => {
  const asks = [ask("new", { responder: "r1", state: "withdrawn" }), ask("old", { responder: "r1", state: "arrived" })];
  expect(sceneOf([presence("r1", 10)], asks).now[0]!.ask?.id).toBe("old");
});

it("keeps who left, the last to leave first", () => {
  const left = (responder: string, when: number) => presence(responder, 0, { state: "left", left_at: at(when) });
  const { now, earlier } = sceneOf([left("r1", 100), left("r2", 300), presence("r3", 5)], []);
  expect(now.map(({ presence: { responder } }) => responder)).toEqual(["r3"]);
  expect(earlier.map(({ responder }) => responder)).toEqual(["r2", "r1"]);
});

it("calls grave what can reach whoever stands in it", () => {
  expect(grave({ hazard: "flood", severity: "Extreme" })).toBe(true);
  expect(grave({ hazard: "flood", severity: "Moderate" })).toBe(false);
  expect(grave({ hazard: "road-crash", severity: "Extreme" })).toBe(false);
});

it("sorts by incident or by person", () => {
  const all = [presence("r1", 0), presence("r2", 0)];
  expect([...by(all, "incident").keys()]).toEqual(["i"]);
  expect([...by(all, "responder").keys()]).toEqual(["r1", "r2"]);
});
