"""Rivers as a directed graph: gauges, the reaches between them, and the wards water reaches after a gauge.

You are at the start of the river road: when a node starts, `downstream` says of each station which wards its water
reaches and when. Next: `alerts.stations` has what else is known of a gauge.
"""

import heapq
import math
from collections.abc import Iterable
from pathlib import Path

import msgspec

from geo.places import Rejected, check_area, check_position


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The way to the next gauge downstream and the water's travel time to it, minutes."""

    gauge: str
    minutes: float


class WardAlong(msgspec.Struct, frozen=True, kw_only=True):
    """A ward along the water below a gauge and the travel time to it, minutes."""

    path: str
    minutes: float


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """One gauge: its river, the gauges next downstream, and the wards before those.

    `course` is the river's line to draw, (lon, lat) in the direction of flow: past this gauge and on to where the next
    one, another river or the mouth is. It may begin above the gauge. Nothing is computed from it.
    """

    id: str
    river: str
    next: tuple[Reach, ...] = ()
    wards: tuple[WardAlong, ...] = ()
    course: tuple[tuple[float, float], ...] = ()


class _File(msgspec.Struct):
    gauges: tuple[Gauge, ...]
    approximate: bool = False


class Rivers:
    """An immutable graph of gauges, checked when it is made: no unknown gauge, no water that flows in a circle.

    Rejected `rivers-invalid` naming the gauge. `approximate`: the courses were drawn by hand, and a map says so.
    """

    def __init__(self, gauges: Iterable[Gauge], *, approximate: bool = False) -> None:
        listed = tuple(gauges)
        self.approximate = approximate
        self._gauges = {gauge.id: gauge for gauge in listed}
        if len(self._gauges) != len(listed):
            raise Rejected("rivers-invalid", "two gauges have the same id")
        for gauge in listed:
            for reach in gauge.next:
                if reach.gauge not in self._gauges:
                    raise Rejected("rivers-invalid", f"{gauge.id} flows to {reach.gauge!r}, which is not listed")
            for along in gauge.wards:
                check_area(along.path)
            _check_course(gauge)
            for minutes in [r.minutes for r in gauge.next] + [w.minutes for w in gauge.wards]:
                if not (math.isfinite(minutes) and minutes >= 0.0):
                    raise Rejected("rivers-invalid", f"{gauge.id} has a travel time of {minutes} minutes")
        for gauge in listed:
            if any(gauge.id in self._arrivals(reach.gauge) for reach in gauge.next):
                raise Rejected("rivers-invalid", f"water from {gauge.id} would come back to it")

    @classmethod
    def load(cls, path: str | Path) -> "Rivers":
        """Read a JSON file: `{"gauges": [...], "approximate": false}` with gauges as `Gauge` has them.

        That is `{id, river, next: [{gauge, minutes}], wards: [{path, minutes}], course: [[lon, lat]]}`.
        """
        try:
            read = msgspec.json.decode(Path(path).read_bytes(), type=_File)
            return cls(read.gauges, approximate=read.approximate)
        except msgspec.DecodeError as fault:
            raise Rejected("rivers-invalid", f"{Path(path).name}: {fault}") from fault

    def __len__(self) -> int:
        return len(self._gauges)

    def __contains__(self, gauge_id: object) -> bool:
        return gauge_id in self._gauges

    def gauges(self) -> tuple[Gauge, ...]:
        """List the gauges as they were given."""
        return tuple(self._gauges.values())

    def downstream(self, gauge_id: str) -> tuple[tuple[str, float], ...]:
        """List the wards below a gauge with the water's earliest arrival, as (area path, minutes), soonest first.

        Rejected `gauge-unknown`.
        """
        soonest: dict[str, float] = {}
        for gauge, arrival in self._arrivals(gauge_id).items():
            for along in self._gauges[gauge].wards:
                minutes = arrival + along.minutes
                soonest[along.path] = min(minutes, soonest.get(along.path, math.inf))
        return tuple(sorted(soonest.items(), key=lambda item: (item[1], item[0])))

    def _arrivals(self, gauge_id: str) -> dict[str, float]:
        """Say when water from a gauge first reaches every gauge below it (itself at 0), minutes."""
        if gauge_id not in self._gauges:
            raise Rejected("gauge-unknown", f"no gauge {gauge_id!r} on the rivers known here")
        arrivals: dict[str, float] = {}
        queue = [(0.0, gauge_id)]
        while queue:
            minutes, gauge = heapq.heappop(queue)
            if gauge not in arrivals:
                arrivals[gauge] = minutes
                for reach in self._gauges[gauge].next:
                    heapq.heappush(queue, (minutes + reach.minutes, reach.gauge))
        return arrivals


def _check_course(gauge: Gauge) -> None:
    """Rejected `rivers-invalid` for a line that cannot be drawn."""
    if len(gauge.course) == 1:
        raise Rejected("rivers-invalid", f"the course of {gauge.id} has one position; a line has two or more")
    for lon, lat in gauge.course:
        try:
            check_position(lon, lat)
        except Rejected as fault:
            raise Rejected("rivers-invalid", f"the course of {gauge.id} has {lon}, {lat}: {fault.detail}") from fault
