"""Sensor judgement: a batch of readings against a station's marks.

You are on the river road, between the batch as received and `LevelCrossed`. `alerts.admission` sorts out what may be
judged, `alerts.judging` is the rule; this module leads a batch through both and says what changed. Next:
`alerts.plans` says whether a crossing may warn by itself.

A warning does not wait for stragglers: crossings are told at once, and when a reading turns up that belongs before
them, the series is judged again from the last settled point and the difference is told (`moved`, `withdrawn`). What
has been told in sum is what the readings in order would have told.
"""

from bisect import bisect_left
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

import msgspec

from alerts.admission import Admission, Flag, Readings, SeriesState, admit
from alerts.judging import GOOD, SPIKE, Crossing, Outcome, Series, Trace, pairs, rate_window, run
from alerts.stations import Station

__all__ = ["Flag", "Judgement", "Readings", "SeriesState", "judge"]

KEEP_S: Final = 7200.0
KEEP_MOST: Final = 2048
KEEP_LEAST: Final = 16
SETTLE_AT_ONCE: Final = 16
"""Readings are settled in lots of so many, as each lot is judged a second time to move the anchor."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a batch changed. `counts` is complete; `flags` are the first hundred.

    `moved` are crossings told before whose time is now known better (`was` has the old one): nothing to do for them but
    to correct the record. `withdrawn` are those that did not happen after all.
    """

    crossings: tuple[Crossing, ...] = ()
    moved: tuple[Crossing, ...] = ()
    withdrawn: tuple[Crossing, ...] = ()
    flags: tuple[Flag, ...] = ()
    counts: dict[str, int] = {}
    accepted: int = 0
    raised: tuple[str, ...] = ()
    stuck: bool = False
    level: float | None = None
    level_at: datetime | None = None
    rate_per_hour: float | None = None


def _keep(
    station: Station, batch: Admission, settled: int, outcome: Outcome, anchor: Trace, told: tuple[Crossing, ...],
    noted: tuple[tuple[str, float], ...],
) -> SeriesState:  # fmt: skip
    """Make the state that is carried on, without the readings that nothing will look at again."""
    times, codes, done = batch.times, batch.codes, outcome.done
    cut = 0
    if times:
        keep_s = max([KEEP_S, *(3.0 * mark.over_s for mark in station.marks if mark.measure != "value")])
        aged = bisect_left(times, times[-1] - keep_s)
        cut = min(settled, max(min(aged, len(times) - KEEP_LEAST), len(times) - KEEP_MOST, 0))
    open_from = times[settled] if settled < len(times) else float("inf")
    return SeriesState(
        times=tuple(times[cut:]),
        values=tuple(batch.values[cut:]),
        codes="".join(codes[cut:]),
        settled=settled - cut,
        done=done - cut,
        anchor=anchor,
        head=outcome.trace,
        told=tuple(crossing for crossing in told if crossing.at.timestamp() >= open_from),
        noted=tuple(note for note in noted if note[1] >= open_from),
    )


def judge(
    station: Station, state: SeriesState, readings: Readings, arrived_at: datetime
) -> tuple[SeriesState, Judgement]:
    """Judge a batch that arrived at `arrived_at`; return the series' new state and what the batch changed.

    Rejected `reading-unit` or `reading-datum` (see `stations.conversion`), `readings-uneven`, `time-not-readable`:
    then nothing of the batch was taken.
    """
    batch = admit(station, state, readings, arrived_at.timestamp())
    times, codes = batch.times, batch.codes
    start, trace = (batch.settled, state.anchor) if batch.overtaken else (batch.done, state.head)
    if batch.overtaken:
        codes[start:] = [GOOD if code == SPIKE else code for code in codes[start:]]
    series = Series(times, batch.values, codes)
    settle_to = bisect_left(times, times[-1] - station.reorder_s) if times else 0
    outcome = run(station, series, trace, start, settle_to)
    news = _compare(state.told, outcome.crossings) if batch.overtaken else (outcome.crossings, (), ())
    told = outcome.crossings if batch.overtaken else state.told + outcome.crossings

    noted = state.noted
    for code, i in outcome.notes:
        if (code, times[i]) not in noted:
            noted += ((code, times[i]),)
            batch.flag(code, times[i], batch.values[i])

    settled, anchor = batch.settled, state.anchor
    if start <= settle_to:
        settled, anchor = min(settle_to, outcome.done), outcome.at_boundary
    elif settle_to - settled >= SETTLE_AT_ONCE:
        second = run(station, series, anchor, settled, settle_to, settle_to)
        settled, anchor = second.done, second.trace
    after = _keep(station, batch, settled, outcome, anchor, told, noted)
    return after, _judgement(station, series, batch, after, news)


News = tuple[tuple[Crossing, ...], tuple[Crossing, ...], tuple[Crossing, ...]]


def _compare(told: tuple[Crossing, ...], found: tuple[Crossing, ...]) -> News:
    """Say what is new, moved and withdrawn now that the series has been judged again."""
    added: list[Crossing] = []
    moved: list[Crossing] = []
    withdrawn: list[Crossing] = []
    for old, new in pairs(told, found):
        if old is None and new is not None:
            added.append(new)
        elif old is not None and new is None:
            withdrawn.append(old)
        elif old is not None and new is not None and new.at != old.at:
            moved.append(msgspec.structs.replace(new, was=old.at))
    added.sort(key=attrgetter("at"))
    return tuple(added), tuple(moved), tuple(withdrawn)


def _judgement(station: Station, series: Series, batch: Admission, after: SeriesState, news: News) -> Judgement:
    head = after.head
    level_at = head.last_at
    rate = None
    if level_at is not None:
        i = bisect_left(series.times, level_at)
        rate = series.rise(i, rate_window(station)) if i < len(series.times) else None
    return Judgement(
        crossings=news[0],
        moved=news[1],
        withdrawn=news[2],
        flags=tuple(batch.flags),
        counts=dict(batch.counts),
        accepted=batch.accepted,
        raised=after.raised(),
        stuck=head.stuck,
        level=None if level_at is None else head.last,
        level_at=None if level_at is None else datetime.fromtimestamp(level_at, UTC),
        rate_per_hour=rate,
    )
