/** What to ask whoever sent a report, in the language they wrote in: pure. The operator may change every word. */
import type { Report } from "../../data/contract";

export const TONGUES = ["en", "sw", "luo"] as const;
export type Tongue = (typeof TONGUES)[number];

/** Common words that tell the languages of the lake counties apart; names of places are in all of them. */
const WORDS: Readonly<Record<Tongue, ReadonlySet<string>>> = {
  en: words("the is in at and are we our of to near people water help please send house flooded flooding fire river has have need children with my"),
  sw: words("ni na ya wa kwa maji watu nyumba tafadhali saidia nisaidieni tusaidie tusaidieni haraka mto mafuriko moto hapa iko yangu yetu zetu wako sana kuna ndani imefurika yamejaa imejaa yamejaa barabara mtoto watoto tunaomba msaada jamani"),
  luo: words("pi ji e gi ne dala nyithindo konywauru konyuru ng'eny ahinya opong' opong'o odong' oonyore mach aora ot udi wi yie ka mar osepong' osepong'o maduong' machiegni"),
};

function words(all: string): ReadonlySet<string> {
  return new Set(all.split(" "));
}

/** Guess the language of a text; null when nothing in it tells. */
export function tongueOf(text: string): Tongue | null {
  const said = text.toLowerCase().match(/[\p{L}']+/gu) ?? [];
  let best: Tongue | null = null;
  let most = 0;
  for (const tongue of TONGUES) {
    const count = said.filter((word) => WORDS[tongue].has(word)).length;
    if (count > most) [best, most] = [tongue, count];
  }
  return best;
}

const WHICH: Readonly<Record<Tongue, string>> = {
  en: "Which place do you mean: {places}?",
  sw: "Unamaanisha wapi: {places}?",
  luo: "En kanye: {places}?",
};

const WHERE: Readonly<Record<Tongue, string>> = {
  en: "Where is it? Name the ward, or a market or school near it.",
  sw: "Ni wapi? Taja wadi, au soko au shule iliyo karibu.",
  luo: "En kanye? Or nying gweng', chiro kata skul machiegni.",
};

/** More places than this do not fit into one text message. */
const MOST = 4;

/** Give the question that would settle where a report is; `placeName` names an area path. */
export function questionFor(report: Report, tongue: Tongue, placeName: (path: string) => string): string {
  const candidates = report.candidates ?? [];
  if (candidates.length < 2 || candidates.length > MOST) return WHERE[tongue];
  const places = candidates.map(({ ward }, n) => `${n + 1} ${placeName(ward)}`).join(", ");
  return WHICH[tongue].replace("{places}", places);
}
