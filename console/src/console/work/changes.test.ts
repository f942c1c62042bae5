import { describe, expect, it } from "vitest";
import { EMPTY } from "../../data/apply";
import { changesSince } from "./changes";
import { alert, ask, at, gauge, incident, NOON, report } from "./made";

const shelf = <D extends { id: string }>(...docs: D[]) => new Map(docs.map((doc) => [doc.id, doc]));

describe("what changed in the last minutes", () => {
  const docs = {
    ...EMPTY.docs,
    incident: shelf(incident("new", { opened_at: at(60) }), incident("old", { opened_at: at(-60) }), incident("shut", { opened_at: at(-90), state: "closed", closed_at: at(50) })),
    report: shelf(report("waits", { seen: at(40) }), report("placed", { seen: at(40), state: "located" })),
    assignment: shelf(ask("goes", { state: "arrived", answered_at: at(5), arrived_at: at(30) }), ask("no", { state: "declined", answered_at: at(20) })),
    alert: shelf(alert("a", { issued_at: at(10), confirmed: { "KE.042.242.1208": { by: "r001", at: at(15) } } })),
    gauge: shelf(gauge("g", { crossed: { mark: "alarm", direction: "up", at: at(70), value: 3 } })),
  };

  it("is told by the documents, the newest first, and nothing of before", () => {
    const told = changesSince(docs, NOON).map((change) => change.what);
    expect(told).toEqual(["rose", "opened", "closed", "waiting", "arrived", "declined", "confirmed", "issued", "accepted"]);
  });

  it("leads to what changed, and is bounded", () => {
    expect(changesSince(docs, NOON, 2).map((change) => change.item)).toEqual([{ kind: "gauge", id: "g" }, { kind: "incident", id: "new" }]);
    expect(changesSince(docs, NOON + 3_600_000)).toEqual([]);
  });
});
