/**
 * Reasons in the reader's language. The server gives each part of a score its name and its reason in English; what it
 * says by a pattern is said here in the language chosen, anything else stands as it came.
 */
import type { Report } from "../../data/contract";
import { HAZARDS, SEVERITIES } from "../../data/contract";
import { far } from "../../parts/spans";
import { inert } from "../../parts/Said";
import { language, t, type Key } from "../../words/words";
import { known, skill } from "./skills";

const NAMES: Readonly<Record<string, Key>> = {
  hazard: "part.hazard",
  dead: "part.dead",
  trapped: "part.trapped",
  missing: "part.missing",
  injured: "part.injured",
  people: "part.people",
  household: "part.household",
  vulnerable: "part.vulnerable",
  haste: "part.haste",
  minor: "part.minor",
  source: "part.source",
  corroboration: "part.corroboration",
  channels: "part.channels",
  sensors: "part.sensors",
  hoax: "part.hoax",
  distance: "part.distance",
  time: "part.time",
  ward: "part.ward",
  skill: "part.skill",
  load: "part.load",
  level: "part.level",
};

/** Which parts speak of how bad it is; the others speak of how sure it is. */
const OF_SEVERITY: ReadonlySet<string> = new Set([
  "hazard",
  "dead",
  "trapped",
  "missing",
  "injured",
  "people",
  "household",
  "vulnerable",
  "haste",
  "minor",
]);

export function ofSeverity(name: string): boolean {
  return OF_SEVERITY.has(name);
}

export function partName(name: string): string {
  const key = NAMES[name];
  return key === undefined ? name : t(key);
}

type Say = (found: RegExpExecArray) => string;

const hazard = (word: string) => ((HAZARDS as readonly string[]).includes(word) ? t(`hazard.${word as "flood"}`) : word);
const level = (word: string) => ((SEVERITIES as readonly string[]).includes(word) ? t(`severity.${word as "Severe"}`) : word);

const PATTERNS: readonly (readonly [RegExp, Say])[] = [
  [/^(\S+) counts as (\w+) by itself$/, ([, what = "", how = ""]) => t("why.by-itself", { hazard: hazard(what), severity: level(how) })],
  [/^(\d+) by '(.*)'$/, ([, n = "", words = ""]) => t("why.count", { n, words })],
  [/^'(.*)' among those in danger$/, ([, words = ""]) => t("why.vulnerable", { words })],
  [/^best of (\d+) senders?$/, ([, n = ""]) => t("why.best", { n })],
  [/^(\d+) senders who cannot know of each other$/, ([, n = ""]) => t("why.independent", { n })],
  [/^by (\d+) channels$/, ([, n = ""]) => t("why.channels", { n })],
  [/^(\d+) stations? bears? it out$/, ([, n = ""]) => t("why.stations", { n })],
  [/^(\d+) marks? against it$/, ([, n = ""]) => t("why.against", { n })],
  [/^(\d+) m away$/, ([, n = ""]) => t("why.away", { far: far(Number(n)) })],
  [/^(\d+) min apart$/, ([, n = ""]) => t("why.apart", { n })],
  [/^the same ward$/, () => t("why.same-ward")],
  [/^another ward$/, () => t("why.another-ward")],
  [/^(\d+) open$/, ([, n = ""]) => t("why.open", { n })],
  [/^free$/, () => t("why.free")],
  [/^at home in the ([\w-]+)$/, ([, where = ""]) => t("why.home", { where: rung(where) })],
  [/^from another county$/, () => t("why.another-county")],
  [/^whereabouts unknown$/, () => t("why.unknown-place")],
  [/^([\d.]+) km, from home ward, no position shared$/, ([, n = ""]) => t("why.from-home", { n })],
  [/^([\d.]+) km, from home ward, last position too old$/, ([, n = ""]) => t("why.from-home-old", { n })],
  [/^([\d.]+) km, position (\d+) min old$/, ([, n = "", min = ""]) => t("why.from-fix", { n, min })],
  [/^([\d.]+) km, (.*)$/, ([, n = "", how = ""]) => `${t("far.km", { n })}, ${how}`],
  [/^the ward's name, spelt or shortened otherwise$/, () => t("why.ward-otherwise")],
  [/^the ward's name$/, () => t("why.ward-name")],
  [/^no skill asked for$/, () => t("why.no-skill")],
];

/** Give one reason in the language chosen. It may quote strangers: what turns or hides text is taken out. */
export function told(why: string): string {
  const clean = inert(why);
  // Skills stand as the plans name them: no language's words.
  const skills = clean.split(", ");
  if (skills.every(known)) return skills.map(skill).join(", ");
  if (language.value === "en") return clean;
  for (const [pattern, say] of PATTERNS) {
    const found = pattern.exec(clean);
    if (found) return say(found);
  }
  return clean;
}

/** Give reasons that stand in one line, with `;` between them. */
export function toldAll(why: string): string {
  return why
    .split("; ")
    .map((each) => told(each))
    .join("; ");
}

const RUNGS: Readonly<Record<string, Key>> = {
  ward: "rung.ward",
  "sub-county": "rung.subcounty",
  subcounty: "rung.subcounty",
  county: "rung.county",
  national: "rung.national",
  operator: "rung.operator",
};

/** Name how far the asking has gone. */
export function rung(name: string): string {
  const key = RUNGS[name];
  return key === undefined ? name : t(key);
}

const CODES: Readonly<Record<string, Key>> = {
  "place-unknown": "waits.place-unknown",
  "place-ambiguous": "waits.place-ambiguous",
  "position-outside": "waits.position-outside",
  "position-outside-wards": "waits.position-outside-wards",
  "position-swapped": "waits.position-swapped",
};

/** Say why a report waits. */
export function waitsWhy(report: Report): string {
  const key = CODES[report.code ?? ""];
  return key === undefined ? (report.detail ?? t("waits.place-unknown")) : t(key);
}
