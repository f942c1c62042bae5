/**
 * The phone page without its looks: who is signed in, what is known, what was said, and what must ring.
 *
 * You are between the data layer (`data/`) and what is drawn (`App.tsx`). At the start the page shows what it kept, clearly
 * as old; the server is asked meanwhile. Whatever a person taps goes through the outbox, and is shown at once.
 */
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { clockAhead, Problem } from "../data/api";
import type { Alert, Assignment, Documents, Incident, Responder } from "../data/contract";
import { Live } from "../data/live";
import { Outbox, type Said } from "../data/outbox";
import { Session } from "../data/session";
import { Store } from "../data/store";
import { tick } from "../parts/tick";
import { going, open, past, stand, type Answer, type Standing } from "./asks";
import { forgetOthers, readLast, readWho, saidOf, writeLast, writeWho, type Who } from "./kept";
import { leave, leaving } from "./leaving";
import { Place } from "./place";
import { Ring } from "./ring";
import { answer, newId, passedOn, report, shift, type Saying, type Sighting } from "./sayings";
import { inOrder, wardOf, type Warning } from "./warnings";
import type { Fix } from "./where";

/** "reading": what was kept is being read; "out": nobody is signed in; "in": `who` says who. */
export type Stage = "reading" | "out" | "in";

const SAVE_MS = 200;
const WARNINGS_MS = 60_000;
const OLDER = 500;

/** What the server answers to something said: the documents as they stand then. */
interface Taken {
  readonly assignment: Assignment | null;
  readonly responder: Responder | null;
  readonly alert: Alert | null;
}

export class Phone {
  readonly session = new Session("phone");
  readonly store = new Store();
  readonly ring = new Ring();
  readonly stage = signal<Stage>("reading");
  readonly who = signal<Who | null>(null);
  readonly seen = signal<ReadonlySet<string>>(new Set());
  readonly warnings = signal<readonly Warning[]>([]);
  /** The ask that the person looks at, when there are several. */
  readonly chosen = signal<string | null>(null);
  /** When the server was last heard by the page before this one, ms; null: it was never. */
  readonly keptFrom = signal<number | null>(null);
  private readonly outbox = signal<Outbox | null>(null);
  private view: { kept: string | null; given: string | null } = { kept: null, given: null };
  private told = new Set<string>();
  private rang = new Set<string>();
  /** When the picture was last kept, ms. */
  private saved = 0;

  readonly live = new Live({
    token: () => this.session.token(),
    refused: () => this.session.forget(),
    onFrames: (frames) => {
      this.store.take(frames);
      // A view counts once the picture that belongs to it is whole.
      if (this.store.state.peek().arriving === null) this.view.kept = this.view.given ?? this.view.kept;
    },
    position: () => this.store.state.peek().position,
    kinds: ["assignment", "incident", "responder"],
    // A phone on a slow line hears what is addressed to its owner, and not what else happens in the county.
    areas: [],
    view: () => this.view.kept,
    onView: (view) => (this.view.given = view),
  });

  readonly said = computed<readonly Said[]>(() => this.outbox.value?.all.value ?? []);
  readonly me = computed<Responder | null>(() => this.store.docs.responder.value.get(this.who.value?.person ?? "") ?? null);
  private readonly standings = computed<Standing[]>(() => {
    const person = this.who.value?.person;
    const mine = [...this.store.docs.assignment.value.values()].filter((ask) => ask.responder === person);
    return mine.map((ask) => stand(ask, this.said.value));
  });
  readonly open = computed(() => open(this.standings.value, tick.value));
  /** Asks that have left the live view, once the person wants to see them; null before that. */
  readonly older = signal<readonly Assignment[] | null>(null);
  readonly past = computed(() => {
    const live = new Set(this.standings.value.map(({ ask }) => ask.id));
    const older = (this.older.value ?? []).filter(({ id }) => !live.has(id)).map((ask) => stand(ask, []));
    return past([...this.standings.value, ...older], tick.value);
  });
  /** The one ask that the page is about now. */
  readonly ask = computed(() => this.open.value.find(({ ask }) => ask.id === this.chosen.value) ?? this.open.value[0] ?? null);
  /** The ids of the asks that must ring, joined: a text is the same as long as they are. */
  private readonly loud = computed(() => {
    const waits = ({ ask, phase }: Standing) => phase === "offered" && tick.value < Date.parse(ask.deadline);
    return this.open.value.filter((each) => waits(each) && !this.seen.value.has(each.ask.id)).map(({ ask }) => ask.id).join(" ");
  });
  private readonly busy = computed(() => this.open.value.length > 0);
  readonly onShift = computed(() => {
    const waiting = this.said.value.findLast((each) => each.about === "shift" && each.refused === null);
    return waiting ? waiting.what === "on" : (this.me.value?.on_shift ?? false);
  });
  readonly ward = computed(() => wardOf(this.me.value));
  readonly place = new Place({
    // A shift that still waits to be taken down is shared by nobody: the server would refuse the position.
    onShift: computed(() => this.stage.value === "in" && this.onShift.value && this.me.value?.on_shift === true),
    onTheWay: computed(() => this.open.value.some(({ phase }) => going(phase))),
    send: (fix) => this.share(fix),
  });

  incident(ask: Assignment): Incident | undefined {
    return this.store.docs.incident.value.get(ask.incident);
  }

  /** Show what was kept, then ask the server. */
  async start(): Promise<void> {
    this.ring.watch();
    const who = await readWho();
    if (leaving()) {
      await forgetOthers(null);
      await this.reallyLeave();
    } else if (who !== null) await this.enter(who);
    this.follow();
    if (!leaving()) await this.session.resume().catch(() => undefined);
    if (this.stage.peek() === "reading") this.stage.value = "out";
  }

  async signIn(name: string, password: string): Promise<void> {
    await this.session.signIn(name, password);
    if (!leaving()) return;
    // Whoever signed out without a network is out by now: the cookie is another one.
    leave(false);
    await this.arrived();
  }

  /** Sign out, and take everything of this person off the phone; also without a network. */
  async signOut(): Promise<void> {
    leave(true);
    this.live.stop();
    this.outbox.peek()?.close();
    // Nobody's picture is kept any more: what is saved a moment later would outlive them.
    batch(() => {
      this.who.value = null;
      this.outbox.value = null;
      this.forget();
    });
    await forgetOthers(null);
    this.stage.value = "out";
    await this.reallyLeave();
  }

  /** Take a look at an ask: it needs not ring any more. */
  look(id: string): void {
    if (!this.seen.peek().has(id)) this.seen.value = new Set([...this.seen.peek(), id]);
  }

  async answer(ask: Assignment, what: Answer, reason = ""): Promise<void> {
    this.look(ask.id);
    const fix = this.place.sharing.peek().state === "on" ? this.place.fix.peek() : null;
    // A changed mind replaces what has not left yet.
    await this.say(answer(newId(), ask.id, what, reason, fix), what === "decline");
  }

  async shift(on: boolean): Promise<void> {
    const person = this.who.peek()?.person;
    if (person) await this.say(shift(newId(), person, on), true);
  }

  async report(sighting: Sighting): Promise<void> {
    await this.say(report(newId(), sighting, this.ward.peek() !== null, tick.peek()), false);
  }

  async passedOn(warning: Warning, how: string): Promise<void> {
    const ward = this.ward.peek();
    if (ward !== null) await this.say(passedOn(newId(), warning.id, ward, how), true);
  }

  private async say(saying: Saying, instead: boolean): Promise<void> {
    // What is answered is kept before the answer: a page opened again must know what its words are about.
    this.save();
    await this.outbox.peek()?.say(saying, { instead });
  }

  /** Fetch what became of the asks of before yesterday. Throws Problem without a network. */
  async fetchOlder(): Promise<void> {
    const person = this.who.peek()?.person;
    const page = await this.session.send<{ items: Assignment[] }>(`/assignments?filed=true&limit=${OLDER}`);
    this.older.value = page.items.filter((ask) => ask.responder === person);
  }

  dismiss(id: string): void {
    void this.outbox.peek()?.dismiss(id);
  }

  /** Try everything that waits, now. */
  hurry(): void {
    this.live.hurry();
    void this.outbox.peek()?.flush();
  }

  private async enter(who: Who): Promise<void> {
    // The same person goes on with what they said before; another one's is neither sent nor kept.
    const theirs = this.who.peek()?.account === who.account ? this.outbox.peek() : null;
    if (theirs === null) this.outbox.peek()?.close();
    await forgetOthers(who.account);
    await writeWho(who);
    const outbox = theirs ?? new Outbox(saidOf(who.account), (path, body) => this.deliver(who.account, path, body));
    const last = await readLast(who.account);
    batch(() => {
      this.forget();
      this.who.value = who;
      this.outbox.value = outbox;
      if (last !== null) {
        this.store.state.value = last.state;
        this.view = { kept: last.view, given: null };
        this.seen.value = new Set(last.seen);
        this.warnings.value = last.warnings;
        this.keptFrom.value = last.heard;
        // Until the server says its time again: deadlines run by it.
        if (clockAhead.peek() === 0) clockAhead.value = last.ahead;
      }
      this.stage.value = "in";
    });
    await outbox.open();
    this.live.stop();
    this.live.start();
  }

  private forget(): void {
    this.store.clear();
    this.view = { kept: null, given: null };
    this.seen.value = new Set();
    this.warnings.value = [];
    this.older.value = null;
    this.keptFrom.value = null;
    this.told.clear();
  }

  private async reallyLeave(): Promise<void> {
    try {
      // After a reload only the cookie still knows who it was.
      if ((await this.session.token()) !== null) await this.session.signOut();
      leave(false);
    } catch {
      // Without a network the cookie stays; it is thrown away at the next chance, before anything else.
    }
    this.stage.value = "out";
  }

  private follow(): void {
    effect(() => {
      if (this.session.account.value !== null && !leaving()) void untracked(() => this.arrived());
    });
    effect(() => {
      if (this.session.standing.value === "out") this.stage.value = "out";
    });
    effect(() => {
      const loud = this.loud.value.split(" ").filter(Boolean);
      if (loud.length === 0 || this.stage.value !== "in") return this.ring.stop();
      this.ring.start(loud.length);
      // A new ask comes before the one that was looked at.
      if (loud.some((id) => !this.rang.has(id))) this.chosen.value = null;
      loud.forEach((id) => this.rang.add(id));
    });
    effect(() => void this.ring.stayAwake(this.busy.value));
    effect(() => this.tell());
    effect(() => {
      if (this.live.line.value.state === "open") void untracked(() => this.outbox.peek()?.flush());
    });
    this.place.start();
    this.keep();
    this.fetchWarnings();
    addEventListener("online", () => void (leaving() ? this.reallyLeave() : this.hurry()));
  }

  /** The server knows who this is: the same person goes on, another one begins afresh. */
  private async arrived(): Promise<void> {
    const account = this.session.account.peek();
    if (account === null) return;
    const before = this.who.peek();
    const { centrePhone: centre, exercise } = this.session.house.peek();
    const who: Who = { account: account.id, name: account.display_name, person: account.person ?? null, centre, exercise };
    if (before?.account === who.account && this.stage.peek() === "in") {
      this.who.value = who;
      await writeWho(who);
    } else {
      await this.enter(who);
    }
  }

  /** Tell the server which asks this device shows, so that no text message has to follow. */
  private tell(): void {
    if (this.live.line.value.state !== "open" || this.stage.value !== "in") return;
    const loud = this.ring.sound.value === "on";
    for (const { ask } of this.open.value) {
      if (ask.state !== "offered" || ask.seen_at !== undefined || this.told.has(ask.id)) continue;
      // A page that nobody sees and that makes no sound shows nothing.
      if (document.visibilityState !== "visible" && !loud) continue;
      this.told.add(ask.id);
      this.live.say({ type: "received", id: ask.id }).catch(() => this.told.delete(ask.id));
    }
  }

  /** Send what was said; the answer shows it as it stands now, before the line brings the same. */
  private async deliver(account: string, path: string, body: Record<string, unknown>): Promise<void> {
    // Another tab, or the next to sign in here, may be somebody else by now: nothing is said in their name.
    if ((await this.session.token()) !== null && this.session.account.peek()?.id !== account) {
      throw new Problem("unauthenticated", 401, "Somebody else is signed in.");
    }
    const answer = await this.session.send<Partial<Taken>>(path, { body });
    if (answer?.assignment) this.put("assignment", answer.assignment);
    if (answer?.responder) this.put("responder", answer.responder);
    const { alert } = answer ?? {};
    const word = alert?.confirmed?.[this.ward.peek() ?? ""];
    if (alert && word) {
      this.warnings.value = this.warnings.peek().map((each) => (each.id === alert.id ? { ...each, confirmed: word } : each));
    }
  }

  private put<K extends "assignment" | "responder">(kind: K, value: Documents[K]): void {
    const state = this.store.state.peek();
    const shelf = new Map<string, Documents[K]>(state.docs[kind] as ReadonlyMap<string, Documents[K]>).set(value.id, value);
    this.store.state.value = { ...state, docs: { ...state.docs, [kind]: shelf } };
  }

  private async share(fix: Fix): Promise<void> {
    const person = this.who.peek()?.person;
    if (!person) throw new Problem("offline", 0, "nobody is signed in");
    const body = { lon: fix.lon, lat: fix.lat, ...(fix.accuracy_m === null ? {} : { accuracy_m: fix.accuracy_m }) };
    await this.session.send(`/responders/${person}/position`, { body, patienceMs: 20_000 });
  }

  /** Keep what is known as it is now. */
  private save(): void {
    this.saved = Date.now();
    const who = this.who.peek();
    const state = this.store.state.peek();
    if (who === null || this.stage.peek() !== "in" || state.position === null) return;
    const heard = this.live.heard.peek() || (this.keptFrom.peek() ?? 0);
    const ahead = clockAhead.peek();
    const last = { state, view: this.view.kept, heard, ahead, seen: [...this.seen.peek()].slice(-50), warnings: this.warnings.peek() };
    void writeLast(who.account, last);
  }

  private keep(): void {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const save = () => {
      timer = null;
      this.save();
    };
    effect(() => {
      void [this.store.state.value, this.seen.value, this.warnings.value];
      // News after a quiet while is kept at once: a phone may be put away at any moment.
      timer ??= setTimeout(save, Date.now() - this.saved > SAVE_MS ? 0 : SAVE_MS);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save();
      else this.tell();
    });
    addEventListener("pagehide", save);
  }

  /** Officials look once a minute for what is in force in their ward; the answer is small, and smaller when the same. */
  private fetchWarnings(): void {
    const look = async () => {
      const ward = this.ward.peek();
      if (ward === null || document.visibilityState !== "visible" || this.live.line.peek().state !== "open") return;
      try {
        this.warnings.value = inOrder(await this.session.send<Warning[]>(`/alerts/in-force/${ward}`));
      } catch {
        // What stood is shown; the banner says how old everything is.
      }
    };
    effect(() => {
      void [this.ward.value, this.live.line.value.state, this.said.value.some((each) => each.what === "passed-on")];
      void untracked(look);
    });
    setInterval(() => void look(), WARNINGS_MS);
  }
}
