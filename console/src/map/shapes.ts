/** Boundaries, rivers, alerts and ways as GeoJSON for MapLibre: pure. */
import type { Feature, FeatureCollection, MultiPolygon, LineString, Point as GeoPoint } from "geojson";
import { within, type Area, type Ring } from "./boundaries";
import type { River } from "./ground";
import type { Point } from "./mercator";
import type { Severity } from "../data/contract";

export const NOTHING: FeatureCollection = { type: "FeatureCollection", features: [] };

function closed(ring: Ring): number[][] {
  const points: number[][] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) points.push([ring[i]!, ring[i + 1]!]);
  if (points.length > 0) points.push(points[0]!);
  return points;
}

function area(ring: readonly number[][]): number {
  let twice = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) {
    twice += ring[i]![0]! * ring[i + 1]![1]! - ring[i + 1]![0]! * ring[i]![1]!;
  }
  return twice / 2;
}

function inside([x, y]: readonly number[], ring: readonly number[][]): boolean {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [ax, ay] = ring[i] as [number, number];
    const [bx, by] = ring[j] as [number, number];
    if (ay > y! !== by > y! && x! < ((bx - ax) * (y! - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

/** Sort rings that go together by the even-odd rule into polygons, each with the holes that lie in it. */
export function polygons(rings: readonly Ring[]): number[][][][] {
  const all = rings.map(closed).filter((ring) => ring.length >= 4);
  if (all.length === 1) return [all];
  const depth = all.map((ring, i) => all.filter((other, j) => j !== i && inside(ring[0]!, other)).length);
  const outer = all.flatMap((ring, i) => (depth[i]! % 2 === 0 ? [{ ring, depth: depth[i]!, holes: [] as number[][][] }] : []));
  all.forEach((ring, i) => {
    if (depth[i]! % 2 === 0) return;
    const around = outer.filter((each) => each.depth === depth[i]! - 1 && inside(ring[0]!, each.ring));
    around.sort((a, b) => Math.abs(area(a.ring)) - Math.abs(area(b.ring)))[0]?.holes.push(ring);
  });
  return outer.map(({ ring, holes }) => [ring, ...holes]);
}

export function areaFeature(each: Area, id: number, more: Record<string, unknown> = {}): Feature<MultiPolygon> {
  return {
    type: "Feature",
    id,
    properties: { path: each.path, name: each.name, ...more },
    geometry: { type: "MultiPolygon", coordinates: polygons(each.rings) },
  };
}

/** Areas as polygons; `ids` gives each path its number. */
export function areaShapes(areas: readonly Area[], ids: (path: string) => number): FeatureCollection {
  return { type: "FeatureCollection", features: areas.map((each) => areaFeature(each, ids(each.path))) };
}

/** Where names of areas stand. */
export function areaNames(areas: readonly Area[]): FeatureCollection<GeoPoint> {
  return {
    type: "FeatureCollection",
    features: areas.map(({ name, label, box }) => ({
      type: "Feature",
      // Wide areas are named first where there is no room for all.
      properties: { name, order: -(box[2] - box[0]) * (box[3] - box[1]) },
      geometry: { type: "Point", coordinates: [...label] },
    })),
  };
}

export function riverLines(rivers: readonly River[]): FeatureCollection<LineString> {
  return {
    type: "FeatureCollection",
    features: rivers.flatMap(({ name, lines }) =>
      lines.map(({ gauge, line }) => ({
        type: "Feature" as const,
        properties: { name, gauge },
        geometry: { type: "LineString" as const, coordinates: closed(line).slice(0, -1) },
      })),
    ),
  };
}

/** Wards that lie in areas with a severity: the alerts in force, or the one that is picked. */
export function warnedShapes(wards: readonly Area[], severities: ReadonlyMap<string, Severity>): FeatureCollection {
  const paths = [...severities];
  const features = wards.flatMap((ward, i) => {
    const exact = severities.get(ward.path);
    const severity = exact ?? paths.find(([path]) => within(ward.path, path))?.[1];
    return severity === undefined ? [] : [areaFeature(ward, i, { severity })];
  });
  return { type: "FeatureCollection", features };
}

export function ways(from: Point | null, to: readonly Point[]): FeatureCollection<LineString> {
  return {
    type: "FeatureCollection",
    features: from === null ? [] : to.map((each) => ({
      type: "Feature" as const,
      properties: {},
      geometry: { type: "LineString" as const, coordinates: [[...each], [...from]] },
    })),
  };
}
