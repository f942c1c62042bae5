/**
 * What the pointer does: pick what lies under it, step through what lies on each other, open clusters, name what is hovered.
 *
 * A click tells the same story for mouse and finger. While something is being placed, `placing.ts` has the pointer.
 */
import { signal, type Signal } from "@preact/signals";
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { same, type Item } from "../data/items";
import { hits, type Figure } from "./figures";
import type { Layout } from "./layout";
import { BANKS } from "./picture";
import { WORLD, lonOf, latOf, mercatorX, mercatorY, type Box, type Point } from "./mercator";

/** Something under the pointer, and where its label goes. */
export interface Hover {
  readonly figure: Figure;
  readonly x: number;
  readonly y: number;
}

const CLOSEST_ZOOM = 17;

export class Pointer {
  readonly hover: Signal<Hover | null> = signal(null);
  private lastClick: { x: number; y: number } | null = null;
  private moved: { x: number; y: number } | null = null;
  private asked: number | null = null;
  scale = 1;

  constructor(
    private readonly map: MapLibre,
    private readonly layout: Layout,
    private readonly selected: Signal<Item | null>,
    /** Whether the pointer is somebody else's now. */
    private readonly busy: () => boolean,
    /** Takes a click for somebody else; false leaves it to be a pick. Asked first, and once: taking it may end `busy`. */
    private readonly takes: (lon: number, lat: number) => boolean,
    /** What holds at a place where no mark is: an alert, or nothing. */
    private readonly below: (point: Point) => readonly Item[],
    /** Pixels that MapLibre's frame reaches beyond the screen. */
    private readonly store: number,
  ) {
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.move(event.point));
    map.on("mouseout", () => this.leave());
    map.on("movestart", () => this.leave());
  }

  private figuresAt(x: number, y: number, slop: number): Figure[] {
    const centre = this.map.getCenter();
    const world = WORLD * 2 ** this.map.getZoom();
    const frame = this.map.getContainer();
    const [width, height] = [frame.clientWidth / 2, frame.clientHeight / 2];
    const [cx, cy] = [mercatorX(centre.lng), mercatorY(centre.lat)];
    const at = (mx: number, my: number) => [(mx - cx) * world + width, (my - cy) * world + height] as const;
    const banks = BANKS.filter((bank) => bank !== "picked").map((bank) => this.layout.figures[bank]);
    return hits(banks, [x, y], at, this.scale, slop);
  }

  private click(event: MapMouseEvent): void {
    if (this.takes(event.lngLat.lng, event.lngLat.lat)) {
      this.lastClick = null;
      return;
    }
    const { x, y } = event.point;
    const touch = (event.originalEvent as Partial<PointerEvent>).pointerType === "touch";
    const found = this.figuresAt(x, y, touch ? 10 : 3);
    const top = found[0];
    if (top && top.ids && this.open(top)) return;
    const items = found.flatMap((figure): readonly Item[] =>
      figure.ids ? figure.ids.map((id) => ({ kind: "report", id })) : [figure.item!],
    );
    items.push(...this.below([event.lngLat.lng, event.lngLat.lat]));
    const again = this.lastClick !== null && Math.hypot(this.lastClick.x - x, this.lastClick.y - y) < 6;
    this.lastClick = { x, y };
    const standing = again ? items.findIndex((item) => same(item, this.selected.peek())) : -1;
    this.selected.value = items.length === 0 ? null : items[(standing + 1) % items.length]!;
  }

  /** Zoom to where a cluster falls apart; false when it never does. */
  private open(cluster: Figure): boolean {
    const ids = new Set(cluster.ids);
    const from = Math.floor(this.map.getZoom()) + 1;
    for (let zoom = from; zoom <= CLOSEST_ZOOM; zoom += 1) {
      const wide = 100 / (WORLD * 2 ** (from - 1));
      const around: Box = [cluster.x - wide, cluster.y - wide, cluster.x + wide, cluster.y + wide];
      const parts = this.layout.clusters.at(zoom, around).filter((group) => ids.has(group.ids[0]!));
      if (parts.length < 2) continue;
      const closer = Math.max(zoom + 0.2, this.map.getZoom() + 0.8);
      this.map.easeTo({ center: [lonOf(cluster.x), latOf(cluster.y)], zoom: closer, duration: 450 });
      return true;
    }
    return false;
  }

  private move(point: { x: number; y: number }): void {
    this.moved = { x: point.x, y: point.y };
    // Many moves come between two pictures; only the last one is looked at.
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      if (!this.moved || this.busy() || this.map.isMoving()) return this.leave();
      const { x, y } = this.moved;
      const figure = this.figuresAt(x, y, 2)[0];
      const standing = this.hover.peek();
      if (figure) this.hover.value = { figure, x: x - this.store, y: y - this.store };
      else if (standing) this.hover.value = null;
      this.map.getCanvasContainer().style.cursor = figure ? "pointer" : "";
    });
  }

  private leave(): void {
    this.moved = null;
    if (this.hover.peek()) this.hover.value = null;
  }

  stop(): void {
    if (this.asked !== null) cancelAnimationFrame(this.asked);
  }
}
