/**
 * A county's own map under the wards, when the server has one: `/basemap.pmtiles`, raster or vector, read in ranges.
 *
 * The file's layers are drawn in quiet colours of the theme, by the names that Protomaps and OpenMapTiles give them.
 * What the file calls otherwise is left out; wards and everything that happens are always above.
 */
import type { LayerSpecification, Map as MapLibre, RasterLayerSpecification } from "maplibre-gl";
import { addProtocol } from "maplibre-gl";
import { PMTiles, Protocol, TileType } from "pmtiles";
import type { Theme } from "../look/theme";

const BELOW = "land";

export async function addBasemap(map: MapLibre, theme: Theme): Promise<void> {
  const file = new PMTiles(new URL("/basemap.pmtiles", location.href).href);
  const header = await file.getHeader();
  const protocol = new Protocol();
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  const url = `pmtiles://${file.source.getKey()}`;
  if (header.tileType !== TileType.Mvt) {
    map.addSource("basemap", { type: "raster", url, tileSize: 256 });
    map.addLayer({ id: "basemap", type: "raster", source: "basemap", paint: rasterPaint(theme) }, BELOW);
    return;
  }
  map.addSource("basemap", { type: "vector", url });
  for (const layer of basemapLayers(theme)) map.addLayer(layer, BELOW);
}

/** Draw the base map in the colours of another theme. */
export function dressBasemap(map: MapLibre, theme: Theme): void {
  if (map.getLayer("basemap")) {
    for (const [name, value] of Object.entries(rasterPaint(theme))) {
      map.setPaintProperty("basemap", name as never, value as never);
    }
    return;
  }
  for (const { id, type, paint } of basemapLayers(theme)) {
    const colour = `${type}-color` as const;
    const value = (paint as Record<string, unknown>)[colour];
    if (map.getLayer(id)) map.setPaintProperty(id, colour as never, value as never);
  }
}

/** Pictures are as they are: by night they are dimmed, by day paled, so that marks stand out. */
function rasterPaint(theme: Theme): NonNullable<RasterLayerSpecification["paint"]> {
  return {
    "raster-fade-duration": 0,
    "raster-saturation": -0.35,
    "raster-brightness-min": theme === "night" ? 0 : 0.25,
    "raster-brightness-max": theme === "night" ? 0.38 : 1,
  };
}

interface Quiet {
  readonly earth: string;
  readonly green: string;
  readonly built: string;
  readonly water: string;
  readonly road: string;
}

const QUIET: Readonly<Record<Theme, Quiet>> = {
  day: { earth: "#f7f6f1", green: "#e6eedc", built: "#e3ddd3", water: "#c3dced", road: "#d3cdc2" },
  night: { earth: "#14212b", green: "#15281f", built: "#22303a", water: "#0e2f47", road: "#31424f" },
};

/** Draw each of these source layers; a file has some of them. */
export function basemapLayers(theme: Theme): LayerSpecification[] {
  const { earth, green, built, water, road } = QUIET[theme];
  const fill = (name: string, colour: string, minzoom = 0): LayerSpecification => ({
    id: `basemap-${name}`,
    type: "fill",
    source: "basemap",
    "source-layer": name,
    minzoom,
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": colour, "fill-antialias": false },
  });
  const line = (name: string, colour: string, width: number): LayerSpecification => ({
    id: `basemap-${name}-lines`,
    type: "line",
    source: "basemap",
    "source-layer": name,
    filter: ["==", ["geometry-type"], "LineString"],
    paint: {
      "line-color": colour,
      "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 7, width / 3, 12, width, 17, width * 5],
    },
  });
  return [
    fill("earth", earth),
    fill("landcover", green),
    fill("landuse", green, 8),
    fill("park", green, 8),
    fill("natural", green, 8),
    fill("water", water),
    line("water", water, 1.2),
    line("waterway", water, 1.2),
    line("roads", road, 1.2),
    line("transportation", road, 1.2),
    fill("buildings", built, 14),
    fill("building", built, 14),
  ];
}
