/**
 * Gather points that would lie on each other: pure, and kept up by differences.
 *
 * Each zoom has a grid; a point counts in one cell of it. Adding or taking a point touches one cell, so that twenty
 * thousand points cost nothing while none of them changes. What is in view is gathered from its cells when it is drawn:
 * cells whose middles are closer than the radius go together, the fuller one first.
 */
import { mercatorX, mercatorY, WORLD, type Box } from "./mercator";

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
  readonly ids: string[];
  sumX: number;
  sumY: number;
}

/** Columns of the finest grid; a cell's key is its row times this and its column. */
const ROW = 2 ** 26;
const BESIDE = [-ROW - 1, -ROW, -ROW + 1, -1, 1, ROW - 1, ROW, ROW + 1];

export class Clusters {
  private readonly spots = new Map<string, Spot>();
  private readonly levels = new Map<number, Map<number, Cell>>();

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
    for (const [level, cells] of this.levels) this.count(cells, this.width(level), id, spot);
  }

  remove(id: string): void {
    const spot = this.spots.get(id);
    if (!spot) return;
    this.spots.delete(id);
    for (const [level, cells] of this.levels) {
      const key = keyOf(spot, this.width(level));
      const cell = cells.get(key);
      if (!cell) continue;
      const last = cell.ids.pop()!;
      const place = last === id ? -1 : cell.ids.indexOf(id);
      if (place >= 0) cell.ids[place] = last;
      cell.sumX -= spot.x;
      cell.sumY -= spot.y;
      if (cell.ids.length === 0) cells.delete(key);
    }
  }

  /** Give what to draw at a whole zoom in a box of the Mercator square. What is outside costs nothing. */
  at(zoom: number, [west, north, east, south]: Box): readonly Gathered[] {
    const cells = this.level(zoom);
    const width = this.width(zoom);
    const inView: [number, Cell][] = [];
    const [left, right] = [Math.floor(west / width), Math.floor(east / width)];
    const [top, bottom] = [Math.floor(north / width), Math.floor(south / width)];
    if ((right - left + 1) * (bottom - top + 1) > cells.size) {
      for (const [key, cell] of cells) {
        const [row, column] = [Math.floor(key / ROW), key % ROW];
        if (row >= top && row <= bottom && column >= left && column <= right) inView.push([key, cell]);
      }
    } else {
      for (let row = top; row <= bottom; row += 1) {
        for (let column = left; column <= right; column += 1) {
          const cell = cells.get(row * ROW + column);
          if (cell) inView.push([row * ROW + column, cell]);
        }
      }
    }
    return gather(inView, cells, width);
  }

  private width(zoom: number): number {
    return this.radiusPx / (WORLD * 2 ** zoom);
  }

  private level(zoom: number): Map<number, Cell> {
    let cells = this.levels.get(zoom);
    if (!cells) {
      this.levels.set(zoom, (cells = new Map()));
      const width = this.width(zoom);
      for (const [id, spot] of this.spots) this.count(cells, width, id, spot);
    }
    return cells;
  }

  private count(cells: Map<number, Cell>, width: number, id: string, spot: Spot): void {
    const key = keyOf(spot, width);
    const cell = cells.get(key);
    if (cell) {
      cell.ids.push(id);
      cell.sumX += spot.x;
      cell.sumY += spot.y;
    } else cells.set(key, { ids: [id], sumX: spot.x, sumY: spot.y });
  }
}

function keyOf({ x, y }: Spot, width: number): number {
  return Math.floor(y / width) * ROW + Math.floor(x / width);
}

function gather(some: [number, Cell][], all: ReadonlyMap<number, Cell>, width: number): Gathered[] {
  const taken = new Set<number>();
  const groups: Gathered[] = [];
  some.sort(([a, one], [b, other]) => other.ids.length - one.ids.length || a - b);
  for (const [key, cell] of some) {
    if (taken.has(key)) continue;
    taken.add(key);
    const [x, y] = [cell.sumX / cell.ids.length, cell.sumY / cell.ids.length];
    let { sumX, sumY } = cell;
    let ids: string[] | null = null;
    for (const beside of BESIDE) {
      const other = taken.has(key + beside) ? undefined : all.get(key + beside);
      if (!other || Math.hypot(other.sumX / other.ids.length - x, other.sumY / other.ids.length - y) >= width) continue;
      taken.add(key + beside);
      ids = ids === null ? cell.ids.concat(other.ids) : ids.concat(other.ids);
      sumX += other.sumX;
      sumY += other.sumY;
    }
    // A copy: the cell goes on changing.
    ids ??= cell.ids.slice();
    groups.push({ x: sumX / ids.length, y: sumY / ids.length, ids });
  }
  return groups;
}

/** A count that fits its disc: exact to 999, then `1.2k`, `15k`. */
export function countWord(count: number): string {
  if (count < 1000) return String(count);
  return count < 9950 ? `${(count / 1000).toFixed(1)}k` : `${Math.round(count / 1000)}k`;
}
