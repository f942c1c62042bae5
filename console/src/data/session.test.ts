import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clockAhead, Problem } from "./api";
import { Session } from "./session";

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly token: string | null;
  readonly body: unknown;
}

let asked: Asked[];
let answer: (path: string, asked: Asked) => Response | Promise<Response>;

function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });
}

const ACCOUNT = { id: "a", name: "kisumu", display_name: "Roselyne", roles: [] };

beforeEach(() => {
  asked = [];
  let n = 0;
  answer = (path) => (path === "/me" ? json({ account: ACCOUNT }) : json({ access_token: `t${++n}`, expires_in: 900 }));
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    const one: Asked = {
      path,
      method: init.method ?? "GET",
      token: headers["authorization"]?.replace("Bearer ", "") ?? null,
      body: init.body ? JSON.parse(init.body as string) : null,
    };
    asked.push(one);
    return answer(path, one);
  });
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a session", () => {
  it("signs in for its own page, and knows who it is", async () => {
    const session = new Session("phone");
    await session.signIn("r001", "secret");
    expect(asked[0]).toMatchObject({ path: "/sessions", body: { name: "r001", password: "secret", keep: "phone" } });
    expect(session.account.value?.display_name).toBe("Roselyne");
    expect(session.standing.value).toBe("in");
  });

  it("goes on after a reload by its cookie", async () => {
    const session = new Session("console");
    await session.resume();
    expect(asked[0]).toMatchObject({ path: "/sessions/refresh", body: { keep: "console" } });
    expect(session.standing.value).toBe("in");
  });

  it("asks once for a token, however many want one, and again only when it is nearly over", async () => {
    const session = new Session("console");
    const tokens = await Promise.all([session.token(), session.token(), session.token()]);
    expect(new Set(tokens).size).toBe(1);
    expect(asked.filter((one) => one.path === "/sessions/refresh")).toHaveLength(1);
    vi.setSystemTime(Date.now() + 800_000);
    await session.token();
    expect(asked.filter((one) => one.path === "/sessions/refresh")).toHaveLength(1);
    vi.setSystemTime(Date.now() + 50_000);
    await session.token();
    expect(asked.filter((one) => one.path === "/sessions/refresh")).toHaveLength(2);
  });

  it("says so when another tab has signed somebody else in", async () => {
    const session = new Session("console");
    await session.resume();
    const usual = answer;
    answer = (path, one) => (path === "/me" ? json({ account: { ...ACCOUNT, id: "b", name: "nyando" } }) : usual(path, one));
    session.forget();
    await session.token();
    expect(session.account.value?.name).toBe("nyando");
  });

  it("is out when the cookie opens nothing any more", async () => {
    answer = () => json({ code: "session-over", detail: "" }, 401);
    const session = new Session("console");
    expect(await session.token()).toBeNull();
    expect(session.standing.value).toBe("out");
  });

  it("is not out because the network is", async () => {
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    const session = new Session("console");
    await expect(session.token()).rejects.toMatchObject({ code: "offline", passing: true });
    expect(session.standing.value).toBe("asking");
    answer = () => json({ code: "not-ready", detail: "" }, 503, { "retry-after": "2" });
    await expect(session.token()).rejects.toMatchObject({ code: "not-ready", retryAfterMs: 2000 });
  });

  it("renews a token that was refused, once, and sends again", async () => {
    const session = new Session("console");
    await session.signIn("kisumu", "secret");
    const usual = answer;
    answer = (path, one) =>
      path === "/incidents" && one.token === "t1" ? json({ code: "token-expired", detail: "" }, 401) : usual(path, one);
    await session.send("/incidents");
    expect(asked.filter((one) => one.path === "/incidents").map((one) => one.token)).toEqual(["t1", "t2"]);
  });

  it("does not send again in another's name what was refused to the one who meant it", async () => {
    const session = new Session("console");
    await session.signIn("kisumu", "secret");
    answer = (path, one) => {
      if (path === "/me") return json({ account: { ...ACCOUNT, id: "b" } });
      if (path === "/x" && one.token === "t1") return json({ code: "session-over", detail: "" }, 401);
      return json({ access_token: "t2", expires_in: 900 });
    };
    await expect(session.send("/x", { body: {} })).rejects.toMatchObject({ code: "session-over" });
    expect(asked.filter((one) => one.path === "/x").map((one) => one.token)).toEqual(["t1"]);
    expect(session.account.value?.id).toBe("b");
  });

  it("gives the server's reason for a refusal, and its own for an answer that is not the server's", async () => {
    const session = new Session("console");
    await session.signIn("kisumu", "secret");
    answer = () => json({ code: "claimed", detail: "Roselyne has it." }, 409);
    await expect(session.send("/x", { body: {} })).rejects.toMatchObject({ code: "claimed", passing: false });
    answer = () => new Response("<html>", { status: 502 });
    const refused = await session.send("/x").catch((problem: Problem) => problem);
    expect(refused).toMatchObject({ code: "no-answer", passing: true });
  });

  it("takes nothing that somebody in between answered for the server's word", async () => {
    const session = new Session("phone");
    await session.signIn("r001", "secret");
    for (const [text, status] of [["<html>Pay first</html>", 200], ["", 200], ["<html>Forbidden</html>", 403], ["<html>", 404]] as const) {
      answer = () => new Response(text, { status });
      session.forget();
      await expect(session.token()).rejects.toMatchObject({ code: "no-answer", passing: true });
      await expect(session.send("/x", { body: {} })).rejects.toMatchObject({ code: "no-answer", passing: true });
      expect(session.standing.value).toBe("in");
    }
  });
});

describe("the server's clock", () => {
  it("is kept within what its answers allow", async () => {
    vi.setSystemTime(Date.UTC(2026, 0, 1, 12, 0, 0));
    const usual = answer;
    answer = async (path, one) => {
      const said = await usual(path, one);
      said.headers.set("date", new Date(Date.now() + 90_000).toUTCString());
      return said;
    };
    await new Session("console").resume();
    expect(clockAhead.value).toBeGreaterThan(89_000);
    expect(clockAhead.value).toBeLessThan(91_000);
  });
});
