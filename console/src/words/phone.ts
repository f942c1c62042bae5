/** Words of the phone. */
const en = {} as const;

const sw: Readonly<Record<keyof typeof en, string>> = {};

export const phoneWords = { en, sw };
