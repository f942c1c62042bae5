"""What does this reading mean: a batch against its station's marks.

First step of the river road. State is one series (the topic key is the station). Repeated, late, overtaking and revised
readings, units and datum are `alerts.thresholds`' business; here its judgement becomes facts: `ReadingsJudged` for the
record, `LevelCrossed` (next: `warnings`, `incidents`) for each mark crossed.
"""

from collections.abc import Iterator

from alerts.admission import Readings, SeriesState
from alerts.judging import Crossing
from alerts.plans import SEVERITIES
from alerts.stations import Station
from alerts.thresholds import Judgement, judge
from geo.places import Rejected
from streams.events import (
    CrossingCorrected,
    Event,
    Fact,
    LevelCrossed,
    ReadingFlag,
    ReadingsJudged,
    ReadingsReceived,
    audience,
)
from streams.state import State
from streams.world import World

FLAGS_SHOWN = 20


def gauges(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Judge a batch of readings; Rejected `station-unknown`, `reading-unit` or `reading-datum` when it cannot be."""
    body = event.body
    if not isinstance(body, ReadingsReceived):
        return
    known = world.stations.get(body.station)
    if known is None:
        raise Rejected("station-unknown", f"no station {body.station!r} is registered")
    station = known.station
    if body.parameter != station.parameter:
        raise Rejected("reading-unit", f"{station.id} measures {station.parameter}, not {body.parameter}")
    before = state.get("series", SeriesState) or SeriesState()
    readings = Readings(times=body.times, values=body.values, unit=body.unit, datum=body.datum, quality=body.quality)
    after, judgement = judge(station, before, readings, event.seen)
    state.put("series", after)
    seen_by = audience(known.county, "operator", "responder", "agency")
    versions = {"station": station.version}
    yield Fact(body=_judged(station, judgement), audience=seen_by, versions=versions)
    for crossing in judgement.crossings:
        crossed = _crossed(world, station, judgement, crossing)
        yield Fact(body=crossed, audience=seen_by, key=known.county, at=crossing.at, versions=versions)
    for moved in judgement.moved:
        yield Fact(body=_corrected(station, judgement, moved), audience=seen_by, key=known.county, versions=versions)
    for gone in judgement.withdrawn:
        corrected = _corrected(station, judgement, gone, gone=True)
        yield Fact(body=corrected, audience=seen_by, key=known.county, versions=versions)


def _judged(station: Station, judgement: Judgement) -> ReadingsJudged:
    counts = judgement.counts
    return ReadingsJudged(
        station=station.id,
        accepted=judgement.accepted,
        repeated=counts.get("repeated", 0),
        late=counts.get("late", 0),
        flagged=sum(n for flag, n in counts.items() if flag not in ("repeated", "late")),
        flags=tuple(
            ReadingFlag(flag=flag.flag, at=flag.at, value=flag.value, detail=flag.detail)
            for flag in judgement.flags[:FLAGS_SHOWN]
        ),
        level=judgement.level,
        level_at=judgement.level_at,
        rate_per_hour=judgement.rate_per_hour,
        mark=_highest(station, judgement.raised),
        unit=station.unit,
        datum=station.datum,
    )


def _highest(station: Station, raised: tuple[str, ...]) -> str:
    """Name the gravest mark that is up; of two alike the level's own, then the one further down the station's list."""
    marks = [mark for mark in station.marks if mark.name in raised]
    by_gravity = sorted(marks, key=lambda mark: (SEVERITIES.index(mark.severity), mark.measure == "value"))
    return by_gravity[-1].name if by_gravity else ""


def _crossed(world: World, station: Station, judgement: Judgement, crossing: Crossing) -> LevelCrossed:
    return LevelCrossed(
        station=station.id,
        station_name=station.name,
        river=station.river,
        parameter=station.parameter,
        mark=crossing.mark,
        direction=crossing.direction,
        severity=crossing.severity,
        value=crossing.value,
        unit=station.unit,
        datum=station.datum,
        level=judgement.level,
        measure=crossing.measure,
        measured=crossing.measured,
        rate_per_hour=crossing.rate_per_hour,
        lon=station.lon,
        lat=station.lat,
        wards=world.stations[station.id].wards,
        raised=judgement.raised,
    )


def _corrected(station: Station, judgement: Judgement, crossing: Crossing, *, gone: bool = False) -> CrossingCorrected:
    return CrossingCorrected(
        station=station.id,
        mark=crossing.mark,
        direction=crossing.direction,
        was=crossing.was or crossing.at,
        now=None if gone else crossing.at,
        raised=judgement.raised,
    )
