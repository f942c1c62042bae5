/**
 * Who is signed in on this page, and an access token that is good for another while.
 *
 * The refresh token stands in a cookie that scripts cannot read (`keep`: one for each page, so that a console and a phone
 * page live side by side in one browser); the access token only in memory. Next: `live.ts` and `desk.ts` ask for tokens.
 */
import { signal } from "@preact/signals";
import { Problem, send, type Request } from "./api";

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly person?: string | null;
  readonly roles: readonly { readonly role: string; readonly area: string }[];
}

/** Where one has signed in: whom to call, and whether all of it is played. */
export interface House {
  readonly centrePhone: string | null;
  readonly exercise: boolean;
}

interface Tokens {
  readonly access_token: string;
  readonly expires_in: number;
}

interface Me {
  readonly account: Account;
  readonly centre_phone?: string | null;
  readonly exercise?: boolean;
}

/** "asking": not yet known; "out": nobody; "in": `account` says who. */
export type Standing = "asking" | "out" | "in";

const EARLY_MS = 60_000;

export class Session {
  readonly standing = signal<Standing>("asking");
  readonly account = signal<Account | null>(null);
  readonly house = signal<House>({ centrePhone: null, exercise: false });
  private tokens: { value: string; until: number } | null = null;
  private renewing: Promise<string | null> | null = null;

  constructor(readonly keep: "console" | "phone") {}

  /** Find out whether the cookie still opens the door. Throws Problem when the server cannot be asked. */
  async resume(): Promise<void> {
    await this.token();
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.take(await send<Tokens>("/sessions", { body: { name, password, keep: this.keep } }));
  }

  /** Throws Problem when the server cannot be told: then the cookie still opens the door, and nothing has changed. */
  async signOut(): Promise<void> {
    const token = await this.token();
    if (token !== null) {
      await send("/sessions", { method: "DELETE", token }).catch((problem: Problem) => {
        if (problem.status !== 401) throw problem;
      });
    }
    this.left();
  }

  /** Give a token that holds for another minute; null when nobody is signed in any more. Throws Problem when offline. */
  async token(): Promise<string | null> {
    if (this.tokens && this.tokens.until - EARLY_MS > Date.now()) return this.tokens.value;
    this.renewing ??= this.renew().finally(() => (this.renewing = null));
    return this.renewing;
  }

  /** The server did not take the token: get another one at the next call. */
  forget(): void {
    this.tokens = null;
  }

  /** Send a request as whoever is signed in; a token that was refused is renewed once. */
  async send<T>(path: string, request: Request = {}): Promise<T> {
    const token = await this.token();
    const who = this.account.peek()?.id;
    try {
      return await send<T>(path, { ...request, token });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      this.forget();
      const other = await this.token();
      // Another tab may have signed somebody else in: what this one meant is not said in their name.
      if (other !== null && this.account.peek()?.id !== who) throw error;
      return send<T>(path, { ...request, token: other });
    }
  }

  private async renew(): Promise<string | null> {
    try {
      await this.take(await send<Tokens>("/sessions/refresh", { body: { keep: this.keep } }));
      return this.tokens?.value ?? null;
    } catch (error) {
      if (error instanceof Problem && !error.passing) {
        this.left();
        return null;
      }
      throw error;
    }
  }

  /** Take up tokens, once it is known whose they are: another tab may have signed somebody else in meanwhile. */
  private async take(tokens: Tokens): Promise<void> {
    const until = Date.now() + tokens.expires_in * 1000;
    const me = await send<Me>("/me", { token: tokens.access_token });
    const { account } = me;
    this.tokens = { value: tokens.access_token, until };
    this.house.value = { centrePhone: me.centre_phone ?? null, exercise: me.exercise === true };
    if (this.account.peek()?.id !== account.id) this.account.value = account;
    this.standing.value = "in";
  }

  private left(): void {
    this.tokens = null;
    this.account.value = null;
    this.standing.value = "out";
  }
}
