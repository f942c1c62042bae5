/**
 * Fetch what lies under everything: boundaries, the coarse ones first, and rivers.
 *
 * The browser keeps each level by its version (ETag). Level 3 has counties for the first paint, level 2 the country's
 * wards, level 1 wards close by: all of them for who looks at the country, the viewer's own counties on a phone.
 */
import { unpack, unpackRing, type Boundaries, type Packed, type Ring } from "./boundaries";
import type { Station } from "./looks";
import type { Severity } from "../data/contract";

export type Level = 3 | 2 | 1;

export interface River {
  readonly name: string;
  /** Each in the direction that its water flows. */
  readonly lines: readonly { readonly gauge: string; readonly line: Ring }[];
}

export interface Rivers {
  readonly approximate: boolean;
  readonly rivers: readonly River[];
}

interface PackedRivers {
  readonly approximate?: boolean;
  readonly scale: number;
  readonly rivers: readonly {
    readonly name: string;
    readonly lines: readonly { readonly gauge: string; readonly line: readonly number[] }[];
  }[];
}

interface SentStation {
  readonly station: {
    readonly id: string;
    readonly name: string;
    readonly river?: string;
    readonly lon: number;
    readonly lat: number;
    readonly marks?: readonly { readonly name: string; readonly severity: Severity }[];
  };
}

export interface MapConfig {
  readonly basemap: boolean;
}

interface SentSource {
  readonly source: string;
  readonly licence: string;
}

async function get<T>(path: string, end: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal: end, credentials: "same-origin" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}

export async function fetchBoundaries(level: Level, area: string | null, end: AbortSignal): Promise<Boundaries> {
  const only = area === null ? "" : `&area=${encodeURIComponent(area)}`;
  return unpack(await get<Packed>(`/map/base?level=${level}${only}`, end));
}

export async function fetchRivers(end: AbortSignal): Promise<Rivers> {
  return unpackRivers(await get<PackedRivers>("/map/rivers", end));
}

export function unpackRivers({ approximate = false, scale, rivers }: PackedRivers): Rivers {
  return {
    approximate,
    rivers: rivers.map(({ name, lines }) => ({
      name,
      lines: lines.map(({ gauge, line }) => ({ gauge, line: unpackRing(line, scale) })),
    })),
  };
}

export async function fetchStations(end: AbortSignal): Promise<ReadonlyMap<string, Station>> {
  const { items } = await get<{ items: readonly SentStation[] }>("/stations", end);
  return new Map(
    items.map(({ station: { marks = [], ...station } }) => [
      station.id,
      { ...station, marks: new Map(marks.map(({ name, severity }) => [name, severity])) },
    ]),
  );
}

/** Say what the server has besides; a server without the answer has nothing. */
/** Whom boundaries and place names are owed to, each once, with the licence where it is known. */
export async function fetchSources(end: AbortSignal): Promise<string[]> {
  const { items } = await get<{ readonly items: readonly SentSource[] }>("/sources", end);
  const said = items.filter((each) => each.source !== "");
  return [...new Set(said.map(({ source, licence }) => (licence === "" ? source : `${source} (${licence})`)))];
}

export async function fetchConfig(end: AbortSignal): Promise<MapConfig> {
  return get<MapConfig>("/map/config", end);
}
