"""Sort out what of a batch of readings may be judged, and where in its series each one belongs.

You are on the river road, between the batch as received and the rule of `alerts.judging`; `alerts.thresholds` leads
from here to there. Units and datums, values that stand for none, wrong clocks, repeats, revisions, late and overtaking
readings are dealt with here.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from operator import attrgetter, lt
from typing import Final

import msgspec

from alerts.judging import BAD, GOOD, LATE, Crossing, Trace
from alerts.stations import Station, conversion, metres
from geo.places import Rejected

FLAGS: Final = (
    "sentinel", "quality", "out-of-range", "unit", "datum", "future", "late", "repeated", "revised",
    "spike", "confirmed", "stuck", "recovered",
)  # fmt: skip
"""Every flag a reading can get."""

SENTINELS: Final = frozenset({-9999.0, -9999.9, -9999.99, -999.0, -999.9, -999.99, -99999.0, -999999.0, -32768.0, 1e20})
"""Values that loggers write where they have none."""
TRUSTED: Final = frozenset(
    [
        "",
        "good",
        "ok",
        "g",
        "valid",
        "checked",
        "unchecked",
        "raw",
        "provisional",
        "p",
        "approved",
        "a",
        "estimated",
        "e",
    ]
)
"""Quality words under which a reading may alert; under any other it is recorded and flagged."""

FLAGS_KEPT: Final = 100
_DIGITS: Final = 6


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """A batch from one station: times (with offset), values in `unit` above `datum`, quality words where known."""

    times: Sequence[datetime]
    values: Sequence[float | None]
    unit: str
    datum: str = ""
    quality: Sequence[str] = ()


class Flag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a reading was not taken at its word, or what happened to the series at it; `flag` is one of `FLAGS`."""

    flag: str
    at: datetime
    value: float | None = None
    detail: str = ""


class SeriesState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a series stands: recent readings in order of time, and the traces that let them be judged again.

    `codes` has a letter for each reading (see `alerts.judging`). The first `settled` readings are final and stand in
    `anchor`; `head` stands after the first `done`. `told` are the crossings after the anchor, `noted` the flags.
    """

    times: tuple[float, ...] = ()
    values: tuple[float | None, ...] = ()
    codes: str = ""
    settled: int = 0
    done: int = 0
    anchor: Trace = Trace()
    head: Trace = Trace()
    told: tuple[Crossing, ...] = ()
    noted: tuple[tuple[str, float], ...] = ()

    def raised(self) -> tuple[str, ...]:
        """List the marks that stand raised, in the station's order."""
        return tuple(name for name, kept in self.head.marks.items() if kept[0])


def _trusted(quality: str) -> bool:
    return quality.strip().casefold() in TRUSTED


class Admission:
    """One batch on its way into a series."""

    def __init__(self, station: Station, state: SeriesState, readings: Readings, arrived: float) -> None:
        self.station = station
        self.arrived = arrived
        self.factor, self.offset = conversion(station, readings.unit, readings.datum)
        self.times = list(state.times)
        self.values = list(state.values)
        self.codes = list(state.codes)
        self.settled = state.settled
        self.done = state.done
        self.overtaken = False
        """Whether a reading belongs among those that are judged already, so that they are judged again."""
        newest = state.times[-1] if state.times else float("-inf")
        self.open_from = max(newest - station.reorder_s, arrived - station.lateness_s)
        self.settled_at = state.times[state.settled - 1] if state.settled else float("-inf")
        self.accepted = 0
        self.counts: Counter[str] = Counter()
        self.flags: list[Flag] = []

    def flag(self, code: str, at: float, value: float | None, detail: str = "") -> None:
        """Count what happened to a reading, and tell of the first ones."""
        self.counts[code] += 1
        if len(self.flags) < FLAGS_KEPT:
            shown = None if value is None or not isfinite(value) else value
            self.flags.append(Flag(flag=code, at=datetime.fromtimestamp(at, UTC), value=shown, detail=detail))

    def ours(self, value: float) -> float:
        """Bring a value to the station's unit and datum."""
        if self.factor == 1.0 and not self.offset:
            return value
        return round(value * self.factor + self.offset, _DIGITS)

    def late(self, at: float) -> bool:
        """Tell whether a reading of this time comes too late to open or close anything."""
        return at < self.open_from or at <= self.settled_at

    def append_clean(self, times: list[float], values: Sequence[float | None], quality: Sequence[str]) -> bool:
        """Take a batch at once if it follows on in order and nothing in it is odd; say whether it was."""
        if not times or None in values or not SENTINELS.isdisjoint(values):
            return False
        if not all(map(_trusted, set(quality))):
            return False
        if self.times and times[0] <= self.times[-1]:
            return False
        if times[0] < self.open_from or times[-1] > self.arrived + self.station.future_s:
            return False
        if len(times) > 1 and not all(map(lt, times, times[1:])):
            return False
        # None is excluded above; a sum finds NaN and infinity, which would slip through min and max.
        clean = [self.ours(value) for value in values if value is not None]
        if not isfinite(sum(clean)) or min(clean) < self.station.sane_min or max(clean) > self.station.sane_max:
            return False
        self.times += times
        self.values += clean
        self.codes += GOOD * len(clean)
        self.accepted += len(clean)
        return True

    def fault(self, value: float | None, quality: str) -> tuple[str, str] | None:
        """Say what is wrong with a reading as it came, if anything."""
        if value is None or not isfinite(value) or value in SENTINELS:
            return "sentinel", "stands for no reading"
        if not _trusted(quality):
            return "quality", f"sent with quality {quality[:40]!r}"
        station = self.station
        low, high = station.sane_min, station.sane_max
        ours = self.ours(value)
        if low <= ours <= high:
            return None
        for unit in ("m", "cm", "mm", "ft"):
            if (
                station.parameter == "level"
                and ours > high
                and low <= value * metres(unit) / metres(station.unit) <= high
            ):
                return "unit", f"cannot be what was declared; would be possible in {unit}"
        for name, offset in station.datums.items():
            if low <= value * self.factor + offset <= high:
                return "datum", f"cannot be above the declared datum; would be possible above {name!r}"
        return "out-of-range", f"outside {low:g} to {high:g} {station.unit}"

    def take(self, at: float, value: float | None, quality: str) -> None:
        """Put one reading where it belongs."""
        fault = self.fault(value, quality)
        ours = self.ours(value) if fault is None and value is not None else None
        if at > self.arrived + self.station.future_s:
            self.flag("future", at, value, "its clock runs ahead of ours")
            return
        i = bisect_left(self.times, at)
        if i < len(self.times) and self.times[i] == at:
            self.meet(i, at, ours, fault)
            return
        if fault is not None:
            self.flag(fault[0], at, value, fault[1])
        late = self.late(at)
        if late:
            self.flag("late", at, ours, "recorded; opens and closes nothing")
        self.times.insert(i, at)
        self.values.insert(i, ours)
        self.codes.insert(i, BAD if ours is None else LATE if late else GOOD)
        self.accepted += ours is not None
        # A reading put before one that waits for its confirmation also bears on the spikes called just before.
        if not late and ours is not None and i <= self.done and i + 1 < len(self.times):
            self.overtaken = True
        if i < self.done:
            self.done += 1
            self.settled += i < self.settled

    def meet(self, i: int, at: float, ours: float | None, fault: tuple[str, str] | None) -> None:
        """Deal with a reading of a time that has one already: a repeat, or a corrected value."""
        before = self.values[i]
        if before == ours:
            self.flag("repeated", at, ours)
            return
        if fault is not None:
            self.flag(fault[0], at, ours, f"{fault[1]}; the earlier reading of this time stays")
            return
        late = self.late(at)
        self.flag("revised", at, ours, "was a gap" if before is None else f"was {before:g}")
        if late:
            self.flag("late", at, ours, "history corrected; opens and closes nothing")
        self.values[i] = ours
        self.codes[i] = LATE if late else GOOD
        self.overtaken = self.overtaken or (i < self.done and not late)
        self.accepted += 1


def admit(station: Station, state: SeriesState, readings: Readings, arrived: float) -> Admission:
    """Take a batch into a series; Rejected `reading-unit`, `reading-datum`, `readings-uneven`, `time-not-readable`."""
    count = len(readings.times)
    if len(readings.values) != count or len(readings.quality) not in {0, count}:
        raise Rejected(
            "readings-uneven",
            f"{count} times, {len(readings.values)} values, {len(readings.quality)} quality words do not go together",
        )
    if None in map(attrgetter("tzinfo"), readings.times):
        raise Rejected("time-not-readable", "a reading's time has no offset")
    times = [at.timestamp() for at in readings.times]
    admission = Admission(station, state, readings, arrived)
    if not admission.append_clean(times, readings.values, readings.quality):
        quality = readings.quality or [""] * count
        # In order of time, repeats in order of arrival: overtaking inside a batch costs nothing.
        for at, i in sorted(zip(times, range(count), strict=True)):
            admission.take(at, readings.values[i], quality[i])
    return admission
