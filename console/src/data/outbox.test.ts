import { describe, expect, it } from "vitest";
import { Problem } from "./api";
import { Outbox, type Said, type Shelf } from "./outbox";

class Memory implements Shelf {
  kept: readonly Said[] = [];
  load = async () => this.kept;
  save = async (all: readonly Said[], gone: readonly string[]) => {
    const ours = new Set([...all.map(({ id }) => id), ...gone]);
    this.kept = structuredClone([...this.kept.filter(({ id }) => !ours.has(id)), ...all]);
  };
}

/** A server that answers as it is told, and remembers what it was sent. */
function server(...answers: (null | Problem)[]) {
  const sent: string[] = [];
  const send = async (_: string, body: Record<string, unknown>) => {
    sent.push(String(body["client_id"]));
    const answer = answers.shift();
    if (answer) throw answer;
  };
  return { sent, send };
}

const OFFLINE = new Problem("offline", 0, "no network");

function tap(id: string, about = "a1", what = "accept") {
  return { id, about, what, path: `/assignments/${about}/answer`, body: { client_id: id } };
}

/** An outbox whose waits end when the test says so. */
function outbox(shelf: Shelf, send: (path: string, body: Record<string, unknown>) => Promise<unknown>) {
  const due: (() => void)[] = [];
  const box = new Outbox(shelf, send, (run) => {
    due.push(run);
    return 0 as unknown as ReturnType<typeof setTimeout>;
  });
  const settle = async () => {
    for (let n = 0; n < 50; n++) await Promise.resolve();
  };
  return {
    box,
    settle,
    again: async () => {
      due.splice(0).forEach((run) => run());
      await settle();
    },
  };
}

describe("an outbox", () => {
  it("sends what is said, once, and forgets it", async () => {
    const shelf = new Memory();
    const { sent, send } = server();
    const { box, settle } = outbox(shelf, send);
    await box.say(tap("x"));
    await settle();
    expect(sent).toEqual(["x"]);
    expect(box.all.value).toEqual([]);
    expect(shelf.kept).toEqual([]);
  });

  it("keeps the same id over tries and over a reload", async () => {
    const shelf = new Memory();
    const first = server(OFFLINE, OFFLINE);
    const before = outbox(shelf, first.send);
    await before.box.say(tap("x"));
    await before.settle();
    await before.again();
    expect(first.sent).toEqual(["x", "x"]);
    const second = server();
    const after = outbox(shelf, second.send);
    await after.box.open();
    await after.settle();
    expect(second.sent).toEqual(["x"]);
    expect(shelf.kept).toEqual([]);
  });

  it("sends in the order of the taps, and none past one that cannot leave", async () => {
    const { sent, send } = server(OFFLINE);
    const { box, settle, again } = outbox(new Memory(), send);
    await box.say(tap("x"));
    await box.say(tap("y", "a1", "enroute"));
    await settle();
    expect(sent).toEqual(["x"]);
    await again();
    expect(sent).toEqual(["x", "x", "y"]);
  });

  it("shows what was refused until it has been seen, and goes on with the rest", async () => {
    const { sent, send } = server(new Problem("seat-taken", 409, "Somebody else goes."));
    const { box, settle } = outbox(new Memory(), send);
    await box.say(tap("x"));
    await box.say(tap("y", "a2"));
    await settle();
    expect(sent).toEqual(["x", "y"]);
    expect(box.all.value.map((said) => [said.id, said.refused?.code])).toEqual([["x", "seat-taken"]]);
    await box.dismiss("x");
    expect(box.all.value).toEqual([]);
  });

  it("waits while nobody is signed in, and loses nothing", async () => {
    const { sent, send } = server(new Problem("unauthenticated", 401, "Sign in."));
    const { box, settle, again } = outbox(new Memory(), send);
    await box.say(tap("x"));
    await settle();
    expect(box.all.value[0]?.refused).toBeNull();
    await again();
    expect(sent).toEqual(["x", "x"]);
  });

  it("says only the last of what replaces each other", async () => {
    const { sent, send } = server(OFFLINE, OFFLINE);
    const { box, settle, again } = outbox(new Memory(), send);
    await box.say(tap("on", "shift", "on"), { instead: true });
    await settle();
    await box.say(tap("off", "shift", "off"), { instead: true });
    await settle();
    await box.say(tap("on2", "shift", "on"), { instead: true });
    await settle();
    expect(sent).toEqual(["on", "off", "on2"]);
    expect(box.all.value).toEqual([]);
    await again();
    expect(sent).toHaveLength(3);
  });

  it("takes nothing from what another tab keeps", async () => {
    const shelf = new Memory();
    const one = outbox(shelf, server(OFFLINE).send);
    const other = outbox(shelf, server(OFFLINE).send);
    await one.box.say(tap("x"));
    await other.box.say(tap("y", "a2"));
    await other.settle();
    expect(shelf.kept.map(({ id }) => id)).toEqual(["x", "y"]);
    await one.again();
    expect(shelf.kept.map(({ id }) => id)).toEqual(["y"]);
  });

  it("sends and keeps nothing once somebody else has the page", async () => {
    const shelf = new Memory();
    const { sent, send } = server(OFFLINE);
    const { box, settle, again } = outbox(shelf, send);
    await box.say(tap("x"));
    await settle();
    shelf.kept = []; // the next person takes up the phone
    box.close();
    await again();
    await box.say(tap("y"));
    expect(sent).toEqual(["x"]);
    expect(shelf.kept).toEqual([]);
  });
});
