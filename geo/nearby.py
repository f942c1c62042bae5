"""Who and what stands near: the nearest of a few points, or of many that move.

You are beside the two roads: no step needs this. Dispatch ranks the few who are on shift in one area, and by more than
distance (`alerts.escalation`). `GET /nearest` asks `geo.facilities`, which keeps an index of these for each kind of
place; who has thousands of vehicles keeps one that moves with them. Distances are great circles.
"""

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import takewhile
from typing import Final

import msgspec

from geo.places import EARTH_RADIUS_M, Point, check_position, distance_m

CELL_DEG: Final = 0.01
"""Side of an index cell: about 1.1 km, a few responders in town and none in most of the country."""
_ROUND: Final = round(360.0 / CELL_DEG)
_RINGS: Final = 80  # about 90 km
_ROUNDING: Final = 4e-15  # of a chord of the unit sphere: 25 nanometres


class Neighbour(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One found point; ordered by distance in metres, then by id."""

    metres: float
    id: str


def nearest(points: Iterable[tuple[str, float, float]], lon: float, lat: float, k: int) -> tuple[Neighbour, ...]:
    """Find the `k` nearest of (id, lon, lat) points, nearest first; equal distances in the order of their ids."""
    return tuple(heapq.nsmallest(k, (Neighbour(metres=distance_m(lon, lat, x, y), id=i) for i, x, y in points)))


class Nearby:
    """Points that move, indexed by cells; for one owner, not for several threads while any moves.

    A move costs a few microseconds however many points there are; a search looks at the cells around, ring by ring,
    until no nearer point is possible. What is near is sorted out by the straight line through the earth, which needs no
    angles; the few that are left are measured.
    """

    def __init__(self, points: Iterable[tuple[str, float, float]] = ()) -> None:
        self._points: dict[str, tuple[float, float, float, float, float]] = {}
        """By id: longitude, latitude, and the same on the unit sphere."""
        self._cells: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        for name, lon, lat in points:
            self.move(name, lon, lat)

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, name: str) -> bool:
        return name in self._points

    def position(self, name: str) -> Point | None:
        """Return where a point last was, or None if it is not here."""
        at = self._points.get(name)
        return None if at is None else Point(lon=at[0], lat=at[1])

    def move(self, name: str, lon: float, lat: float) -> None:
        """Put a point where it is now, new or not; Rejected as in `geo.places.check_position`."""
        point = check_position(lon, lat)
        cell, old = _cell(point.lon, point.lat), self._points.get(name)
        if old is not None and (before := _cell(old[0], old[1])) != cell:
            self._leave(name, before)
        self._points[name] = (point.lon, point.lat, *_on_sphere(point.lon, point.lat))
        self._cells[cell].add(name)

    def move_many(self, points: Iterable[tuple[str, float, float]]) -> int:
        """Put (id, lon, lat) points where they are now; give how many. All before a Rejected one have moved."""
        count = 0
        for name, lon, lat in points:
            self.move(name, lon, lat)
            count += 1
        return count

    def drop(self, name: str) -> bool:
        """Take a point out; False if it was not here."""
        old = self._points.pop(name, None)
        if old is not None:
            self._leave(name, _cell(old[0], old[1]))
        return old is not None

    def nearest(
        self,
        lon: float,
        lat: float,
        k: int,
        within_m: float = math.inf,
        only: Callable[[str], bool] | None = None,
    ) -> tuple[Neighbour, ...]:
        """Find the `k` nearest points not farther than `within_m` metres, as `nearest` does.

        `only` says of an id whether it counts (an ambulance, somebody on shift); it is asked about those near, more of
        them the rarer the answer is yes.
        """
        if k <= 0:
            return ()
        names = self._around(lon, lat, k, within_m, only)
        measured = (Neighbour(metres=distance_m(lon, lat, *self._points[name][:2]), id=name) for name in names)
        return tuple(sorted(near for near in measured if near.metres <= within_m)[:k])

    def _around(
        self, lon: float, lat: float, k: int, within_m: float, only: Callable[[str], bool] | None
    ) -> Iterable[str]:
        """List ids among which the `k` nearest are, hardly more than those."""
        i, j = _cell(lon, lat)
        here = _on_sphere(lon, lat)
        found: list[tuple[float, str]] = []
        looked = 0
        for ring in range(_RINGS):
            beyond = _beyond(ring, lon, lat)
            limit = 2.0 * math.sin(min(beyond / EARTH_RADIUS_M, math.pi) / 2.0)
            if beyond > within_m or (len(found) >= k and math.sqrt(found[k - 1][0]) + _ROUNDING < limit):
                return _first(found, k)
            looked += 8 * ring
            if looked > 2 * len(self._points):
                break  # more empty cells than there are points
            names = [name for cell in _ring(i, j, ring) for name in self._cells.get(cell, ())]
            if names:
                found += self._chords(names, here, only)
                found.sort()
        return _first(sorted(self._chords(self._points, here, only)), k)

    def _chords(
        self, names: Iterable[str], here: tuple[float, float, float], only: Callable[[str], bool] | None
    ) -> list[tuple[float, str]]:
        """Give for ids that count the square of the straight line to them on the unit sphere."""
        points, (x, y, z) = self._points, here
        chords = []
        for name in names:
            if only is None or only(name):
                _, _, px, py, pz = points[name]
                chords.append(((px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2, name))
        return chords

    def _leave(self, name: str, cell: tuple[int, int]) -> None:
        self._cells[cell].discard(name)
        if not self._cells[cell]:
            del self._cells[cell]


def _first(found: list[tuple[float, str]], k: int) -> list[str]:
    """Take the first `k` and whatever is as near within rounding: along the sphere it may come before."""
    if len(found) <= k:
        return [name for _, name in found]
    last = (math.sqrt(found[k - 1][0]) + _ROUNDING) ** 2
    return [name for _, name in takewhile(lambda each: each[0] <= last, found)]


def _on_sphere(lon: float, lat: float) -> tuple[float, float, float]:
    """Put a position on the unit sphere."""
    x, y = math.radians(lon), math.radians(lat)
    across = math.cos(y)
    return across * math.cos(x), across * math.sin(x), math.sin(y)


def _cell(lon: float, lat: float) -> tuple[int, int]:
    return math.floor(lon / CELL_DEG) % _ROUND, math.floor(lat / CELL_DEG)


def _ring(i: int, j: int, ring: int) -> list[tuple[int, int]]:
    """List the cells `ring` steps from a cell, along the sides of a square; longitudes go round."""
    if ring == 0:
        return [(i, j)]
    span = range(-ring, ring + 1)
    rows = [((i + d) % _ROUND, j + e) for d in span for e in (-ring, ring)]
    return rows + [((i + d) % _ROUND, j + e) for d in (-ring, ring) for e in span[1:-1]]


def _beyond(ring: int, lon: float, lat: float) -> float:
    """Bound from below how far anything is that is not within the first `ring` rings, metres."""
    if ring == 0:
        return 0.0
    x, y = lon / CELL_DEG, lat / CELL_DEG
    across = (min(x - math.floor(x), math.floor(x) + 1 - x) + ring - 1) * CELL_DEG
    along = (min(y - math.floor(y), math.floor(y) + 1 - y) + ring - 1) * CELL_DEG
    # The nearest way to a meridian `across` degrees away is not along the parallel but bends to the pole.
    to_meridian = math.asin(min(1.0, math.sin(math.radians(across)) * math.cos(math.radians(lat))))
    return EARTH_RADIUS_M * min(to_meridian, math.radians(along)) * (1.0 - 1e-9)
