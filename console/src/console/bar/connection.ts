/** How the line stands, for the banner: pure. Times are milliseconds by the page's own clock. */
import type { Line, Return } from "../../data/live";

export type Standing =
  | { readonly kind: "starting" }
  | { readonly kind: "live"; readonly quietMs: number }
  /** The line is open and nothing has come for longer than the server's rhythm. */
  | { readonly kind: "quiet"; readonly quietMs: number }
  | { readonly kind: "lost"; readonly lostMs: number; readonly nextMs: number }
  | { readonly kind: "out" };

/** The server says something at least every 20 s; a breath more is no reason for doubt. */
const QUIET_MS = 23_000;
/** How long the page says that it is back. */
const BACK_MS = 12_000;
/** A line that was away for less was hardly missed. */
const BLINK_MS = 2_000;

export function standing(line: Line, heard: number, now: number): Standing {
  switch (line.state) {
    case "starting":
      return { kind: "starting" };
    case "out":
      return { kind: "out" };
    case "lost":
      return { kind: "lost", lostMs: now - line.since, nextMs: Math.max(0, line.retryAt - now) };
    case "open": {
      // A device's clock that was set back must not make a dead line look alive.
      const quietMs = Math.abs(now - Math.max(heard, line.since));
      return { kind: quietMs > QUIET_MS ? "quiet" : "live", quietMs };
    }
  }
}

/** Say whether what is shown may be old: the page then loses its colours. */
export function doubtful(state: Standing): boolean {
  return state.kind === "lost" || state.kind === "quiet" || state.kind === "out";
}

/** Give the return that is still news; none where it was away for no longer than a blink. */
export function news(returned: Return | null, now: number): Return | null {
  if (returned === null || now - returned.at >= BACK_MS) return null;
  return returned.awayMs < BLINK_MS && returned.resync === null ? null : returned;
}
