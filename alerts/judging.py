"""The rule that runs over a series, reading by reading, in the order of their times.

You are inside the judgement of a gauge: `alerts.thresholds` has sorted out what may be judged and calls `run` over it.
`run` is a fold: from a `Trace` (what the rule remembers) over readings to the next `Trace`, and on the way the
crossings. It can be run again from an earlier trace when a reading arrives out of order, and finds what it would have
found in order.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from math import fsum
from typing import Final, Literal

import msgspec

from alerts.cap import Severity
from alerts.stations import Mark, Measure, Station

GOOD: Final = "g"
LATE: Final = "l"
SPIKE: Final = "s"
BAD: Final = "b"

Direction = Literal["up", "down"]
STUCK_READINGS: Final = 3
"""A sensor is not called stuck on fewer equal readings than these, however far apart."""


class Crossing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mark was raised ("up") or returned to normal ("down") by the reading taken at `at`.

    `value` is the reading in the station's unit, `measured` what was compared with the mark (the same, a rise per hour
    or a sum), `since` the time of the first reading of the dwell. `was` is set when a reading that came late moved a
    crossing that had been told already.
    """

    mark: str
    direction: Direction
    severity: Severity
    at: datetime
    since: datetime
    value: float
    measure: Measure = "value"
    measured: float
    rate_per_hour: float | None = None
    was: datetime | None = None


class Trace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the rule remembers of a series: times in seconds since 1970.

    `marks` holds by name, of those that are not at rest: raised, readings in a row that would change that, time of the
    first of them.
    """

    last_at: float | None = None
    last: float = 0.0
    same_since: float = 0.0
    same_run: int = 0
    stuck: bool = False
    marks: dict[str, tuple[bool, int, float]] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one run found: the trace after it, the trace before reading `boundary`, how many readings it settled."""

    trace: Trace
    at_boundary: Trace
    done: int
    crossings: tuple[Crossing, ...]
    notes: tuple[tuple[str, int], ...]
    """(flag, index of the reading): spike, confirmed, stuck, recovered."""


class Series:
    """The readings a run may look at: parallel lists in order of time; `codes` says of each what it is."""

    __slots__ = ("codes", "times", "values")

    def __init__(self, times: list[float], values: list[float | None], codes: list[str]) -> None:
        self.times = times
        self.values = values
        self.codes = codes

    def rise(self, i: int, over_s: float) -> float | None:
        """Measure the rise per hour up to reading `i` over about `over_s` seconds; None without a fair baseline.

        The baseline is the last believed reading at least `over_s` old (at most three times that); failing that, the
        first one at least half as old.
        """
        times, values, codes = self.times, self.values, self.codes
        value = values[i]
        if value is None:
            return None
        at = times[i]
        j = bisect_right(times, at - over_s, 0, i)
        for k in range(j - 1, -1, -1):
            if times[k] < at - 3.0 * over_s:
                break
            old = values[k]
            if old is not None and codes[k] in "gl":
                return (value - old) * 3600.0 / (at - times[k])
        for k in range(j, i):
            if at - times[k] < over_s / 2.0:
                return None
            old = values[k]
            if old is not None and codes[k] in "gl":
                return (value - old) * 3600.0 / (at - times[k])
        return None

    def total(self, i: int, over_s: float) -> float:
        """Add up the believed readings of the `over_s` seconds that end with reading `i`."""
        j = bisect_right(self.times, self.times[i] - over_s, 0, i)
        span = zip(self.values[j : i + 1], self.codes[j : i + 1], strict=True)
        return fsum(value for value, code in span if value is not None and code in "gl")


class _MarkRule:
    """A mark with its place in the run: `low` turns it over, so that raising is always upward here."""

    __slots__ = ("clear_at", "low", "mark", "raise_at", "raised", "run", "since")

    def __init__(self, mark: Mark, kept: tuple[bool, int, float]) -> None:
        self.mark = mark
        self.low = mark.clear_at > mark.raise_at
        self.raise_at = -mark.raise_at if self.low else mark.raise_at
        self.clear_at = -mark.clear_at if self.low else mark.clear_at
        self.raised, self.run, self.since = kept

    def step(self, measured: float, at: float) -> bool:
        """Take one measurement; tell whether the mark changed (then `raised` is the new state)."""
        x = -measured if self.low else measured
        if self.raised:
            beyond, dwell = x <= self.clear_at and x < self.raise_at, self.mark.off_delay
        else:
            beyond, dwell = x >= self.raise_at, self.mark.on_delay
        if not beyond:
            self.run = 0
            return False
        if self.run == 0:
            self.since = at
        self.run += 1
        if self.run < dwell.readings or at - self.since < dwell.seconds:
            return False
        self.raised = not self.raised
        self.run = 0
        return True

    def kept(self) -> tuple[bool, int, float]:
        return (self.raised, self.run, self.since if self.run else 0.0)


class _Run:
    """One run in progress."""

    def __init__(self, station: Station, series: Series, trace: Trace) -> None:
        self.station = station
        self.series = series
        self.rules = [_MarkRule(mark, trace.marks.get(mark.name, (False, 0, 0.0))) for mark in station.marks]
        self.last_at, self.last = trace.last_at, trace.last
        self.same_since, self.same_run, self.stuck = trace.same_since, trace.same_run, trace.stuck
        self.crossings: list[Crossing] = []
        self.notes: list[tuple[str, int]] = []
        self.plain = all(mark.measure == "value" for mark in station.marks)
        self.floor, self.ceiling = self.quiet()

    def trace(self) -> Trace:
        return Trace(
            last_at=self.last_at,
            last=self.last,
            same_since=self.same_since,
            same_run=self.same_run,
            stuck=self.stuck,
            marks={rule.mark.name: rule.kept() for rule in self.rules if rule.raised or rule.run},
        )

    def quiet(self) -> tuple[float, float]:
        """Bound the readings that change no `value` mark: strictly above the first, strictly below the second."""
        floor, ceiling = float("-inf"), float("inf")
        for rule in self.rules:
            if rule.mark.measure != "value":
                continue
            if rule.run:
                return ceiling, floor
            # A raised high mark waits for a fall and a normal low mark too; the others wait for a rise.
            edge = rule.mark.clear_at if rule.raised else rule.mark.raise_at
            if rule.raised != rule.low:
                floor = max(floor, edge)
            else:
                ceiling = min(ceiling, edge)
        return floor, ceiling

    def believable(self, i: int, at: float, value: float) -> bool:
        """Tell whether reading `i` may follow one of `value` at `at`."""
        jump = self.station.jump
        step = self.series.values[i]
        if jump is None or step is None:
            return True
        return abs(step - value) <= max(jump, self.station.jump_per_hour * (self.series.times[i] - at) / 3600.0)

    def suspect(self, i: int) -> bool | None:
        """Say of an unbelievable reading whether it is a spike; None while no later reading tells."""
        value = self.series.values[i]
        for k in range(i + 1, len(self.series.times)):
            if self.series.codes[k] in "gl":
                return value is None or not self.believable(k, self.series.times[i], value)
        return None

    def same(self, i: int, at: float, value: float) -> bool:
        """Follow equal readings; tell whether the sensor is stuck at this one."""
        limit = self.station.stuck_after_s
        if limit is None:
            return False
        # A dry rain gauge says 0 for weeks and is well.
        if self.same_run and value == self.last and not (value == 0.0 and self.station.parameter == "rain"):
            self.same_run += 1
            if not self.stuck and self.same_run >= STUCK_READINGS and at - self.same_since >= limit:
                self.stuck = True
                self.notes.append(("stuck", i))
        else:
            if self.stuck:
                self.notes.append(("recovered", i))
            self.same_run, self.same_since, self.stuck = 1, at, False
        return self.stuck

    def marks(self, i: int, at: float, value: float) -> None:
        """Compare reading `i` with every mark."""
        changed = False
        for rule in self.rules:
            mark = rule.mark
            measured: float | None = value
            if mark.measure == "rise":
                measured = self.series.rise(i, mark.over_s)
            elif mark.measure == "sum":
                measured = self.series.total(i, mark.over_s)
            run = rule.run
            if measured is not None and rule.step(measured, at):
                changed = True
                self.crossings.append(
                    Crossing(
                        mark=mark.name,
                        direction="up" if rule.raised else "down",
                        severity=mark.severity,
                        at=datetime.fromtimestamp(at, UTC),
                        since=datetime.fromtimestamp(rule.since, UTC),
                        value=value,
                        measure=mark.measure,
                        measured=measured,
                        rate_per_hour=self.series.rise(i, rate_window(self.station)),
                    )
                )
            changed = changed or run != rule.run
        if changed:
            self.floor, self.ceiling = self.quiet()


def rate_window(station: Station) -> float:
    """Give the seconds over which a station's rise is told: its first rise mark's, else an hour."""
    return next((mark.over_s for mark in station.marks if mark.measure == "rise"), 3600.0)


def run(station: Station, series: Series, trace: Trace, start: int, boundary: int, end: int | None = None) -> Outcome:
    """Judge the readings from index `start` up to `end`; remember the trace before index `boundary`.

    `trace` is the one before `start`.

    `series.codes` is told of spikes (in place). A reading that jumps too far waits for the next one: the run stops
    before it when there is none, and `done` says where.
    """
    r = _Run(station, series, trace)
    times, values, codes = series.times, series.values, series.codes
    at_boundary = trace
    end = len(times) if end is None else end
    i = start
    while i < end:
        if i == boundary:
            at_boundary = r.trace()
        value, at = values[i], times[i]
        if value is None or codes[i] == BAD:
            i += 1
            continue
        if r.last_at is not None and station.jump is not None and not r.believable(i, r.last_at, r.last):
            spike = r.suspect(i)
            if spike is None:
                r.notes.append(("spike", i))
                break
            if spike:
                codes[i] = SPIKE
                r.notes.append(("spike", i))
                i += 1
                continue
            r.notes.append(("confirmed", i))
        stuck = r.same(i, at, value)
        r.last_at, r.last = at, value
        if not stuck and codes[i] == GOOD and not (r.plain and r.floor < value < r.ceiling):
            r.marks(i, at, value)
        i += 1
    after = r.trace()
    return Outcome(
        trace=after,
        at_boundary=at_boundary if boundary < i else after,
        done=i,
        crossings=tuple(r.crossings),
        notes=tuple(r.notes),
    )


def pairs(old: Sequence[Crossing], new: Sequence[Crossing]) -> list[tuple[Crossing | None, Crossing | None]]:
    """Match crossings told before with those found now, mark by mark.

    Both start from the same trace, and a mark's crossings alternate, so the k-th of each are of one kind.
    """
    found: list[tuple[Crossing | None, Crossing | None]] = []
    for name in dict.fromkeys(crossing.mark for crossing in (*old, *new)):
        told = [crossing for crossing in old if crossing.mark == name]
        now = [crossing for crossing in new if crossing.mark == name]
        found += zip_longest(told, now)
    return found
