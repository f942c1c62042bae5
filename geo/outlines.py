"""The border of a place as a few simple rings, each without holes, as CAP and cell broadcast want it. Pure.

After `geo.fitting` on the road: a hole that is worth keeping is kept by cutting the shape through it into pieces.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
import shapely

from geo.fitting import CAP_LEAST, CAP_MESSAGE, CAP_POLYGONS, count, fit, measured

Ring = tuple[tuple[float, float], ...]

_FOR_PIECES = 12  # positions that two pieces with a notch each need


class Outlined(msgspec.Struct, frozen=True, kw_only=True):
    """Closed rings (lon, lat), five decimals, that together contain the original; differences as in `Fitted`.

    Pieces of one shape may overlap along the cut by a metre or two.
    """

    rings: tuple[Ring, ...]
    vertices: int
    area_error: float
    lost_km2: float
    added_km2: float


def budgets(needs: Sequence[int]) -> list[int]:
    """Share out the positions of one CAP message among shapes that would need so many each for their own sake."""
    total = sum(needs)
    if total <= CAP_MESSAGE:
        return list(needs)
    return [max(min(need, CAP_LEAST), need * CAP_MESSAGE // total) for need in needs]


@lru_cache(maxsize=4096)
def outline(shape: Any, vertices: int, slack: float = 0.0) -> Outlined:
    """Draw a polygon or multipolygon as rings of at most `vertices` positions in all and at most ten polygons.

    They contain the original; `slack` as in `geo.fitting.fit`. ValueError as there.
    """
    for tight in (1.0, 0.8, 0.6, 0.4):
        target = int(vertices * tight)
        if target < _FOR_PIECES and tight < 1.0:
            break
        fitted = fit(shape, target, slack=slack).shape
        if not _has_holes(fitted):
            return _outlined(shape, shapely.get_parts(fitted).tolist())
        pieces = [piece for part in shapely.get_parts(fitted).tolist() for piece in _cut(part)]
        # A cut ends between the decimals: each piece is fitted once more, now without holes.
        pieces = [fit(piece, max(count(piece) + 2, 5)).shape for piece in pieces]
        simple = not any(map(_has_holes, pieces)) and len(pieces) <= CAP_POLYGONS
        if simple and sum(map(count, pieces)) <= vertices:
            return _outlined(shape, pieces)
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(shape).tolist()])
    fitted = fit(filled, vertices, slack=slack).shape
    # Two parts may have closed around a hole again.
    while _has_holes(fitted):
        hull = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(fitted).tolist()])
        fitted = fit(hull, vertices).shape
    return _outlined(shape, shapely.get_parts(fitted).tolist())


def _outlined(shape: Any, pieces: list[Any]) -> Outlined:
    found = measured(shape, shapely.union_all(pieces))
    rings = tuple(
        tuple((lon, lat) for lon, lat in shapely.get_coordinates(part.exterior).tolist())
        for piece in pieces
        for part in shapely.get_parts(piece).tolist()
    )
    return Outlined(
        rings=rings,
        vertices=sum(map(len, rings)),
        area_error=found.area_error,
        lost_km2=found.lost_km2,
        added_km2=found.added_km2,
    )


def _has_holes(shape: Any) -> bool:
    return any(part.interiors for part in shapely.get_parts(shape).tolist())


def _cut(polygon: Any) -> list[Any]:
    """Cut a polygon from north to south through each of its holes, so that no piece has one."""
    if not polygon.interiors:
        return [polygon]
    west, south, east, north = polygon.bounds
    left, _, right, _ = polygon.interiors[0].bounds
    middle = (left + right) / 2.0
    sides = (
        shapely.box(west - 1.0, south - 1.0, middle, north + 1.0),
        shapely.box(middle, south - 1.0, east + 1.0, north + 1.0),
    )
    halves = [part for side in sides for part in shapely.get_parts(shapely.intersection(polygon, side)).tolist()]
    return [piece for half in halves if half.geom_type == "Polygon" and half.area > 0.0 for piece in _cut(half)]
