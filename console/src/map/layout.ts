/**
 * Keep the marks in step with the store: what has changed is laid out again, no more often than eyes can follow.
 *
 * The signals say only that a shelf is another one; `changes` finds the documents. Reports are counted in and out of the
 * clusters one by one; units, gauges and incidents are few enough to be laid out whole. Next: `picture.ts` draws.
 */
import { effect } from "@preact/signals";
import { now as serverNow } from "../data/api";
import type { Report, Responder } from "../data/contract";
import type { Item } from "../data/items";
import type { Store } from "../data/store";
import { changes } from "./changes";
import { Clusters } from "./clusters";
import {
  gaugeFigures,
  gaugePlace,
  incidentFigures,
  reportFigures,
  reportSprite,
  unitFigures,
  type Figure,
} from "./figures";
import { reportShown, work, type Station } from "./looks";
import { mercatorX, mercatorY, type Box, type Point } from "./mercator";
import { BANKS, type BankName, type Mark, type Picture } from "./picture";

/** Milliseconds between two layouts of a bank. */
const RHYTHM: Readonly<Record<BankName, number>> = { reports: 300, gauges: 100, units: 200, incidents: 0, picked: 0 };

/** From this zoom on units are more than dots. */
const NEAR = 9.5;

/** Below this zoom incidents are smaller, without their count of reports. */
const FAR = 7.5;

/** Looks that depend on the time are checked so often. */
const AGEING_MS = 20_000;

export interface View {
  readonly zoom: number;
  /** What is on the screen, in the Mercator square. */
  readonly box: Box;
}

export class Layout {
  readonly figures: Record<BankName, readonly Figure[]> = {
    reports: [],
    gauges: [],
    units: [],
    incidents: [],
    picked: [],
  };
  stations: ReadonlyMap<string, Station> = new Map();
  /** Called after banks were laid out. */
  onLaid: (banks: ReadonlySet<BankName>) => void = () => undefined;
  readonly clusters = new Clusters();
  private reports: ReadonlyMap<string, Report> = new Map();
  private view: View = { zoom: 5, box: [0, 0, 1, 1] };
  private drawn: { level: number; near: boolean; box: Box } | null = null;
  private far = false;
  private scale = 1;
  private picked: Item | null = null;
  private readonly stale = new Set<BankName>();
  private readonly last = new Map<BankName, number>();
  private planned: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly store: Store,
    private readonly picture: Picture,
  ) {}

  start(): void {
    const { docs } = this.store;
    const watch = (bank: BankName[], read: () => void) =>
      this.ends.push(
        effect(() => {
          read();
          this.again(...bank);
        }),
      );
    watch(["reports", "picked"], () => void docs.report.value);
    watch(["gauges", "picked"], () => void docs.gauge.value);
    watch(["units", "picked"], () => void docs.responder.value);
    watch(["units"], () => void docs.assignment.value);
    watch(["incidents", "picked"], () => void docs.incident.value);
    const ageing = setInterval(() => this.again("units", "gauges"), AGEING_MS);
    this.ends.push(() => clearInterval(ageing));
  }

  stop(): void {
    this.ends.forEach((end) => end());
    clearTimeout(this.timer);
    if (this.planned !== null) cancelAnimationFrame(this.planned);
  }

  know(stations: ReadonlyMap<string, Station>): void {
    this.stations = stations;
    this.again("gauges", "picked");
  }

  pick(item: Item | null): void {
    this.picked = item;
    this.again("picked");
  }

  resize(scale: number): void {
    if (scale === this.scale) return;
    this.scale = scale;
    this.again(...BANKS);
  }

  look(view: View): void {
    this.view = view;
    const drawn = this.drawn;
    if (!drawn) return;
    const { box } = view;
    if (drawn.near !== view.zoom >= NEAR) this.again("units");
    if (this.far !== view.zoom < FAR) this.again("incidents", "picked");
    const [west, north, east, south] = drawn.box;
    const covered = box[0] >= west && box[1] >= north && box[2] <= east && box[3] <= south;
    // What is looked at cannot wait for the rhythm of what happens.
    if (drawn.level !== this.level() || !covered) this.lay("reports");
  }

  /** Say where an item stands now; null when it stands nowhere. */
  place(item: Item): Point | null {
    const { docs } = this.store;
    const of = (doc: { lon?: number; lat?: number } | undefined): Point | null =>
      doc?.lon === undefined || doc.lat === undefined ? null : [doc.lon, doc.lat];
    switch (item.kind) {
      case "incident":
        return of(docs.incident.peek().get(item.id));
      case "report":
        return of(docs.report.peek().get(item.id));
      case "responder":
        return of(docs.responder.peek().get(item.id));
      case "gauge":
        return gaugePlace(this.stations.get(item.id), docs.gauge.peek().get(item.id));
      case "alert":
        return null;
    }
  }

  private again(...banks: BankName[]): void {
    for (const bank of banks) this.stale.add(bank);
    this.plan();
  }

  private plan(): void {
    if (this.planned !== null || this.stale.size === 0) return;
    this.planned = requestAnimationFrame((at) => {
      this.planned = null;
      const due = [...this.stale].filter((bank) => at - (this.last.get(bank) ?? -Infinity) >= RHYTHM[bank]);
      for (const bank of due) {
        this.stale.delete(bank);
        this.last.set(bank, at);
        this.lay(bank);
      }
      if (due.length > 0) this.onLaid(new Set(due));
      if (this.stale.size > 0) this.later();
    });
  }

  private later(): void {
    const at = performance.now();
    const wait = Math.min(...[...this.stale].map((bank) => (this.last.get(bank) ?? 0) + RHYTHM[bank] - at));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.plan(), Math.max(0, wait));
  }

  private lay(bank: BankName): void {
    const figures = this.layOf(bank);
    this.figures[bank] = figures;
    this.picture.set(
      bank,
      figures.flatMap((each) => each.marks as Mark[]),
    );
  }

  private layOf(bank: BankName): readonly Figure[] {
    const { docs } = this.store;
    const time = serverNow();
    switch (bank) {
      case "incidents":
        this.far = this.view.zoom < FAR;
        return incidentFigures(docs.incident.peek(), this.scale, this.far);
      case "gauges":
        return gaugeFigures(this.stations, docs.gauge.peek(), time);
      case "units": {
        const near = this.view.zoom >= NEAR;
        this.drawn = { ...(this.drawn ?? { level: -1, box: this.view.box }), near };
        return unitFigures(this.units(), work(docs.assignment.peek().values()), time, !near);
      }
      case "reports":
        return this.layReports();
      case "picked":
        return this.layPicked();
    }
  }

  private units(): Iterable<Responder> {
    return this.store.docs.responder.peek().values();
  }

  /** The level of the clusters: on a wall marks are larger, and need more room. */
  private level(): number {
    return Math.floor(this.view.zoom - Math.log2(this.scale));
  }

  private layReports(): readonly Figure[] {
    const reports = this.store.docs.report.peek();
    const { put, gone } = changes(this.reports, reports);
    this.reports = reports;
    for (const id of gone) this.clusters.remove(id);
    for (const [id, report] of put) {
      if (reportShown(report)) this.clusters.put(id, report.lon!, report.lat!);
      else this.clusters.remove(id);
    }
    const level = this.level();
    const [west, north, east, south] = this.view.box;
    const [wide, high] = [(east - west) / 2, (south - north) / 2];
    const box: Box = [west - wide, north - high, east + wide, south + high];
    this.drawn = { near: this.drawn?.near ?? this.view.zoom >= NEAR, level, box };
    return reportFigures(this.clusters.at(level, box), reports);
  }

  private layPicked(): readonly Figure[] {
    const { picked } = this;
    const place = picked && this.place(picked);
    if (!picked || !place) return [];
    const standing = this.figures[`${picked.kind === "responder" ? "unit" : picked.kind}s` as BankName]?.find(
      ({ item }) => item?.id === picked.id,
    );
    const [x, y] = [mercatorX(place[0]), mercatorY(place[1])];
    const [dx, dy] = [standing?.dx ?? 0, standing?.dy ?? 0];
    const size = picked.kind === "incident" ? (this.far ? 40 : 50) : picked.kind === "gauge" ? 38 : 32;
    const marks: Mark[] = [{ sprite: `picked/${size}`, x, y, dx, dy }];
    // A report may be hidden in a cluster: then it is shown for itself.
    if (picked.kind === "report" && !standing) {
      marks.push({ sprite: reportSprite(this.store.docs.report.peek().get(picked.id)), x, y });
    } else if (standing) marks.push(...standing.marks);
    return [{ item: picked, ids: null, x, y, dx, dy, reach: 0, marks }];
  }
}
