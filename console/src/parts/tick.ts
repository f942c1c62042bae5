/** The second hand of a page: everything that counts ages or deadlines reads `tick`, by the server's clock. */
import { signal } from "@preact/signals";
import { now } from "../data/api";

/** The server's time, milliseconds, moved on each second. */
export const tick = signal(now());

if (typeof document !== "undefined") setInterval(() => (tick.value = now()), 1_000);
