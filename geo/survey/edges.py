"""Where wards overlap and where none is: a position there goes to the lowest row, or to nobody. Pure."""

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.boundaries import Boundaries
from geo.labels import Finding, Level
from geo.measure import m2

SLIVER_M2: Final = 0.1
"""Overlaps and gaps smaller than this come from rounding and are not listed."""
AROUND_DEG: Final = 1e-7
"""Wards this near to a gap (a centimetre) stand around it."""
LARGE_M2: Final = 10_000.0
"""Overlaps and gaps from one hectare on are warnings, smaller ones notes."""
NEIGHBOUR_DEG: Final = 1e-4
"""Wards this near are neighbours: about 11 m."""

Neighbours = tuple[tuple[int, ...], ...]


def neighbours(shapes: NDArray[np.object_]) -> Neighbours:
    """List the wards near each ward, by row."""
    found: list[list[int]] = [[] for _ in shapes]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=NEIGHBOUR_DEG)
    for row, other in zip(a.tolist(), b.tolist(), strict=True):
        if row != other:
            found[row].append(other)
    return tuple(tuple(sorted(rows)) for rows in found)


def overlaps(boundaries: Boundaries) -> list[Finding]:
    """Find every two wards that cover the same ground."""
    shapes, names = boundaries.geometries, boundaries.columns["ward"]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    findings = []
    for row, other, common in zip(a.tolist(), b.tolist(), shapely.intersection(shapes[a], shapes[b]), strict=True):
        area = m2(common)
        if area >= SLIVER_M2:
            text = f"they overlap; a position there goes to {names[row]}"
            findings.append(_spot("overlap", text, (row, other), area, _ground(common)))
    return findings


def gaps(boundaries: Boundaries) -> list[Finding]:
    """Find the holes that wards leave between them."""
    shapes = boundaries.geometries
    tree = shapely.STRtree(shapes)
    whole = shapely.union_all(shapes[~shapely.is_missing(shapes)])
    findings = []
    for part in shapely.get_parts(whole):
        for ring in part.interiors:
            hole = shapely.Polygon(ring)
            area = m2(hole)
            if area >= SLIVER_M2:
                around = tuple(np.sort(tree.query(hole, predicate="dwithin", distance=AROUND_DEG)).tolist())
                findings.append(_spot("gap", "no ward covers it", around, area, hole))
    return findings


def _ground(shape: Any) -> Any:
    """Leave out the lines and points where two areas only touch: many maps do not draw a mixed collection."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    areas = parts[shapely.get_dimensions(parts) == 2]
    return areas[0] if len(areas) == 1 else shapely.multipolygons(areas)


def _spot(kind: str, detail: str, rows: tuple[int, ...], area: float, shape: Any) -> Finding:
    level: Level = "warning" if area >= LARGE_M2 else "note"
    return Finding(kind=kind, level=level, detail=detail, rows=rows, area_m2=area, shape=shape)
