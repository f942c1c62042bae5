/** Words of the console: written as pairs, so that no word can be without its twin; told apart by language here. */
import { facts } from "./console/facts";
import { guide } from "./console/guide";
import { lists } from "./console/lists";
import { page } from "./console/page";
import { work } from "./console/work";

const pairs = { ...page, ...lists, ...work, ...facts, ...guide };

type Key = keyof typeof pairs;

function side(at: 0 | 1): Readonly<Record<Key, string>> {
  return Object.fromEntries(Object.entries(pairs).map(([key, pair]) => [key, pair[at]])) as Record<Key, string>;
}

export const consoleWords = { en: side(0), sw: side(1) };
