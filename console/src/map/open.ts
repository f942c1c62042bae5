/**
 * Open the map in an element and keep it in step with the store: here everything of the map comes together.
 *
 * Ground comes from `loading.ts` through `scene.ts` into MapLibre, what happens from the store through `layout.ts` into
 * `picture.ts`. Nothing is asked of anybody but the server that gave the page: no tiles, no glyphs.
 */
import { effect, signal } from "@preact/signals";
import { Map as MapLibre, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { h, render } from "preact";
import type { Item } from "../data/items";
import { mapWords } from "../words/map";
import { learn, t } from "../words/words";
import { addBasemap, dressBasemap } from "./basemap";
import { Chrome } from "./chrome";
import { Layout } from "./layout";
import { FINE_FROM, Loading } from "./loading";
import type { MapOptions, OpenMap } from "./map";
import "./map.css";
import { WORLD, type Box } from "./mercator";
import { palette } from "./palette";
import { Picture, cameraOf } from "./picture";
import { Aiming } from "./placing";
import { Pointer } from "./pointer";
import { drawsBySoftware, pixelRatio } from "./ratio";
import { Scene } from "./scene";
import { alertedAreas } from "./shade";
import { STORE_PX, Softly } from "./softly";
import { Sprites } from "./sprites";
import { styleOf, type Look } from "./style";
import { alertsAt, watchAreas } from "./watching";

const KENYA: Box = [33.5, -5.0, 42.1, 5.2];
/** Nothing is brought closer than this by itself. */
const CLOSE_ENOUGH = 11.5;

export async function openMap(container: HTMLElement, options: MapOptions): Promise<OpenMap> {
  const { store, theme, selected, placing, hovered } = options;
  learn(mapWords);
  const areas = () => options.areas?.peek() ?? [];
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const lasting = (ms: number) => (reduced.matches ? 0 : ms);

  const software = drawsBySoftware();
  const beyond = software ? STORE_PX : 0;
  const ratio = () => pixelRatio(devicePixelRatio, container.clientWidth, container.clientHeight, software);
  const scale = signal(scaleOf());
  container.classList.add("map-open");
  container.classList.toggle("map-softly", software);
  const grow = () => container.style.setProperty("--map-scale", String(scale.peek() / letters()));
  grow();
  const frame = container.appendChild(document.createElement("div"));
  frame.className = "map-ground";
  const over = container.appendChild(document.createElement("div"));

  let look: Look = { palette: palette(), scale: scale.peek(), basemap: false };
  const leave = () => {
    frame.remove();
    over.remove();
    container.classList.remove("map-open", "map-softly");
  };
  const map = await start(frame, look, ratio(), software).catch((error: unknown) => {
    leave();
    throw error;
  });
  const scene = new Scene(map, look);
  const sprites = new Sprites(look.palette, look.scale * ratio(), software);
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

  // Busy until the ground lies, nothing moves, and what is shown is what was painted last.
  let grounded = false;
  const busy = (is: boolean) => face.setAttribute("aria-busy", String(is));
  const rested = () => {
    if (grounded && map.loaded() && !map.isMoving() && !softly?.working) busy(false);
  };
  busy(true);
  map.on("movestart", () => busy(true));
  map.on("resize", () => busy(true));
  map.on("idle", rested);
  if (softly) softly.onShown = rested;

  const layout = new Layout(store, picture);
  const aiming = new Aiming(map, scene, placing, hovered, face, beyond);
  const below = ([lon, lat]: readonly [number, number]) => alertsAt(store, scene, [lon, lat]);
  const aims = () => placing.peek() !== null;
  const pointer = new Pointer(map, layout, selected, aims, (lon, lat) => aiming.take(lon, lat), below, beyond);
  const looked = () => {
    const { x, y, zoom } = cameraOf(map);
    const world = 2 * WORLD * 2 ** zoom;
    const [wide, high] = [container.clientWidth / world, container.clientHeight / world];
    layout.look({ zoom, box: [x - wide, y - high, x + wide, y + high] });
  };
  const centre = () => ({ lat: map.getCenter().lat, zoom: map.getZoom() });
  const view = signal(centre());
  map.on("move", looked);
  map.on("moveend", () => (view.value = centre()));
  map.on("zoom", () => (view.value = centre()));

  // Whoever has gone somewhere is not called back when finer ground arrives.
  let wandered = false;
  map.on("dragstart", () => (wandered = true));
  map.on("wheel", () => (wandered = true));
  const fit = (box: Box | null, duration: number) => {
    if (box) map.fitBounds([...box], { padding: 32 * scale.peek() + beyond, duration, maxZoom: 13 });
  };
  const home = (duration: number) => fit(scene.box(areas()), duration);
  const show = (item: Item) => {
    wandered = true;
    if (item.kind === "alert") {
      const alert = store.docs.alert.peek().get(item.id);
      return fit(alert ? scene.box(alertedAreas(alert)) : null, lasting(600));
    }
    const place = layout.place(item);
    if (!place) return;
    const { x, y } = map.project([place[0], place[1]]);
    const [across, down] = [(x - beyond) / container.clientWidth, (y - beyond) / container.clientHeight];
    const seen = across > 0.1 && across < 0.9 && down > 0.1 && down < 0.9;
    if (seen && map.getZoom() >= FINE_FROM) return;
    const zoom = Math.max(map.getZoom(), CLOSE_ENOUGH);
    map.easeTo({ center: [place[0], place[1]], zoom, duration: lasting(600) });
  };

  const loading = new Loading({
    map,
    scene,
    whole: options.areas !== undefined,
    onGround: () => {
      if (!wandered) home(0);
      grounded = true;
      map.triggerRepaint();
    },
    onStations: (stations) => layout.know(stations),
    onBasemap: async () => {
      await addBasemap(map, theme.peek());
      look = { ...look, basemap: true };
      scene.dress(look);
    },
  });

  const sizeUp = () => {
    picture.behind = software ? look.palette.ground : null;
    picture.resize(container.clientWidth, container.clientHeight, ratio());
    pointer.scale = look.scale;
    layout.resize(look.scale);
    looked();
  };
  const dress = () => {
    look = { ...look, palette: palette(), scale: scale.peek() };
    scene.dress(look);
    if (look.basemap) dressBasemap(map, theme.peek());
    sprites.restart(look.palette, look.scale * ratio());
    sizeUp();
  };
  let worn = theme.peek();
  const ends = [
    watchAreas(store, selected, scene, layout),
    effect(() => {
      if (theme.value === worn) return;
      worn = theme.value;
      // The document has its theme only after everybody who watches the signal has run.
      queueMicrotask(dress);
    }),
  ];
  const sizes = new ResizeObserver(() => {
    const [grown, sharper] = [scaleOf() !== scale.peek(), ratio() !== map.getPixelRatio()];
    if (sharper) map.setPixelRatio(ratio());
    if (!grown && !sharper) return sizeUp();
    scale.value = scaleOf();
    grow();
    dress();
  });
  sizeUp();
  sizes.observe(container);
  layout.start();
  loading.start();

  const chrome = {
    store,
    stations: () => layout.stations,
    origin: loading.origin,
    missing: loading.missing,
    view,
    scale,
    hover: pointer.hover,
    aim: aiming.aim,
    home: () => home(lasting(600)),
    zoom: (by: number) => map.easeTo({ zoom: map.getZoom() + by, duration: lasting(250) }),
  };
  render(h(Chrome, chrome), over);

  return {
    show,
    home: chrome.home,
    close: () => {
      loading.stop();
      ends.forEach((end) => end());
      sizes.disconnect();
      layout.stop();
      softly?.stop();
      picture.stop();
      pointer.stop();
      aiming.stop();
      render(null, over);
      map.remove();
      leave();
    },
  };
}

/** Start MapLibre on an empty style; rejects where there is no WebGL 2. */
async function start(frame: HTMLElement, look: Look, ratio: number, software: boolean): Promise<MapLibre> {
  setWorkerUrl(workerUrl);
  const map = new MapLibre({
    container: frame,
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
    pixelRatio: ratio,
    validateStyle: false,
    locale: { "Map.Title": t("map.title") },
    canvasContextAttributes: { antialias: !software, preserveDrawingBuffer: software },
  });
  map.keyboard.disableRotation();
  map.touchZoomRotate.disableRotation();
  withoutSky(map);
  await new Promise<void>((done, failed) => {
    map.once("style.load", () => done());
    map.once("error", ({ error }) => failed(error));
  });
  return map;
}

/** MapLibre draws a clear sky over the whole canvas in each picture, by a costly program; ours never tilts up to one. */
function withoutSky(map: MapLibre): void {
  const { painter } = map as unknown as { painter?: { drawFunctions?: Record<string, unknown> } };
  if (painter?.drawFunctions?.["sky"]) painter.drawFunctions = { ...painter.drawFunctions, sky: () => undefined };
}

/** How much larger than on a desk: by the page's own letters, or by the width of the wall. */
function scaleOf(): number {
  const wall = Math.min(2, Math.max(1, innerWidth / 1920));
  return Math.round(Math.max(letters(), wall) * 20) / 20;
}

/** How much larger the page's letters are than a browser's own; what is measured in rem has grown with them already. */
function letters(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}
