/**
 * Have the service worker keep the page, so that it opens without a network; take a newer page only between asks.
 *
 * A newer worker waits until the page is opened the next time. If nothing is asked then, it takes over at once and the
 * page begins anew with it; else the old one goes on: nobody loses a page in the middle of an ask.
 */
import { signal } from "@preact/signals";
import type { Phone } from "./phone";

/** A newer page is ready for the next start. */
export const newer = signal(false);

export async function serveFromHere(phone: Phone): Promise<void> {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  try {
    const worker = await navigator.serviceWorker.register("/phone-sw.js", { scope: "/phone" });
    if (worker.waiting && navigator.serviceWorker.controller) await takeOver(worker.waiting, phone);
    worker.addEventListener("updatefound", () => {
      const coming = worker.installing;
      coming?.addEventListener("statechange", () => {
        if (coming.state === "installed" && navigator.serviceWorker.controller) newer.value = true;
      });
    });
  } catch {
    // Without it the page works while there is a network.
  }
}

async function takeOver(waiting: ServiceWorker, phone: Phone): Promise<void> {
  // What was kept is read first: an ask may be open.
  while (phone.stage.peek() === "reading") await new Promise((done) => setTimeout(done, 50));
  if (phone.open.peek().length > 0) {
    newer.value = true;
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take-over");
}
