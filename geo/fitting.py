"""A shape drawn with few positions, and how much that changed it: for channels that carry no border as it is. Pure.

Before this on the road: a ward's border, or an area somebody drew. After it: `streams.bulletins` puts the rings into a
CAP message. Nobody inside the true border is left out, some outside it are warned too, and how many square kilometres
that is stands beside it.

Budgets in the field: a national warning system held its messages to 12 polygons and 250 points, under a hard limit of
6,000 points a polygon at the cell broadcast centres, and lets no part of a chosen area be cut off
(alphagov/notifications-api#3372, alphagov/notifications-admin#3590); weather warnings in the United States have up to
20 corners (EAS list, 9 September 2017), the number the editor of CAP named as a practical maximum (CAP list, 14
September 2008); an alert of 6,208 was reported as a fault (wmo-raf/cap-composer#121). Wireless Emergency Alerts are
commonly held to 100 points a polygon and 10 polygons; no public text of that rule was found to cite.
"""

import math
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from geo.hulls import Outline
from geo.measure import km2
from geo.places import metres_per_degree

CAP_POLYGON: Final = 100
"""Positions of one CAP polygon, the closing one counted."""
CAP_POLYGONS: Final = 10
"""Polygons that one ward's outline may fall into."""
CAP_MESSAGE: Final = 1000
"""Positions of all polygons of one language of a CAP message."""
CAP_LEAST: Final = 20
"""Positions a ward keeps however many wards a message names."""

DIGITS: Final = 5
"""Decimals of a fitted position: a metre."""
_LEAST: Final = 5  # positions of a box: what every shape can be brought to
_MANY: Final = 4000  # positions above which a shape is thinned out before the careful work
_PARTS: Final = 300


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """A shape with few positions, and what it differs by.

    `shape`: valid, WGS 84 degrees. `vertices`: its positions as they are written, closing ones counted. `lost_km2`: of
    the original, not covered; `added_km2`: covered, not of the original. `area_error`: both together as a share of the
    original's area.
    """

    shape: Any
    vertices: int
    area_error: float
    lost_km2: float
    added_km2: float


def fit(shape: Any, vertices: int, *, slack: float = 0.0) -> Fitted:
    """Draw a polygon or multipolygon with at most `vertices` positions (5 at the least), five decimals each.

    The result contains the original, so that nothing is lost. `slack`: the share of its area by which it may grow for
    the sake of fewer positions still. ValueError for too small a budget or a shape without area.
    """
    if vertices < _LEAST:
        raise ValueError(f"a shape needs {_LEAST} positions, not {vertices}")
    if shape is None or shape.is_empty or shape.area <= 0.0:
        raise ValueError("there is no area to fit")
    return measured(shape, _covering(shape, vertices, slack))


def measured(shape: Any, fitted: Any) -> Fitted:
    """Say what a shape that stands for another differs by."""
    # From what they have in common: a difference drops slivers where edges almost coincide.
    common = km2(shape) if shapely.covers(fitted, shape) else km2(shapely.intersection(shape, fitted))
    lost, added = (max(km2(each) - common, 0.0) for each in (shape, fitted))
    return Fitted(
        shape=fitted,
        vertices=count(fitted),
        area_error=(lost + added) / km2(shape),
        lost_km2=lost,
        added_km2=added,
    )


def count(shape: Any) -> int:
    """Count the positions of a shape as they are written, the closing one of each ring too."""
    return int(shapely.get_num_coordinates(shape))


def _covering(shape: Any, vertices: int, slack: float) -> Any:
    if not slack and count(shape) <= vertices and shapely.equals_exact(shape, _rounded(shape)):
        return shape
    unit = 10.0**-DIGITS
    for margin in (unit, 4.0 * unit, 16.0 * unit):
        # Rounding moves a line by less than this margin, so that what is rounded still covers.
        wide = shapely.buffer(_thinned(shape), margin, join_style="mitre", mitre_limit=2.0)
        fitted = _rounded(_hull(_few_parts(wide, max(1, vertices // (2 * _LEAST))), vertices, slack * shape.area))
        if fitted.is_valid and count(fitted) <= vertices and shapely.covers(fitted, shape):
            return fitted
    west, south, east, north = shape.bounds
    low, high = np.floor(np.array([west, south]) / unit) - 1.0, np.ceil(np.array([east, north]) / unit) + 1.0
    return _rounded(shapely.box(*(low * unit).tolist(), *(high * unit).tolist()))


def _hull(shape: Any, vertices: int, allowed: float) -> Any:
    """Take positions away, the one that adds least first, over all parts of a shape; `allowed` in square degrees."""
    kx, ky = metres_per_degree((shape.bounds[1] + shape.bounds[3]) / 2.0)
    left = allowed * kx * ky
    outlines = [Outline(part, (kx, ky)) for part in shapely.get_parts(shape).tolist()]
    positions = sum(outline.positions for outline in outlines)
    while True:
        cheapest = min(outlines, key=Outline.cost)
        cost = cheapest.cost()
        if cost == math.inf or (positions <= vertices and cost > left):
            break
        before = cheapest.positions
        if cheapest.step():
            positions += cheapest.positions - before
            left -= cost
    parts = [outline.polygon() for outline in outlines]
    if positions > vertices:
        parts = [shapely.convex_hull(part) for part in parts]
        if len(parts) > 1 or count(parts[0]) < count(shape):
            return _hull(shapely.union_all(parts), vertices, allowed)
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _thinned(shape: Any) -> Any:
    """Take from a shape of very many positions those that hardly count; what is left covers it still."""
    if count(shape) <= _MANY:
        return shape
    tolerance = 2e-4 * math.sqrt(shape.area)
    thin = shapely.buffer(shapely.simplify(shape, tolerance), tolerance * 1.001, join_style="mitre", mitre_limit=2.0)
    return thin if shapely.covers(thin, shape) and count(thin) < count(shape) else shape


def _few_parts(shape: Any, most: int) -> Any:
    """Join parts by bridges, the smallest to its nearest first, until there are at most `most`."""
    reach = 2e-3 * math.sqrt(shapely.envelope(shape).area)
    while shapely.get_num_geometries(shape) > _PARTS:
        shape = shapely.buffer(shape, reach, quad_segs=2)
        reach *= 2.0
    parts = [part for part in shapely.get_parts(shape).tolist() if part.area > 0.0]
    while len(parts) > most:
        parts.sort(key=lambda part: part.area)
        rest = shapely.MultiPolygon(parts[1:])
        bridge = shapely.convex_hull(shapely.union(parts[0], shapely.shortest_line(parts[0], rest)))
        wide = shapely.buffer(bridge, 10.0**-DIGITS, join_style="mitre")
        joined = shapely.union_all([wide, *parts])
        parts = shapely.get_parts(joined).tolist()
    return shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]


def _rounded(shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.round(xy, DIGITS))
