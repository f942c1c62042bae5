/**
 * Keep the map fluid where WebGL is computed by the processor: paint the ground in the background, show it moved meanwhile.
 *
 * A picture of the ground takes a tenth of a second there. MapLibre goes on as ever, with its handlers and its camera, but
 * its painter is let through one picture at a time, and only when the map has moved far enough or the ground has changed.
 * Each finished picture is handed to `picture.ts`. MapLibre draws wider than the screen, so that a pan has ground in store.
 */
import type { Map as MapLibre } from "maplibre-gl";
import { WORLD } from "./mercator";
import { cameraOf, type Camera, type Picture } from "./picture";

/** CSS pixels that MapLibre draws beyond each edge of the screen. */
export const STORE_PX = 128;

/** Moves smaller than these wait until the map rests. */
const NEAR_PX = 72;
const NEAR_ZOOM = 0.3;

/**
 * While the map moves, a picture of the ground is followed by a pause so many times as long as it took: painting and moving
 * share the same processor, and a slow one needs longer pauses.
 */
const PAUSE = 1.6;
const LONGEST_PAUSE_MS = 700;

type Render = (...all: unknown[]) => void;

/** What we use of MapLibre's inside; the version is pinned, and without it the map is slow but whole. */
interface Inside {
  readonly painter?: { render?: Render };
}

export class Softly {
  /** Called when a finished picture is handed over and no other one is wanted. */
  onShown: () => void = () => undefined;
  private painted: Camera | null = null;
  private inFlight = false;
  private pausedUntil = 0;
  private wanted = false;
  private polled: number | null = null;
  private readonly store = document.createElement("canvas");
  private readonly context = this.store.getContext("2d", { alpha: true, willReadFrequently: true })!;

  constructor(
    private readonly map: MapLibre,
    private readonly picture: Picture,
  ) {
    const painter = (map as unknown as Inside).painter;
    const render = painter?.render;
    if (!painter || !render) return;
    painter.render = (...all) => {
      if (this.mayPaint()) {
        render.apply(painter, all);
        this.began();
      }
    };
    map.on("moveend", this.rest);
  }

  /** Whether a picture is on its way or waits for its turn. */
  get working(): boolean {
    return this.inFlight || this.wanted;
  }

  stop(): void {
    if (this.polled !== null) cancelAnimationFrame(this.polled);
  }

  private readonly rest = (): void => {
    if (this.wanted) this.map.triggerRepaint();
  };

  private mayPaint(): boolean {
    this.wanted = true;
    if (this.inFlight) return false;
    if (!this.map.isMoving() || this.painted === null) return true;
    if (performance.now() < this.pausedUntil) return false;
    const now = cameraOf(this.map);
    const world = WORLD * 2 ** now.zoom;
    const far = Math.max(Math.abs(now.x - this.painted.x), Math.abs(now.y - this.painted.y)) * world;
    return far > NEAR_PX || Math.abs(now.zoom - this.painted.zoom) > NEAR_ZOOM;
  }

  private began(): void {
    const canvas = this.map.getCanvas();
    const gl = canvas.getContext("webgl2");
    if (!gl) return;
    const camera = cameraOf(this.map);
    this.painted = camera;
    this.wanted = false;
    this.inFlight = true;
    const began = performance.now();
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const poll = () => {
      if (fence !== null && gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED) {
        this.polled = requestAnimationFrame(poll);
        return;
      }
      gl.deleteSync(fence);
      this.polled = null;
      this.take(canvas, camera);
      this.inFlight = false;
      const done = performance.now();
      this.pausedUntil = done + Math.min(LONGEST_PAUSE_MS, PAUSE * (done - began));
      if (this.wanted) this.map.triggerRepaint();
      else this.onShown();
    };
    this.polled = requestAnimationFrame(poll);
  }

  private take(canvas: HTMLCanvasElement, camera: Camera): void {
    const { store } = this;
    if (store.width !== canvas.width || store.height !== canvas.height) {
      store.width = canvas.width;
      store.height = canvas.height;
    } else this.context.clearRect(0, 0, store.width, store.height);
    this.context.drawImage(canvas, 0, 0);
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    this.picture.ground = { image: store, camera, width, height };
    this.picture.soon();
  }
}
