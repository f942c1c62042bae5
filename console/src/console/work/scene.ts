/** Who is at the scene of an incident by their positions, beside what they say of their assignments: pure. */
import type { Assignment, Incident, Presence } from "../../data/contract";

export interface There {
  readonly presence: Presence;
  /** The newest ask that still counts; without one nobody sent them. */
  readonly ask: Assignment | undefined;
}

export interface Scene {
  /** Who is there now: those whom nobody sent first, then who came first. */
  readonly now: readonly There[];
  /** Who was there and is not any more, the last to leave first. */
  readonly earlier: readonly Presence[];
}

const SENT: ReadonlySet<Assignment["state"]> = new Set(["offered", "accepted", "enroute", "arrived", "done"]);

/** Give who is at a scene and who was; `asks` are the incident's, the newest first. */
export function sceneOf(presences: readonly Presence[], asks: readonly Assignment[]): Scene {
  const there = presences.filter(({ state }) => state === "inside");
  const now = there.map((presence) => ({
    presence,
    ask: asks.find((each) => each.responder === presence.responder && SENT.has(each.state)),
  }));
  now.sort((a, b) => Number(a.ask !== undefined) - Number(b.ask !== undefined) || a.presence.since.localeCompare(b.presence.since));
  const earlier = presences.filter(({ state }) => state === "left");
  return { now, earlier: earlier.sort((a, b) => (b.left_at ?? "").localeCompare(a.left_at ?? "")) };
}

/** Whether who is there unasked may need help as well as give it. */
export function grave({ hazard, severity }: Pick<Incident, "hazard" | "severity">): boolean {
  return SPREADS.has(hazard) && (severity === "Extreme" || severity === "Severe");
}

/** What can reach whoever stands in it. */
const SPREADS: ReadonlySet<Incident["hazard"]> = new Set(["flood", "fire", "landslide", "structure-collapse", "security"]);

/** Sort presences by one of their sides. */
export function by(presences: Iterable<Presence>, side: "incident" | "responder"): ReadonlyMap<string, readonly Presence[]> {
  const found = new Map<string, Presence[]>();
  for (const each of presences) {
    const some = found.get(each[side]);
    if (some) some.push(each);
    else found.set(each[side], [each]);
  }
  return found;
}
