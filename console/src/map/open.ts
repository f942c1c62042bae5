/**
 * Open the map in an element and keep it in step with the store: here everything of the map comes together.
 *
 * Ground comes from `ground.ts` through `scene.ts` into MapLibre, what happens from the store through `layout.ts` into the
 * marks. Nothing is asked of anybody but the server that gave the page: no tiles, no glyphs.
 */
import { effect, signal } from "@preact/signals";
import { Map as MapLibre, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { h, render } from "preact";
import type { Item } from "../data/items";
import { mapWords } from "../words/map";
import { learn, t } from "../words/words";
import { addBasemap } from "./basemap";
import { Chrome, type Origin } from "./chrome";
import { within } from "./boundaries";
import { fetchBoundaries, fetchConfig, fetchRivers, fetchStations, type Level } from "./ground";
import { Layout } from "./layout";
import { goes } from "./looks";
import type { MapOptions, OpenMap } from "./map";
import "./map.css";
import { WORLD, type Box, type Point } from "./mercator";
import { palette } from "./palette";
import { BANKS, Picture, cameraOf } from "./picture";
import { Aiming } from "./placing";
import { Pointer } from "./pointer";
import { STORE_PX, Softly } from "./softly";
import { drawsBySoftware, pixelRatio } from "./ratio";
import { Scene } from "./scene";
import { alertedAreas, sameShades, shades, warned, type Shades } from "./shade";
import { Sprites } from "./sprites";
import { styleOf, type Look } from "./style";

const KENYA: Box = [33.5, -5.0, 42.1, 5.2];
/** From this zoom on the fine boundaries are needed. */
const FINE_FROM = 9;

export async function openMap(container: HTMLElement, options: MapOptions): Promise<OpenMap> {
  const { store, theme, selected, placing, hovered, small = false } = options;
  learn(mapWords);
  const areas = () => options.areas?.peek() ?? [];
  const ends: (() => void)[] = [];
  const ended = new AbortController();

  container.classList.add("map-open");
  const ground = container.appendChild(document.createElement("div"));
  ground.className = "map-ground";
  const over = container.appendChild(document.createElement("div"));

  const software = drawsBySoftware();
  const beyond = software ? STORE_PX : 0;
  container.classList.toggle("map-softly", software);
  const ratio = () => pixelRatio(devicePixelRatio, container.clientWidth, container.clientHeight, software);
  const scale = signal(scaleOf());
  container.style.setProperty("--map-scale", String(scale.peek()));
  let look: Look = { palette: palette(), scale: scale.peek(), basemap: false };

  setWorkerUrl(workerUrl);
  const map = new MapLibre({
    container: ground,
    style: styleOf(look),
    bounds: [...KENYA],
    // Wide enough that the country can lie in any corner.
    maxBounds: [KENYA[0] - 6, KENYA[1] - 5, KENYA[2] + 6, KENYA[3] + 5],
    minZoom: 4.5,
    maxZoom: 18,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    renderWorldCopies: false,
    crossSourceCollisions: true,
    pixelRatio: ratio(),
    validateStyle: false,
    maxTileCacheZoomLevels: 3,
    locale: { "Map.Title": t("map.title") },
    canvasContextAttributes: { antialias: !software, preserveDrawingBuffer: software, powerPreference: "high-performance" },
  });
  map.keyboard.disableRotation();
  map.touchZoomRotate.disableRotation();
  await new Promise<void>((done, failed) => {
    map.once("style.load", () => done());
    map.once("error", ({ error }) => failed(error));
  });

  const scene = new Scene(map, look);
  withoutSky(map);
  const sprites = new Sprites(look.palette, look.scale * ratio());
  const picture = new Picture(sprites, () => cameraOf(map), ratio(), software);
  const softly = software ? new Softly(map, picture) : null;
  const { canvas: face } = picture;
  face.className = "map-picture";
  face.tabIndex = 0;
  face.setAttribute("role", "application");
  face.setAttribute("aria-label", t("map.title"));
  map.getCanvas().tabIndex = -1;
  map.getCanvasContainer().append(face);
  map.on("render", picture.draw);
  const layout = new Layout(store, picture, small ? BANKS.filter((bank) => bank !== "reports") : BANKS);
  const aiming = new Aiming(map, scene, placing, hovered, face, beyond);
  const alertsAt = (point: Point): readonly Item[] => {
    const ward = scene.wardAt(point, 0)?.area.path;
    if (ward === undefined) return [];
    const holding = [...store.docs.alert.peek().values()].filter(
      (alert) => alert.state === "issued" && alertedAreas(alert).some((area) => within(ward, area)),
    );
    return holding.map(({ id }) => ({ kind: "alert", id }));
  };
  const pointer = new Pointer(map, layout, selected, () => placing.peek() !== null, alertsAt, beyond);

  const origin = signal<Origin | null>(null);
  const missing = signal(false);
  const centre = () => ({ lat: map.getCenter().lat, zoom: map.getZoom() });
  const view = signal(centre());

  const looked = () => {
    const { x, y, zoom } = cameraOf(map);
    const world = 2 * WORLD * 2 ** zoom;
    const [wide, high] = [container.clientWidth / world, container.clientHeight / world];
    layout.look({ zoom, box: [x - wide, y - high, x + wide, y + high] });
  };
  map.on("move", looked);
  map.on("moveend", () => (view.value = centre()));
  map.on("zoom", () => (view.value = centre()));

  // Ground: coarse at once, wards next, fine ones when somebody comes close.
  let finest: Level | null = null;
  const lay = async (level: Level): Promise<void> => {
    const own = small ? areas().find((path) => path.split(".").length >= 2) : undefined;
    const county = own?.split(".").slice(0, 2).join(".") ?? null;
    const boundaries = await fetchBoundaries(level, level === 3 ? null : county, ended.signal);
    if (finest !== null && finest <= level) return;
    const first = finest === null;
    finest = level;
    scene.ground(boundaries);
    origin.value = {
      version: boundaries.version,
      approximate: boundaries.approximate,
      riversApproximate: origin.peek()?.riversApproximate ?? false,
    };
    missing.value = false;
    if (first) home(0);
    else if (level === 2 && !wandered) home(0);
  };
  let wandered = false;
  map.on("dragstart", () => (wandered = true));
  map.on("wheel", () => (wandered = true));
  const fine = () => {
    if (finest === 2 && map.getZoom() >= FINE_FROM) tryAgain(() => lay(1));
  };
  map.on("zoomend", fine);

  const tryAgain = (run: () => Promise<void>, wait = 2_000): void => {
    run().catch((error: unknown) => {
      if (ended.signal.aborted) return;
      console.warn(error);
      if (finest === null) missing.value = true;
      const timer = setTimeout(() => tryAgain(run, Math.min(60_000, wait * 2)), wait);
      ends.push(() => clearTimeout(timer));
    });
  };
  tryAgain(async () => {
    await lay(3);
    await lay(2);
    fine();
  });
  tryAgain(async () => {
    const { approximate, rivers } = await fetchRivers(ended.signal);
    scene.rivers(rivers);
    const from = origin.peek() ?? { version: "", approximate: false };
    origin.value = { ...from, riversApproximate: approximate };
  });
  tryAgain(async () => layout.know(await fetchStations(ended.signal)));
  tryAgain(async () => {
    const { basemap } = await fetchConfig(ended.signal);
    if (!basemap || ended.signal.aborted) return;
    await addBasemap(map, theme.peek());
    look = { ...look, basemap: true };
    scene.dress(look);
  });

  // What happens.
  const watch = (run: () => void) => ends.push(effect(run));
  let shaded: Shades = new Map();
  watch(() => {
    const shade = shades(store.docs.incident.value.values());
    // Most news of incidents leave every ward as it was.
    if (sameShades(shade, shaded)) return;
    shaded = shade;
    scene.lay("shade", shade);
  });
  watch(() => scene.lay("warned", warned(store.docs.alert.value.values())));
  watch(() => {
    const item = selected.value;
    layout.pick(item);
    const alert = item?.kind === "alert" ? store.docs.alert.value.get(item.id) : undefined;
    const severity = alert?.severity ?? "Unknown";
    scene.lay("picked", new Map(alert ? alertedAreas(alert).map((path) => [path, severity]) : []));
  });
  watch(() => {
    const item = selected.value;
    if (item?.kind !== "incident" && item?.kind !== "responder") return scene.lead([], null);
    const about = [...store.docs.assignment.value.values()].filter(
      (each) => goes(each.state) && (item.kind === "incident" ? each.incident : each.responder) === item.id,
    );
    void store.docs.responder.value;
    const to = about[0];
    const from = about.map(({ responder }) => layout.place({ kind: "responder", id: responder })).filter((at) => at !== null);
    scene.lead(from, to ? [to.lon, to.lat] : null);
  });
  layout.start();
  looked();

  const sizeUp = () => {
    picture.behind = software ? look.palette.ground : null;
    picture.resize(container.clientWidth, container.clientHeight, ratio());
  };
  sizeUp();
  const dress = () => {
    look = { ...look, palette: palette(), scale: scale.peek() };
    scene.dress(look);
    sprites.restart(look.palette, look.scale * ratio());
    sizeUp();
    layout.resize(look.scale);
    pointer.scale = look.scale;
  };
  let dressed = theme.peek();
  watch(() => {
    const worn = theme.value;
    if (worn === dressed) return;
    dressed = worn;
    // The document has its theme only after everybody who watches the signal has run.
    queueMicrotask(dress);
  });
  pointer.scale = look.scale;
  layout.resize(look.scale);
  const sizes = new ResizeObserver(() => {
    const grown = scaleOf();
    const sharper = map.getPixelRatio() !== ratio();
    if (sharper) map.setPixelRatio(ratio());
    if (grown === scale.peek() && !sharper) {
      sizeUp();
      looked();
      return;
    }
    scale.value = grown;
    container.style.setProperty("--map-scale", String(grown));
    dress();
    looked();
  });
  sizes.observe(container);

  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const glide = () => (reduced.matches ? 0 : 600);
  const fit = (box: Box, duration: number) =>
    map.fitBounds([...box], { padding: 32 * scale.peek() + beyond, duration, maxZoom: 13 });
  const home = (duration = glide()) => {
    const box = scene.box(areas());
    if (box) fit(box, duration);
  };
  const show = (item: Item) => {
    if (item.kind === "alert") {
      const alert = store.docs.alert.peek().get(item.id);
      const box = alert ? scene.box(alertedAreas(alert)) : null;
      if (box) fit(box, glide());
      return;
    }
    const place = layout.place(item);
    if (!place) return;
    const { x, y } = map.project([place[0], place[1]]);
    const [across, down] = [(x - beyond) / container.clientWidth, (y - beyond) / container.clientHeight];
    const seen = across > 0.1 && across < 0.9 && down > 0.1 && down < 0.9;
    if (seen && map.getZoom() >= FINE_FROM) return;
    map.easeTo({ center: [place[0], place[1]], zoom: Math.max(map.getZoom(), 11.5), duration: glide() });
  };

  const zoom = (by: number) => map.easeTo({ zoom: map.getZoom() + by, duration: reduced.matches ? 0 : 250 });
  const stations = () => layout.stations;
  const state = { origin, missing, view, scale, hover: pointer.hover, aim: aiming.aim };
  render(h(Chrome, { ...state, store, stations, home: () => home(), zoom, small }), over);

  const opened: OpenMap & { maplibre: MapLibre } = {
    maplibre: map,
    show,
    home: () => home(),
    close: () => {
      ended.abort();
      ends.forEach((end) => end());
      sizes.disconnect();
      layout.stop();
      softly?.stop();
      picture.stop();
      pointer.stop();
      aiming.stop();
      render(null, over);
      map.remove();
      ground.remove();
      over.remove();
      container.classList.remove("map-open");
    },
  };
  return opened;
}

/** MapLibre draws a clear sky over the whole canvas in each picture, by a costly program; ours never tilts up to one. */
function withoutSky(map: MapLibre): void {
  const { painter } = map as unknown as { painter?: { drawFunctions?: Record<string, unknown> } };
  if (painter?.drawFunctions?.["sky"]) painter.drawFunctions = { ...painter.drawFunctions, sky: () => undefined };
}

/** How much larger than on a desk: by the page's own letters, or by the width of the wall. */
function scaleOf(): number {
  const letters = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  const wall = Math.min(2, Math.max(1, innerWidth / 1920));
  return Math.round(Math.max(letters, wall) * 20) / 20;
}
