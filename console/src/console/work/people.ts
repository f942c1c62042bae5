/** Who could be asked to go to an incident, as `GET /incidents/{id}/people` gives it, the best first. */
import type { AssignmentState, Part } from "../../data/contract";

export interface Person {
  readonly responder: string;
  readonly name: string;
  readonly title: string;
  readonly phone: string;
  readonly skills: readonly string[];
  readonly on_shift: boolean;
  readonly has_app: boolean;
  readonly score: number;
  readonly reason: string;
  readonly parts: readonly Part[];
  readonly distance_m: number | null;
  /** The newest ask about this incident; null when there was none. */
  readonly asked: { readonly assignment: string; readonly state: AssignmentState; readonly need: string } | null;
  readonly busy: number;
}

export interface Need {
  readonly need: string;
  /** Places there are, places of people who go, people who have not answered yet. */
  readonly count: number;
  readonly taken: number;
  readonly asked: number;
  readonly exhausted: boolean;
}

export interface People {
  readonly items: readonly Person[];
  readonly total: number;
  readonly needs: readonly Need[];
}

/** Give the first who can be asked: on shift, and not asked about this before. */
export function firstFree(people: People): Person | undefined {
  return people.items.find((person) => person.asked === null && person.on_shift) ?? people.items.find((person) => person.asked === null);
}
