import { expect, test } from "vitest";
import { answer, newId, passedOn, report, shift } from "./sayings";

const FIX = { lon: 34.9, lat: -0.2, accuracy_m: 12, at: 0 };

test("the id of a saying is the id by which the server knows it again", () => {
  expect(answer("x1", "a1", "accept", "", null).body).toEqual({ answer: "accept", client_id: "x1" });
  expect(report("x1", { hazard: "fire", text: "Moto", fix: null }, false, 0).body["idempotency_key"]).toBe("x1");
  expect(new Set(Array.from({ length: 1_000 }, newId)).size).toBe(1_000);
});

test("where somebody is goes with what they say only when it is given", () => {
  expect(answer("x", "a1", "decline", "no vehicle", FIX).body).toEqual({
    answer: "decline", client_id: "x", reason: "no vehicle", lon: 34.9, lat: -0.2,
  });
  expect(report("x", { hazard: null, text: "Moto", fix: FIX }, true, 0).body).toMatchObject({
    channel: "officer", position_of: "reporter", accuracy_m: 12, happened_at: "1970-01-01T00:00:00.000Z",
  });
  expect(report("x", { hazard: null, text: "Moto", fix: null }, false, 0).body).not.toHaveProperty("lon");
});

test("what is said of one thing stands under that thing", () => {
  expect(shift("x", "r001", false)).toMatchObject({ about: "shift", what: "off", body: { on: false } });
  expect(passedOn("x", "w1", "KE.042.242.1208", "baraza")).toMatchObject({ about: "w1", path: "/alerts/w1/passed-on" });
  const seen = { hazard: null, text: "Moto", fix: null };
  expect(report("1", seen, false, 0).about).not.toBe(report("2", seen, false, 0).about);
});
