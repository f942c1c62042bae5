/** Names of wards, and what is registered of the gauges: asked of the server once, when somebody signs in. */
import { computed, signal } from "@preact/signals";
import { send } from "../data/api";
import type { Severity } from "../data/contract";

export interface Mark {
  readonly name: string;
  readonly raise_at: number;
  readonly clear_at: number;
  readonly severity?: Severity;
  /** What is judged: the value itself when left out, its rise an hour, or a sum. */
  readonly measure?: string;
}

export interface Station {
  readonly id: string;
  readonly name: string;
  readonly river?: string;
  readonly unit: string;
  readonly datum?: string;
  readonly lon: number;
  readonly lat: number;
  readonly marks: readonly Mark[];
}

interface Named {
  readonly path: string;
  readonly name: string;
}

/** What the map draws from as well: asked for at the same address, it comes once. */
interface Base {
  readonly wards: readonly Named[];
  readonly subcounties: readonly Named[];
  readonly counties: readonly Named[];
}

export interface Area {
  readonly path: string;
  readonly name: string;
  readonly level: "county" | "subcounty" | "ward";
}

const base = signal<Base>({ wards: [], subcounties: [], counties: [] });
export const stations = signal<ReadonlyMap<string, Station>>(new Map());

/** Every area by its path: counties, sub-counties, wards. */
export const named = computed<ReadonlyMap<string, Area>>(() => {
  const all = new Map<string, Area>();
  for (const { path, name } of base.value.counties) all.set(path, { path, name, level: "county" });
  for (const { path, name } of base.value.subcounties) all.set(path, { path, name, level: "subcounty" });
  for (const { path, name } of base.value.wards) all.set(path, { path, name, level: "ward" });
  return all;
});

/** Give the name of an area, or its path while names are not here. */
export function nameOf(path: string | undefined): string {
  return path === undefined ? "" : (named.value.get(path)?.name ?? path);
}

/** Give ward and sub-county: `Ahero, Nyando`. */
export function fullName(path: string | undefined): string {
  if (path === undefined) return "";
  const above = named.value.get(path.split(".").slice(0, 3).join("."));
  const own = nameOf(path);
  return above && above.name !== own ? `${own}, ${above.name}` : own;
}

/** Load both; what fails is tried again, because a name is never worth a broken page. */
export async function load(): Promise<void> {
  const get = <T>(path: string) => send<T>(path, { patienceMs: 60_000 });
  const [shapes, registered] = await Promise.allSettled([
    get<Base>("/map/base?level=2"),
    get<{ items: readonly { station: Station }[] }>("/stations"),
  ]);
  if (shapes.status === "fulfilled") base.value = shapes.value;
  if (registered.status === "fulfilled") {
    stations.value = new Map(registered.value.items.map(({ station }) => [station.id, station]));
  }
  if (shapes.status === "rejected" || registered.status === "rejected") setTimeout(() => void load(), 10_000);
}
