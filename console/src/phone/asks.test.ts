import { expect, test } from "vitest";
import type { Assignment, AssignmentState } from "../data/contract";
import { ASSIGNMENT_STATES, SEVERITIES } from "../data/contract";
import type { Said } from "../data/outbox";
import { after, GRACE_MS, isOpen, last, left, mayStillGo, next, open, outcome, past, reasonOf, stand, type Answer } from "./asks";

const NOW = Date.parse("2026-04-26T14:00:00Z");
const ANSWERS: readonly Answer[] = ["accept", "decline", "enroute", "arrived", "done"];

function ask(news: Partial<Assignment> = {}): Assignment {
  return {
    id: "a1", code: "3K", state: "offered", incident: "i1", responder: "r001", responder_name: "Achieng", need: "boat",
    rung: "ward", attempt: 1, offered_at: "2026-04-26T13:59:00Z", deadline: "2026-04-26T14:02:00Z", hazard: "flood",
    severity: "Severe", ward: "KE.042.242.1208", ward_name: "Ahero", lon: 34.92, lat: -0.19, ...news,
  };
}

function said(what: string, news: Partial<Said> = {}): Said {
  return { id: `s-${what}`, about: "a1", what, path: "", body: {}, at: NOW, tries: 0, refused: null, ...news };
}

/** A small generator, so that a failure can be repeated. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761 + 1;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

test("a tap shows at once, over what the server knows", () => {
  expect(stand(ask(), [said("accept")]).phase).toBe("accepted");
  expect(stand(ask(), [said("accept"), said("enroute")]).phase).toBe("enroute");
  expect(stand(ask({ state: "accepted" }), [said("decline")]).phase).toBe("declined");
  expect(stand(ask(), [said("accept", { about: "another" })]).phase).toBe("offered");
});

test("what was refused changes nothing and is shown until it was seen", () => {
  const refused = { code: "assignment-taken", detail: "" };
  const standing = stand(ask({ state: "withdrawn", ground: "taken" }), [said("accept", { refused })]);
  expect(standing.phase).toBe("withdrawn");
  expect(standing.refused?.refused?.code).toBe("assignment-taken");
  expect(isOpen(standing, NOW)).toBe(true);
});

test("saying it again, in any order and any number of times, never goes back and never comes out elsewhere", () => {
  for (let seed = 0; seed < 500; seed++) {
    const roll = dice(seed);
    const state = ASSIGNMENT_STATES[roll(ASSIGNMENT_STATES.length)] as AssignmentState;
    const answers = Array.from({ length: roll(6) }, () => ANSWERS[roll(ANSWERS.length)] as Answer);
    const once = answers.reduce(after, state);
    const each = answers.flatMap((answer) => [answer, answer]).reduce(after, state);
    expect(each, `seed ${seed}`).toBe(once);
    // The server took the first few, and the phone has not heard that its copies may go: it shows the same.
    const cut = roll(answers.length + 1);
    const taken = answers.slice(0, cut).reduce(after, state);
    if (!answers.includes("decline")) {
      const shown = stand(ask({ state: taken }), answers.map((answer, n) => said(answer, { id: `${n}` })));
      expect(shown.phase, `seed ${seed}`).toBe(once);
    }
  }
});

test("the most pressing is first: unanswered before going, the graver first, then the sooner", () => {
  const all = [
    stand(ask({ id: "going", state: "enroute", severity: "Extreme" }), []),
    stand(ask({ id: "minor", severity: "Minor" }), []),
    stand(ask({ id: "later", deadline: "2026-04-26T14:05:00Z" }), []),
    stand(ask({ id: "sooner", deadline: "2026-04-26T14:01:00Z" }), []),
    stand(ask({ id: "over", state: "done" }), []),
  ];
  expect(open(all, NOW).map((each) => each.ask.id)).toEqual(["sooner", "later", "minor", "going"]);
  expect(past(all, NOW).map((each) => each.ask.id)).toEqual(["over"]);
});

test("every ask is either open or past, and the order does not depend on how they came", () => {
  for (let seed = 0; seed < 200; seed++) {
    const roll = dice(seed);
    const all = Array.from({ length: 8 }, (_, n) =>
      stand(
        ask({
          id: `a${n}`,
          state: ASSIGNMENT_STATES[roll(8)] as AssignmentState,
          severity: SEVERITIES[roll(5)]!,
          deadline: new Date(NOW + (roll(9) - 4) * 30_000).toISOString(),
        }),
        [],
      ),
    );
    const [now, then] = [open(all, NOW), past(all, NOW)];
    expect(now.length + then.length).toBe(all.length);
    expect(open([...all].reverse(), NOW), `seed ${seed}`).toEqual(now);
    expect(past([...all].reverse(), NOW), `seed ${seed}`).toEqual(then);
  }
});

test("an ask whose time is over leaves the page after the grace, and says it was missed", () => {
  const standing = stand(ask(), []);
  const end = Date.parse("2026-04-26T14:02:00Z");
  expect(isOpen(standing, end + GRACE_MS - 1)).toBe(true);
  expect(isOpen(standing, end + GRACE_MS)).toBe(false);
  expect(outcome(standing)).toBe("late");
  expect(outcome(stand(ask({ state: "withdrawn", ground: "taken" }), []))).toBe("taken");
});

test("who missed it may still offer to go while it is going on", () => {
  expect(mayStillGo(stand(ask({ state: "expired" }), []), "open")).toBe(true);
  expect(mayStillGo(stand(ask({ state: "expired" }), []), "closed")).toBe(false);
  expect(mayStillGo(stand(ask({ state: "withdrawn" }), []), "open")).toBe(false);
});

test("the steps follow one another", () => {
  let phase: AssignmentState = "offered";
  const steps: Answer[] = [];
  for (let step = next(phase); step !== null; step = next(phase)) {
    steps.push(step);
    phase = after(phase, step);
  }
  expect(steps).toEqual(["accept", "enroute", "arrived", "done"]);
});

test("small things: the time left, the last word, reasons", () => {
  expect(left(ask(), NOW)).toBeCloseTo(2 / 3);
  expect(left(ask(), NOW + 1e7)).toBe(0);
  expect(left(ask({ deadline: ask().offered_at }), NOW)).toBe(0);
  expect(last(ask({ answered_at: "2026-04-26T14:10:00Z" }))).toBe(NOW + 600_000);
  expect(reasonOf("no vehicle")).toBe("vehicle");
  expect(reasonOf("my own words")).toBeNull();
});
