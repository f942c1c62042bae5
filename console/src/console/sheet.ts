/** The keys as the sheet (`?`) shows them; `keys.ts` listens to them, and a test holds both alike. */
import type { Key } from "../words/words";

export const SHEET: readonly { readonly title: Key; readonly keys: readonly (readonly [string, Key])[] }[] = [
  {
    title: "keys.lists",
    keys: [
      ["j k", "keys.move"],
      ["Enter", "keys.enter"],
      ["Esc", "keys.esc"],
      ["/", "keys.search"],
      ["g t", "tab.triage"],
      ["g i", "tab.incidents"],
      ["g g", "tab.gauges"],
      ["g a", "tab.alerts"],
      ["g p", "tab.people"],
    ],
  },
  {
    title: "keys.report",
    keys: [
      ["1 … 9", "keys.candidate"],
      ["o", "keys.offered"],
      ["p", "report.place-on-map"],
      ["a", "report.ask-back"],
      ["d", "dismiss.duplicate"],
      ["h", "dismiss.hoax"],
      ["x", "dismiss.not-an-emergency"],
    ],
  },
  {
    title: "keys.incident",
    keys: [
      ["o", "keys.first-person"],
      ["e", "incident.close"],
      ["r", "incident.merge"],
      ["s", "incident.split"],
      ["c", "keys.claim"],
      ["u", "keys.undo"],
    ],
  },
  {
    title: "keys.alert",
    keys: [
      ["y", "alert.approve"],
      ["x", "keys.refuse"],
    ],
  },
  {
    title: "keys.page",
    keys: [
      ["m", "keys.mute"],
      ["n", "keys.night"],
      ["w", "wall"],
      ["?", "keys"],
    ],
  },
];
