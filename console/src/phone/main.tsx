/** The phone page's first file: dress, draw, begin. Next: `phone.ts`. */
import "../trusted";
import { render } from "preact";
import "../look/elements.css";
import "./phone.css";
import "./cards.css";
import "./ask.css";
import "./map-view.css";
import { dress } from "../look/theme";
import { phoneWords } from "../words/phone";
import { language, learn } from "../words/words";
import { App } from "./App";
import { phone } from "./desk";
import { serveFromHere } from "./served";

learn(phoneWords);
dress();
document.documentElement.lang = language.peek();
render(<App />, document.getElementById("root")!);
void serveFromHere(phone);
void phone.start();
