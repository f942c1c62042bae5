"""What a map draws under everything that happens: areas and rivers, as small as JSON allows. Pure.

You are between `geo`, which has the boundaries and the rivers, and `routes/maps`, which sends what is made here. Lines
are delta-coded whole numbers. Every level is cut from one simplified whole, and sub-counties and counties are dissolved
out of the same wards on the same grid, so that borders that are one are drawn as one. Next: the console's map.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.rivers import Rivers
from geo.wards import Wards

FORMAT: Final = 1
"""Grows when these documents change their form: what a browser has kept is then asked for anew."""


class Level(msgspec.Struct, frozen=True):
    """How fine a level is: simplified by so many degrees, on a grid of `scale` lines a degree."""

    tolerance_deg: float
    scale: int
    wards: bool = True


LEVELS: Final = (
    Level(0.0, 100_000),
    Level(0.0005, 10_000),
    Level(0.004, 2_000),
    Level(0.01, 2_000, wards=False),
)
"""0 as imported, to a metre; 1 for a county; 2 for the country with its wards; 3 for the first paint of the country."""

RIVER_SCALE: Final = 10_000
_LABEL_TOLERANCE_DEG: Final = 0.002
_SLIT_DEG2: Final = 1e-5
"""About a tenth of a square kilometre."""


def base(wards: Wards, level: int, area: str = "") -> dict[str, Any]:
    """Give `{version, approximate, level, scale, wards, subcounties, counties}`, of the whole country or of one area.

    Each of the three lists has `{path, name, rings, label}`. A ring is `[x, y, dx, dy, ...]` in units of 1/scale
    degrees: the first pair is longitude and latitude, every further one the step from the pair before; the last point
    is the first again and left out. Rings of an area go together by the even-odd rule, so that holes need no mark.
    `label` is `[lon, lat]`, in degrees: the point of the area that is farthest from its border. With `area` there are
    the wards in it, and the sub-counties and counties that they make up.
    """
    how = LEVELS[level]
    shapes = np.array([wards.geometry(row) for row in range(len(wards))])
    if how.tolerance_deg:
        shapes = shapely.coverage_simplify(shapes, how.tolerance_deg)
    rows = wards.rows_in(area) if area else range(len(wards))
    subcounties = _dissolved(((wards.ward(row).path.rpartition(".")[0], shapes[row]) for row in rows), how.scale)
    counties = _dissolved(((path.rpartition(".")[0], shape) for path, shape in subcounties.items()), how.scale)
    names: dict[str, str] = {}
    for row in rows:
        ward = wards.ward(row)
        county, subcounty, _ = (ward.path[:end] for end in _ends(ward.path))
        names |= {county: ward.county, subcounty: ward.constituency}
    listed = [(wards.ward(row).path, wards.ward(row).name, shapes[row]) for row in rows] if how.wards else []
    return {
        "version": wards.version,
        "approximate": wards.approximate,
        "level": level,
        "scale": how.scale,
        "wards": _areas(listed, how.scale),
        "subcounties": _areas([(path, names[path], shape) for path, shape in subcounties.items()], how.scale),
        "counties": _areas([(path, names[path], shape) for path, shape in counties.items()], how.scale),
    }


def extent(wards: Wards, area: str = "") -> tuple[tuple[float, float, float, float], tuple[float, float], str]:
    """Give the box of an area (of all there is, when none is named), its middle, and the name of its county."""
    rows = wards.rows_in(area) if area else tuple(range(len(wards)))
    west, south, east, north = np.array(shapely.total_bounds([wards.geometry(row) for row in rows])).round(4).tolist()
    centre = (round((west + east) / 2, 4), round((south + north) / 2, 4))
    return (west, south, east, north), centre, wards.ward(rows[0]).county


def rivers_to_draw(rivers: Rivers) -> dict[str, Any]:
    """Give `{approximate, scale, rivers: [{name, lines: [{gauge, next, line}]}]}`.

    A line runs downstream past its gauge, coded as the rings of `base` are (but not closed). `next` lists the gauges
    that the water comes to next.
    """
    by_name: dict[str, list[dict[str, Any]]] = {}
    for gauge in rivers.gauges():
        if gauge.course:
            line = _deltas(np.array(gauge.course), RIVER_SCALE)
            drawn = {"gauge": gauge.id, "next": [reach.gauge for reach in gauge.next], "line": line}
            by_name.setdefault(gauge.river, []).append(drawn)
    listed = [{"name": name, "lines": lines} for name, lines in by_name.items()]
    return {"approximate": rivers.approximate, "scale": RIVER_SCALE, "rivers": listed}


def _ends(path: str) -> list[int]:
    """Say where the segments of a ward's path end, the country's left out."""
    return [at for at, letter in enumerate(f"{path}.") if letter == "."][1:]


def _dissolved(parts: Iterable[tuple[str, Any]], scale: int) -> dict[str, Any]:
    """Put shapes together by path; on the grid, so that what real files leave between neighbours closes."""
    groups: dict[str, list[Any]] = {}
    for path, shape in parts:
        groups.setdefault(path, []).append(shape)
    return {path: _closed(shapely.union_all(shapes, grid_size=1 / scale)) for path, shapes in groups.items()}


def _closed(shape: Any) -> Any:
    """Close the slits that no ward would fit into."""
    parts = []
    for part in shapely.get_parts(shape):
        outer, *holes = shapely.get_rings(part)
        parts.append(shapely.Polygon(outer, [hole for hole in holes if shapely.Polygon(hole).area > _SLIT_DEG2]))
    return shapely.MultiPolygon(parts)


def _areas(listed: Sequence[tuple[str, str, Any]], scale: int) -> list[dict[str, Any]]:
    labels = _labels([shape for _, _, shape in listed])
    return [
        {"path": path, "name": name, "rings": _rings(shape, scale), "label": label}
        for (path, name, shape), label in zip(listed, labels, strict=True)
    ]


def _labels(shapes: Sequence[Any]) -> list[list[float] | None]:
    largest = [max(shapely.get_parts(shape), key=shapely.area, default=shape) for shape in shapes]
    there = [shape for shape in largest if shapely.area(shape) > 0]
    if not there:
        return [None for _ in largest]
    circles = shapely.maximum_inscribed_circle(np.array(there), tolerance=_LABEL_TOLERANCE_DEG)
    centres = iter(shapely.get_coordinates(shapely.get_point(circles, 0)).round(4).tolist())
    return [next(centres) if shapely.area(shape) > 0 else None for shape in largest]


def _rings(shape: Any, scale: int) -> list[list[int]]:
    rings = (ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part))
    coded = (_deltas(shapely.get_coordinates(ring)[:-1], scale) for ring in rings)
    return [ring for ring in coded if len(ring) >= 6]


def _deltas(positions: NDArray[np.float64], scale: int) -> list[int]:
    points = np.rint(positions * scale).astype(int)
    kept = points[np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]]
    deltas: list[int] = np.vstack([kept[:1], np.diff(kept, axis=0)]).ravel().tolist()
    return deltas
