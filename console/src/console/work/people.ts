/** Who could be asked to go to an incident, as `GET /incidents/{id}/people` gives it, the best first. */
import type { Askable, People } from "../../data/contract";

/** Give the first who can be asked: on shift, and not asked about this before. */
export function firstFree(people: People): Askable | undefined {
  return people.items.find((person) => person.asked === null && person.on_shift) ?? people.items.find((person) => person.asked === null);
}
