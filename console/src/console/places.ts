/** Names of wards, and what is registered of the gauges: asked of the server once, when somebody signs in. */
import { computed, signal } from "@preact/signals";
import { send } from "../data/api";

export interface Mark {
  readonly name: string;
  readonly raise_at: number;
  readonly clear_at: number;
  readonly severity?: string;
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

interface Ward {
  readonly path: string;
  readonly name: string;
  readonly constituency: string;
  readonly county: string;
}

export interface Area {
  readonly path: string;
  readonly name: string;
  readonly level: "county" | "subcounty" | "ward";
}

const wards = signal<readonly Ward[]>([]);
export const stations = signal<ReadonlyMap<string, Station>>(new Map());

/** Every area by its path: counties, sub-counties, wards. */
export const named = computed<ReadonlyMap<string, Area>>(() => {
  const all = new Map<string, Area>();
  for (const { path, name, constituency, county } of wards.value) {
    const steps = path.split(".");
    all.set(steps.slice(0, 2).join("."), { path: steps.slice(0, 2).join("."), name: county, level: "county" });
    all.set(steps.slice(0, 3).join("."), { path: steps.slice(0, 3).join("."), name: constituency, level: "subcounty" });
    all.set(path, { path, name, level: "ward" });
  }
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
    get<{ wards: readonly Ward[] }>("/wards/compact?level=3"),
    get<{ items: readonly { station: Station }[] }>("/stations"),
  ]);
  if (shapes.status === "fulfilled") wards.value = shapes.value.wards;
  if (registered.status === "fulfilled") {
    stations.value = new Map(registered.value.items.map(({ station }) => [station.id, station]));
  }
  if (shapes.status === "rejected" || registered.status === "rejected") setTimeout(() => void load(), 10_000);
}
