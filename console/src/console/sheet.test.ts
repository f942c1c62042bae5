import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import "../words/all";
import { t } from "../words/words";
import { SHEET } from "./sheet";

const LISTENS = readFileSync(new URL("./keys.ts", import.meta.url), "utf-8");

describe("the sheet of keys", () => {
  it("names only keys that are listened to, each in words", () => {
    for (const { title, keys } of SHEET) {
      expect(t(title)).not.toBe(title);
      for (const [shown, words] of keys) {
        expect(t(words)).not.toBe("");
        for (const key of shown.replace("1 … 9", "[1-9]").split(" ")) {
          const said = key === "Esc" ? "Escape" : key;
          expect([`"${said}"`, `${said}: "`, `^${said}$`].some((form) => LISTENS.includes(form)), said).toBe(true);
        }
      }
    }
  });

  it("gives each key of one part of the page one meaning", () => {
    for (const { keys } of SHEET) expect(new Set(keys.map(([key]) => key)).size).toBe(keys.length);
  });
});
