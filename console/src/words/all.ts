/** Learn the words of every page: for the console and the style guide, which show parts of all. */
import { en } from "./en";
import { sw } from "./sw";
import { learn } from "./words";

learn({ en, sw });
