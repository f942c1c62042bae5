import { signal } from "@preact/signals";
import type { Map as MapLibre } from "maplibre-gl";
import { describe, expect, it } from "vitest";
import type { Item, Placing } from "../data/items";
import type { Layout } from "./layout";
import { BANKS } from "./picture";
import { Pointer } from "./pointer";

const WARNING: Item = { kind: "alert", id: "a" };

/** Where MapLibre would be: it says where it looks, and passes a click on to whoever listens, in the order they came. */
function clickable() {
  const heard: ((event: unknown) => void)[] = [];
  const map = {
    on: (type: string, hear: (event: unknown) => void) => type === "click" && heard.push(hear),
    getCenter: () => ({ lng: 34.75, lat: -0.1 }),
    getZoom: () => 10,
    getContainer: () => ({ clientWidth: 800, clientHeight: 600 }),
  } as unknown as MapLibre;
  const event = { point: { x: 400, y: 300 }, lngLat: { lng: 34.75, lat: -0.1 }, originalEvent: {} };
  return { map, click: () => heard.forEach((hear) => hear(event)) };
}

describe("a click on the map", () => {
  it("that places a report picks nothing of what lies under it, and the next click does", () => {
    const { map, click } = clickable();
    const layout = { figures: Object.fromEntries(BANKS.map((bank) => [bank, []])) } as unknown as Layout;
    const selected = signal<Item | null>(null);
    const placed: number[][] = [];
    const placing = signal<Placing | null>({
      report: "r",
      place: (lon, lat) => {
        // As the console does: with the click, placing is over.
        placing.value = null;
        placed.push([lon, lat]);
      },
    });
    const takes = (lon: number, lat: number) => {
      const standing = placing.peek();
      standing?.place(lon, lat);
      return standing !== null;
    };
    new Pointer(map, layout, selected, () => placing.peek() !== null, takes, () => [WARNING], 0);
    click();
    expect(placed).toEqual([[34.75, -0.1]]);
    expect(selected.value).toBeNull();
    click();
    expect(placed).toHaveLength(1);
    expect(selected.value).toEqual(WARNING);
  });
});
