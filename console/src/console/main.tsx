/** The console begins: colours, who is here, the live line, the page. */
import "../trusted";
import { render } from "preact";
import "../look/elements.css";
import "../parts/parts.css";
import "./console.css";
import { Problem } from "../data/api";
import { dress } from "../look/theme";
import { effect, untracked } from "@preact/signals";
import "../words/all";
import { language, speak } from "../words/words";
import { App } from "./App";
import { watchFeeds } from "./bar/feeds";
import { open, session } from "./desk";
import { load } from "./places";
import { unlockSound } from "./sound";
import { watch } from "./watch";
import { holdWhileOpen } from "./work/dialogs";
import { watchPicking } from "./work/picking";

dress();
speak(language.peek());
render(<App />, document.getElementById("root")!);
open();
watch();
unlockSound();
holdWhileOpen();
watchPicking();

let looked = false;
effect(() => {
  if (session.standing.value !== "in" || looked) return;
  looked = true;
  untracked(() => {
    void load();
    void watchFeeds();
  });
});

/** Ask who is signed in until the server answers. */
async function resume(waitMs = 1_000): Promise<void> {
  try {
    await session.resume();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    setTimeout(() => void resume(Math.min(waitMs * 2, 10_000)), waitMs);
  }
}
void resume();
