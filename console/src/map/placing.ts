/**
 * Place a report by hand: a cross at the pointer, the ward under it named and outlined, its neighbour too near an edge.
 *
 * With the mouse the pointer places, with the keyboard the middle of the map does (arrows move the map, Enter places).
 * Escape is the page's: it takes `placing` away.
 */
import { effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import type { Located } from "../data/contract";
import type { Placing } from "../data/items";
import type { Point } from "./mercator";
import type { Scene } from "./scene";

/** Nearer than this to an edge, the neighbour is named as well. */
export const EDGE_M = 500;

/** Where the pointer rests so long, the server is asked: the map's boundaries are simplified, the server's are not. */
const RESTING_MS = 200;

/** What is said at the cross. */
export interface Aim {
  readonly x: number;
  readonly y: number;
  readonly ward: string | null;
  readonly near: { readonly name: string; readonly metres: number } | null;
  /** What the server says, once it has said it. */
  readonly found: Located | null;
  /** The middle of the map aims, not the pointer. */
  readonly middle: boolean;
}

export type Hovered = { readonly path: string; readonly name: string } | null;

export class Aiming {
  readonly aim: Signal<Aim | null> = signal(null);
  private readonly ends: (() => void)[] = [];
  private asked: number | null = null;
  private pointer: { x: number; y: number } | null = null;
  private marked: string | null = null;
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly map: MapLibre,
    private readonly scene: Scene,
    private readonly placing: ReadonlySignal<Placing | null>,
    private readonly hovered: Signal<Hovered>,
    /** What has the keyboard, and shows the cursor. */
    face: HTMLElement,
    /** Pixels that MapLibre's frame reaches beyond the screen. */
    private readonly store: number,
  ) {
    const move = (event: MapMouseEvent) => this.follow({ x: event.point.x, y: event.point.y });
    const drift = () => this.follow(this.pointer);
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Enter") return;
      const { lng, lat } = this.map.getCenter();
      if (this.take(lng, lat)) event.preventDefault();
    };
    const arrows = (event: KeyboardEvent) => {
      if (event.key.startsWith("Arrow") && this.placing.peek()) this.follow(null);
    };
    map.on("mousemove", move);
    map.on("move", drift);
    face.addEventListener("keydown", key);
    face.addEventListener("keydown", arrows);
    this.ends.push(
      effect(() => {
        const on = placing.value !== null;
        map.getCanvasContainer().style.cursor = on ? "crosshair" : "";
        if (on) {
          face.focus({ preventScroll: true });
          this.follow(this.pointer);
        } else this.leave();
      }),
      () => face.removeEventListener("keydown", key),
      () => face.removeEventListener("keydown", arrows),
    );
  }

  stop(): void {
    this.ends.forEach((end) => end());
    if (this.asked !== null) cancelAnimationFrame(this.asked);
    clearTimeout(this.resting);
  }

  /** Place there what is being placed; false when nothing is. `pointer.ts` offers each click here first: it means one thing. */
  take(lon: number, lat: number): boolean {
    const placing = this.placing.peek();
    placing?.place(lon, lat);
    return placing !== null;
  }

  private follow(pointer: { x: number; y: number } | null): void {
    this.pointer = pointer;
    if (this.placing.peek() === null) return;
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      if (this.placing.peek() !== null) this.look();
    });
  }

  private look(): void {
    const frame = this.map.getContainer();
    const middle = this.pointer === null;
    const at = this.pointer ?? { x: frame.clientWidth / 2, y: frame.clientHeight / 2 };
    const { lng, lat } = this.map.unproject([at.x, at.y]);
    const point: Point = [lng, lat];
    const found = this.scene.wardAt(point, EDGE_M);
    const { path, name } = found?.area ?? { path: null, name: null };
    const [x, y] = [at.x - this.store, at.y - this.store];
    const near = found?.near[0];
    const beside = near ? { name: near.area.name, metres: near.metres } : null;
    const aim: Aim = { x, y, ward: name, near: beside, found: null, middle };
    this.aim.value = aim;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => void this.ask(aim, lng, lat), RESTING_MS);
    if (path !== this.marked) {
      this.marked = path;
      this.scene.hover(path);
      this.hovered.value = path === null || name === null ? null : { path, name };
    }
  }

  private async ask(aim: Aim, lon: number, lat: number): Promise<void> {
    const found = (await this.placing.peek()?.locate?.(lon, lat)) ?? null;
    // The pointer may be elsewhere by now.
    if (found && this.aim.peek() === aim) this.aim.value = { ...aim, ward: found.ward?.name ?? null, near: null, found };
  }

  private leave(): void {
    clearTimeout(this.resting);
    if (this.aim.peek()) this.aim.value = null;
    if (this.marked !== null) {
      this.marked = null;
      this.scene.hover(null);
    }
    if (this.hovered.peek()) this.hovered.value = null;
  }
}
