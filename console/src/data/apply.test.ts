import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apply, EMPTY, KINDS, type State } from "./apply";
import type { Frame } from "./contract";

/** What the server's own tests wrote down of each scenario, as one viewer saw it. */
interface View {
  readonly before: Snapshot;
  readonly frames: readonly Frame[];
  readonly after: Snapshot;
}
type Documents = Extract<Frame, { type: "snapshot" }>["documents"];
interface Snapshot {
  readonly position: string;
  readonly documents: Documents;
}

const VIEWS = join(import.meta.dirname, "../../../fixtures/views");

function snapshot({ position, documents }: Snapshot, parts = 1): Frame[] {
  const size = Math.max(1, Math.ceil(documents.length / parts));
  return [
    { type: "resync", reason: "fresh" },
    ...Array.from({ length: parts }, (_, n): Frame => {
      const some = documents.slice(n * size, (n + 1) * size);
      return { type: "snapshot", position, part: n + 1, of: parts, documents: some };
    }),
  ];
}

function plain(state: State): Record<string, unknown> {
  return Object.fromEntries(
    KINDS.map((kind) => [kind, Object.fromEntries([...state.docs[kind]].sort(([a], [b]) => (a < b ? -1 : 1)))]),
  );
}

describe("on every scenario of the server", () => {
  const files = existsSync(VIEWS) ? readdirSync(VIEWS).filter((name) => name.endsWith(".json")) : [];

  it("there are scenarios", () => {
    expect(files.length).toBeGreaterThan(10);
  });

  it.each(files)("%s: the snapshot before and the frames give the snapshot after", (name) => {
    const views = JSON.parse(readFileSync(join(VIEWS, name), "utf-8")) as View | View[];
    for (const { before, frames, after } of Array.isArray(views) ? views : [views]) {
      const begun = apply(EMPTY, snapshot(before));
      const end = apply(EMPTY, snapshot(after));
      const oneByOne = frames.reduce((state, frame) => apply(state, [frame]), begun);
      expect(plain(oneByOne)).toEqual(plain(end));
      expect(oneByOne.position).toBe(after.position);
      // However they are bundled, and also when some come twice, as after a line that broke.
      expect(apply(begun, frames)).toEqual(oneByOne);
      expect(plain(apply(apply(begun, frames.slice(0, 5)), frames))).toEqual(plain(end));
    }
  });
});

const INCIDENT = { id: "i1", state: "open" };

function put(position: string, value: { id: string }, kind = "incident"): Frame {
  return { type: "change", position, op: "put", kind, id: value.id, value, cause: "c", at: "2026-01-01T00:00:00Z" } as Frame;
}

const READY = apply(EMPTY, snapshot({ position: "e:10", documents: [{ kind: "incident", id: "i1", value: INCIDENT }] as unknown as Documents }));

describe("one frame", () => {
  it("leaves the state it was given as it is", () => {
    const after = apply(READY, [put("e:11", { id: "i2" })]);
    expect(READY.docs.incident.size).toBe(1);
    expect(after.docs.incident.size).toBe(2);
    expect(after.docs.report).toBe(READY.docs.report);
  });

  it("gives the very same state when it says nothing new", () => {
    expect(apply(READY, [put("e:10", { id: "i9" }), put("e:3", { id: "i9" })])).toBe(READY);
    expect(apply(READY, [{ type: "heartbeat", position: "e:10" }])).toBe(READY);
  });

  it("takes away what is gone", () => {
    const gone = { type: "change", position: "e:11", op: "gone", kind: "incident", id: "i1", cause: "c", at: "" } as Frame;
    expect(apply(READY, [gone]).docs.incident.size).toBe(0);
  });

  it("does not know a kind that came with a newer server, and goes on", () => {
    const after = apply(READY, [put("e:11", { id: "x" }, "drone"), put("e:12", { id: "i2" })]);
    expect(after.docs.incident.size).toBe(2);
    expect(after.position).toBe("e:12");
  });

  it("begins anew with the numbers of another epoch", () => {
    const snap = snapshot({ position: "f:2", documents: [{ kind: "incident", id: "z", value: { id: "z" } }] as unknown as Documents });
    const after = apply(READY, [...snap, put("f:3", { id: "y" })]);
    expect([...after.docs.incident.keys()]).toEqual(["z", "y"]);
    expect(after.position).toBe("f:3");
  });
});

describe("a snapshot in parts", () => {
  const documents = ["a", "b", "c"].map((id) => ({ kind: "report", id, value: { id } })) as unknown as Documents;
  const [resync, first, second, third] = snapshot({ position: "e:50", documents }, 3) as [Frame, Frame, Frame, Frame];

  it("shows what stood until it is whole", () => {
    const half = apply(READY, [resync, first, second]);
    expect(half.docs).toBe(READY.docs);
    expect(half.position).toBe("e:10");
    const whole = apply(half, [third]);
    expect([...whole.docs.report.keys()]).toEqual(["a", "b", "c"]);
    expect(whole.docs.incident.size).toBe(0);
    expect(whole.position).toBe("e:50");
  });

  it("that broke off with its line does not stand in the way of what the next line replays", () => {
    const welcome = { type: "welcome", position: "e:11" } as Frame;
    const after = apply(READY, [resync, first, welcome, put("e:11", { id: "i2" })]);
    expect([...after.docs.incident.keys()]).toEqual(["i1", "i2"]);
    expect(after.position).toBe("e:11");
  });

  it("that broke off is forgotten when the next one begins", () => {
    const whole = apply(READY, [resync, first, resync, first, second, third]);
    expect(whole.docs.report.size).toBe(3);
  });
});
