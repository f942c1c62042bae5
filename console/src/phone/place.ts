/**
 * Where the phone is, and telling the server while its owner is on shift; never at another time.
 *
 * One watch serves both the distance on the page and the sharing. It is coarse while nothing is asked, which costs little
 * battery, and exact on the way. A position that cannot be sent is dropped: the next one says more.
 */
import { effect, signal, type ReadonlySignal } from "@preact/signals";
import { due, type Fix } from "./where";

export type Sharing =
  | { readonly state: "off" }
  | { readonly state: "looking" }
  | { readonly state: "on"; readonly since: number; readonly sent: number | null }
  | { readonly state: "denied" }
  | { readonly state: "nowhere" };

export interface PlaceOptions {
  readonly onShift: ReadonlySignal<boolean>;
  /** Somebody is waiting for this person: exactness is worth its battery. */
  readonly onTheWay: ReadonlySignal<boolean>;
  readonly send: (fix: Fix) => Promise<void>;
}

const AGAIN_MS = 30_000;
const STILL_MS = 4 * 60_000;

export class Place {
  readonly fix = signal<Fix | null>(null);
  readonly sharing = signal<Sharing>({ state: "off" });
  private watching: number | null = null;
  private sent: Fix | null = null;
  private sending = false;

  constructor(private readonly options: PlaceOptions) {}

  /** Follow the shift from now on; gives what ends it. */
  start(): () => void {
    const again = setInterval(() => this.again(), AGAIN_MS);
    const end = effect(() => {
      const exact = this.options.onTheWay.value;
      if (this.options.onShift.value) this.watch(exact);
      else this.stop();
    });
    return () => {
      clearInterval(again);
      end();
      this.stop();
    };
  }

  /** Ask the device anew: the person has allowed it since. */
  retry(): void {
    if (this.options.onShift.peek()) this.watch(this.options.onTheWay.peek());
  }

  private watch(exact: boolean): void {
    this.unwatch();
    if (!("geolocation" in navigator)) {
      this.sharing.value = { state: "nowhere" };
      return;
    }
    if (this.sharing.peek().state !== "on") this.sharing.value = { state: "looking" };
    this.watching = navigator.geolocation.watchPosition(
      (found) => this.found(found),
      (error) => this.failed(error),
      { enableHighAccuracy: exact, maximumAge: exact ? 5_000 : 30_000, timeout: 60_000 },
    );
  }

  /** A phone that lies still hears nothing of its watch: ask it, and send what could not leave. */
  private again(): void {
    if (this.watching === null || this.sharing.peek().state === "denied") return;
    const fix = this.fix.peek();
    if (fix === null || Date.now() - fix.at > STILL_MS) {
      navigator.geolocation.getCurrentPosition((found) => this.found(found), () => undefined, { maximumAge: AGAIN_MS, timeout: AGAIN_MS });
    } else if (due(this.sent, fix)) void this.tell(fix);
  }

  private stop(): void {
    this.unwatch();
    this.fix.value = null;
    this.sent = null;
    this.sharing.value = { state: "off" };
  }

  private unwatch(): void {
    if (this.watching !== null) navigator.geolocation.clearWatch(this.watching);
    this.watching = null;
  }

  private found({ coords }: GeolocationPosition): void {
    // An answer to a question of before the shift ended.
    if (this.watching === null) return;
    const fix: Fix = { lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: Date.now() };
    this.fix.value = fix;
    const standing = this.sharing.peek();
    if (standing.state !== "on") this.sharing.value = { state: "on", since: Date.now(), sent: null };
    if (due(this.sent, fix)) void this.tell(fix);
  }

  private async tell(fix: Fix): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      await this.options.send(fix);
      this.sent = fix;
      const standing = this.sharing.peek();
      if (standing.state === "on") this.sharing.value = { ...standing, sent: Date.now() };
    } catch {
      // The next position is tried again; an old one is worth nothing.
    } finally {
      this.sending = false;
    }
  }

  private failed(error: GeolocationPositionError): void {
    if (error.code === error.PERMISSION_DENIED) {
      this.unwatch();
      this.fix.value = null;
      this.sharing.value = { state: "denied" };
    } else if (this.sharing.peek().state !== "on") {
      this.sharing.value = { state: "nowhere" };
    }
  }
}
