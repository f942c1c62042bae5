"""Who is inside a live area, and since when: enter, dwell and exit, with hysteresis, and a close for every entry.

You are beside the SMS road: `streams.steps.fences` draws one around each open incident and judges the positions that
responders share. A fix near the edge must not make anybody come and go: the edge at which one enters is not the one
at which one leaves, and a fix that its own accuracy lets lie on both sides changes nothing. What is entered is left
once, by moving out or by the fence's end. Next: `geo.fence_index`, for thousands of fences at once.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal

import msgspec
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.places import Rejected, distance_m, metres_per_degree

Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""
Side = Literal["inside", "edge", "outside"]
Kind = Literal["enter", "dwell", "exit"]

_METRES_PER_DEGREE: Final = 110_500.0
"""At least so many metres has a degree of latitude anywhere, and one of longitude at the equator."""


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """What lies within so many metres of a point, by great circles."""

    lon: float
    lat: float
    radius_m: float

    def beyond_m(self, lon: float, lat: float) -> float:
        """Measure how far outside the edge a position is, metres; negative inside."""
        return distance_m(self.lon, self.lat, lon, lat) - self.radius_m

    def box(self, margin_m: float) -> Box:
        """Give a box that holds everything up to so many metres beyond the edge."""
        return _grown((self.lon, self.lat, self.lon, self.lat), self.radius_m + margin_m)


class Outline:
    """What lies in a polygon with holes, or in several; its edges belong to it.

    Distances are taken in a plane scaled at its middle: right to 0.5 % as long as it and the positions judged lie
    within 100 km of that, in Kenya (`geo.places.metres_per_degree`). Cannot be changed, and may be read by threads.
    """

    __slots__ = ("_bounds", "_edge", "_middle", "_plane", "_scale")

    def __init__(self, shape: Polygon | MultiPolygon) -> None:
        """Take a valid shape in degrees (lon, lat); Rejected `geometry-invalid` for an empty or a crossed one."""
        if shape.is_empty or not shape.is_valid:
            raise Rejected("geometry-invalid", f"a fence needs a valid outline: {shapely.is_valid_reason(shape)}")
        self._bounds: Box = shape.bounds
        self._middle = ((shape.bounds[0] + shape.bounds[2]) / 2.0, (shape.bounds[1] + shape.bounds[3]) / 2.0)
        self._scale = metres_per_degree(self._middle[1])
        self._plane: BaseGeometry = shapely.transform(shape, lambda points: (points - self._middle) * self._scale)
        self._edge: BaseGeometry = shapely.boundary(self._plane)
        shapely.prepare(self._plane)
        shapely.prepare(self._edge)

    def beyond_m(self, lon: float, lat: float) -> float:
        """Measure how far outside the edge a position is, metres; negative inside."""
        x, y = (lon - self._middle[0]) * self._scale[0], (lat - self._middle[1]) * self._scale[1]
        point = shapely.Point(x, y)
        far = float(shapely.distance(self._edge, point))
        return -far if shapely.intersects(self._plane, point) else far

    def box(self, margin_m: float) -> Box:
        """Give a box that holds everything up to so many metres beyond the edge."""
        return _grown(self._bounds, margin_m)


class Fence(msgspec.Struct, frozen=True, kw_only=True):
    """An area that is watched.

    Whoever is certainly `enter_m` metres inside its edge has entered; who is in has left once they are certainly
    `exit_m` metres beyond it. Who stays for `dwell_s` seconds dwells there, said once a visit; infinity: never said.
    """

    id: str
    shape: Circle | Outline
    enter_m: float = 0.0
    exit_m: float = 50.0
    dwell_s: float = math.inf

    def __post_init__(self) -> None:
        """Refuse what would let one fix be inside and outside at once; Rejected `fence-invalid`."""
        if not (self.enter_m >= 0.0 and self.exit_m >= 0.0 and self.dwell_s >= 0.0):
            raise Rejected(
                "fence-invalid", f"enter_m, exit_m and dwell_s of fence {self.id[:60]!r} must not be below 0"
            )

    def side(self, fix: "Fix") -> Side:
        """Tell on which side of the band between the two edges a fix certainly is; `edge` where it is not certain."""
        beyond = self.shape.beyond_m(fix.lon, fix.lat)
        if beyond + fix.accuracy_m <= -self.enter_m:
            return "inside"
        return "outside" if beyond - fix.accuracy_m >= self.exit_m else "edge"

    def box(self) -> Box:
        """Give a box beyond which every fix, however exact, is outside."""
        return self.shape.box(self.exit_m)


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody was: degrees, when by the device's word, and the metres around it that the device vouches for."""

    lon: float
    lat: float
    at: datetime
    accuracy_m: float = 0.0


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody stands to a fence: inside or not `since` a fix; `at` is the newest fix that was judged."""

    fence: str
    who: str
    inside: bool
    since: datetime
    at: datetime
    dwelt: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody came in, stayed, or is not inside any more; `since` is when they came in, `reason` why it ended."""

    kind: Kind
    fence: str
    who: str
    at: datetime
    since: datetime
    reason: str = ""


Judged = tuple[Presence, tuple[Change, ...]]


def judge(fence: Fence, before: Presence | None, who: str, fix: Fix) -> Judged:
    """Judge one fix of one person against one fence; `before` is what came of their fix before it, None for none.

    Event time decides: a fix that is no newer than the last one judged changes nothing, be it a late one out of a
    phone's memory or the same one again. Of two fixes of one time the first that is heard counts. An entry may be newer
    than the last fix that was judged, where the fence itself is (`before.since` after `before.at`): it is not closed
    before it began.
    """
    if before is not None and fix.at <= before.at:
        return before, ()
    side = fence.side(fix)
    if before is None or not before.inside:
        if side != "inside":
            since = fix.at if before is None else before.since
            return Presence(fence=fence.id, who=who, inside=False, since=since, at=fix.at), ()
        entered = Presence(fence=fence.id, who=who, inside=True, since=fix.at, at=fix.at)
        return _dwelling(fence, entered, fix, (_change("enter", entered, fix.at),))
    if side == "outside":
        left = Presence(fence=fence.id, who=who, inside=False, since=fix.at, at=fix.at)
        return left, (_change("exit", before, max(fix.at, before.since), "moved"),)
    heard = msgspec.structs.replace(before, at=fix.at)
    return _dwelling(fence, heard, fix, ()) if side == "inside" else (heard, ())


def end(presences: Iterable[Presence], at: datetime, reason: str = "ended") -> tuple[Change, ...]:
    """Close every open entry, once, in the order of people and fences: the fence ended, or they are watched no more.

    Nobody is out before the last fix that was judged of them, should that be newer than `at`.
    """
    inside = sorted((each for each in presences if each.inside), key=lambda each: (each.who, each.fence))
    return tuple(_change("exit", each, max(at, each.at, each.since), reason) for each in inside)


def _dwelling(fence: Fence, now: Presence, fix: Fix, changes: tuple[Change, ...]) -> Judged:
    if now.dwelt or (fix.at - now.since).total_seconds() < fence.dwell_s:
        return now, changes
    return msgspec.structs.replace(now, dwelt=True), (*changes, _change("dwell", now, fix.at))


def _change(kind: Kind, of: Presence, at: datetime, reason: str = "") -> Change:
    return Change(kind=kind, fence=of.fence, who=of.who, at=at, since=of.since, reason=reason)


def _grown(box: Box, by_m: float) -> Box:
    west, south, east, north = box
    up = by_m / _METRES_PER_DEGREE
    # A degree of longitude is shortest at the end that is nearer to a pole; at the poles a box goes all the way round.
    narrow = math.cos(math.radians(min(89.9, max(abs(south - up), abs(north + up)))))
    across = min(360.0, up / narrow)
    return west - across, south - up, east + across, north + up
