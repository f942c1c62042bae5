/**
 * The console's map, alone on a page, with as many documents as a bad night brings: driven by `bench/map_fps.py`.
 *
 * Documents are made from a seed and go through the same store, in frames as the server sends them: one whole snapshot,
 * then changes, handed over once for each picture as `data/live.ts` does. `?reports=&units=&incidents=&seed=&theme=&still`.
 */
import { signal } from "@preact/signals";
import { HAZARDS, SEVERITIES, type Frame, type Shown } from "../../console/src/data/contract";
import type { Item, Placing } from "../../console/src/data/items";
import { Store } from "../../console/src/data/store";
import "../../console/src/look/elements.css";
import { dress, theme } from "../../console/src/look/theme";
import { openMap } from "../../console/src/map/map";
import "./main.css";

const asked = new URLSearchParams(location.search);
const many = (name: string, otherwise: number) => Number(asked.get(name) ?? otherwise);

/** Numbers between 0 and 1 that are the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const chance = seeded(many("seed", 7));
const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)]!;
const TOWNS = [
  [34.76, -0.1], [34.92, -0.17], [36.82, -1.29], [39.66, -4.05], [36.07, -0.3], [35.28, 0.52], [34.56, 0.28], [37.65, 0.05],
  [39.64, -0.45], [40.12, -2.27], [35.6, 3.1], [37.99, 2.33], [34.75, -0.68], [37.26, -1.52], [35.0, 1.02], [34.47, -1.06],
] as const;
const bell = () => (chance() + chance() + chance() - 1.5) / 1.5;
const place = (wide: number): { lon: number; lat: number } => {
  const [lon, lat] = pick(TOWNS);
  return { lon: lon + bell() * wide, lat: lat + bell() * wide };
};
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const id = (kind: string, n: number) => `${kind}-${n}`;

function responder(n: number, at: { lon: number; lat: number }, fix: string): Shown {
  const value = {
    id: id("unit", n), key: "KE.042", name: `Responder ${n}`, home: "KE.042", has_app: true, active: true, on_shift: true,
    ...at, fix_at: fix,
  };
  return { kind: "responder", id: value.id, value };
}

const wards = ["KE.042.242.1208", "KE.042.242.1206", "KE.042.242.1210", "KE.042.238.1189", "KE.042.243.1215", "KE.042.240.1199"];
const documents: Shown[] = [];
for (let n = 0; n < many("reports", 20_000); n += 1) {
  const value = {
    id: id("report", n), reference: String(n), state: "located", at: ago(chance() * 7.2e6), seen: ago(0), channel: "sms",
    position_of: "incident", source_kind: "citizen", text: `Water is rising ${n}`, hazard: "flood", ...place(0.6),
    ...(chance() < 0.5 ? { incident: id("incident", n % 200) } : {}),
  } as const;
  documents.push({ kind: "report", id: value.id, value });
}
for (let n = 0; n < many("incidents", 200); n += 1) {
  const value = {
    id: id("incident", n), reference: String(n), state: "open", hazard: n < 12 ? HAZARDS[n]! : pick(HAZARDS), severity: pick(SEVERITIES),
    ward: pick(wards), ward_name: "Ahero", ...place(n % 3 === 0 ? 0.15 : 0.8), reports: 1 + Math.floor(chance() ** 3 * 300),
    evidence: chance(), opened_at: ago(3.6e6), last_at: ago(chance() * 3.6e6), asked: 2, going: 1,
  } as const;
  documents.push({ kind: "incident", id: value.id, value });
}
const units: { lon: number; lat: number }[] = [];
for (let n = 0; n < many("units", 2_000); n += 1) {
  units.push(place(0.5));
  documents.push(responder(n, units[n]!, ago(n % 9 === 0 ? 3.6e6 : chance() * 6e5)));
  if (n % 11 !== 0) continue;
  const value = {
    id: id("ask", n), code: "1", state: n % 2 ? "enroute" : "offered", incident: id("incident", n % 200), responder: id("unit", n),
    responder_name: `Responder ${n}`, need: "boat", rung: "ward", attempt: 1, offered_at: ago(1e5), deadline: ago(-1e5),
    hazard: "flood", severity: "Severe", ward: wards[0]!, ward_name: "Ahero", ...place(0.3),
  } as const;
  documents.push({ kind: "assignment", id: value.id, value });
}
(["nyando-muhoroni", "nyando-ogilo", "nyando-ahero", "sondu-sondu", "nzoia-sigomere"] as const).forEach((station, n) => {
  const mark = ["emergency", "alarm", "alert", undefined, undefined][n];
  const value = { id: station, level: 3.2, unit: "m", ...(mark ? { mark } : {}), heard_at: ago(n === 4 ? 9e6 : 6e4) };
  documents.push({ kind: "gauge", id: station, value });
});
const cap = {
  identifier: "1", sender: "bench", sent: ago(0), status: "Exercise", msg_type: "Alert", scope: "Public",
} as const;
documents.push({
  kind: "alert", id: "alert-1",
  value: {
    id: "alert-1", key: "KE.042", state: "issued", cap, severity: "Severe", hazard: "flood",
    wards: wards.slice(0, 3).map((ward) => ({ ward, minutes: 30 })),
  },
});

const store = new Store();
const selected = signal<Item | null>(null);
const placing = signal<Placing | null>(null);
const hovered = signal<{ path: string; name: string } | null>(null);
const areas = signal([asked.get("area") ?? "KE"]);
if (asked.get("theme") === "night" || asked.get("theme") === "day") theme.value = asked.get("theme") as "day" | "night";
dress();

let offset = 0;
const position = () => `bench:${offset}`;
store.take([
  { type: "resync", reason: "fresh" },
  { type: "snapshot", position: position(), part: 1, of: 1, documents },
]);

// Every unit moves once in one to two seconds; what came since the last picture is handed over together.
const heading = units.map(() => chance() * 2 * Math.PI);
let due = 0;
let before = performance.now();
function tick(at: number): void {
  due += ((at - before) / 1500) * units.length;
  before = at;
  const frames: Frame[] = [];
  for (; due >= 1 && frames.length < units.length; due -= 1) {
    const n = offset % units.length;
    offset += 1;
    heading[n]! += (chance() - 0.5) * 0.6;
    const at = units[n]!;
    units[n] = { lon: at.lon + Math.cos(heading[n]!) * 3e-4, lat: at.lat + Math.sin(heading[n]!) * 3e-4 };
    const { kind, id, value } = responder(n, units[n]!, ago(n % 9 === 0 ? 3.6e6 : 0)) as Extract<Shown, { kind: "responder" }>;
    frames.push({ type: "change", op: "put", position: position(), cause: "bench", at: ago(0), kind, id, value });
    // One report in two hundred moves of units: a flood of them is about seven a second.
    if (offset % 200 !== 0) continue;
    const report = documents[n]!;
    if (report.kind !== "report") continue;
    const more = { ...report.value, id: id_(offset), ...place(0.6) };
    offset += 1;
    frames.push({ type: "change", op: "put", position: position(), cause: "bench", at: ago(0), kind: "report", id: more.id, value: more });
  }
  if (frames.length > 0) store.take(frames);
  requestAnimationFrame(tick);
}
const id_ = (n: number) => id("late", n);

// Clicks that took 16 ms or longer from the finger to the screen, as the browser measures them.
const timed: number[] = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.name === "click") timed.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16 } as PerformanceObserverInit);

// Settled: the fine ground has come, or none is needed, and nothing long has run for a while.
let fetched = 0;
let longAt = performance.now();
new PerformanceObserver((list) => {
  fetched += list.getEntries().filter(({ name }) => name.includes("/map/base")).length;
  longAt = performance.now();
}).observe({ type: "resource", buffered: true });
const settled = () => fetched >= (areas.peek()[0] === "KE" ? 2 : 3) && performance.now() - longAt > 4_000;

const opened = openMap(document.getElementById("map")!, {
  store,
  theme,
  selected,
  placing,
  hovered,
  ...(asked.has("near") ? {} : { areas }),
});
void opened.then((map) => {
  Object.assign(globalThis, { bench: { map, store, selected, placing, hovered, theme, timed, settled } });
  if (!asked.has("still")) requestAnimationFrame(tick);
});
