/**
 * The phone page's service worker: keeps the files of one build, and answers with them before it asks the network.
 *
 * The build writes the list of files and their version into it (`console/phone-worker.ts`). What is not a file of the page
 * (the API, the live line, map data) is none of its business. Written by hand: the whole policy is these few lines, and
 * a library for it is larger than the page.
 */
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetched extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: "install" | "activate", hear: (event: Waiting) => void): void;
  addEventListener(kind: "fetch", hear: (event: Fetched) => void): void;
  addEventListener(kind: "message", hear: (event: MessageEvent) => void): void;
}

const PAGE = "/phone";
const { version, files } = JSON.parse("__PHONE_FILES__") as { version: string; files: string[] };
const NAME = `phone-${version}`;
const worker = self as unknown as Worker;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(files)));
});

worker.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("phone-") && name !== NAME).map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

worker.addEventListener("message", (event) => {
  if (event.data === "take-over") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === PAGE) event.respondWith(kept(PAGE, request));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith(keeping(request));
  } else if (files.includes(url.pathname)) {
    event.respondWith(kept(url.pathname, request));
  }
});

async function kept(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  return (await cache.match(path)) ?? fetch(request);
}

/** Files whose name says what is in them: what was fetched once (the map) is kept with this build. */
async function keeping(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}
