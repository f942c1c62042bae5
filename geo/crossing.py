"""The wards an area crosses, with how much of each. Pure.

Before this on the road: `geo.areas` has checked the area. After it: a warning from elsewhere reaches the wards it is
about, and an operator sees whom a drawn area concerns.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.areas import Area
from geo.measure import Shapes, km2_each
from geo.wards import Wards

_MANY: Final = 50  # positions above which a shape is cut down before it is overlaid
_AROUND: Final = 0.001  # degrees
_SOLID: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """One ward that an area crosses.

    `share`: how much of the ward the area covers, 0 to 1. `of_area`: how much of the area lies in this ward, 0 to 1.
    `km2`: what they have in common.
    """

    row: int
    path: str
    share: float
    of_area: float
    km2: float


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """All wards that an area crosses, the one with most of it first.

    `km2`: the area's own size; `uncovered_km2`: what of it lies in no ward. `version`: the boundaries' version.
    """

    wards: tuple[Crossed, ...]
    km2: float
    uncovered_km2: float
    version: str


def crossed(wards: Wards, area: Area, *, min_share: float = 0.0) -> tuple[Crossed, ...]:
    """List the wards an area crosses, as `crossing` does."""
    return crossing(wards, area, min_share=min_share).wards


def crossing(wards: Wards, area: Area, *, min_share: float = 0.0) -> Crossing:
    """Find the wards an area crosses, each with its share; exact overlay, not a bounding box.

    A ward that is only touched, or has less than `min_share` of itself inside, is not listed. Square kilometres as
    `geo.measure.km2`. Where wards overlap each has its part, so that `of_area` may add up to more than 1.
    """
    known = _known(wards)
    shapely.prepare(area.shape)
    rows = np.sort(known.tree.query(area.shape, predicate="intersects"))
    rows, common = _overlay(area.shape, known.shapes, known.km2, rows)
    _, doubled = _overlay(area.shape, known.lost, known.lost_km2, rows[np.isin(rows, known.losers)])
    of_ward = np.minimum(common / known.km2[rows], 1.0)
    of_area = np.minimum(common / area.km2, 1.0)
    found = [
        Crossed(row=row, path=wards.ward(row).path, share=share, of_area=part, km2=size)
        for row, share, part, size in zip(
            rows.tolist(), of_ward.tolist(), of_area.tolist(), common.tolist(), strict=True
        )
        if size > 0.0 and share >= min_share
    ]
    found.sort(key=lambda ward: (-ward.km2, ward.row))
    left = area.km2 - float(common.sum() - doubled.sum())
    # What is left of subtracting two sums that are equal is rounding, not land.
    uncovered = left if left > 1e-6 * area.km2 else 0.0
    return Crossing(wards=tuple(found), km2=area.km2, uncovered_km2=uncovered, version=wards.version)


class _Known:
    """What is asked of one boundary version again and again.

    `lost`: of each ward the part that a lower row covers too, None where there is none; `losers` are those rows.
    """

    def __init__(self, wards: Wards) -> None:
        self.shapes: Shapes = np.array([wards.geometry(ward.row) for ward in wards], dtype=object)
        self.tree = shapely.STRtree(self.shapes)
        self.km2 = km2_each(self.shapes)
        self.lost: Shapes = np.full(len(self.shapes), None, dtype=object)
        a, b = self.tree.query(self.shapes, predicate="intersects")
        a, b = a[a < b], b[a < b]
        parts = shapely.intersection(self.shapes[a], self.shapes[b])
        solid = shapely.area(parts) > 0.0
        for row in np.unique(b[solid]).tolist():
            self.lost[row] = shapely.union_all(parts[solid & (b == row)])
        self.losers = np.flatnonzero(~shapely.is_missing(self.lost))
        self.lost_km2 = km2_each(self.lost)


@lru_cache(maxsize=4)
def _known(wards: Wards) -> _Known:
    return _Known(wards)


def _overlay(
    shape: Any, shapes: Shapes, sizes: NDArray[np.float64], rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Measure what a prepared shape has in common with each of some rows' shapes, square kilometres."""
    common = sizes[rows].copy()
    partly = ~shapely.covers(shape, shapes[rows])
    if partly.any():
        some = shapes[rows[partly]]
        common[partly] = km2_each(shapely.intersection(some, _near_each(shape, some)))
    return rows, common


def _near_each(shape: Any, others: Shapes) -> Shapes:
    """Cut a shape down to what lies around each of others: overlaying with thousands of far lines takes minutes.

    The cut is quick and may leave what is not valid; there the whole shape stays.
    """
    near: Shapes = np.full(len(others), shape, dtype=object)
    if shapely.get_num_coordinates(shape) < _MANY:
        return near
    for i, (west, south, east, north) in enumerate(shapely.bounds(others).tolist()):
        # A little wider, so that no line of the cut lies along one of the other's.
        near[i] = shapely.clip_by_rect(shape, west - _AROUND, south - _AROUND, east + _AROUND, north + _AROUND)
    solid = np.isin(shapely.get_type_id(near), _SOLID) & shapely.is_valid(near) & ~shapely.is_empty(near)
    return np.where(solid, near, shape)
