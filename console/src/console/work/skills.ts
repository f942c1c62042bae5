/** Skills and marks as the plans name them, in words; one that no plan of ours has stands as it is. */
import { t, type Key } from "../../words/words";

const SKILLS: Readonly<Record<string, Key>> = {
  "ward-admin": "skill.ward-admin",
  rescue: "skill.rescue",
  boat: "skill.boat",
  ambulance: "skill.ambulance",
  "first-aid": "skill.first-aid",
  fire: "skill.fire",
  police: "skill.police",
  engineer: "skill.engineer",
  "red-cross": "skill.red-cross",
  chief: "skill.chief",
  health: "skill.health",
  medic: "skill.medic",
  relief: "skill.relief",
  "4x4": "skill.4x4",
  swim: "skill.swim",
  medical: "skill.medical",
  "health-promoter": "skill.health-promoter",
  requested: "skill.requested",
};

export function known(name: string): boolean {
  return Object.hasOwn(SKILLS, name);
}

export function skill(name: string): string {
  const key = SKILLS[name];
  return key === undefined ? name : t(key);
}

const MARKS: Readonly<Record<string, Key>> = { alert: "mark.alert", alarm: "mark.alarm", emergency: "mark.emergency", rise: "mark.rise" };

/** Name a mark of a gauge. */
export function mark(name: string): string {
  const key = MARKS[name];
  return key === undefined ? name : t(key);
}
