"""Areas that somebody drew: a polygon or a circle, from GeoJSON, CAP or a click, checked before anything believes it.

Before this on the road: the door or `alerts.cap_areas` has the numbers. Next: `geo.crossing` says which wards an area
crosses, `geo.fitting` draws it with few positions.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from geo.measure import around, km2
from geo.places import KENYA_BOX, Rejected, in_kenya_box
from geo.rings import Line, Mended, check_untangled, line_of, polygons, tidy

__all__ = ["Area", "Circle", "Mended", "circle", "from_geojson", "joined", "polygon"]

MOST_VERTICES: Final = 20_000
"""Positions of one area that are read at most; the largest official warning complained of had 6,208."""
MOST_KM2: Final = 12_000_000.0
"""Largest area that is read: about East Africa with its sea. A larger one is a mistake, or not for wards."""
MOST_RADIUS_M: Final = 1_500_000.0
CIRCLE_VERTICES: Final = 64
"""Corners a circle is drawn with. They stand around it: 0.08 % more area, and nobody inside is left out."""


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """A circle on the ellipsoid: centre in degrees, radius in metres."""

    lon: float
    lat: float
    radius_m: float


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """An area that can be worked with.

    `shape`: a valid shapely polygon or multipolygon with area, WGS 84 degrees, longitude first. `km2`: its size on the
    ellipsoid. `circle`: what was drawn, if it was one. `mended`: what was set right on the way.
    """

    shape: Any
    km2: float
    circle: Circle | None = None
    mended: tuple[Mended, ...] = ()


def circle(lon: object, lat: object, radius_m: object, *, lenient: bool = False) -> Area:
    """Make the area of a circle: degrees, metres along the ellipsoid.

    Rejected `area-not-a-number`, `area-empty` for a radius that is not above 0, `area-too-large` for one over 1,500 km,
    `area-swapped`, `area-outside`. With `lenient`, exchanged coordinates are set right and said.
    """
    x, y, metres = (_number(value, name) for value, name in ((lon, "lon"), (lat, "lat"), (radius_m, "the radius")))
    told: list[Mended] = []
    if not in_kenya_box(x, y) and in_kenya_box(y, x):
        _swapped(f"lon {y!r}, lat {x!r}", told, lenient=lenient)
        x, y = y, x
    if abs(x) > 180.0 or abs(y) > 90.0:
        raise Rejected("area-outside", f"the centre {x!r}, {y!r} is no longitude and latitude")
    if metres <= 0.0:
        raise Rejected("area-empty", f"a circle with a radius of {metres:g} m holds nothing")
    if metres > MOST_RADIUS_M:
        raise Rejected("area-too-large", f"a radius of {metres / 1e3:,.0f} km; {MOST_RADIUS_M / 1e3:,.0f} km at most")
    corners = around(x, y, metres / math.cos(math.pi / CIRCLE_VERTICES), CIRCLE_VERTICES)
    _check_near(corners)
    shape = shapely.Polygon(corners)
    return Area(shape=shape, km2=km2(shape), circle=Circle(lon=x, lat=y, radius_m=metres), mended=tuple(told))


def polygon(rings: Sequence[Any], *, lenient: bool = False) -> Area:
    """Make an area of a ring and the rings of its holes, positions as (lon, lat).

    Rejected `area-not-a-number`, `area-empty`, `area-too-many-vertices`, `area-swapped`, `area-outside`,
    `area-too-large`, `area-self-crossing`, `area-hole-outside`. Open rings are closed, repeated positions and spikes
    dropped, and that is said in `mended`. With `lenient`, which is for what others have sent and nobody can draw again,
    exchanged coordinates are set right, a crossing ring counts for all it goes around, a hole outside is left out.
    """
    return _area([rings], lenient=lenient)


def from_geojson(value: object, *, lenient: bool = False) -> Area:
    """Make an area of a GeoJSON object: Polygon, MultiPolygon, or what holds them (RFC 7946).

    Rejected as in `polygon`, `area-not-an-area` for points, lines and what is no GeoJSON, and `area-wrong-crs` for an
    old file that names another reference system than WGS 84.
    """
    found: list[Sequence[Any]] = []
    _gather(value, found, 0)
    if not found:
        raise Rejected("area-empty", "it holds no polygon")
    return _area(found, lenient=lenient)


def joined(areas: Sequence[Area]) -> Area:
    """Make one area of several, which may overlap; ValueError for none.

    Rejected `area-self-crossing` for borders that cross each other thousands of times.
    """
    if len(areas) == 1:
        return areas[0]
    if not areas:
        raise ValueError("there is no area to join")
    check_untangled([shapely.get_coordinates(ring) for area in areas for ring in _rings_of(area.shape)])
    shape = shapely.union_all([area.shape for area in areas])
    return Area(shape=shape, km2=km2(shape), mended=tuple(note for area in areas for note in area.mended))


def _rings_of(shape: Any) -> list[Any]:
    rings: list[Any] = shapely.get_rings(shapely.get_parts(shape)).tolist()
    return rings


def _area(drawn: Sequence[Sequence[Any]], *, lenient: bool) -> Area:
    told: list[Mended] = []
    lines = [[line_of(ring) for ring in _listed(rings)] for rings in drawn]
    number = sum(len(line) for rings in lines for line in rings)
    if number > MOST_VERTICES:
        raise Rejected("area-too-many-vertices", f"{number:,} positions; {MOST_VERTICES:,} are read at most")
    outer = [rings[0] for rings in lines if rings and len(rings[0])]
    if not outer:
        raise Rejected("area-empty", "it has no positions")
    if _looks_swapped(np.vstack(outer)):
        x, y = outer[0][0].tolist()
        _swapped(f"lon {y!r}, lat {x!r} first", told, lenient=lenient)
        lines = [[line[:, ::-1] for line in rings] for rings in lines]
    for rings in lines:
        for line in rings:
            _check_on_earth(line)
    _check_near(np.vstack([rings[0] for rings in lines if rings]))
    drawn_lines = [line for rings in lines for line in rings if len(line) > 1]
    if len(drawn_lines) > 1:
        check_untangled(drawn_lines)
    parts = [part for rings in lines if rings for part in _with_holes(rings, told, lenient=lenient)]
    shape = shapely.union_all(parts) if len(parts) != 1 else parts[0]
    size = km2(shape)
    if size <= 0.0:
        raise Rejected("area-empty", "its rings go around nothing")
    if size > MOST_KM2:
        raise Rejected("area-too-large", f"{size:,.0f} km2; {MOST_KM2:,.0f} at most")
    return Area(shape=shape, km2=size, mended=tuple(dict.fromkeys(told)))


def _with_holes(rings: Sequence[Line], told: list[Mended], *, lenient: bool) -> list[Any]:
    shells = polygons(tidy(rings[0], told), told, lenient=lenient)
    holes = [part for ring in rings[1:] for part in polygons(tidy(ring, told), told, lenient=lenient)]
    for hole in holes:
        if not any(hole.intersects(shell) for shell in shells):
            if not lenient:
                raise Rejected("area-hole-outside", f"a hole near {hole.centroid.x:.4f}, {hole.centroid.y:.4f}")
            told.append(Mended(code="hole-outside", detail="a hole outside its polygon was left out"))
    if not holes:
        return shells
    left = shapely.difference(shapely.union_all(shells), shapely.union_all(holes))
    return [part for part in shapely.get_parts(left).tolist() if part.geom_type == "Polygon" and not part.is_empty]


def _check_on_earth(line: Line) -> None:
    """Rejected `area-outside` for positions that are not on earth, `area-too-large` for a ring around half of it."""
    if (np.abs(line) > (180.0, 90.0)).any():
        raise Rejected("area-outside", f"positions reach {np.abs(line).max():.6g}: these are not degrees")
    if (np.abs(np.diff(line[:, 0])) > 180.0).any():
        raise Rejected("area-too-large", "a ring spans half of the earth, or crosses the antimeridian")


def _check_near(line: Line) -> None:
    west, south, east, north = KENYA_BOX
    low, high = line.min(axis=0), line.max(axis=0)
    if low[0] > east or high[0] < west or low[1] > north or high[1] < south:
        raise Rejected("area-outside", "no part of it is near Kenya")


def _looks_swapped(line: Line) -> bool:
    west, south, east, north = KENYA_BOX
    low, high = line.min(axis=0), line.max(axis=0)
    apart = low[0] > east or high[0] < west or low[1] > north or high[1] < south
    return bool(apart and south <= low[0] and high[0] <= north and west <= low[1] and high[1] <= east)


def _swapped(meant: str, told: list[Mended], *, lenient: bool) -> None:
    if not lenient:
        raise Rejected("area-swapped", f"lon and lat look exchanged; did you mean {meant}?")
    told.append(Mended(code="swapped", detail="latitude and longitude were exchanged; set right, as only that is near"))


def _gather(value: object, found: list[Sequence[Any]], depth: int) -> None:
    if not isinstance(value, Mapping) or depth > 8:
        raise Rejected("area-not-an-area", "give a GeoJSON Polygon or MultiPolygon")
    _check_crs(value.get("crs"))
    kind, inner = value.get("type"), value.get("coordinates")
    if kind == "Polygon":
        found.append(_listed(inner))
    elif kind == "MultiPolygon":
        found.extend(_listed(part) for part in _listed(inner))
    elif kind == "Feature":
        _gather(value.get("geometry"), found, depth + 1)
    elif kind in ("FeatureCollection", "GeometryCollection"):
        for part in _listed(value.get("features" if kind == "FeatureCollection" else "geometries")):
            _gather(part, found, depth + 1)
    else:
        raise Rejected("area-not-an-area", f"{str(kind)[:40]!r} is no area: give a Polygon or MultiPolygon")


def _check_crs(crs: object) -> None:
    name = str((crs.get("properties") or {}).get("name", "")) if isinstance(crs, Mapping) else ""
    if name and not name.upper().endswith(("CRS84", ":4326")):
        raise Rejected("area-wrong-crs", f"{name[:60]!r}: give longitude and latitude in WGS 84")


def _listed(value: object) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise Rejected("area-not-an-area", f"expected a list of coordinates, got {type(value).__name__}")
    return value


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise Rejected("area-not-a-number", f"{name} must be a number, got {type(value).__name__}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Rejected("area-not-a-number", f"{name} must be finite")
    return number
