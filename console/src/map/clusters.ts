/**
 * Gather points that would lie on each other: pure, and kept up by differences.
 *
 * Each zoom has a grid; a point counts in one cell of it. Adding or taking a point touches one cell, so that twenty
 * thousand points cost nothing while none of them changes. A level is laid out from its cells when it is drawn after a
 * change: cells whose middles are closer than the radius go together, the fuller one first.
 */
import { mercatorX, mercatorY, WORLD } from "./mercator";

export interface Gathered {
  /** Middle of its points, in the Mercator square. */
  readonly x: number;
  readonly y: number;
  readonly ids: readonly string[];
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

interface Cell {
  readonly ids: Set<string>;
  sumX: number;
  sumY: number;
}

export class Clusters {
  private readonly spots = new Map<string, Spot>();
  private readonly levels = new Map<number, Map<number, Cell>>();
  private readonly laid = new Map<number, readonly Gathered[]>();

  /** `radiusPx`: how close two marks may stand. */
  constructor(private readonly radiusPx = 44) {}

  get size(): number {
    return this.spots.size;
  }

  put(id: string, lon: number, lat: number): void {
    const spot = { x: mercatorX(lon), y: mercatorY(lat) };
    const was = this.spots.get(id);
    if (was && was.x === spot.x && was.y === spot.y) return;
    if (was) this.remove(id);
    this.spots.set(id, spot);
    for (const [level, cells] of this.levels) this.count(cells, level, id, spot);
    this.laid.clear();
  }

  remove(id: string): void {
    const spot = this.spots.get(id);
    if (!spot) return;
    this.spots.delete(id);
    for (const [level, cells] of this.levels) {
      const key = this.key(level, spot);
      const cell = cells.get(key);
      if (!cell) continue;
      cell.ids.delete(id);
      cell.sumX -= spot.x;
      cell.sumY -= spot.y;
      if (cell.ids.size === 0) cells.delete(key);
    }
    this.laid.clear();
  }

  /** Give what to draw at a whole zoom; the same array while nothing has changed. */
  at(zoom: number): readonly Gathered[] {
    const standing = this.laid.get(zoom);
    if (standing) return standing;
    const laid = this.lay(zoom);
    this.laid.set(zoom, laid);
    return laid;
  }

  private width(zoom: number): number {
    return this.radiusPx / (WORLD * 2 ** zoom);
  }

  private key(zoom: number, { x, y }: Spot): number {
    const width = this.width(zoom);
    return Math.floor(y / width) * 2 ** 26 + Math.floor(x / width);
  }

  private count(cells: Map<number, Cell>, zoom: number, id: string, spot: Spot): void {
    const key = this.key(zoom, spot);
    let cell = cells.get(key);
    if (!cell) cells.set(key, (cell = { ids: new Set(), sumX: 0, sumY: 0 }));
    cell.ids.add(id);
    cell.sumX += spot.x;
    cell.sumY += spot.y;
  }

  private lay(zoom: number): readonly Gathered[] {
    let cells = this.levels.get(zoom);
    if (!cells) {
      this.levels.set(zoom, (cells = new Map()));
      for (const [id, spot] of this.spots) this.count(cells, zoom, id, spot);
    }
    const width = this.width(zoom);
    const taken = new Set<number>();
    const groups: Gathered[] = [];
    const fullest = [...cells].sort(([a, one], [b, other]) => other.ids.size - one.ids.size || a - b);
    for (const [key, cell] of fullest) {
      if (taken.has(key)) continue;
      taken.add(key);
      const middle = { x: cell.sumX / cell.ids.size, y: cell.sumY / cell.ids.size };
      let { sumX, sumY } = cell;
      let ids: string[] | null = null;
      for (const beside of BESIDE) {
        const other = taken.has(key + beside) ? undefined : cells.get(key + beside);
        if (!other) continue;
        const far = Math.hypot(other.sumX / other.ids.size - middle.x, other.sumY / other.ids.size - middle.y);
        if (far >= width) continue;
        taken.add(key + beside);
        ids ??= [...cell.ids];
        for (const id of other.ids) ids.push(id);
        sumX += other.sumX;
        sumY += other.sumY;
      }
      ids ??= [...cell.ids];
      groups.push({ x: sumX / ids.length, y: sumY / ids.length, ids });
    }
    return groups;
  }
}

const ROW = 2 ** 26;
const BESIDE = [-ROW - 1, -ROW, -ROW + 1, -1, 1, ROW - 1, ROW, ROW + 1];

/** A count that fits its disc: exact to 999, then `1.2k`, `15k`. */
export function countWord(count: number): string {
  if (count < 1000) return String(count);
  return count < 9950 ? `${(count / 1000).toFixed(1)}k` : `${Math.round(count / 1000)}k`;
}
