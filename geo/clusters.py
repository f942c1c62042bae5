"""Whether two reports speak of one incident, and how to find the few that could.

You are between a located report and the incident it joins. A caller keeps each open incident under its `cell` and asks
only the cells `around` a new report; `same_incident` then scores each by distance, time and ward, and says why.
"""

import math
from typing import Final

import msgspec

from geo.places import distance_m

RULES: Final = "cluster-1"
SAME_FROM: Final = 0.35
"""Total from which two are taken to be one."""
WEIGHTS: Final = {"distance": 0.6, "time": 0.25, "ward": 0.15}
METRES_PER_DEGREE: Final = 111_320.0


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """How alike two are, 0..1: parts add up to the total; `same` is the decision."""

    distance: float
    time: float
    ward: float
    total: float
    same: bool
    metres: float
    seconds: float


def cell(lon: float, lat: float, size_m: float) -> str:
    """Name the cell that holds a point, in a grid of `size_m` metres at the equator (degrees, WGS 84).

    In Kenya (5 degrees either side of the equator) a cell is at most 0.4 % narrower than that.
    """
    step = size_m / METRES_PER_DEGREE
    return f"{math.floor(lon / step)}:{math.floor(lat / step)}"


def around(lon: float, lat: float, size_m: float) -> list[str]:
    """Name the nine cells that hold every point within `size_m` metres (less 0.4 %), the point's own first."""
    step = size_m / METRES_PER_DEGREE
    column, row = math.floor(lon / step), math.floor(lat / step)
    others = [(i, j) for i in (0, -1, 1) for j in (0, -1, 1)]
    return [f"{column + i}:{row + j}" for i, j in others]


def same_incident(
    one: tuple[float, float],
    other: tuple[float, float],
    *,
    seconds: float,
    same_ward: bool,
    join_m: float,
    join_s: float,
    spread_m: float = 0.0,
) -> Likeness:
    """Score two positions (lon, lat) of one hazard that were reported `seconds` apart.

    `join_m` and `join_s` are how far apart one incident reaches; `spread_m` is how wrong the positions may be together
    (a report placed by words stands at its place's centre) and counts in favour. Beyond either reach they are two.
    """
    metres = distance_m(*one, *other)
    beyond = max(0.0, metres - spread_m)
    gap = abs(seconds)
    distance = WEIGHTS["distance"] * max(0.0, 1.0 - beyond / join_m)
    time = WEIGHTS["time"] * max(0.0, 1.0 - gap / join_s)
    ward = WEIGHTS["ward"] if same_ward else 0.0
    total = round(distance + time + ward, 4)
    return Likeness(
        distance=round(distance, 4),
        time=round(time, 4),
        ward=ward,
        total=total,
        same=beyond <= join_m and gap <= join_s and total >= SAME_FROM,
        metres=round(metres, 1),
        seconds=gap,
    )
