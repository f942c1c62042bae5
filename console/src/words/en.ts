import { consoleWords } from "./console";
import { mapWords } from "./map";
import { phoneWords } from "./phone";
import { shared } from "./shared";

export const en = { ...shared.en, ...mapWords.en, ...consoleWords.en, ...phoneWords.en };
