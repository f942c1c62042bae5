/**
 * Every sign that pages and map draw: one path each, on a field of 24 by 24, drawn for this project.
 *
 * Lists draw them with `Icon`; the map draws the same paths on a canvas (`map/marks.ts`), so that a hazard looks alike in
 * both. A sign without `line` is filled by the even-odd rule; with it, it is a line of that width with round ends.
 */
import { h, type JSX } from "preact";
import type { Hazard, Severity } from "../data/contract";

export interface Sign {
  readonly d: string;
  readonly line?: number;
}

/** What happens. Told apart by outline alone at 16 px. */
export const HAZARDS: Readonly<Record<Hazard, Sign>> = {
  // A house that stands in waves.
  flood: {
    d:
      "M12 1 2.500 8.500H5V13.500q1-.5 2-.5c2.200 0 2.800 1.500 5 1.500s2.800-1.500 5-1.500q1 0 2 .5V8.500h2.500z" +
      "M1 17.300c2.600 0 3-1.800 6-1.800s2.800 1.800 5 1.800 2.200-1.800 5-1.800 3.400 1.800 6 1.800v2.200c-3.400 0-4-1.800-6-1.800s-2.400 1.800-5 1.800-3-1.800-5-1.800-2.600 1.800-6 1.800z" +
      "M1 21.300c2.600 0 3-1.800 6-1.800s2.800 1.800 5 1.800 2.200-1.800 5-1.800 3.400 1.800 6 1.800v2.200c-3.400 0-4-1.800-6-1.800s-2.400 1.800-5 1.800-3-1.800-5-1.800-2.600 1.800-6 1.800z",
  },
  fire: {
    d:
      "M13 .8c.4 4.400 6.800 6.600 6.800 13.600A7.800 7.800 0 0 1 12 22.800a7.800 7.800 0 0 1-7.800-8.400c0-3.200 1.500-5.500 3.200-7 .1 2 .8 3.200 2 3.800C9 7.300 10.200 3.400 13 .8z" +
      "M12.200 13.200c1.700 1.400 2.900 2.600 2.900 4.500a3.100 3.100 0 0 1-6.200 0c0-1.900 1.600-3.100 3.300-4.500z",
  },
  // A car, and the burst where it was hit.
  "road-crash": {
    d:
      "M1.500 14.500 3 13.500 5.200 9.200Q5.700 8.300 6.700 8.300H12.500L15.800 13.300 20.500 14.300Q22 14.700 22 16.200V19H20.300A2.800 2.800 0 0 1 14.700 19H9.300A2.800 2.800 0 0 1 3.700 19H1.500z" +
      "M6.900 10.200 5.500 13.200H9V10.200zM10.800 10.200V13.200H13.500L11.600 10.200z" +
      "M6.500 17.300a1.700 1.700 0 1 1 0 3.400a1.700 1.700 0 0 1 0-3.400zM17.500 17.300a1.700 1.700 0 1 1 0 3.400a1.700 1.700 0 0 1 0-3.400z" +
      "M18.300 1 19.300 4.300 22.600 3.300 21 6.200 23.800 8 20.500 8.700 20.800 12 18.300 9.800 15.900 12 16 8.700 12.900 8 15.700 6.200 14.100 3.300 17.300 4.300z",
  },
  // A slope, and stones that come down it.
  landslide: {
    d:
      "M1 3.500 4.500 5 7.500 10.500 12 13.500 15.500 18.500 23 22.500H1z" +
      "M11.500 3.200l3.200.6 1.300 2.900-2 2.800-3.200-.2-1.900-2.800z" +
      "M18.700 9.800l2.900.8.8 2.900-2.300 2.100-2.900-.9-.7-2.900z" +
      "M19 2.500l2 .5.6 2-1.500 1.500-2-.5-.6-2z",
  },
  // The sun over ground that has cracked.
  drought: {
    d:
      "M12 4.500a4.500 4.500 0 0 1 4.500 4.500 4.500 4.500 0 0 1-1 2.800h-7A4.500 4.500 0 0 1 12 4.500z" +
      "M11 .5h2v2.600h-2zM3 8.300h3v2H3zM18 8.300h3v2h-3zM4.900 3.400l1.400-1.400 2 2-1.400 1.400zM19.100 3.400 17.700 2l-2 2 1.400 1.400z" +
      "M1 14h8.500l1.500 3-2 2.500 1.500 3.500H1zM11.800 14H23v3.500l-5 1-2-1.800-3.400-.2z" +
      "M12.500 18.200l3 .2 2.200 2.100 5.300-1V23H12.500l-1.300-3z",
  },
  // A germ.
  disease: {
    d:
      "M12 5.800a6.200 6.200 0 1 1 0 12.400a6.200 6.200 0 0 1 0-12.400z" +
      "M10.900 1h2.200v5h-2.200zM10.900 18h2.200v5h-2.200zM1 10.900h5v2.200H1zM18 10.900h5v2.200h-5z" +
      "M3.900 5.500 5.500 3.900l3 3-1.600 1.600zM15.500 17.100l1.600-1.600 3 3-1.600 1.600zM18.500 3.900l1.600 1.600-3 3-1.600-1.600zM6.900 15.500l1.600 1.600-3 3-1.600-1.600z" +
      "M10 9.200a1.400 1.400 0 1 1 0 2.800a1.400 1.400 0 0 1 0-2.800zM14 12.400a1.400 1.400 0 1 1 0 2.800a1.400 1.400 0 0 1 0-2.800z",
  },
  // A shield with a call on it.
  security: {
    d:
      "M12 .8 21 4v7.500c0 5.400-3.600 9.500-9 11.700-5.400-2.200-9-6.300-9-11.700V4z" +
      "M10.600 5.500h2.800l-.5 8h-1.800zM12 15a1.600 1.600 0 1 1 0 3.200a1.600 1.600 0 0 1 0-3.200z",
  },
  // A house broken in two, its half sunk and leaning.
  "structure-collapse": {
    d:
      "M3 3h9.500L10.500 8l3 2.500L10 15l2 3-1 5H3z" +
      "M5 6v2.500h2.500V6zM5 11.500V14h2.500v-2.500zM5 17v2.500h2.500V17z" +
      "M14.800 6.500 22.300 9.500 19.800 17 23 23H13l1-4.500-1.600-3 3.600-4.800-2.700-2.400z" +
      "M17 12.200l-.9 2.400 2.400.9.900-2.400z",
  },
  // A head and an arm out of the water.
  drowning: {
    d:
      "M9.500 6.500a3.200 3.200 0 1 1 0 6.400a3.200 3.200 0 0 1 0-6.400z" +
      "M17.800 1.200 20 2.400 16.800 9.500V14.500q-1 .3-2 .8c-1.200.6-2.300 1-3.300.9L14 12.800V8.800z" +
      "M1 15.300c2.600 0 3 1.900 6 1.900s2.800-1.900 5-1.900 2.200 1.900 5 1.900 3.400-1.900 6-1.900v2.300c-3.400 0-4 1.900-6 1.900s-2.400-1.900-5-1.900-3 1.900-5 1.900-2.600-1.900-6-1.900z" +
      "M1 20c2.600 0 3 1.900 6 1.900s2.800-1.900 5-1.900 2.200 1.900 5 1.900 3.400-1.900 6-1.900v2.100c-3.400 0-4 1.900-6 1.900s-2.400-1.900-5-1.900-3 1.900-5 1.900-2.600-1.900-6-1.900z",
  },
  // What the needle writes.
  earthquake: { d: "M1.500 12H5l1.800-4 2.400 10.500L12.500 2.500 15.500 21 17.700 9.500 19.300 12h3.200", line: 2.4 },
  // A cloud and its bolt.
  storm: {
    d:
      "M7 14.500A4.800 4.800 0 0 1 5.800 5.100 6.500 6.500 0 0 1 18 5.300a4.700 4.700 0 0 1 .5 9.200H16.400L18.500 11H13.500L10.500 14.500z" +
      "M12.800 12.500H16.500L14 16.200H17L9.800 23.500 11.600 18.200H8.800z",
  },
  other: { d: "M9.800 1.500h4.400l-.8 13.300h-2.800zM12 17a2.800 2.800 0 1 1 0 5.600a2.800 2.800 0 0 1 0-5.600z" },
};

/** How bad: a shape beside the colour, so that nobody needs to see the colour. */
export const SEVERITIES: Readonly<Record<Severity, Sign>> = {
  Extreme: { d: "M7.400.9h9.200L23.100 7.400v9.200L16.600 23.100H7.400L.9 16.600V7.400z" },
  Severe: { d: "M12-.6 24.600 12 12 24.600-.6 12z" },
  Moderate: { d: "M4 2h16a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z" },
  Minor: { d: "M12 1.200a10.800 10.800 0 1 1 0 21.600a10.800 10.800 0 0 1 0-21.600z" },
  Unknown: {
    d: "M12 1.200a10.800 10.800 0 1 1 0 21.600a10.800 10.800 0 0 1 0-21.600zM12 4.200a7.800 7.800 0 1 0 0 15.600a7.800 7.800 0 0 0 0-15.600z",
  },
};

const SPEAKER = "M3.500 9.500v5H7.500l5 4.500v-14l-5 4.500z";

/** Things on the map, and what can be done with them. */
export const SIGNS = {
  gauge: {
    d:
      "M8 1h8v13.200c-1.300.1-2-.9-4-.9s-2.700 1-4 .9zM10 3.500v1.800h3V3.500zM10 7v1.800h4V7zM10 10.300V12q1-.5 2-.5h1v-1.200z" +
      "M1 16.500c2.600 0 3-1.900 6-1.900s2.800 1.900 5 1.900 2.200-1.900 5-1.900 3.400 1.900 6 1.900v2.300c-3.400 0-4-1.900-6-1.900s-2.400 1.900-5 1.900-3-1.900-5-1.900-2.600 1.900-6 1.900z" +
      "M1 21c2.600 0 3-1.900 6-1.900s2.800 1.900 5 1.900 2.200-1.900 5-1.900 3.400 1.900 6 1.900v2.300c-3.400 0-4-1.900-6-1.900s-2.400 1.900-5 1.900-3-1.900-5-1.900-2.600 1.900-6 1.900z",
  },
  responder: { d: "M12 2a5 5 0 1 1 0 10a5 5 0 0 1 0-10zM2.500 22c0-5.500 4-8.500 9.500-8.500s9.500 3 9.500 8.500z" },
  report: { d: "M3.500 2.500h17a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H12l-6 5v-5H3.500a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2zM5.500 6.500v2h13v-2zM5.500 11.300v2h9v-2z" },
  incident: { d: "M12 .8 23.200 12 12 23.200 .8 12zM10.700 6h2.600l-.5 7.500h-1.600zM12 15.200a1.500 1.500 0 1 1 0 3a1.500 1.500 0 0 1 0-3z" },
  alert: { d: "M2 9.500v5h3.500l1.500 6h3.500l-1.400-6L19 19.500v-15L9 9.500zM21 9.500q2.500 2.500 0 5z" },
  /** On the way: an arrow head. */
  going: { d: "M12 1.500 21.500 22 12 17.300 2.500 22z" },
  /** A gauge under its marks. */
  drop: { d: "M12 .8c3 4.700 7.300 8.500 7.300 13.700a7.300 7.300 0 0 1-14.600 0C4.700 9.300 9 5.500 12 .8z" },
  close: { d: "M5 5l14 14M19 5 5 19", line: 2.2 },
  search: { d: "M10.500 4a6.500 6.500 0 1 1 0 13a6.500 6.500 0 0 1 0-13zM15.500 15.500 21 21", line: 2.2 },
  sound: { d: `${SPEAKER}M16 8.500q3 3.500 0 7M18.500 5.500q5.500 6.500 0 13`, line: 2 },
  mute: { d: `${SPEAKER}M16.500 9l5 6M21.500 9l-5 6`, line: 2 },
  locate: { d: "M12 5.500a6.500 6.500 0 1 1 0 13a6.500 6.500 0 0 1 0-13zM12 1.500v4M12 18.500v4M1.500 12h4M18.500 12h4M12 12h.01", line: 2 },
  check: { d: "M4 12.500 9.500 18 20 6.500", line: 2.6 },
  cross: { d: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20zM8.500 8.500l7 7M15.500 8.500l-7 7", line: 2.2 },
  phone: { d: "M6.500 2.500 10 7.500 7.700 10.300q2 4 6 6L16.500 14l5 3.500-1.500 4c-9 .5-18-8.500-17.500-17.500z" },
  boat: { d: "M2 14.500h20l-3 4.500H5zM11 2v11H4zM13 5.500 19.500 13H13zM1.500 22q3-2 5.300 0t5.300 0 5.300 0 5.300 0", line: 1.6 },
  car: {
    d:
      "M5.500 5.500Q6 4 7.600 4h8.800q1.600 0 2.100 1.500L20 10q2 .5 2 2.500v6.700a.8.8 0 0 1-.8.8H19a1 1 0 0 1-1-1v-1.500H6V19a1 1 0 0 1-1 1H2.800a.8.8 0 0 1-.8-.8v-6.700Q2 10.500 4 10z" +
      "M7.500 6 6.300 9.800h11.400L16.500 6zM6 12.300a1.500 1.500 0 1 1 0 3a1.500 1.500 0 0 1 0-3zM18 12.300a1.500 1.500 0 1 1 0 3a1.500 1.500 0 0 1 0-3z",
  },
  way: { d: "M5 17.500a2.300 2.300 0 1 1 0 4.600a2.300 2.300 0 0 1 0-4.600M7.500 19.800H16a3.900 3.900 0 0 0 0-7.800H8a3.900 3.900 0 0 1 0-7.800h11M15.500.8 19.200 4.200l-3.700 3.400", line: 2 },
  arrived: { d: "M12 1.500a7.500 7.500 0 0 1 7.500 7.500c0 5-7.500 13.500-7.500 13.500S4.500 14 4.500 9A7.500 7.500 0 0 1 12 1.500zM8.200 9.200l2.800 2.800 4.800-5", line: 2 },
  pin: { d: "M12 1.500a7.500 7.500 0 0 1 7.500 7.500c0 5-7.500 13.500-7.500 13.500S4.500 14 4.500 9A7.500 7.500 0 0 1 12 1.500zM12 6.200a2.800 2.800 0 1 0 0 5.600a2.800 2.800 0 0 0 0-5.600z" },
  back: { d: "M20.500 12H4M10.500 5 3.500 12l7 7", line: 2.2 },
  forward: { d: "M3.500 12H20M13.500 5l7 7-7 7", line: 2.2 },
  up: { d: "M5 15.500 12 8.500l7 7", line: 2.4 },
  down: { d: "M5 8.500l7 7 7-7", line: 2.4 },
  menu: { d: "M3.500 6h17M3.500 12h17M3.500 18h17", line: 2.2 },
  help: { d: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20zM9 9.200a3 3 0 1 1 4.600 2.500q-1.600 1-1.600 2.500M12 17.500h.01", line: 2 },
  sun: { d: "M12 7.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 0 1 0-9zM12 1.500v2.500M12 20v2.500M1.500 12H4M20 12h2.500M4.600 4.600l1.700 1.700M17.700 17.700l1.700 1.700M4.600 19.400l1.700-1.700M17.700 6.300l1.700-1.700", line: 2 },
  moon: { d: "M20.500 14.500A9 9 0 1 1 9.500 3.500a7.200 7.200 0 0 0 11 11z", line: 2 },
  undo: { d: "M8 4 3.500 8.500 8 13M4 8.500h10a5.500 5.500 0 0 1 0 11H8", line: 2.2 },
  merge: { d: "M4 4q1 8 8 8h8.500M4 20q1-8 8-8M16.500 8l4 4-4 4", line: 2.2 },
  split: { d: "M3.500 12H8q7 0 8.500-7M8 12q7 0 8.500 7M12.500 7 17 4l2.500 4.500M12.500 17l4.500 3 2.500-4.500", line: 2.2 },
  lock: { d: "M5 10.500h14v11H5zM8 10.500V7a4 4 0 0 1 8 0v3.500M12 14.500v3", line: 2 },
  people: { d: "M8.500 3.500a4 4 0 1 1 0 8a4 4 0 0 1 0-8zM.8 20.500c0-4.500 3-7 7.700-7s7.700 2.500 7.700 7zM16.500 4.500a3.500 3.500 0 1 1-1.200 6.800q1.600-2.800.2-6.600zM17.800 20.500q.1-4.500-2.500-6.800c4.300-.6 8 1.800 8 6.800z" },
  clock: { d: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20zM12 6.500V12l4 2.500", line: 2.2 },
  warning: { d: "M12 1.500 23.500 21.500H.5zM10.700 8.500h2.600l-.4 6.500h-1.800zM12 16.500a1.400 1.400 0 1 1 0 2.800a1.400 1.400 0 0 1 0-2.800z" },
  bell: { d: "M12 1.500a1.500 1.500 0 0 1 1.500 1.700C16.500 4 18 6.500 18 9.500c0 4.500 1.500 6 2.500 7.500h-17C4.500 15.500 6 14 6 9.500c0-3 1.500-5.500 4.500-6.300A1.500 1.500 0 0 1 12 1.500zM9.500 19h5a2.500 2.500 0 0 1-5 0z" },
  offline: { d: "M2 9a15 15 0 0 1 5-3M11 4.700A15 15 0 0 1 22 9M5.500 13a10 10 0 0 1 4-2.300M15 11a10 10 0 0 1 3.500 2M9 16.700a5 5 0 0 1 6 0M12 20.500h.01M3 2.500l18 19", line: 2.2 },
  online: { d: "M2 9a15 15 0 0 1 20 0M5.500 13a10 10 0 0 1 13 0M9 16.700a5 5 0 0 1 6 0M12 20.500h.01", line: 2.2 },
  filter: { d: "M2.500 4.500h19M6 11.500h12M9.500 18.500h5", line: 2.2 },
  sort: { d: "M7 4v16M3 16l4 4 4-4M17 20V4M13 8l4-4 4 4", line: 2.2 },
  plus: { d: "M12 4v16M4 12h16", line: 2.4 },
  minus: { d: "M4 12h16", line: 2.4 },
  home: { d: "M2.500 11.500 12 3l9.500 8.500M5 9.500V21h5v-6h4v6h5V9.500", line: 2 },
  again: { d: "M20 12a8 8 0 1 1-2.600-5.900L20.500 9M20.500 3.500V9H15", line: 2.2 },
  layers: { d: "M12 2.500 22 8l-10 5.500L2 8zM2.500 12.500 12 17.700l9.500-5.200M2.500 16.800 12 22l9.500-5.200", line: 1.8 },
  list: { d: "M8.500 5.500h12M8.500 12h12M8.500 18.500h12M3.500 5.500h.01M3.500 12h.01M3.500 18.500h.01", line: 2.4 },
  chart: { d: "M3 3v18h18M6.500 16l4-5 3.500 3 6-8", line: 2.2 },
  map: { d: "M2.500 5.500 9 2.500l6 3 6.500-3v16l-6.500 3-6-3-6.500 3zM9 2.500v16M15 5.500v16", line: 1.8 },
  send: { d: "M2 3 22.500 12 2 21l3-8 9-1-9-1z" },
  vibrate: { d: "M8 3h8v18H8zM4.500 8v8M1.500 10v4M19.500 8v8M22.500 10v4", line: 2 },
  join: { d: "M10 14.500 14.500 10M8.500 10.500l-3 3a3.900 3.900 0 0 0 5.500 5.500l3-3M15.500 13.500l3-3A3.900 3.900 0 0 0 13 5l-3 3", line: 2.2 },
  copy: { d: "M8 8h13v13H8zM16 8V3H3v13h5", line: 2 },
  forbid: { d: "M12 2a10 10 0 1 1 0 20a10 10 0 0 1 0-20zM5 5l14 14", line: 2.2 },
  ask: { d: "M3.500 3h17v13H12l-5.500 5v-5h-3zM9.800 7.800a2.300 2.300 0 1 1 3.400 2q-1.200.6-1.200 1.500M12 13.500h.01", line: 1.8 },
  history: { d: "M4 12a8 8 0 1 0 2.600-5.900L3.500 9M3.500 3.500V9H9M12 7.500V12l3.500 2", line: 2.2 },
  expand: { d: "M14 3.500h6.500V10M20.500 3.500 13.500 10.500M10 20.500H3.500V14M3.500 20.500l7-7", line: 2.2 },
  leave: { d: "M10 3.500H4v17h6M9.500 12H21M16.500 7l5 5-5 5", line: 2.2 },
} as const satisfies Readonly<Record<string, Sign>>;

export type SignName = keyof typeof SIGNS;

export interface IconProps {
  readonly sign: SignName | Sign;
  /** Any CSS length; the size of the text beside it when left out. */
  readonly size?: string;
  /** Words for who does not see it; without them it is ornament, and the words stand beside it. */
  readonly label?: string;
  readonly class?: string;
}

/** Draw a sign in the colour of the text around it: `<Icon sign="close" label={t("close")} />`, `<Icon sign={HAZARDS.fire} />`. */
export function Icon({ sign, size = "1.25em", label, class: name }: IconProps): JSX.Element {
  const drawn: Sign = typeof sign === "string" ? SIGNS[sign] : sign;
  const said = label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  return h(
    "svg",
    // Attributes, not a style: the pages' policy lets no style stand in markup.
    { viewBox: "0 0 24 24", width: size, height: size, focusable: "false", overflow: "visible", class: name, ...said },
    h("path", pathOf(drawn)),
  );
}

/** Draw a hazard inside the shape of its severity, in the severity's colours: the mark that lists and map share. */
export function Mark({ hazard, severity, size = "1.75em", label }: {
  readonly hazard: Hazard;
  readonly severity: Severity;
  readonly size?: string;
  readonly label?: string;
}): JSX.Element {
  const said = label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  const word = severity.toLowerCase();
  const ring = severity === "Unknown";
  return h(
    "svg",
    { viewBox: "-1 -1 26 26", width: size, height: size, focusable: "false", overflow: "visible", ...said },
    ring ? h("path", { d: SEVERITIES.Minor.d, fill: "var(--panel)" }) : null,
    h("path", { d: SEVERITIES[severity].d, fill: `var(--${word})`, "fill-rule": "evenodd" }),
    h(
      "g",
      {
        transform: ring ? "translate(6 6) scale(.5)" : "translate(5.4 5.4) scale(.55)",
        color: ring ? "var(--unknown)" : `var(--on-${word})`,
      },
      h("path", pathOf(HAZARDS[hazard])),
    ),
  );
}

function pathOf(sign: Sign): Record<string, string | number> {
  return sign.line === undefined
    ? { d: sign.d, fill: "currentColor", "fill-rule": "evenodd" }
    : {
        d: sign.d,
        fill: "none",
        stroke: "currentColor",
        "stroke-width": sign.line,
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
      };
}
