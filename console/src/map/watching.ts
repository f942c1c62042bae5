/** Tell the scene what the store says of areas and ways: shades, alerts, the picked alert, who goes to what is picked. */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { Item } from "../data/items";
import type { Store } from "../data/store";
import { within } from "./boundaries";
import type { Layout } from "./layout";
import { goes } from "./looks";
import type { Point } from "./mercator";
import type { Scene } from "./scene";
import { alertedAreas, outlines, sameShades, shades, warned, type Outlines, type Shades } from "./shade";

/** Watch until the function that is given back is called. */
export function watchAreas(
  store: Store,
  selected: ReadonlySignal<Item | null>,
  scene: Scene,
  layout: Layout,
): () => void {
  const { docs } = store;
  let shaded: Shades = new Map();
  let reach = [0, 0, 0];
  const outlined: Record<keyof Outlines, Shades> = { picked: new Map(), watching: new Map() };
  const ends = [
    effect(() => {
      const shade = shades(docs.incident.value.values());
      // Most news of incidents leave every ward as it was.
      if (sameShades(shade, shaded)) return;
      shaded = shade;
      scene.lay("shade", shade);
    }),
    effect(() => scene.lay("warned", warned(docs.alert.value.values()))),
    effect(() => {
      const item = selected.value;
      const alert = item?.kind === "alert" ? docs.alert.value.get(item.id) : undefined;
      const incident = item?.kind === "incident" ? docs.incident.value.get(item.id) : undefined;
      for (const [kind, areas] of Object.entries(outlines(alert, incident)) as [keyof Outlines, Shades][]) {
        if (sameShades(areas, outlined[kind])) continue;
        outlined[kind] = areas;
        scene.lay(kind, areas);
      }
    }),
    effect(() => layout.pick(selected.value)),
    effect(() => {
      const item = selected.value;
      const incident = item?.kind === "incident" ? docs.incident.value.get(item.id) : undefined;
      const [lon, lat, metres] = incident?.state === "open" ? [incident.lon, incident.lat, incident.scene_m ?? 0] : [0, 0, 0];
      // What else is said of it changes nothing here.
      if (reach.join() === [lon, lat, metres].join()) return;
      reach = [lon, lat, metres];
      scene.reach(metres > 0 ? [lon, lat] : null, metres);
    }),
    effect(() => {
      const item = selected.value;
      if (item?.kind !== "incident" && item?.kind !== "responder") return scene.lead([], null);
      const about = [...docs.assignment.value.values()].filter(
        (each) => goes(each.state) && (item.kind === "incident" ? each.incident : each.responder) === item.id,
      );
      // Whoever goes moves: their place is looked up anew whenever one does.
      void docs.responder.value;
      const from = about.map(({ responder }) => layout.place({ kind: "responder", id: responder }));
      const to = about[0];
      scene.lead(
        from.filter((place) => place !== null),
        to ? [to.lon, to.lat] : null,
      );
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** The alerts in force at a place. */
export function alertsAt(store: Store, scene: Scene, point: Point): readonly Item[] {
  const ward = scene.wardAt(point, 0)?.area.path;
  if (ward === undefined) return [];
  const holding = [...store.docs.alert.peek().values()].filter(
    (alert) => alert.state === "issued" && alertedAreas(alert).some((area) => within(ward, area)),
  );
  return holding.map(({ id }) => ({ kind: "alert", id }));
}
