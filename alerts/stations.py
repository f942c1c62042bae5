"""What is known about a gauge before it says anything: its marks, its unit, its datum, and what is believable there.

You are at the start of the river road. Next: `alerts.thresholds` judges what the gauge says, `alerts.judging` is the
rule that runs over each reading. Terms are those of ISA-18.2: a mark's `raise_at` is the setpoint, the distance to
`clear_at` the deadband, the dwells are on-delay and off-delay.
"""

import math
from typing import Final, Literal

import msgspec

from alerts.cap import Severity
from geo.places import Rejected

Parameter = Literal["level", "rain"]
Measure = Literal["value", "rise", "sum"]

LENGTHS_M: Final = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "cm": 0.01, "centimetre": 0.01, "centimetres": 0.01, "centimeter": 0.01, "centimeters": 0.01,
    "mm": 0.001, "millimetre": 0.001, "millimetres": 0.001, "millimeter": 0.001, "millimeters": 0.001,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048,
    "in": 0.0254, "inch": 0.0254, "inches": 0.0254,
}  # fmt: skip
"""Metres in one unit of length. River levels and rain depths are both lengths."""


class Dwell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long readings must stand beyond a level before it counts: so many in a row and so many seconds."""

    readings: int = 1
    seconds: float = 0.0


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alarm level. With `clear_at` above `raise_at` it is a low mark, raised by falling.

    `measure` says what is compared: the reading itself (the station's unit), its `rise` per hour measured over `over_s`
    seconds, or the `sum` of the readings of the last `over_s` seconds (rain).
    """

    name: str
    raise_at: float
    clear_at: float
    severity: Severity
    measure: Measure = "value"
    over_s: float = 1800.0
    on_delay: Dwell = Dwell()
    off_delay: Dwell = Dwell()


class Station(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One series of readings at one place (degrees, WGS 84), in one unit, above one datum.

    `sane_min` and `sane_max` bound what can be true; `jump` and `jump_per_hour` bound how far one reading may lie from
    the one before (None: anything goes) before the next must confirm it. `datums` gives, for other datums in use, what
    to add to a level above them to make it one above ours.
    """

    id: str
    name: str
    lon: float
    lat: float
    river: str = ""
    parameter: Parameter = "level"
    unit: str = "m"
    datum: str = ""
    datums: dict[str, float] = {}
    marks: tuple[Mark, ...] = ()
    sane_min: float = -math.inf
    sane_max: float = math.inf
    jump: float | None = None
    jump_per_hour: float = 0.0
    stuck_after_s: float | None = None
    lateness_s: float = 1800.0
    """A reading that arrives later than this after its own time is recorded, and opens or closes nothing."""
    reorder_s: float = 600.0
    """Readings may overtake each other by this much without any effect on what is found."""
    future_s: float = 300.0
    """How far a station's clock may run ahead of ours."""
    version: str = "1"


def metres(unit: str) -> float:
    """Give the metres in one `unit`; Rejected `reading-unit` when it is missing or not a length known here."""
    factor = LENGTHS_M.get(unit.strip().lower())
    if factor is None:
        raise Rejected("reading-unit", f"unit {unit[:20]!r} is not one of {', '.join(sorted(LENGTHS_M))}")
    return factor


def conversion(station: Station, unit: str, datum: str) -> tuple[float, float]:
    """Say by what to multiply, then what to add, to bring a batch to the station's unit and datum.

    A unit must be declared and be a length: Rejected `reading-unit`. Where the station has a datum, the batch must
    declare the same one, or one of `station.datums`: Rejected `reading-datum`. Levels above unlike datums are never
    compared: Lake Victoria stands at 1132 m and at 1135 m on the same day, by whose zero one reads.
    """
    factor = metres(unit) / metres(station.unit)
    if not station.datum:
        return factor, 0.0
    if not datum.strip():
        raise Rejected("reading-datum", f"no datum declared; {station.id} is read above {station.datum!r}")
    if datum.strip().casefold() == station.datum.casefold():
        return factor, 0.0
    for name, offset in station.datums.items():
        if name.casefold() == datum.strip().casefold():
            return factor, offset
    raise Rejected("reading-datum", f"datum {datum[:40]!r} is not {station.datum!r}, and no offset to it is known")


def check_station(station: Station) -> Station:
    """Return the station if its settings make sense; Rejected `station-invalid` naming the first that does not."""
    marks = station.marks
    names = [mark.name for mark in marks]
    levels = [level for mark in marks for level in (mark.raise_at, mark.clear_at)]
    dwells = [dwell for mark in marks for dwell in (mark.on_delay, mark.off_delay)]
    sound: dict[str, bool] = {
        "an id and a name": bool(station.id and station.name),
        "one name for each mark": len(set(names)) == len(names) and all(names),
        "a finite level for each mark": all(map(math.isfinite, levels)),
        "dwells of at least one reading": all(dwell.readings >= 1 and dwell.seconds >= 0 for dwell in dwells),
        "a positive over_s for each mark": all(mark.over_s > 0 for mark in marks),
        "sane_min below sane_max": station.sane_min < station.sane_max,
        "budgets that are not negative": min(station.lateness_s, station.reorder_s, station.future_s) >= 0,
    }
    metres(station.unit)
    for what, holds in sound.items():
        if not holds:
            raise Rejected("station-invalid", f"station {station.id[:40]!r} needs {what}")
    return station
