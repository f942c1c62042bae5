/** The colours of tokens.css as the map needs them: read again whenever the theme changes. */
import type { Severity } from "../data/contract";
import { token } from "../look/theme";

export interface Pair {
  readonly fill: string;
  /** Signs on it. */
  readonly on: string;
  /** Thin lines on the land: by day yellow alone would hardly be seen there. */
  readonly line: string;
}

export interface Palette {
  readonly severity: Readonly<Record<Severity, Pair>>;
  readonly ground: string;
  readonly land: string;
  readonly ward: string;
  readonly subcounty: string;
  readonly county: string;
  readonly label: string;
  readonly halo: string;
  readonly water: string;
  readonly person: string;
  readonly stale: string;
  readonly report: string;
  readonly panel: string;
  readonly text: string;
  readonly accent: string;
  readonly onAccent: string;
  readonly font: string;
}

export function palette(): Palette {
  const pair = (word: string, line = word): Pair => ({
    fill: token(`--${word}`),
    on: token(`--on-${word}`),
    line: token(`--${line}`),
  });
  return {
    severity: {
      Extreme: pair("extreme"),
      Severe: pair("severe"),
      Moderate: pair("moderate", "warn"),
      Minor: pair("minor"),
      Unknown: pair("unknown"),
    },
    ground: token("--map-ground"),
    land: token("--map-land"),
    ward: token("--map-ward"),
    subcounty: token("--map-subcounty"),
    county: token("--map-county"),
    label: token("--map-label"),
    halo: token("--map-halo"),
    water: token("--map-water"),
    person: token("--map-person"),
    stale: token("--map-person-stale"),
    report: token("--map-report"),
    panel: token("--panel"),
    text: token("--text"),
    accent: token("--accent"),
    onAccent: token("--on-accent"),
    font: token("--font"),
  };
}
