/**
 * From documents to marks: which of them stand where, in what order, and what each is when it is picked. Pure.
 *
 * A figure is a mark with the item behind it; a cluster has the ids of its reports instead. `layout.ts` keeps one list of
 * figures for each bank and makes it anew when its documents have changed.
 */
import type { Documents, Gauge, Incident, Report, Responder } from "../data/contract";
import type { Item } from "../data/items";
import { countWord, type Gathered } from "./clusters";
import { above, gaugeLook, unitLook, type Station, type UnitWork } from "./looks";
import { mercatorX, mercatorY } from "./mercator";
import type { Mark } from "./picture";

type Shelf<K extends keyof Documents> = ReadonlyMap<string, Documents[K]>;

export interface Figure {
  readonly item: Item | null;
  /** The reports of a cluster. */
  readonly ids: readonly string[] | null;
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  /** How far from its middle it can be hit, CSS pixels at scale 1. */
  readonly reach: number;
  /** What it draws, from below; offsets are from the figure's place. */
  readonly marks: readonly Mark[];
}

function figure(item: Item, x: number, y: number, reach: number, sprite: Mark["sprite"]): Figure {
  return { item, ids: null, x, y, dx: 0, dy: 0, reach, marks: [{ sprite, x, y }] };
}

/** Open incidents, the worst on top; those at one place stand in a ring around it. From far they are small. */
export function incidentFigures(incidents: Shelf<"incident">, scale: number, far: boolean): Figure[] {
  const open = [...incidents.values()].filter(({ state }) => state === "open").sort(above);
  const at = new Map<string, Incident[]>();
  for (const each of open) {
    const place = `${each.lon.toFixed(4)},${each.lat.toFixed(4)}`;
    const there = at.get(place);
    if (there) there.push(each);
    else at.set(place, [each]);
  }
  const offsets = new Map<string, readonly [number, number]>();
  for (const there of at.values()) {
    there.forEach(({ id }, i) => offsets.set(id, ringOffset(i, there.length, far ? scale * 0.7 : scale)));
  }
  return open.map((incident) => {
    const [dx, dy] = offsets.get(incident.id)!;
    const [x, y] = [mercatorX(incident.lon), mercatorY(incident.lat)];
    const kind = far ? "far" : "incident";
    const marks: Mark[] = [{ sprite: `${kind}/${incident.hazard}/${incident.severity}`, x, y, dx, dy }];
    if (incident.reports > 1 && !far) {
      const badge = `badge/${countWord(incident.reports)}` as const;
      marks.push({ sprite: badge, x, y, dx: dx + 15 * scale, dy: dy - 14 * scale });
    }
    return { item: { kind: "incident", id: incident.id }, ids: null, x, y, dx, dy, reach: far ? 13 : 18, marks };
  });
}

/** Where the i-th of n marks at one place stands, pixels from it. */
export function ringOffset(i: number, n: number, scale: number): readonly [number, number] {
  if (n === 1) return [0, 0];
  const radius = Math.max(20, (38 * n) / (2 * Math.PI)) * scale;
  const angle = (2 * Math.PI * i) / n - Math.PI / 2;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** Responders on shift; small dots from afar. */
export function unitFigures(
  responders: Iterable<Responder>,
  busy: ReadonlyMap<string, UnitWork>,
  now: number,
  afar: boolean,
): Figure[] {
  const figures: Figure[] = [];
  for (const unit of responders) {
    const look = unitLook(unit, busy.get(unit.id), now);
    if (look === null) continue;
    const item: Item = { kind: "responder", id: unit.id };
    const sprite = afar ? (`dot/${look}` as const) : (`unit/${look}` as const);
    figures.push(figure(item, mercatorX(unit.lon!), mercatorY(unit.lat!), afar ? 6 : 12, sprite));
  }
  return figures;
}

/** Every station that is registered, and gauges that say themselves where they are. */
export function gaugeFigures(stations: ReadonlyMap<string, Station>, gauges: Shelf<"gauge">, now: number): Figure[] {
  const figures: Figure[] = [];
  for (const id of new Set([...stations.keys(), ...gauges.keys()])) {
    const place = gaugePlace(stations.get(id), gauges.get(id));
    if (!place) continue;
    const look = gaugeLook(gauges.get(id), stations.get(id), now);
    const sprite = `gauge/${look}` as const;
    figures.push(figure({ kind: "gauge", id }, mercatorX(place[0]), mercatorY(place[1]), 14, sprite));
  }
  return figures;
}

export function gaugePlace(station: Station | undefined, gauge: Gauge | undefined): readonly [number, number] | null {
  if (station) return [station.lon, station.lat];
  return gauge?.lon === undefined || gauge.lat === undefined ? null : [gauge.lon, gauge.lat];
}

/** Clusters and single reports. */
export function reportFigures(groups: readonly Gathered[], reports: Shelf<"report">): Figure[] {
  const figures: Figure[] = [];
  for (const { x, y, ids } of groups) {
    if (ids.length === 1) {
      figures.push(figure({ kind: "report", id: ids[0]! }, x, y, 11, reportSprite(reports.get(ids[0]!))));
      continue;
    }
    const size = ids.length < 10 ? 1 : ids.length < 200 ? 2 : 3;
    const marks: Mark[] = [
      { sprite: `cluster/${size}`, x, y },
      { sprite: `count/${countWord(ids.length)}`, x, y },
    ];
    figures.push({ item: null, ids, x, y, dx: 0, dy: 0, reach: 9 + 5 * size, marks });
  }
  return figures;
}

export function reportSprite(report: Report | undefined): "report" | "report/joined" {
  return report?.incident === undefined ? "report" : "report/joined";
}

/** The figures under a point of the screen, the topmost first. `at` gives where a figure's place is, in pixels. */
export function hits(
  banks: readonly (readonly Figure[])[],
  [px, py]: readonly [number, number],
  at: (x: number, y: number) => readonly [number, number],
  scale: number,
  slop: number,
): Figure[] {
  const found: Figure[] = [];
  for (let b = banks.length - 1; b >= 0; b -= 1) {
    const bank = banks[b]!;
    for (let i = bank.length - 1; i >= 0; i -= 1) {
      const each = bank[i]!;
      const [x, y] = at(each.x, each.y);
      const reach = each.reach * scale + slop;
      const [dx, dy] = [x + each.dx - px, y + each.dy - py];
      if (dx * dx + dy * dy <= reach * reach) found.push(each);
    }
  }
  return found;
}
