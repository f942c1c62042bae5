/**
 * Hold MapLibre's part of the map: its sources, its paint in the theme of now, and the pictures its layers ask for.
 *
 * `open.ts` says what to show; here it is said to MapLibre, and only where it differs from what stands.
 */
import type { Feature } from "geojson";
import type { GeoJSONSource, LayerSpecification, Map as MapLibre, StyleImageMetadata } from "maplibre-gl";
import { SEVERITIES, type Severity } from "../data/contract";
import { boxAround, finer, locate, type Area, type Boundaries, type Found } from "./boundaries";
import type { River } from "./ground";
import type { Box, Point } from "./mercator";
import { areaNames, areaShapes, collection, ring, riverLines, severeShapes, ways } from "./shapes";
import { layersOf, type Look, type SourceName } from "./style";

/** What lies over the ground, each by its own reason. */
type Over = "shade" | "warned" | "river" | "picked" | "watching" | "hovered" | "scene" | "way";

export class Scene {
  private areas: Boundaries | null = null;
  private severe: Record<"shade" | "warned" | "picked" | "watching", ReadonlyMap<string, Severity>> = {
    shade: new Map(),
    warned: new Map(),
    picked: new Map(),
    watching: new Map(),
  };
  private readonly over: Record<Over, readonly Feature[]> = {
    shade: [],
    warned: [],
    river: [],
    picked: [],
    watching: [],
    hovered: [],
    scene: [],
    way: [],
  };
  private planned = false;

  constructor(
    private readonly map: MapLibre,
    private look: Look,
  ) {
    this.pictures();
  }

  /** Lay other boundaries: of the whole country, or finer ones of a part of it into those that lie. */
  ground(boundaries: Boundaries, whole: boolean): void {
    // The coarsest level has no wards: those that are there are better than none.
    const wards = whole && boundaries.wards.length === 0 ? (this.areas?.wards ?? []) : boundaries.wards;
    this.areas = whole || this.areas === null ? { ...boundaries, wards } : finer(this.areas, boundaries);
    this.layGround();
    this.fill(
      "names",
      areaNames("county", this.areas.counties),
      areaNames("subcounty", this.areas.subcounties),
      areaNames("ward", this.areas.wards),
    );
    this.lay("shade", this.severe.shade);
    this.lay("warned", this.severe.warned);
    this.lay("picked", this.severe.picked);
    this.lay("watching", this.severe.watching);
  }

  rivers(rivers: readonly River[]): void {
    this.put("river", riverLines(rivers));
  }

  /** Colour these areas, hatch them, or draw around them. */
  lay(kind: "shade" | "warned" | "picked" | "watching", severities: ReadonlyMap<string, Severity>): void {
    this.severe[kind] = severities;
    this.put(kind, severeShapes(kind, this.areas?.wards ?? [], severities));
  }

  /** Draw from each of these places to one. */
  lead(from: readonly Point[], to: Point | null): void {
    this.put("way", ways(from, to));
  }

  /** Draw how far the scene of an incident reaches; null draws none. */
  reach(around: Point | null, metres = 0): void {
    this.put("scene", around === null || metres <= 0 ? [] : [ring("scene", around, metres)]);
  }

  /** Mark the ward under the pointer; null marks none. */
  hover(path: string | null): void {
    const ward = path === null ? undefined : this.areas?.wards.find((each) => each.path === path);
    this.put("hovered", ward ? areaShapes("hovered", [ward]) : []);
  }

  wardAt(point: Point, reachM: number): Found | null {
    return locate(this.areas?.wards ?? [], point, reachM);
  }

  countyAt(point: Point): Area | null {
    return locate(this.areas?.counties ?? [], point, 0)?.area ?? null;
  }

  /** The box around these area paths, or around all there is. */
  box(paths: readonly string[]): Box | null {
    const { wards = [], counties = [] } = this.areas ?? {};
    return boxAround(wards.length > 0 ? wards : counties, paths);
  }

  /** Take another theme, scale or base: paint and layout that differ are set again. */
  dress(look: Look): void {
    const before = new Map(layersOf(this.look).map((layer) => [layer.id, layer]));
    this.look = look;
    this.pictures();
    for (const layer of layersOf(look)) {
      for (const part of ["paint", "layout"] as const) {
        const was = (before.get(layer.id)?.[part] ?? {}) as Record<string, unknown>;
        const is = ((layer as LayerSpecification)[part] ?? {}) as Record<string, unknown>;
        for (const [name, value] of Object.entries(is)) {
          if (JSON.stringify(was[name]) === JSON.stringify(value)) continue;
          if (part === "paint") this.map.setPaintProperty(layer.id, name as never, value as never);
          else this.map.setLayoutProperty(layer.id, name as never, value as never);
        }
      }
    }
  }

  private layGround(): void {
    const { counties = [], subcounties = [], wards = [] } = this.areas ?? {};
    this.fill(
      "areas",
      areaShapes("county", counties),
      areaShapes("subcounty", subcounties),
      areaShapes("ward", wards),
    );
  }

  private put(kind: Over, features: readonly Feature[]): void {
    if (features.length === 0 && this.over[kind].length === 0) return;
    this.over[kind] = features;
    if (this.planned) return;
    this.planned = true;
    // What changes at one go is told at one go.
    queueMicrotask(() => {
      this.planned = false;
      this.fill("over", ...Object.values(this.over));
    });
  }

  private fill(name: SourceName, ...features: readonly (readonly Feature[])[]): void {
    void this.map.getSource<GeoJSONSource>(name)?.setData(collection(...features));
  }

  private pictures(): void {
    const { palette, scale } = this.look;
    for (const severity of SEVERITIES) {
      this.picture(`hatch-${severity}`, hatch(palette.severity[severity].line, scale));
    }
    this.picture("flow", flow(palette.halo, scale));
  }

  private picture(name: string, image: ImageData, more: Partial<StyleImageMetadata> = {}): void {
    // Another size cannot be put into the same place.
    if (this.map.hasImage(name)) this.map.removeImage(name);
    this.map.addImage(name, image, { pixelRatio: 2, ...more });
  }
}

/** Slanted lines that meet at the edges of their tile. */
function hatch(colour: string, scale: number): ImageData {
  const side = Math.round(20 * scale);
  return drawn(side, side, (to) => {
    to.strokeStyle = colour;
    to.lineWidth = 3 * scale;
    to.beginPath();
    for (const shift of [-side, 0, side]) {
      to.moveTo(shift - 4, side + 4);
      to.lineTo(shift + side + 4, -4);
    }
    to.stroke();
  });
}

/** An arrow head that points the way a line runs. */
function flow(colour: string, scale: number): ImageData {
  const side = Math.round(18 * scale);
  return drawn(side, side, (to) => {
    to.scale(side / 24, side / 24);
    to.strokeStyle = colour;
    to.lineWidth = 4;
    to.lineCap = to.lineJoin = "round";
    to.stroke(new Path2D("M8 5l7 7-7 7"));
  });
}

function drawn(width: number, height: number, draw: (to: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  draw(context);
  return context.getImageData(0, 0, width, height);
}
