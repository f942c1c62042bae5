/**
 * Bring the ground, piece by piece, and try again for as long as the map is open when a piece cannot be had.
 *
 * Coarse counties come first, then all wards, fine ones once somebody comes close. Who looks at no area of their own (a
 * phone) gets only the wards of the counties they look at.
 */
import { signal } from "@preact/signals";
import type { Map as MapLibre } from "maplibre-gl";
import type { Origin } from "./chrome";
import { fetchBoundaries, fetchConfig, fetchRivers, fetchSources, fetchStations, type Level } from "./ground";
import type { Station } from "./looks";
import type { Scene } from "./scene";

/** From this zoom on the fine boundaries are needed. */
export const FINE_FROM = 9;

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

const NOTHING: Origin = { version: "", approximate: false, riversApproximate: false, owed: [] };

export interface LoadingOptions {
  readonly map: MapLibre;
  readonly scene: Scene;
  /** Whether the whole country's wards are wanted. */
  readonly whole: boolean;
  /** Boundaries of another level lie: where to look may be known better now. */
  readonly onGround: () => void;
  readonly onStations: (stations: ReadonlyMap<string, Station>) => void;
  readonly onBasemap: () => Promise<void>;
}

export class Loading {
  readonly origin = signal<Origin | null>(null);
  readonly missing = signal(false);
  private finest: Level | null = null;
  private readonly asked = new Set<string>();
  private readonly ended = new AbortController();
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(private readonly options: LoadingOptions) {}

  start(): void {
    const { map, scene, whole, onStations, onBasemap } = this.options;
    const end = this.ended.signal;
    map.on("moveend", () => this.closer());
    this.keep(async () => {
      if (this.finest === null) await this.lay(3);
      if (whole) await this.lay(2);
      this.closer();
    });
    this.keep(async () => {
      const { approximate, rivers } = await fetchRivers(end);
      scene.rivers(rivers);
      this.said({ riversApproximate: approximate });
    });
    this.keep(async () => this.said({ owed: await fetchSources(end) }));
    this.keep(async () => onStations(await fetchStations(end)));
    this.keep(async () => {
      const { basemap } = await fetchConfig(end);
      if (basemap && !end.aborted) await onBasemap();
    });
  }

  stop(): void {
    this.ended.abort();
    this.timers.forEach(clearTimeout);
  }

  /** Fetch finer boundaries when the map is close enough to need them. */
  private closer(): void {
    const { map, scene, whole } = this.options;
    if (map.getZoom() < FINE_FROM || this.finest === null) return;
    if (whole) {
      if (this.finest === 2) this.once("country", () => this.lay(1));
      return;
    }
    const { lng, lat } = map.getCenter();
    const county = scene.countyAt([lng, lat])?.path;
    if (county !== undefined) this.once(county, () => this.lay(1, county));
  }

  private async lay(level: Level, county: string | null = null): Promise<void> {
    const boundaries = await fetchBoundaries(level, county, this.ended.signal);
    if (this.ended.signal.aborted) return;
    if (county === null) this.finest = level;
    this.options.scene.ground(boundaries, county === null);
    const { version, approximate } = boundaries;
    this.said({ version, approximate });
    this.missing.value = false;
    this.options.onGround();
  }

  /** Add what is known of where the ground comes from. */
  private said(more: Partial<Origin>): void {
    if (this.ended.signal.aborted) return;
    this.origin.value = { ...(this.origin.peek() ?? NOTHING), ...more };
  }

  private once(what: string, run: () => Promise<void>): void {
    if (this.asked.has(what)) return;
    this.asked.add(what);
    this.keep(run);
  }

  private keep(run: () => Promise<void>, wait = FIRST_WAIT_MS): void {
    run().catch((error: unknown) => {
      if (this.ended.signal.aborted) return;
      console.warn(error);
      if (this.finest === null) this.missing.value = true;
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        this.keep(run, Math.min(LONGEST_WAIT_MS, wait * 2));
      }, wait);
      this.timers.add(timer);
    });
  }
}
