/** What the desk's lists rest on: sorted and counted once for each change, whoever reads them. */
import { computed, signal } from "@preact/signals";
import type { Alert, Assignment, Gauge, Report, Responder } from "../data/contract";
import { tick } from "../parts/tick";
import { areas, store } from "./desk";
import { stations } from "./places";
import { inOrder } from "./work/alerts";
import { byOver, over } from "./work/gauges";
import { arranged, EVERYTHING, type Filter } from "./work/incidents";
import { queue } from "./work/queue";
import { by } from "./work/scene";

const { docs } = store;

/** Reports whose place nobody knows yet, the oldest first. */
export const waiting = computed<readonly Report[]>(() => queue(docs.report.value.values()));

/** The assignments of each incident, the newest ask first. */
export const asks = computed<ReadonlyMap<string, readonly Assignment[]>>(() => {
  const by = new Map<string, Assignment[]>();
  for (const ask of docs.assignment.value.values()) {
    const some = by.get(ask.incident);
    if (some) some.push(ask);
    else by.set(ask.incident, [ask]);
  }
  for (const some of by.values()) some.sort((a, b) => b.offered_at.localeCompare(a.offered_at));
  return by;
});

/** Who is or was at the scene of each incident, by their positions. */
export const presences = computed(() => by(docs.presence.value.values(), "incident"));

export const filter = signal<Filter>(EVERYTHING);

/** Deadlines pass without anything being said: the order is looked at anew every five seconds. */
const slow = computed(() => Math.floor(tick.value / 5_000) * 5_000);

export const incidents = computed(() => arranged(docs.incident.value.values(), asks.value, filter.value, slow.value));

export const openIncidents = computed(() => {
  let open = 0;
  for (const incident of docs.incident.value.values()) if (incident.state === "open") open += 1;
  return open;
});

/** One's own area's warnings first, and of those what waits for a decision. */
export const alerts = computed<readonly Alert[]>(() => inOrder(docs.alert.value.values(), areas.value));

/** Gauges over the worst mark first, then the fastest rising. */
export const gauges = computed<readonly Gauge[]>(() => byOver(docs.gauge.value.values(), stations.value));

/** How many stand over a mark. */
export const gaugesOver = computed(() => gauges.value.filter((gauge) => over(gauge, stations.value.get(gauge.id)) !== null).length);

/** Asks that stand with each responder: offered or being carried out. */
export const busy = computed<ReadonlyMap<string, number>>(() => {
  const by = new Map<string, number>();
  for (const ask of docs.assignment.value.values()) {
    if (STANDING.has(ask.state)) by.set(ask.responder, (by.get(ask.responder) ?? 0) + 1);
  }
  return by;
});

const STANDING: ReadonlySet<Assignment["state"]> = new Set(["offered", "accepted", "enroute", "arrived"]);

/** People on shift first, by name. */
export const people = computed<readonly Responder[]>(() =>
  [...docs.responder.value.values()]
    .filter((person) => person.active !== false)
    .sort((a, b) => Number(b.on_shift) - Number(a.on_shift) || a.name.localeCompare(b.name)),
);

export const deadLetters = computed(() => {
  let open = 0;
  for (const letter of docs.deadletter.value.values()) if (letter.state === "open") open += 1;
  return open;
});
