/**
 * Ask the server over HTTP: JSON in, JSON out, every refusal a `Problem` with the server's stable code.
 *
 * Whoever calls says nothing of tokens: `session.ts` hands them out and renews them. The server's clock is read from each
 * answer, because deadlines run by it and a phone's own clock may be wrong by hours.
 */
import { signal } from "@preact/signals";

/** A refusal or a failure. `code` is one of docs/errors.md, or `offline` when no answer came. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(`${code}: ${detail}`);
  }

  /** Whether the same request may succeed later without anybody changing it. */
  get passing(): boolean {
    if (this.code === "no-answer") return true; // a gateway, a hotspot's own page: the server has not spoken
    return this.status === 0 || this.status === 408 || this.status === 425 || this.status === 429 || this.status >= 500;
  }
}

/** Milliseconds by which the server's clock is ahead of this device's. */
export const clockAhead = signal(0);

/** The time by the server's clock, milliseconds since 1970. */
export function now(): number {
  return Date.now() + clockAhead.peek();
}

export interface Request {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly token?: string | null;
  readonly signal?: AbortSignal;
  /** Give up after so long; a phone at the edge of a network otherwise waits for minutes. */
  readonly patienceMs?: number;
}

/** Send one request; gives the answer's JSON (undefined when it has none). Throws Problem and nothing else. */
export async function send<T>(path: string, request: Request = {}): Promise<T> {
  const { method = request.body === undefined ? "GET" : "POST", body, token, patienceMs = 30_000 } = request;
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token) headers["authorization"] = `Bearer ${token}`;
  const patience = AbortSignal.timeout(patienceMs);
  const asked = Date.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "same-origin",
      signal: request.signal ? AbortSignal.any([request.signal, patience]) : patience,
    });
    text = response.status === 204 || response.status === 304 ? "" : await response.text();
  } catch (error) {
    throw new Problem("offline", 0, error instanceof Error ? error.message : String(error));
  }
  readClock(response, asked);
  if (!response.ok) throw problem(response, text);
  if (response.status === 204 || response.status === 304) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw problem(response, ""); // a hotspot that wants to be paid first answers 200 with a page of its own
  }
}

function readClock(response: Response, asked: number): void {
  const said = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(said)) return;
  // The header has whole seconds and was written somewhere between the asking and now.
  const answered = Date.now();
  const lowest = said - answered;
  const highest = said + 1000 - asked;
  const standing = clockAhead.peek();
  if (standing < lowest || standing > highest) clockAhead.value = (lowest + highest) / 2;
}

function problem(response: Response, text: string): Problem {
  const wait = Number(response.headers.get("retry-after"));
  const retry = wait > 0 ? wait * 1000 : null;
  try {
    const said = JSON.parse(text) as { code?: string; detail?: string; title?: string };
    if (said.code) return new Problem(said.code, response.status, said.detail ?? said.title ?? said.code, retry);
  } catch {
    // Not ours: a proxy in between answered.
  }
  return new Problem("no-answer", response.status, `The server answered ${response.status}.`, retry);
}
