/** Words of the map. */
const en = {} as const;

const sw: Readonly<Record<keyof typeof en, string>> = {};

export const mapWords = { en, sw };
