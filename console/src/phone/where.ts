/** How far and which way: pure, on a sphere. Degrees WGS 84, metres. */

export interface Spot {
  readonly lon: number;
  readonly lat: number;
}

/** A position that the phone found, at a time in ms, with the radius it vouches for. */
export interface Fix extends Spot {
  readonly accuracy_m: number | null;
  readonly at: number;
}

const EARTH_M = 6_371_008.8;
export const WINDS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;
export type Wind = (typeof WINDS)[number];

/** An own position older than this says nothing of where one is now. */
const FRESH_MS = 5 * 60_000;

function rad(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

/** Give the distance along the ground. */
export function metres(a: Spot, b: Spot): number {
  const [lat, lon] = [rad(b.lat - a.lat), rad(b.lon - a.lon)];
  const h = Math.sin(lat / 2) ** 2 + Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(lon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Give the direction in which one sets out, degrees from north by east, 0 to 360. */
export function bearing(from: Spot, to: Spot): number {
  const turn = rad(to.lon - from.lon);
  const y = Math.sin(turn) * Math.cos(rad(to.lat));
  const x = Math.cos(rad(from.lat)) * Math.sin(rad(to.lat)) - Math.sin(rad(from.lat)) * Math.cos(rad(to.lat)) * Math.cos(turn);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

export function wind(degrees: number): Wind {
  return WINDS[Math.round(degrees / 45) % 8] as Wind;
}

/** From what a distance is told: this phone, where the server last saw the person, or the home ward. */
export type From = "here" | "last" | "ward";

export interface Way {
  readonly metres: number;
  /** Null where one is there already, or the direction is not known. */
  readonly wind: Wind | null;
  readonly from: From;
}

/** What the server knows of where a person is: a shared position, or the place of the home ward. */
export interface Known {
  readonly lon?: number;
  readonly lat?: number;
  readonly fix_at?: string;
}

/** Tell the way to a place by the best that is known of where the person is; null when nothing is. */
export function way(to: Spot, fix: Fix | null, known: Known | null, told: number | undefined, now: number): Way | null {
  if (fix !== null && now - fix.at < FRESH_MS) return toward(fix, to, "here");
  if (known?.lon !== undefined && known.lat !== undefined) {
    return toward({ lon: known.lon, lat: known.lat }, to, known.fix_at === undefined ? "ward" : "last");
  }
  return told === undefined ? null : { metres: told, wind: null, from: "ward" };
}

function toward(from: Spot, to: Spot, name: From): Way {
  const far = metres(from, to);
  return { metres: far, wind: far < 30 ? null : wind(bearing(from, to)), from: name };
}

/** Give the address that opens the phone's own map at a place. */
export function geo(to: Spot, label: string): string {
  const at = `${to.lat.toFixed(5)},${to.lon.toFixed(5)}`;
  return `geo:${at}?q=${at}(${encodeURIComponent(label).replace(/[()]/g, (each) => (each === "(" ? "%28" : "%29"))})`;
}

const EVERY_MS = 30_000;
const MOVED_M = 100;
const STILL_MS = 5 * 60_000;
const STEADY_M = 30;

/** Say whether a position should be sent, after the one sent last: on the move often, standing still rarely. */
export function due(last: Fix | null, fix: Fix): boolean {
  if (last === null) return true;
  const [passed, moved] = [fix.at - last.at, metres(last, fix)];
  // What the receiver is unsure of anyway is no move.
  const unsure = Math.max(STEADY_M, fix.accuracy_m ?? 0);
  if (moved >= Math.max(MOVED_M, unsure)) return true;
  return passed >= STILL_MS || (passed >= EVERY_MS && moved >= unsure);
}
