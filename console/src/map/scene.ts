/**
 * Hold MapLibre's part of the map: its sources, its paint in the theme of now, and the pictures its layers ask for.
 *
 * `open.ts` says what to show; here it is said to MapLibre, and only where it differs from what stands.
 */
import type { FeatureCollection } from "geojson";
import type { GeoJSONSource, LayerSpecification, Map as MapLibre, StyleImageMetadata } from "maplibre-gl";
import { SEVERITIES, type Severity } from "../data/contract";
import { boxAround, locate, type Area, type Boundaries, type Found } from "./boundaries";
import type { River } from "./ground";
import type { Box, Point } from "./mercator";
import type { Shades } from "./shade";
import { areaNames, areaShapes, riverLines, warnedShapes, ways, NOTHING } from "./shapes";
import { layersOf, type Look, type SourceName } from "./style";

export class Scene {
  private wards: readonly Area[] = [];
  private counties: readonly Area[] = [];
  private readonly numbers = new Map<string, number>();
  private shaded: Shades = new Map();
  private warnings: ReadonlyMap<string, Severity> = new Map();
  private pickedArea: ReadonlyMap<string, Severity> = new Map();
  private empty = new Set<SourceName>();

  constructor(
    private readonly map: MapLibre,
    private look: Look,
  ) {
    this.pictures();
  }

  ground(boundaries: Boundaries): void {
    const number = (path: string) => this.number(path);
    if (boundaries.wards.length > 0) {
      this.wards = boundaries.wards;
      this.fill("wards", areaShapes(boundaries.wards, number));
      this.fill("ward-names", areaNames(boundaries.wards));
      this.warn(this.warnings);
      this.outline(this.pickedArea);
    }
    this.counties = boundaries.counties;
    this.fill("subcounties", areaShapes(boundaries.subcounties, number));
    this.fill("subcounty-names", areaNames(boundaries.subcounties));
    this.fill("counties", areaShapes(boundaries.counties, number));
    this.fill("county-names", areaNames(boundaries.counties));
  }

  rivers(rivers: readonly River[]): void {
    this.fill("rivers", riverLines(rivers));
  }

  /** Shade wards; only those whose shade is another one are touched. */
  shade(shades: Shades): void {
    for (const [path, severity] of shades) {
      if (this.shaded.get(path) !== severity) this.state(path, severity);
    }
    for (const path of this.shaded.keys()) if (!shades.has(path)) this.state(path, null);
    this.shaded = shades;
  }

  /** Hatch the areas where alerts hold. */
  warn(warnings: ReadonlyMap<string, Severity>): void {
    this.warnings = warnings;
    this.fill("warned", warnedShapes(this.wards, warnings));
  }

  /** Draw around the wards of the alert that is picked. */
  outline(areas: ReadonlyMap<string, Severity>): void {
    this.pickedArea = areas;
    this.fill("picked-area", warnedShapes(this.wards, areas));
  }

  /** Draw from each of these places to one. */
  lead(to: Point | null, from: readonly Point[]): void {
    this.fill("ways", ways(to, from));
  }

  /** Mark the ward under the pointer; null marks none. */
  hover(path: string | null): void {
    const ward = path === null ? undefined : this.wards.find((each) => each.path === path);
    this.fill("hovered", ward ? areaShapes([ward], () => 1) : NOTHING);
  }

  wardAt(point: Point, reachM: number): Found | null {
    return locate(this.wards, point, reachM);
  }

  /** The box around these area paths, or around all there is. */
  box(paths: readonly string[]): Box | null {
    return boxAround(this.wards.length > 0 ? this.wards : this.counties, paths);
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

  private number(path: string): number {
    let number = this.numbers.get(path);
    if (number === undefined) this.numbers.set(path, (number = this.numbers.size + 1));
    return number;
  }

  private state(path: string, severity: Severity | null): void {
    const feature = { source: "wards", id: this.number(path) };
    if (severity === null) this.map.removeFeatureState(feature, "shade");
    else this.map.setFeatureState(feature, { shade: severity });
  }

  private fill(name: SourceName, data: FeatureCollection): void {
    const nothing = data.features.length === 0;
    if (nothing && this.empty.has(name)) return;
    if (nothing) this.empty.add(name);
    else this.empty.delete(name);
    void this.map.getSource<GeoJSONSource>(name)?.setData(nothing ? NOTHING : data);
  }

  private pictures(): void {
    const { palette, scale } = this.look;
    for (const severity of SEVERITIES) {
      this.picture(`hatch-${severity}`, hatch(palette.severity[severity].fill, scale));
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
