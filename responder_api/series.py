"""A gauge's readings as a chart wants them: what was taken, what was not and why, the marks, and never too many. Pure.

You are between the log, where a series' facts lie in the order in which they arrived, and `routes/gauges`. Readings are
brought to the station's unit and datum, put in the order of their times, and thinned where they are many; peaks stay.
Next: the console's chart.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import numpy as np

from alerts.admission import SENTINELS, TRUSTED
from alerts.cap import Severity
from alerts.stations import Mark, Station, conversion
from geo.places import Rejected
from streams.events import Event, LevelCrossed, ReadingsJudged, ReadingsReceived

MOST: Final = 5_000
MOST_FLAGS: Final = 500
FAULTS: Final = frozenset({"sentinel", "quality", "unit", "datum", "out-of-range"})
"""Flags of readings that never came into the series, by what they are themselves."""
WITHDRAWN: Final = frozenset({"future", "spike"})
"""Flags of readings that are kept out for now: a spike comes back with the reading that confirms it."""

_Conversion = tuple[float, float] | None


class SeriesFlag(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a reading, or to the series at it; `at` in seconds. `taken`: it stands in the series."""

    flag: str
    at: float
    value: float | None
    detail: str
    taken: bool


class SeriesCrossing(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that was crossed; `at` in seconds, `value` in the station's unit."""

    mark: str
    direction: str
    severity: Severity
    at: float
    value: float


class GaugeSeries(msgspec.Struct, frozen=True, kw_only=True):
    """The readings of one station from `since` to `until`.

    `times` (seconds since 1970, UTC) and `values` (in `unit` above `datum`; null is a gap) go together. `readings` says
    how many were taken; where that is more than a chart can show, each stretch is `thinned` to its lowest and its
    highest. `every_s` is the usual time between two readings, null where there are too few to tell. `level` and what
    follows are the last word on the series, of whenever that was within the time asked for.
    """

    station: str
    name: str
    river: str
    parameter: str
    unit: str
    datum: str
    since: datetime
    until: datetime
    times: list[float]
    values: list[float | None]
    readings: int
    thinned: bool
    every_s: float | None
    flags: list[SeriesFlag]
    crossings: list[SeriesCrossing]
    marks: tuple[Mark, ...]
    level: float | None = None
    level_at: datetime | None = None
    rate_per_hour: float | None = None
    mark: str = ""


def series(
    station: Station, events: Iterable[Event], since: datetime, until: datetime, most: int = MOST
) -> GaugeSeries:
    """Make the series of a station out of the facts about it, given in the order in which they were written."""
    start, end = since.timestamp(), until.timestamp() + station.future_s
    values: dict[float, float | None] = {}
    faults: dict[float, SeriesFlag] = {}
    flags: dict[tuple[float, str], SeriesFlag] = {}
    crossings: list[SeriesCrossing] = []
    last: ReadingsJudged | None = None
    convert = _conversions(station)
    for event in events:
        body = event.body
        if isinstance(body, ReadingsReceived):
            _take(station, body, convert(body.unit, body.datum), values, faults)
        elif isinstance(body, ReadingsJudged):
            last = body if body.level is not None else last
            _judge(body, values, flags)
        elif isinstance(body, LevelCrossed):
            crossings.append(_crossing(event.at, body))
    told = {at for at, flag in flags if flag in FAULTS}
    shown = [flag for flag in flags.values() if start <= flag.at <= end]
    shown += [fault for at, fault in faults.items() if at not in told and start <= at <= end]
    kept = sorted((at, value) for at, value in values.items() if start <= at <= end)
    times = np.array([at for at, _ in kept])
    levels = np.array([np.nan if value is None else value for _, value in kept])
    chosen = _thinned(levels, most)
    return GaugeSeries(
        station=station.id,
        name=station.name,
        river=station.river,
        parameter=station.parameter,
        unit=station.unit,
        datum=station.datum,
        since=since,
        until=until,
        times=times[chosen].tolist(),
        values=[None if np.isnan(value) else value for value in levels[chosen].tolist()],
        readings=sum(value is not None for _, value in kept),
        thinned=len(chosen) < len(kept),
        every_s=usual_gap(times),
        flags=sorted(shown, key=lambda flag: (flag.at, flag.flag))[-MOST_FLAGS:],
        crossings=sorted((each for each in crossings if start <= each.at <= end), key=lambda each: each.at),
        marks=station.marks,
        level=None if last is None else last.level,
        level_at=None if last is None else last.level_at,
        rate_per_hour=None if last is None else last.rate_per_hour,
        mark="" if last is None else last.mark,
    )


def earliest(station: Station, since: datetime) -> datetime:
    """Say which arrival is too early to matter: nobody sends readings of a time that is still far to come."""
    return since - timedelta(seconds=station.future_s)


def usual_gap(times: "Sequence[float] | np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float | None:
    """Give the usual time between two readings, seconds; None where fewer than three cannot tell."""
    return None if len(times) < 3 else float(np.median(np.diff(np.asarray(times))))


def _conversions(station: Station) -> Callable[[str, str], _Conversion]:
    known: dict[tuple[str, str], _Conversion] = {}

    def of(unit: str, datum: str) -> _Conversion:
        if (unit, datum) not in known:
            try:
                known[unit, datum] = conversion(station, unit, datum)
            except Rejected:
                known[unit, datum] = None  # the whole batch became a dead letter
        return known[unit, datum]

    return of


def _take(
    station: Station,
    body: ReadingsReceived,
    how: _Conversion,
    values: dict[float, float | None],
    faults: dict[float, SeriesFlag],
) -> None:
    if how is None or body.parameter != station.parameter:
        return
    factor, offset = how
    for i, (time, sent) in enumerate(zip(body.times, body.values, strict=True)):
        at = time.timestamp()
        value = None if sent is None else round(sent * factor + offset, 6)
        why = _fault(station, sent, value, body.quality[i] if body.quality else "")
        if why:  # the judgement tells of the first few only
            number = None if why == "sentinel" else value
            faults[at] = SeriesFlag(flag=why, at=at, value=number, detail="", taken=False)
            values.setdefault(at, None)
        elif value is not None or at not in values:
            values[at] = value


def _judge(body: ReadingsJudged, values: dict[float, float | None], flags: dict[tuple[float, str], SeriesFlag]) -> None:
    for flag in body.flags:
        at = flag.at.timestamp()
        taken = flag.flag not in FAULTS | WITHDRAWN
        flags[at, flag.flag] = SeriesFlag(flag=flag.flag, at=at, value=flag.value, detail=flag.detail, taken=taken)
        if flag.flag in WITHDRAWN:
            values[at] = None
        elif flag.flag == "confirmed":
            values[at] = flag.value


def _crossing(at: datetime, body: LevelCrossed) -> SeriesCrossing:
    return SeriesCrossing(
        mark=body.mark, direction=body.direction, severity=body.severity, at=at.timestamp(), value=body.value
    )


def _fault(station: Station, sent: float | None, value: float | None, quality: str) -> str:
    """Say what is wrong with a reading in itself: for those of which the judgement did not tell."""
    if sent is None or value is None:
        return ""
    if sent in SENTINELS:
        return "sentinel"
    if quality.strip().casefold() not in TRUSTED:
        return "quality"
    return "" if station.sane_min <= value <= station.sane_max else "out-of-range"


def _thinned(
    levels: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", most: int
) -> "np.ndarray[tuple[int, ...], np.dtype[np.intp]]":
    """Choose at most `most` places: of each stretch the lowest, the highest and, where it has one, a gap."""
    count = len(levels)
    if count <= most:
        return np.arange(count)
    edges = np.linspace(0, count, max(1, (most - 2) // 3) + 1).astype(int)
    chosen: set[int] = {0, count - 1}
    for first, after in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = levels[first:after]
        gaps = np.isnan(part)
        if gaps.any():
            chosen.add(first + int(np.argmax(gaps)))
        if not gaps.all():
            chosen |= {first + int(np.nanargmin(part)), first + int(np.nanargmax(part))}
    return np.array(sorted(chosen), dtype=np.intp)
