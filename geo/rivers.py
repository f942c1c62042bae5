"""Rivers as a directed graph: gauges, the reaches between them, and the wards water reaches after a gauge.

You are at the start of the river road: when a node starts, `arrivals` says of each station which wards its water
reaches and when. Next: `alerts.stations` has what else is known of a gauge.
"""

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from geo.places import Rejected, check_area, check_position

Basis: TypeAlias = Literal["published", "estimated"]
"""Where a travel time comes from: somebody who watches the river said so, or it is length by speed."""


class _Timed(msgspec.Struct, frozen=True, kw_only=True):
    """A travel time in minutes: the likely one, and the soonest and latest it may be (the likely one where unsaid)."""

    minutes: float
    earliest: float | None = None
    latest: float | None = None
    km: float | None = None
    basis: Basis = "estimated"
    source: str = ""

    def span(self) -> tuple[float, float, float]:
        """Give earliest, likely and latest minutes."""
        soonest = self.minutes if self.earliest is None else self.earliest
        return soonest, self.minutes, self.minutes if self.latest is None else self.latest


class Reach(_Timed, frozen=True, kw_only=True):
    """The way to the next gauge downstream: the water's travel time, the channel's length, and where both are from."""

    gauge: str


class WardAlong(_Timed, frozen=True, kw_only=True):
    """A ward along the water below a gauge, and the travel time until the water comes to it."""

    path: str


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """One gauge: its river, name and place, the gauges next downstream, and the wards before those.

    `lon`, `lat`: degrees, rounded as its source allows. `source` says where name and place are from.
    `course` is the river's line, (lon, lat) in the direction of flow: past this gauge and on to where the next one,
    another river or the mouth is. It may begin above the gauge. It is drawn; no answer is computed from it.
    """

    id: str
    river: str
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    source: str = ""
    next: tuple[Reach, ...] = ()
    wards: tuple[WardAlong, ...] = ()
    course: tuple[tuple[float, float], ...] = ()


class Arrival(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """When the water of a gauge comes to an area: likely, soonest and latest minutes; ordered by the likely ones.

    `basis` is `published` only where every part of the way is.
    """

    minutes: float
    path: str
    earliest: float
    latest: float
    basis: Basis


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
            twice = next(g.id for n, g in enumerate(listed) if g.id in {other.id for other in listed[:n]})
            raise Rejected("rivers-invalid", f"two gauges have the id {twice!r}")
        for gauge in listed:
            _check(gauge, self._gauges)
        for gauge in listed:
            if any(gauge.id in self._reached(reach.gauge, _likely) for reach in gauge.next):
                raise Rejected("rivers-invalid", f"water from {gauge.id} would come back to it")

    @classmethod
    def load(cls, *paths: str | Path) -> "Rivers":
        """Read JSON files, or all `*.json` of folders, as one graph: `{"gauges": [...], "approximate": false}`.

        Gauges are as `Gauge` has them: `{id, river, name, lon, lat, source, next: [{gauge, minutes, earliest, latest,
        km, basis, source}], wards: [{path, minutes, ...}], course: [[lon, lat]]}`; id, river and minutes are needed.
        What is one file's own besides (`title`, `sources`, `method`) is for its readers.
        """
        read = [_read(file) for path in paths for file in _files(Path(path))]
        return cls((g for part in read for g in part.gauges), approximate=any(part.approximate for part in read))

    def __len__(self) -> int:
        return len(self._gauges)

    def __contains__(self, gauge_id: object) -> bool:
        return gauge_id in self._gauges

    def gauges(self) -> tuple[Gauge, ...]:
        """List the gauges as they were given."""
        return tuple(self._gauges.values())

    def gauge(self, gauge_id: str) -> Gauge:
        """Return a gauge; Rejected `gauge-unknown`."""
        if gauge_id not in self._gauges:
            raise Rejected("gauge-unknown", f"no gauge {gauge_id!r} on the rivers known here")
        return self._gauges[gauge_id]

    def downstream(self, gauge_id: str) -> tuple[Arrival, ...]:
        """List the wards below a gauge with the water's expected arrival, soonest first.

        Where water comes by two ways, each of the three times is that of the quicker. Rejected `gauge-unknown`.
        """
        likely = self._wards_reached(gauge_id, _likely)
        earliest = self._wards_reached(gauge_id, lambda way: way.span()[0])
        latest = self._wards_reached(gauge_id, lambda way: way.span()[2])
        return tuple(
            sorted(
                Arrival(path=path, minutes=minutes, earliest=earliest[path][0], latest=latest[path][0], basis=basis)
                for path, (minutes, basis) in likely.items()
            )
        )

    def _wards_reached(self, gauge_id: str, time: Callable[[_Timed], float]) -> dict[str, tuple[float, Basis]]:
        soonest: dict[str, tuple[float, Basis]] = {}
        for gauge, (arrival, basis) in self._reached(gauge_id, time).items():
            for along in self._gauges[gauge].wards:
                found = arrival + time(along), _worse(basis, along.basis)
                soonest[along.path] = min(found, soonest.get(along.path, found), key=lambda each: each[0])
        return soonest

    def _reached(self, gauge_id: str, time: Callable[[_Timed], float]) -> dict[str, tuple[float, Basis]]:
        """Say when water from a gauge first reaches every gauge below it (itself at 0), minutes, and on what basis."""
        self.gauge(gauge_id)
        reached: dict[str, tuple[float, Basis]] = {}
        queue: list[tuple[float, str, Basis]] = [(0.0, gauge_id, "published")]
        while queue:
            minutes, gauge, basis = heapq.heappop(queue)
            if gauge not in reached:
                reached[gauge] = minutes, basis
                for reach in self._gauges[gauge].next:
                    heapq.heappush(queue, (minutes + time(reach), reach.gauge, _worse(basis, reach.basis)))
        return reached


def _likely(way: _Timed) -> float:
    return way.minutes


def _worse(one: Basis, other: Basis) -> Basis:
    return "published" if one == other == "published" else "estimated"


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(path.glob("*.json"))
    if not found:
        raise Rejected("rivers-invalid", f"there is no *.json in the folder {path.name}")
    yield from found


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File)
    except msgspec.DecodeError as fault:
        raise Rejected("rivers-invalid", f"{path.name}: {fault}") from fault


def _check(gauge: Gauge, known: dict[str, Gauge]) -> None:
    """Rejected `rivers-invalid` for a gauge that cannot be."""
    for reach in gauge.next:
        if reach.gauge not in known:
            raise Rejected("rivers-invalid", f"{gauge.id} flows to {reach.gauge!r}, which is not listed")
    for along in gauge.wards:
        check_area(along.path)
    for way in (*gauge.next, *gauge.wards):
        earliest, likely, latest = way.span()
        if not (0.0 <= earliest <= likely <= latest < math.inf):
            raise Rejected(
                "rivers-invalid",
                f"{gauge.id} has travel times of {earliest}, {likely}, {latest} minutes; they begin at 0 and ascend",
            )
    if len(gauge.course) == 1:
        raise Rejected("rivers-invalid", f"the course of {gauge.id} has one position; a line has two or more")
    if (gauge.lon is None) is not (gauge.lat is None):
        raise Rejected("rivers-invalid", f"{gauge.id} has lon or lat, but not both")
    place = () if gauge.lon is None else ((gauge.lon, gauge.lat),)
    for lon, lat in (*gauge.course, *place):
        try:
            check_position(lon, lat)
        except Rejected as fault:
            raise Rejected("rivers-invalid", f"the course of {gauge.id} has {lon}, {lat}: {fault.detail}") from fault
