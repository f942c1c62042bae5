/**
 * Wards, sub-counties and counties as the server packs them, and which of them a position lies in: pure but for `fetch`.
 *
 * A packed ring is `[lon, lat, dlon, dlat, ...]` in units of 1/scale degrees, closed by its first point; the rings of an
 * area go together by the even-odd rule, so that holes need no mark. Next: `source.ts` makes GeoJSON of it.
 */
import { around, metres, type Box, type Point } from "./mercator";

/** `[lon, lat, lon, lat, ...]` in degrees; the first point is not repeated at the end. */
export type Ring = Float64Array;

export interface Area {
  readonly path: string;
  readonly name: string;
  readonly rings: readonly Ring[];
  readonly box: Box;
  readonly label: Point;
}

export interface Boundaries {
  readonly version: string;
  /** Drawn by hand or simplified by its source: not to be argued about. */
  readonly approximate: boolean;
  readonly wards: readonly Area[];
  readonly subcounties: readonly Area[];
  readonly counties: readonly Area[];
}

export interface PackedArea {
  readonly path: string;
  readonly name: string;
  readonly rings: readonly (readonly number[])[];
  readonly label?: readonly number[];
}

export interface Packed {
  readonly version: string;
  readonly approximate?: boolean;
  readonly scale: number;
  readonly wards: readonly PackedArea[];
  readonly subcounties?: readonly PackedArea[];
  readonly counties?: readonly PackedArea[];
}

export function unpackRing(packed: readonly number[], scale: number): Ring {
  const ring = new Float64Array(packed.length);
  let lon = 0;
  let lat = 0;
  for (let i = 0; i + 1 < packed.length; i += 2) {
    lon += packed[i]!;
    lat += packed[i + 1]!;
    ring[i] = lon / scale;
    ring[i + 1] = lat / scale;
  }
  return ring;
}

export function unpack(packed: Packed): Boundaries {
  const areas = (list: readonly PackedArea[] = []) => list.map((each) => unpackArea(each, packed.scale));
  return {
    version: packed.version,
    approximate: packed.approximate ?? false,
    wards: areas(packed.wards),
    subcounties: areas(packed.subcounties),
    counties: areas(packed.counties),
  };
}

function unpackArea({ path, name, rings: packed, label }: PackedArea, scale: number): Area {
  const rings = packed.map((ring) => unpackRing(ring, scale));
  const box = rings.reduce<Box | null>((whole, ring) => around(whole, boxOf(ring)), null) ?? [0, 0, 0, 0];
  const middle: Point = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return { path, name, rings, box, label: label?.length === 2 ? [label[0]!, label[1]!] : middle };
}

function boxOf(ring: Ring): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < ring.length; i += 2) {
    west = Math.min(west, ring[i]!);
    east = Math.max(east, ring[i]!);
    south = Math.min(south, ring[i + 1]!);
    north = Math.max(north, ring[i + 1]!);
  }
  return [west, south, east, north];
}

/** Say whether a position lies in an area, by the even-odd rule over all its rings. */
export function holds(area: Area, [lon, lat]: Point): boolean {
  const [west, south, east, north] = area.box;
  if (lon < west || lon > east || lat < south || lat > north) return false;
  let inside = false;
  for (const ring of area.rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const above = ring[i + 1]! > lat;
      if (above === ring[j + 1]! > lat) continue;
      const crosses = ((ring[j]! - ring[i]!) * (lat - ring[i + 1]!)) / (ring[j + 1]! - ring[i + 1]!) + ring[i]!;
      if (lon < crosses) inside = !inside;
    }
  }
  return inside;
}

/** Metres from a position to the nearest edge of an area, whichever side of it the position is on. */
export function edgeDistance(area: Area, point: Point): number {
  let nearest = Infinity;
  for (const ring of area.rings) {
    const last: Point = [ring[ring.length - 2]!, ring[ring.length - 1]!];
    let [ax, ay] = metres(point, last);
    for (let i = 0; i < ring.length; i += 2) {
      const [bx, by] = metres(point, [ring[i]!, ring[i + 1]!]);
      const [dx, dy] = [bx - ax, by - ay];
      const along = dx === 0 && dy === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / (dx * dx + dy * dy)));
      nearest = Math.min(nearest, Math.hypot(ax + along * dx, ay + along * dy));
      [ax, ay] = [bx, by];
    }
  }
  return nearest;
}

export interface Found {
  readonly area: Area;
  /** Other areas whose edge is within reach, the nearest first, and how far it is. */
  readonly near: readonly { readonly area: Area; readonly metres: number }[];
}

/** Find the area that a position lies in and those within `reachM` metres of it; null outside all of them. */
export function locate(areas: readonly Area[], point: Point, reachM: number): Found | null {
  const area = areas.find((each) => holds(each, point));
  if (!area) return null;
  const reach = reachM / 111_195;
  const close = ({ box }: Area) =>
    point[0] > box[0] - reach && point[0] < box[2] + reach && point[1] > box[1] - reach && point[1] < box[3] + reach;
  const near = areas
    .filter((each) => each !== area && close(each))
    .map((each) => ({ area: each, metres: edgeDistance(each, point) }))
    .filter(({ metres: far }) => far < reachM)
    .sort((a, b) => a.metres - b.metres);
  return { area, near };
}

/** Put finer boundaries of a part of the country in the place of what stands there. */
export function finer(standing: Boundaries, part: Boundaries): Boundaries {
  const join = (kind: "wards" | "subcounties" | "counties") => {
    const fresh = new Set(part[kind].map(({ path }) => path));
    return [...standing[kind].filter(({ path }) => !fresh.has(path)), ...part[kind]];
  };
  return { ...part, wards: join("wards"), subcounties: join("subcounties"), counties: join("counties") };
}

/** Say whether an area path lies in another or is it: whole segments of its beginning. */
export function within(path: string, area: string): boolean {
  return path === area || path.startsWith(`${area}.`);
}

/** The box around every area that lies in one of the given paths; around all when none does. */
export function boxAround(areas: readonly Area[], paths: readonly string[]): Box | null {
  const chosen = areas.filter(({ path }) => paths.some((each) => within(path, each)));
  return (chosen.length > 0 ? chosen : areas).reduce<Box | null>((whole, { box }) => around(whole, box), null);
}
