/**
 * Make an ask heard and seen: a loud pattern, vibration, the title, the badge, and a screen that stays on.
 *
 * Browsers let a page sound only after it was touched once: `enable` is for that tap, and every later touch wakes the
 * sound again. What needs ringing is decided in `phone.ts`; here is only how.
 */
import { effect, signal } from "@preact/signals";
import { t } from "../words/words";

/** "ask": not yet turned on; "on"; "asleep": turned on, and the browser waits for a touch; "off": the person wants none. */
export type Sound = "ask" | "on" | "asleep" | "off";

const KEY = "phone-sound";
const EVERY_MS = 2_400;
const SHAKE = [400, 150, 400, 150, 800];
/** Two tones that carry outdoors and that a cheap speaker is loud at; seconds from the pattern's begin. */
const TONES = [
  [0, 988],
  [0.2, 1319],
  [0.4, 988],
  [0.6, 1319],
  [1.0, 988],
  [1.2, 1319],
  [1.4, 988],
  [1.6, 1319],
] as const;
const TONE_S = 0.18;

function wanted(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export class Ring {
  readonly sound = signal<Sound>(wanted() === "off" ? "off" : wanted() === "on" ? "asleep" : "ask");
  readonly ringing = signal(false);
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;
  private lock: WakeLockSentinel | null = null;
  private awake = false;

  /** Listen for the touches that browsers want before a page may sound; keep the title in the person's language. */
  watch(): void {
    effect(() => {
      if (!this.ringing.value) document.title = title();
    });
    const wake = () => {
      if (this.sound.peek() === "asleep") void this.wake();
    };
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { capture: true, passive: true });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.awake) void this.stayAwake(true);
    });
    // An installed page may sound without a touch: try.
    if (this.sound.peek() === "asleep") void this.wake();
  }

  /** Turn sound on, from a tap; gives a short sample. */
  async enable(): Promise<void> {
    this.remember("on");
    await this.wake();
    this.play(1);
    shake([200, 100, 200]);
  }

  disable(): void {
    this.remember("off");
    this.sound.value = "off";
    void this.context?.suspend();
  }

  /** Ring until told to stop; telling it again changes nothing. */
  start(asks: number): void {
    badge(asks);
    if (this.timer !== null) return;
    this.ringing.value = true;
    let on = false;
    const again = () => {
      on = !on;
      document.title = on ? `● ${t("phone.ask.new")}` : title();
      this.play(TONES.length);
      shake(SHAKE);
    };
    this.timer = setInterval(again, EVERY_MS);
    again();
  }

  stop(): void {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    this.ringing.value = false;
    shake(0);
    badge(0);
  }

  /** Keep the screen on while something is open; the browser lets go by itself when the page is hidden. */
  async stayAwake(on: boolean): Promise<void> {
    this.awake = on;
    try {
      if (!on) {
        await this.lock?.release();
        this.lock = null;
      } else if ((this.lock === null || this.lock.released) && document.visibilityState === "visible") {
        this.lock = (await navigator.wakeLock?.request("screen")) ?? null;
      }
    } catch {
      // A low battery forbids it: the sound still wakes the person.
    }
  }

  private remember(what: "on" | "off"): void {
    try {
      localStorage.setItem(KEY, what);
    } catch {
      // Then it holds until the page is closed.
    }
  }

  private async wake(): Promise<void> {
    try {
      this.context ??= new AudioContext();
      // Without a touch the promise may stay open for ever; the state tells.
      const resumed = this.context.resume();
      await Promise.race([resumed, new Promise((done) => setTimeout(done, 300))]);
    } catch {
      // No sound on this device: vibration and the screen are left.
    }
    this.sound.value = this.context?.state === "running" ? "on" : "asleep";
  }

  private play(tones: number): void {
    const { context } = this;
    if (context === null || context.state !== "running" || this.sound.peek() !== "on") return;
    const begin = context.currentTime + 0.02;
    const loud = context.createGain();
    loud.gain.value = 0.9;
    loud.connect(context.destination);
    for (const [at, hertz] of TONES.slice(0, Math.max(tones, 2))) {
      const tone = context.createOscillator();
      tone.type = "square";
      tone.frequency.value = hertz;
      tone.connect(loud);
      tone.start(begin + at);
      tone.stop(begin + at + TONE_S);
    }
  }
}

function title(): string {
  return `${t("app.name")}: ${t("phone.title")}`;
}

function shake(pattern: number | number[]): void {
  // Before the first touch a browser refuses, and complains.
  if (navigator.userActivation?.hasBeenActive === false) return;
  navigator.vibrate?.(pattern);
}

function badge(n: number): void {
  const device = navigator as Navigator & { setAppBadge?: (n: number) => Promise<void>; clearAppBadge?: () => Promise<void> };
  (n > 0 ? device.setAppBadge?.(n) : device.clearAppBadge?.())?.catch(() => undefined);
}
