import { describe, expect, it } from "vitest";
import { ownScript } from "./trusted";

const HERE = "https://dharura.example/console";

describe("scripts come from this server alone", () => {
  it.each(["/phone-sw.js", "assets/worker.js", "https://dharura.example/assets/worker.js", "#x"])("%s", (address) => {
    expect(ownScript(address, HERE)).toBe(address);
  });

  it.each([
    "https://evil.example/x.js",
    "//evil.example/x.js",
    "https://dharura.example.evil.example/x.js",
    "http://dharura.example/x.js",
    "https://dharura.example:8443/x.js",
    "data:text/javascript,alert(1)",
    "javascript:alert(1)",
    "https://",
  ])("not %s", (address) => {
    expect(() => ownScript(address, HERE)).toThrow();
  });
});
