/** Boundaries, rivers, alerts and ways as GeoJSON for MapLibre: pure. */
import type { Feature, FeatureCollection, MultiPolygon, LineString, Point as GeoPoint } from "geojson";
import { within, type Area, type Ring } from "./boundaries";
import type { River } from "./ground";
import { METRES_PER_DEGREE, type Point } from "./mercator";
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
  const outer = all.flatMap((ring, i) => {
    const holes: number[][][] = [];
    return depth[i]! % 2 === 0 ? [{ ring, depth: depth[i]!, holes }] : [];
  });
  all.forEach((ring, i) => {
    if (depth[i]! % 2 === 0) return;
    const around = outer.filter((each) => each.depth === depth[i]! - 1 && inside(ring[0]!, each.ring));
    around.sort((a, b) => Math.abs(area(a.ring)) - Math.abs(area(b.ring)))[0]?.holes.push(ring);
  });
  return outer.map(({ ring, holes }) => [ring, ...holes]);
}

/** What a feature is: one source holds several kinds. */
export type Kind = "ward" | "subcounty" | "county" | "river" | "shade" | "warned" | "picked" | "watching" | "scene" | "hovered" | "way";

export function collection(...features: readonly (readonly Feature[])[]): FeatureCollection {
  return { type: "FeatureCollection", features: features.flat() };
}

export function areaShapes(kind: Kind, areas: readonly Area[]): Feature<MultiPolygon>[] {
  return areas.map((area) => areaShape(kind, area));
}

function areaShape(kind: Kind, { name, rings }: Area, more: Record<string, unknown> = {}): Feature<MultiPolygon> {
  return {
    type: "Feature",
    properties: { kind, name, ...more },
    geometry: { type: "MultiPolygon", coordinates: polygons(rings) },
  };
}

/** Where names of areas stand. */
export function areaNames(kind: Kind, areas: readonly Area[]): Feature<GeoPoint>[] {
  return areas.map(({ name, label, box }) => ({
    type: "Feature",
    // Wide areas are named first where there is no room for all.
    properties: { kind, name, order: -(box[2] - box[0]) * (box[3] - box[1]) },
    geometry: { type: "Point", coordinates: [...label] },
  }));
}

export function riverLines(rivers: readonly River[]): Feature<LineString>[] {
  return rivers.flatMap(({ name, lines }) =>
    lines.map(({ gauge, line }) => ({
      type: "Feature" as const,
      properties: { kind: "river", name, gauge },
      geometry: { type: "LineString" as const, coordinates: closed(line).slice(0, -1) },
    })),
  );
}

/** Wards that lie in areas with a severity: with open incidents, with alerts in force, or of the alert that is picked. */
export function severeShapes(
  kind: Kind,
  wards: readonly Area[],
  severities: ReadonlyMap<string, Severity>,
): Feature<MultiPolygon>[] {
  if (severities.size === 0) return [];
  const paths = [...severities];
  return wards.flatMap((ward) => {
    const severity = severities.get(ward.path) ?? paths.find(([path]) => within(ward.path, path))?.[1];
    return severity === undefined ? [] : [areaShape(kind, ward, { severity })];
  });
}

/** A ring of so many metres around a place: round on the ground, so a little wider in degrees of longitude. */
export function ring(kind: Kind, [lon, lat]: Point, radiusM: number): Feature<MultiPolygon> {
  const up = radiusM / METRES_PER_DEGREE;
  const across = up / Math.cos((lat * Math.PI) / 180);
  const points = Array.from({ length: CORNERS }, (_, n) => {
    const turn = (2 * Math.PI * n) / CORNERS;
    return [lon + across * Math.cos(turn), lat + up * Math.sin(turn)];
  });
  return { type: "Feature", properties: { kind }, geometry: { type: "MultiPolygon", coordinates: [[[...points, points[0]!]]] } };
}

const CORNERS = 72;

export function ways(from: readonly Point[], to: Point | null): Feature<LineString>[] {
  if (to === null) return [];
  return from.map((each) => ({
    type: "Feature",
    properties: { kind: "way" },
    geometry: { type: "LineString", coordinates: [[...each], [...to]] },
  }));
}
