/** Words of the console. */
const en = {} as const;

const sw: Readonly<Record<keyof typeof en, string>> = {};

export const consoleWords = { en, sw };
