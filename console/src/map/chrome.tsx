/** What stands over the map: buttons, scale bar, legend, where the boundaries are from, labels at the pointer. */
import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { SEVERITIES } from "../data/contract";
import type { Store } from "../data/store";
import { Icon, Mark, SIGNS, type Sign } from "../look/icons";
import { GaugeMark } from "../parts/GaugeMark";
import { far } from "../parts/spans";
import { t, type Key } from "../words/words";
import type { Station } from "./looks";
import { metresPerPixel } from "./mercator";
import type { Aim } from "./placing";
import type { Hover } from "./pointer";
import { told } from "./told";

/** What is said of where the ground comes from. */
export interface Origin {
  readonly version: string;
  readonly approximate: boolean;
  readonly riversApproximate: boolean;
  /** Whom boundaries and place names are owed to, each with its licence. */
  readonly owed: readonly string[];
}

export interface ChromeState {
  readonly origin: Signal<Origin | null>;
  /** Fetching the boundaries goes wrong. */
  readonly missing: Signal<boolean>;
  readonly view: Signal<{ readonly lat: number; readonly zoom: number }>;
  readonly scale: Signal<number>;
  readonly hover: ReadonlySignal<Hover | null>;
  readonly aim: ReadonlySignal<Aim | null>;
}

export interface ChromeProps extends ChromeState {
  readonly store: Store;
  readonly stations: () => ReadonlyMap<string, Station>;
  readonly home: () => void;
  readonly zoom: (by: number) => void;
}

const legendOpen = signal(false);

/** A ward that is less sure than this is said to be so. */
const SURE = 0.95;

export function Chrome(props: ChromeProps) {
  return (
    <>
      <div class="map-buttons">
        <Tool sign="plus" label={t("map.nearer")} onClick={() => props.zoom(1)} />
        <Tool sign="minus" label={t("map.farther")} onClick={() => props.zoom(-1)} />
        <Tool sign="home" label={t("map.home")} onClick={props.home} />
      </div>
      <Legend />
      <div class="map-foot">
        <ScaleBar {...props} />
        <OriginLine {...props} />
      </div>
      <Tip {...props} />
      <Cross {...props} />
    </>
  );
}

function Tool({ sign, label, onClick }: { sign: "plus" | "minus" | "home"; label: string; onClick: () => void }) {
  return (
    <button type="button" class="map-tool" aria-label={label} title={label} onClick={onClick}>
      <Icon sign={sign} />
    </button>
  );
}

/** The longest of 1, 2, 5 times a power of ten that is no wider than this, metres. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([5, 2, 1].find((times) => times * power <= most) ?? 1) * power;
}

function ScaleBar({ view, scale }: ChromeState) {
  const { lat, zoom } = view.value;
  const metre = metresPerPixel(lat, zoom);
  const length = roundLength(110 * scale.value * metre);
  const word = length < 1000 ? t("far.metres", { n: length }) : t("far.km", { n: length / 1000 });
  return (
    <svg class="map-scale" width={length / metre} height="1.5em" role="img" aria-label={word} overflow="visible">
      <text x="2" y="0.9em">
        {word}
      </text>
      <path d={`M1 ${12 * scale.value}v${6 * scale.value}h${length / metre - 2}v-${6 * scale.value}`} />
    </svg>
  );
}

function OriginLine({ origin, missing }: ChromeState) {
  const from = origin.value;
  if (missing.value) return <p class="map-origin map-missing" role="status">{t("map.no-boundaries")}</p>;
  if (from === null) return null;
  const notes = [
    ...(from.approximate ? [t("map.approximate")] : []),
    ...(from.riversApproximate ? [t("map.rivers-approximate")] : []),
    ...(from.owed.length > 0 ? [t("map.owed", { who: from.owed.join("; ") })] : []),
  ];
  return (
    <p class="map-origin" title={[from.version, ...from.owed].join("\n")}>
      {[t("map.boundaries", { version: from.version.slice(0, 12) }), ...notes].join(" · ")}
    </p>
  );
}

function Tip({ hover, store, stations, scale }: ChromeProps) {
  const at = hover.value;
  const said = at && told(at.figure, store, stations());
  if (!at || !said) return null;
  return <Label x={at.x} y={at.y} away={16 * scale.value} title={said.title} lines={said.lines} />;
}

function Cross({ aim, scale }: ChromeState) {
  const at = aim.value;
  if (!at) return null;
  const lines = [...doubts(at), t(at.middle ? "map.place-middle" : "map.place-here")];
  return (
    <>
      {at.middle ? <div class="map-cross" aria-hidden="true" /> : null}
      <Label x={at.x} y={at.y} away={18 * scale.value} title={at.ward ?? t("map.no-ward")} lines={lines} />
    </>
  );
}

/** What speaks against the ward at the cross: a neighbour near by, a chance that is not whole, no ward at all. */
function doubts({ near, found }: Aim): string[] {
  const said = near === null ? [] : [t("map.near", { name: near.name, far: far(near.metres) })];
  if (found === null) return said;
  if (found.nearest) {
    const { ward, metres = 0 } = found.nearest;
    return [t("map.nearest", { name: ward.name, far: far(metres) })];
  }
  const [, other] = found.candidates;
  if (other?.metres !== undefined) said.push(t("map.near", { name: other.ward.name, far: far(other.metres) }));
  if (found.confidence < SURE) said.push(t("map.sure", { n: Math.round(found.confidence * 100) }));
  return said;
}

/** A label beside a point, on the side where there is room: its place is set without a style in the markup. */
function Label(props: { x: number; y: number; away: number; title: string; lines: readonly string[] }) {
  const put = (element: HTMLElement | null) => {
    const frame = element?.offsetParent;
    if (!element || !frame) return;
    const right = props.x + props.away + element.offsetWidth + 8 <= frame.clientWidth;
    const below = props.y + props.away + element.offsetHeight + 8 <= frame.clientHeight;
    const left = right ? props.x + props.away : props.x - props.away - element.offsetWidth;
    const top = below ? props.y + props.away / 2 : props.y - props.away / 2 - element.offsetHeight;
    element.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(Math.max(4, top))}px)`;
  };
  return (
    <div class="map-label" ref={put}>
      <strong class="said">{props.title}</strong>
      {props.lines.map((line) => (
        <span class="said">{line}</span>
      ))}
    </div>
  );
}

const GAUGE_LEGEND = ["normal", "Moderate", "Severe", "Extreme", "silent", "unseen"] as const;
const UNIT_LEGEND = ["free", "asked", "going", "stale-going", "stale"] as const;

function Legend() {
  const open = legendOpen.value;
  return (
    <section class="map-legend" aria-label={t("map.legend")}>
      <button type="button" aria-expanded={open} onClick={() => (legendOpen.value = !open)}>
        <Icon sign={open ? "close" : "layers"} />
        {t(open ? "map.hide-legend" : "map.legend")}
      </button>
      {open ? (
        <div class="map-legend-body" tabIndex={0}>
          <h3>{t("map.incidents")}</h3>
          <ul>
            {SEVERITIES.map((severity) => (
              <li>
                <Mark hazard="other" severity={severity} size="1.6em" /> {t(`severity.${severity}`)}
              </li>
            ))}
            <li>
              <span class="map-swatch map-swatch-shade" /> {t("map.shade")}
            </li>
            <li>
              <span class="map-swatch map-swatch-warned" /> {t("map.warned")}
            </li>
          </ul>
          <h3>{t("map.gauges")}</h3>
          <ul>
            {GAUGE_LEGEND.map((look) => (
              <li>
                <GaugeSign look={look} /> {t(`map.gauge.${look}`)}
              </li>
            ))}
            <li>
              <span class="map-swatch map-swatch-river" /> {t("map.river")}
            </li>
          </ul>
          <h3>{t("map.responders")}</h3>
          <ul>
            {UNIT_LEGEND.map((look) => (
              <li>
                <span class={`map-unit map-unit-${look}`}>
                  <Icon sign={look.endsWith("going") ? "going" : "responder"} size="0.8em" />
                </span>
                {t(`map.unit.${look}` as Key)}
              </li>
            ))}
          </ul>
          <h3>{t("map.reports")}</h3>
          <ul>
            <li>
              <span class="map-report">
                <Icon sign="report" />
              </span>
              {t("map.report")}
            </li>
            <li>
              <span class="map-report-joined">
                <Icon sign="report" />
              </span>
              {t("map.report-joined")}
            </li>
            <li>
              <span class="map-cluster">12</span> {t("map.cluster")}
            </li>
          </ul>
        </div>
      ) : null}
    </section>
  );
}

const HOLLOW: Sign = { d: `${SIGNS.drop.d}M9.500 12.500l5 5M14.500 12.500l-5 5`, line: 2.2 };
const EMPTY: Sign = { d: SIGNS.drop.d, line: 2.4 };

function GaugeSign({ look }: { look: (typeof GAUGE_LEGEND)[number] }) {
  if (look === "normal" || look === "silent" || look === "unseen") {
    return (
      <span class={`map-gauge-${look}`}>
        <Icon sign={look === "normal" ? "drop" : look === "silent" ? HOLLOW : EMPTY} size={look === "unseen" ? "1em" : "1.4em"} />
      </span>
    );
  }
  return <GaugeMark severity={look} />;
}
