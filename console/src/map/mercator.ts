/** Between degrees, the Mercator square (0 to 1 from the north-west) and metres: pure. */

export type Point = readonly [lon: number, lat: number];

/** South-west and north-east corners in degrees: `[west, south, east, north]`. */
export type Box = readonly [west: number, south: number, east: number, north: number];

/** Pixels of the whole earth at zoom 0, as MapLibre counts zooms. */
export const WORLD = 512;

export const METRES_PER_DEGREE = 111_195;

export function mercatorX(lon: number): number {
  return (lon + 180) / 360;
}

export function mercatorY(lat: number): number {
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
}

export function lonOf(x: number): number {
  return x * 360 - 180;
}

export function latOf(y: number): number {
  return (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
}

/** Metres east and north from one point to another: exact enough within a county. */
export function metres(from: Point, to: Point): [east: number, north: number] {
  const shrink = Math.cos((from[1] * Math.PI) / 180);
  return [(to[0] - from[0]) * METRES_PER_DEGREE * shrink, (to[1] - from[1]) * METRES_PER_DEGREE];
}

/** Metres that a pixel is wide at a latitude and a zoom. */
export function metresPerPixel(lat: number, zoom: number): number {
  return (METRES_PER_DEGREE * 360 * Math.cos((lat * Math.PI) / 180)) / (WORLD * 2 ** zoom);
}

/** The box around both; null is no box. */
export function around(a: Box | null, b: Box | null): Box | null {
  if (a === null || b === null) return a ?? b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
