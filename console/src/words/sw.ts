import { consoleWords } from "./console";
import { mapWords } from "./map";
import { phoneWords } from "./phone";
import { shared } from "./shared";

export const sw = { ...shared.sw, ...mapWords.sw, ...consoleWords.sw, ...phoneWords.sw };
