/**
 * What MapLibre draws, from below: land, lines, rivers, shades, alerts, ways, names. Marks are `picture.ts`'s.
 *
 * Everything comes from a palette and a scale, so that theme and wall are a matter of setting paint again. There are no
 * glyphs: MapLibre draws letters with the device's own fonts. Sources are empty here; `scene.ts` fills them.
 */
import type {
  ExpressionSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";
import { SEVERITIES } from "../data/contract";
import type { Palette } from "./palette";
import { NOTHING, type Kind } from "./shapes";

/**
 * Few sources, and layers of one source together: for each change of source MapLibre writes the tiles' outlines into the
 * stencil once more, which costs as much as all the lines do where no graphics card draws.
 */
export const SOURCES = ["areas", "over", "names"] as const;
export type SourceName = (typeof SOURCES)[number];

export interface Look {
  readonly palette: Palette;
  /** How much larger than on a desk: about 2 on a wall. */
  readonly scale: number;
  /** Whether a base map lies below, that must be seen through the wards. */
  readonly basemap: boolean;
}

/** Below these zooms names are not drawn. */
const SUBCOUNTIES_FROM = 8;
const WARDS_FROM = 9.5;

export function styleOf(look: Look): StyleSpecification {
  const empty: GeoJSONSourceSpecification = { type: "geojson", data: NOTHING, tolerance: 0.4, buffer: 32, maxzoom: 12 };
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, { ...empty }])),
    layers: layersOf(look),
    transition: { duration: 0, delay: 0 },
  };
}

function bySeverity({ severity }: Palette, part: "fill" | "line"): ExpressionSpecification {
  const pairs = SEVERITIES.flatMap((each) => [each, severity[each][part]]);
  return ["match", ["get", "severity"], ...pairs, "transparent"] as unknown as ExpressionSpecification;
}

export function layersOf({ palette, scale, basemap }: Look): LayerSpecification[] {
  const halo = { "text-halo-color": palette.halo, "text-halo-width": 1.6 * scale, "text-halo-blur": 0.4 };
  const font = ["Noto Sans", "Segoe UI", "Roboto", "system-ui"];
  const bold = ["Noto Sans Bold", "Segoe UI", "Roboto", "system-ui"];
  const line = (width: number) => width * scale;
  const of = (kind: Kind): ExpressionSpecification => ["==", ["get", "kind"], kind];
  return [
    {
      id: "land",
      type: "fill",
      source: "areas",
      filter: of("county"),
      layout: { visibility: basemap ? "none" : "visible" },
      paint: { "fill-color": palette.land, "fill-antialias": false },
    },
    {
      id: "ward-lines",
      type: "line",
      source: "areas",
      filter: of("ward"),
      minzoom: 6.5,
      paint: {
        "line-color": palette.ward,
        "line-width": ["interpolate", ["linear"], ["zoom"], 6.5, line(0.4), 10, line(1), 14, line(2)],
      },
    },
    {
      id: "subcounty-lines",
      type: "line",
      source: "areas",
      filter: of("subcounty"),
      minzoom: 7,
      paint: {
        "line-color": palette.subcounty,
        "line-width": ["interpolate", ["linear"], ["zoom"], 7, line(0.6), 10, line(1.6), 14, line(3)],
      },
    },
    {
      id: "county-lines",
      type: "line",
      source: "areas",
      filter: of("county"),
      layout: { "line-join": "round" },
      paint: {
        "line-color": palette.county,
        "line-width": ["interpolate", ["linear"], ["zoom"], 5, line(0.8), 9, line(2), 14, line(3.5)],
      },
    },
    {
      id: "shade",
      type: "fill",
      source: "over",
      filter: of("shade"),
      paint: {
        "fill-color": bySeverity(palette, "fill"),
        // Close by, a ward fills the screen: then less colour says as much.
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 9, basemap ? 0.34 : 0.42, 12.5, 0.24],
        "fill-antialias": false,
      },
    },
    {
      id: "warned",
      type: "fill",
      source: "over",
      filter: of("warned"),
      paint: { "fill-pattern": ["concat", "hatch-", ["get", "severity"]], "fill-opacity": 0.8, "fill-antialias": false },
    },
    {
      id: "warned-edge",
      type: "line",
      source: "over",
      filter: of("warned"),
      paint: {
        "line-color": bySeverity(palette, "line"),
        "line-width": line(2),
        "line-dasharray": [3, 2],
      },
    },
    {
      id: "rivers",
      type: "line",
      source: "over",
      filter: of("river"),
      layout: { "line-join": "round", "line-cap": "round" },
      paint: {
        "line-color": palette.water,
        "line-width": ["interpolate", ["linear"], ["zoom"], 6, line(1.2), 10, line(3), 14, line(6)],
      },
    },
    {
      id: "picked-area",
      type: "line",
      source: "over",
      filter: of("picked"),
      layout: { "line-join": "round" },
      paint: { "line-color": palette.accent, "line-width": line(3.5) },
    },
    {
      id: "watching-area",
      type: "line",
      source: "over",
      filter: of("watching"),
      layout: { "line-join": "round" },
      paint: { "line-color": palette.accent, "line-width": line(2.5), "line-dasharray": [2.5, 1.5] },
    },
    {
      id: "scene",
      type: "fill",
      source: "over",
      filter: of("scene"),
      paint: { "fill-color": palette.accent, "fill-opacity": 0.12, "fill-antialias": false },
    },
    {
      id: "scene-edge",
      type: "line",
      source: "over",
      filter: of("scene"),
      paint: { "line-color": palette.accent, "line-width": line(2) },
    },
    {
      id: "hovered",
      type: "line",
      source: "over",
      filter: of("hovered"),
      layout: { "line-join": "round" },
      paint: { "line-color": palette.accent, "line-width": line(4) },
    },
    {
      id: "ways",
      type: "line",
      source: "over",
      filter: of("way"),
      layout: { "line-cap": "round" },
      paint: { "line-color": palette.accent, "line-width": line(2.5), "line-dasharray": [1.5, 2] },
    },
    {
      id: "river-flow",
      type: "symbol",
      source: "over",
      filter: of("river"),
      minzoom: 8,
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 110 * scale,
        "icon-image": "flow",
        "icon-rotation-alignment": "map",
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
    },
    {
      id: "river-names",
      type: "symbol",
      source: "over",
      filter: of("river"),
      minzoom: 9,
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 400 * scale,
        "text-field": ["get", "name"],
        "text-font": font,
        "text-size": 12 * scale,
        "text-offset": [0, 1],
        "text-max-angle": 38,
      },
      paint: { "text-color": palette.water, ...halo },
    },
    {
      id: "ward-names",
      type: "symbol",
      source: "names",
      filter: of("ward"),
      minzoom: WARDS_FROM,
      layout: {
        "text-field": ["get", "name"],
        "text-font": font,
        "text-size": ["interpolate", ["linear"], ["zoom"], WARDS_FROM, 11 * scale, 13, 15 * scale],
        "text-max-width": 7,
        "text-padding": 4 * scale,
        "symbol-sort-key": ["get", "order"],
      },
      paint: { "text-color": palette.label, ...halo },
    },
    {
      id: "subcounty-names",
      type: "symbol",
      source: "names",
      filter: of("subcounty"),
      minzoom: SUBCOUNTIES_FROM,
      maxzoom: 10.5,
      layout: {
        "text-field": ["upcase", ["get", "name"]],
        "text-font": font,
        "text-size": 11 * scale,
        "text-letter-spacing": 0.06,
        "text-max-width": 8,
        "text-padding": 6 * scale,
        "symbol-sort-key": ["get", "order"],
      },
      paint: { "text-color": palette.label, "text-opacity": 0.75, ...halo },
    },
    {
      id: "county-names",
      type: "symbol",
      source: "names",
      filter: of("county"),
      maxzoom: 9.5,
      layout: {
        "text-field": ["get", "name"],
        "text-font": bold,
        "text-size": ["interpolate", ["linear"], ["zoom"], 5, 11 * scale, 9, 17 * scale],
        "text-max-width": 7,
        "text-padding": 4 * scale,
        "symbol-sort-key": ["get", "order"],
      },
      paint: { "text-color": palette.label, ...halo },
    },
  ];
}
