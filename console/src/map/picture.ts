/**
 * The canvas that people see: marks over the ground, drawn anew for each picture.
 *
 * Where a graphics card draws, the ground is MapLibre's own canvas below, and this one is clear but for the marks. Where
 * none does, WebGL is far too slow to be asked for every picture: then this canvas is all that is shown, and the ground in
 * it is the last one that `softly.ts` got from MapLibre, moved to where the map is now. A mark costs one copy of a sprite.
 */
import { WORLD, mercatorX, mercatorY } from "./mercator";
import type { SpriteName, Sprites } from "./sprites";

export interface Mark {
  readonly sprite: SpriteName;
  /** In the Mercator square. */
  readonly x: number;
  readonly y: number;
  /** CSS pixels that its middle stands away from the position. */
  readonly dx?: number;
  readonly dy?: number;
}

export const BANKS = ["reports", "gauges", "units", "incidents", "picked"] as const;
export type BankName = (typeof BANKS)[number];

/** Where the map is looked at from: a middle in the Mercator square, and a zoom. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export function cameraOf(map: { getCenter(): { lng: number; lat: number }; getZoom(): number }): Camera {
  const { lng, lat } = map.getCenter();
  return { x: mercatorX(lng), y: mercatorY(lat), zoom: map.getZoom() };
}

/** A picture of the ground, and from where it was taken. */
export interface Ground {
  readonly image: CanvasImageSource;
  readonly camera: Camera;
  /** CSS pixels that it measures. */
  readonly width: number;
  readonly height: number;
}

/** Where a ground taken from one camera lies when looked at from another: its corner and its growth, CSS pixels. */
export function shifted(
  { camera: then, width, height }: Pick<Ground, "camera" | "width" | "height">,
  now: Camera,
  view: { readonly width: number; readonly height: number },
): { readonly left: number; readonly top: number; readonly grown: number } {
  const world = WORLD * 2 ** now.zoom;
  const grown = 2 ** (now.zoom - then.zoom);
  return {
    left: (then.x - now.x) * world + view.width / 2 - (width / 2) * grown,
    top: (then.y - now.y) * world + view.height / 2 - (height / 2) * grown,
    grown,
  };
}

export class Picture {
  readonly canvas = document.createElement("canvas");
  ground: Ground | null = null;
  /** What is behind the ground where it does not reach; null leaves the canvas clear. */
  behind: string | null = null;
  private readonly context: CanvasRenderingContext2D;
  private readonly banks = new Map<BankName, readonly Mark[]>();
  private size = { width: 0, height: 0 };
  private asked: number | null = null;

  constructor(
    private readonly sprites: Sprites,
    private readonly camera: () => Camera,
    /** Device pixels to a CSS pixel. */
    private ratio: number,
    software: boolean,
  ) {
    // Kept by the processor where it draws anyway: a detour through WebGL by software costs more than all the drawing.
    this.context = this.canvas.getContext("2d", { alpha: !software, willReadFrequently: software })!;
  }

  resize(width: number, height: number, ratio: number): void {
    this.size = { width, height };
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.draw();
  }

  /** Draw these in a bank from the next picture on. */
  set(bank: BankName, marks: readonly Mark[]): void {
    this.banks.set(bank, marks);
    this.soon();
  }

  /** Draw before the browser shows the next picture. */
  soon(): void {
    this.asked ??= requestAnimationFrame(() => this.draw());
  }

  stop(): void {
    if (this.asked !== null) cancelAnimationFrame(this.asked);
  }

  readonly draw = (): void => {
    if (this.asked !== null) cancelAnimationFrame(this.asked);
    this.asked = null;
    const { context, canvas, ratio, size } = this;
    const now = this.camera();
    if (this.behind === null) context.clearRect(0, 0, canvas.width, canvas.height);
    else {
      context.fillStyle = this.behind;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    if (this.ground) {
      const { left, top, grown } = shifted(this.ground, now, size);
      const [x, y] = [Math.round(left * ratio), Math.round(top * ratio)];
      // A plain copy where nothing grows; smoothing is for the moments of zooming.
      context.imageSmoothingEnabled = grown !== 1;
      context.imageSmoothingQuality = "low";
      const [width, height] = [this.ground.width * grown * ratio, this.ground.height * grown * ratio];
      context.drawImage(this.ground.image, x, y, Math.round(width), Math.round(height));
    }
    context.imageSmoothingEnabled = false;
    const world = WORLD * 2 ** now.zoom * ratio;
    const [middleX, middleY] = [canvas.width / 2, canvas.height / 2];
    for (const name of BANKS) {
      // Units crowd: of those with one look on one spot, one is all that is seen.
      const drawnAt = name === "units" ? new Map<HTMLCanvasElement, Set<number>>() : null;
      for (const { sprite, x, y, dx = 0, dy = 0 } of this.banks.get(name) ?? []) {
        const left = (x - now.x) * world + dx * ratio + middleX;
        const top = (y - now.y) * world + dy * ratio + middleY;
        if (left < -64 || top < -64 || left > canvas.width + 64 || top > canvas.height + 64) continue;
        const drawn = this.sprites.get(sprite);
        if (drawnAt && crowded(drawnAt, drawn, left, top)) continue;
        // On whole pixels, so that what was drawn sharp stays sharp.
        context.drawImage(drawn, Math.round(left - drawn.width / 2), Math.round(top - drawn.height / 2));
      }
    }
  };
}

/** Say whether the same was drawn within three pixels already; if not, remember it. */
function crowded(
  drawnAt: Map<HTMLCanvasElement, Set<number>>,
  what: HTMLCanvasElement,
  left: number,
  top: number,
): boolean {
  let spots = drawnAt.get(what);
  if (!spots) drawnAt.set(what, (spots = new Set()));
  const spot = Math.round(top / 3) * 65_536 + Math.round(left / 3);
  if (spots.has(spot)) return true;
  spots.add(spot);
  return false;
}
