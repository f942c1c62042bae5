/**
 * Draw each mark once, on a small canvas of its own, and remember it: `picture.ts` copies them to the screen.
 *
 * A sprite is named by what it shows (`incident/flood/Severe`, `unit/going`, `count/128`) and drawn when it is first asked
 * for. Sizes are CSS pixels at scale 1; a sprite has `density` pixels for each. One common canvas would have to be copied
 * as a whole whenever something is added to it between two pictures.
 */
import type { Hazard, Severity } from "../data/contract";
import { HAZARDS, SEVERITIES, SIGNS, type Sign } from "../look/icons";
import type { GaugeLook, UnitLook } from "./looks";
import type { Palette, Pair } from "./palette";

export type SpriteName =
  | `incident/${Hazard}/${Severity}`
  | `far/${Hazard}/${Severity}`
  | `picked/${number}`
  | `unit/${UnitLook}`
  | `dot/${UnitLook}`
  | `gauge/${GaugeLook}`
  | "report"
  | "report/joined"
  | `cluster/${1 | 2 | 3}`
  | `count/${string}`
  | `badge/${string}`;

/** How large a sprite is, and how it is drawn. */
type Plan = readonly [width: number, height: number, draw: (to: CanvasRenderingContext2D) => void];

/** Counts come and go; so many sprites are enough for all that is on a screen, many times over. */
const MOST = 3000;

export class Sprites {
  private readonly measure: CanvasRenderingContext2D;
  private readonly known = new Map<SpriteName, HTMLCanvasElement>();

  constructor(
    private palette: Palette,
    private density: number,
    /** Whether the processor copies them to the screen. */
    private readonly software: boolean,
  ) {
    this.measure = document.createElement("canvas").getContext("2d")!;
  }

  /** Forget all sprites: other colours, or another size. */
  restart(palette: Palette, density: number): void {
    this.palette = palette;
    this.density = density;
    this.known.clear();
  }

  get(name: SpriteName): HTMLCanvasElement {
    const standing = this.known.get(name);
    if (standing) return standing;
    const [width, height, draw] = this.plan(name);
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(width * this.density);
    canvas.height = Math.ceil(height * this.density);
    const context = canvas.getContext("2d", { willReadFrequently: this.software })!;
    context.scale(canvas.width / width, canvas.height / height);
    draw(context);
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(name, canvas);
    return canvas;
  }

  private plan(name: SpriteName): Plan {
    const { palette } = this;
    const [kind, first = "", second = ""] = name.split("/") as [string, string?, string?];
    switch (kind) {
      case "incident":
        return [40, 40, (to) => this.shaped(to, 40, 32, second as Severity, HAZARDS[first as Hazard])];
      case "far":
        return [30, 30, (to) => this.shaped(to, 30, 23, second as Severity, HAZARDS[first as Hazard])];
      case "gauge":
        return [28, 28, (to) => this.gauge(to, first as GaugeLook)];
      case "picked":
        return [Number(first), Number(first), (to) => ring(to, Number(first), palette.accent, palette.halo)];
      case "unit":
        return [24, 24, (to) => this.unit(to, first as UnitLook)];
      case "dot":
        return [11, 11, (to) => this.dot(to, first as UnitLook)];
      case "report":
        return [20, 20, (to) => this.report(to, first === "joined")];
      case "cluster": {
        const size = [26, 32, 40][Number(first) - 1]!;
        return [size, size, (to) => disc(to, size, 1.5, palette.report, palette.halo)];
      }
      case "count":
        return this.word(first, 12, palette.halo, null);
      default:
        return this.word(first, 11, palette.panel, palette.text);
    }
  }

  private shaped(to: CanvasRenderingContext2D, box: number, size: number, severity: Severity, sign: Sign): void {
    const { palette } = this;
    const pair: Pair = palette.severity[severity];
    const ring = severity === "Unknown";
    to.translate(box / 2, box / 2);
    to.scale(size / 24, size / 24);
    to.translate(-12, -12);
    outline(to, ring ? SEVERITIES.Minor : SEVERITIES[severity], palette.halo, 3);
    if (ring) fill(to, SEVERITIES.Minor, palette.panel);
    fill(to, SEVERITIES[severity], pair.fill);
    const inner = ring ? 0.5 : 0.56;
    to.translate(12, 12);
    to.scale(inner, inner);
    to.translate(-12, -12);
    fill(to, sign, ring ? pair.fill : pair.on);
  }

  private gauge(to: CanvasRenderingContext2D, look: GaugeLook): void {
    const { palette } = this;
    if (look === "unseen") {
      // Nothing is known, so nothing is said: small, hollow, without a sign.
      to.translate(14, 14);
      to.scale(0.6, 0.6);
      to.translate(-12, -12);
      outline(to, SIGNS.drop, palette.halo, 5);
      fill(to, SIGNS.drop, palette.panel);
      outline(to, SIGNS.drop, palette.stale, 2.4);
      return;
    }
    if (look !== "normal" && look !== "silent") {
      this.shaped(to, 28, 22, look, SIGNS.gauge);
      return;
    }
    // Neither is a severity: a drop, full where the river is heard and hollow where it is silent.
    const silent = look === "silent";
    to.translate(2, 2);
    outline(to, SIGNS.drop, palette.halo, 3.5);
    fill(to, SIGNS.drop, silent ? palette.panel : palette.water);
    if (silent) {
      outline(to, SIGNS.drop, palette.stale, 2.2);
      fill(to, { d: "M9 13.500l6 6M15 13.500l-6 6", line: 2.2 }, palette.stale);
    } else {
      fill(to, WAVE, palette.halo);
    }
  }

  private unit(to: CanvasRenderingContext2D, look: UnitLook): void {
    const { palette } = this;
    const [ground, sign] = this.unitColours(look);
    disc(to, 24, 2, ground, palette.halo);
    if (look.startsWith("stale")) circle(to, 12, 12, 8.8, sign, 1.8, [3, 2.2]);
    if (look === "asked") circle(to, 12, 12, 9.6, palette.text, 1.6, []);
    const going = look.endsWith("going");
    const inner = going ? 0.55 : 0.52;
    to.translate(12, 12);
    to.scale(inner, inner);
    to.translate(-12, -12.5);
    fill(to, going ? SIGNS.going : SIGNS.responder, sign);
  }

  private dot(to: CanvasRenderingContext2D, look: UnitLook): void {
    const [ground, sign] = this.unitColours(look);
    disc(to, 11, 1.2, ground, this.palette.halo);
    if (look.startsWith("stale")) circle(to, 5.5, 5.5, 3.4, sign, 1.5, []);
  }

  /** The colour of the disc, and of the sign on it: hollow when the position is old. */
  private unitColours(look: UnitLook): readonly [ground: string, sign: string] {
    const { palette } = this;
    switch (look) {
      case "stale":
        return [palette.panel, palette.stale];
      case "stale-going":
        return [palette.panel, palette.accent];
      case "going":
        return [palette.accent, palette.onAccent];
      default:
        return [palette.person, palette.halo];
    }
  }

  private report(to: CanvasRenderingContext2D, joined: boolean): void {
    const { palette } = this;
    to.scale(20 / 24, 20 / 24);
    outline(to, BUBBLE, palette.halo, 3);
    fill(to, joined ? BUBBLE : SIGNS.report, joined ? palette.stale : palette.report);
  }

  private word(
    text: string,
    size: number,
    colour: string,
    ground: string | null,
  ): Plan {
    const font = `700 ${size}px ${this.palette.font}`;
    this.measure.font = font;
    const height = size + 6;
    const width = Math.max(height, Math.ceil(this.measure.measureText(text).width) + (ground === null ? 2 : 9));
    return [
      width,
      height,
      (to) => {
        if (ground !== null) {
          to.beginPath();
          to.roundRect(0.5, 0.5, width - 1, height - 1, height / 2);
          to.fillStyle = ground;
          to.fill();
          to.lineWidth = 1.2;
          to.strokeStyle = this.palette.halo;
          to.stroke();
        }
        to.font = font;
        to.fillStyle = colour;
        to.textAlign = "center";
        to.textBaseline = "middle";
        to.fillText(text, width / 2, height / 2 + 0.8);
      },
    ];
  }
}

const WAVE: Sign = { d: "M7.500 15c1.500 0 1.500-1.200 3-1.200s1.500 1.200 3 1.200 1.500-1.200 3-1.200", line: 2 };
const BUBBLE: Sign = {
  d: "M3.500 2.500h17a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H12l-6 5v-5H3.500a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2z",
};

function fill(to: CanvasRenderingContext2D, sign: Sign, colour: string): void {
  const path = new Path2D(sign.d);
  if (sign.line === undefined) {
    to.fillStyle = colour;
    to.fill(path, "evenodd");
    return;
  }
  to.strokeStyle = colour;
  to.lineWidth = sign.line;
  to.lineCap = to.lineJoin = "round";
  to.stroke(path);
}

function outline(to: CanvasRenderingContext2D, sign: Sign, colour: string, width: number): void {
  to.strokeStyle = colour;
  to.lineWidth = width;
  to.lineJoin = "round";
  to.stroke(new Path2D(sign.d));
}

function circle(
  to: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  width: number,
  dash: number[],
): void {
  to.beginPath();
  to.arc(x, y, radius, 0, 2 * Math.PI);
  to.strokeStyle = colour;
  to.lineWidth = width;
  to.setLineDash(dash);
  to.stroke();
  to.setLineDash([]);
}

function disc(to: CanvasRenderingContext2D, size: number, edge: number, colour: string, halo: string): void {
  const half = size / 2;
  to.beginPath();
  to.arc(half, half, half - 0.5, 0, 2 * Math.PI);
  to.fillStyle = halo;
  to.fill();
  to.beginPath();
  to.arc(half, half, half - 0.5 - edge, 0, 2 * Math.PI);
  to.fillStyle = colour;
  to.fill();
}

function ring(to: CanvasRenderingContext2D, size: number, colour: string, halo: string): void {
  const half = size / 2;
  circle(to, half, half, half - 3.500, halo, 6, []);
  circle(to, half, half, half - 3.500, colour, 3, []);
}
