"""The ward index: which ward a position lies in, how near its edge, and which wards else it could be.

Before this on the road: `geo.boundaries` reads the file. After it: reports carry the ward's row and path.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, overload

import msgspec
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo import boundaries
from geo.places import COUNTRY, Rejected, area_path, check_position, contains

ACCURACY_M: Final = 50.0
"""Accuracy taken for a position that does not say its own: metres, radius that holds the truth in 68 % of cases."""
BOUNDARY_ERROR_M: Final = 25.0
"""Standard error taken for a ward's edge: half a millimetre on the 1:50,000 sheets wards are drawn on."""
RADIAL_68: Final = 1.5096
"""A circular normal error of standard deviation 1 per axis stays within this radius in 68 % of cases."""


def scale(lat: float) -> tuple[float, float]:
    """Give metres per degree of longitude and of latitude near `lat` on the WGS 84 ellipsoid.

    A plane with these scales is within 0.01 % of the ellipsoid up to 5 km from `lat` in Kenya, 0.5 % up to 100 km.
    """
    phi = math.radians(lat)
    w2 = 1.0 - 6.694379990141e-3 * math.sin(phi) ** 2
    degree = math.radians(6_378_137.0)
    return degree * math.cos(phi) / math.sqrt(w2), degree * (1.0 - 6.694379990141e-3) / w2**1.5


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """One ward as the boundary file names it; `lon`, `lat` is a point inside it, degrees."""

    row: int
    code: str
    name: str
    constituency_code: str
    constituency: str
    county_code: str
    county: str
    path: str
    lon: float
    lat: float


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Where a position lies, and how sure that is.

    `row`: the ward's row, -1 outside all wards. `edge_m`: metres to that ward's edge (outside: to the nearest ward's).
    `candidates`: (row, metres) of every ward within the radius, nearest first, 0 for wards that cover the position.
    `confidence`: chance that the true position lies in `row`, 0 to 1. `nearest`: (row, metres) when outside.
    """

    row: int
    inside: bool
    edge_m: float
    candidates: tuple[tuple[int, float], ...]
    confidence: float
    nearest: tuple[int, float] | None
    version: str


class Wards:
    """An immutable index of ward polygons."""

    def __init__(self, source: boundaries.Boundaries) -> None:
        self._shapes = source.geometries
        self._tree = shapely.STRtree(self._shapes)
        self.version = source.version
        self.about = dict(source.about)
        self.approximate = bool(source.about.get("approximation") or source.about.get("approximate"))
        centres = shapely.point_on_surface(self._shapes)
        c = source.columns
        self._wards = tuple(
            Ward(
                row=i,
                code=c["ward_code"][i],
                name=c["ward"][i],
                constituency_code=c["constituency_code"][i],
                constituency=c["constituency"][i],
                county_code=c["county_code"][i],
                county=c["county"][i],
                path=area_path(c["county_code"][i], c["constituency_code"][i], c["ward_code"][i]),
                lon=float(centres[i].x),
                lat=float(centres[i].y),
            )
            for i in range(len(self._shapes))
        )
        self._rows = {key: w.row for w in reversed(self._wards) for key in (w.code, w.path)}

    @classmethod
    def load(cls, path: str | Path, columns: Mapping[str, str] | None = None) -> "Wards":
        """Read a boundary file (any OGR format and CRS)."""
        return cls(boundaries.read(path, columns))

    def __len__(self) -> int:
        return len(self._wards)

    @overload
    def locate(self, lon: float, lat: float) -> int: ...
    @overload
    def locate(self, lon: Sequence[float] | NDArray[Any], lat: Sequence[float] | NDArray[Any]) -> NDArray[np.int64]: ...
    def locate(self, lon: ArrayLike, lat: ArrayLike) -> int | NDArray[np.int64]:
        """Find the row of the ward that covers a position, -1 outside all.

        A position on an edge, or in two wards that overlap, goes to the lowest row.
        """
        xs, ys = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
        out = np.full(xs.size, len(self), dtype=np.int64)
        finite = np.flatnonzero(np.isfinite(xs.ravel()) & np.isfinite(ys.ravel()))
        at, rows = self._tree.query(shapely.points(xs.ravel()[finite], ys.ravel()[finite]), predicate="intersects")
        np.minimum.at(out, finite[at], rows)
        out[out == len(self)] = -1
        return out.reshape(xs.shape) if xs.ndim else int(out[0])

    def at(self, lon: float, lat: float, *, radius_m: float = 500.0, accuracy_m: float | None = None) -> Located:
        """Locate a position with its doubt: distance to the edge, candidate wards, confidence."""
        check_position(lon, lat)
        row = self.locate(lon, lat)
        kx, ky = scale(lat)
        here = shapely.Point(lon * kx, lat * ky)
        flat = shapely.transform(self._shapes, lambda xy: xy * (kx, ky))
        away = shapely.distance(flat, here)
        order = sorted((float(d), i) for i, d in enumerate(away) if d <= radius_m)
        edge = float(shapely.distance(shapely.boundary(flat[row]), here)) if row >= 0 else float(np.nanmin(away))
        sigma = math.hypot(BOUNDARY_ERROR_M, (ACCURACY_M if accuracy_m is None else accuracy_m) / RADIAL_68)
        return Located(
            row=row,
            inside=row >= 0,
            edge_m=edge,
            candidates=tuple((i, d) for d, i in order),
            confidence=0.5 * (1.0 + math.erf(edge / sigma / math.sqrt(2.0))) if row >= 0 else 0.0,
            nearest=None if row >= 0 else (int(np.nanargmin(away)), edge),
            version=self.version,
        )

    def ward(self, row: int) -> Ward:
        """Return the ward of a row; IndexError for -1 and beyond the end."""
        if row < 0:
            raise IndexError(f"no ward has row {row}")
        return self._wards[row]

    def row(self, key: str) -> int:
        """Find the row of a ward by its path or code; Rejected `ward-unknown`."""
        try:
            return self._rows[key]
        except KeyError:
            raise Rejected("ward-unknown", f"no ward {key!r} in boundary version {self.version}") from None

    def rows_in(self, area: str) -> tuple[int, ...]:
        """List the rows of the wards in an area path, ascending."""
        return tuple(w.row for w in self._wards if area == COUNTRY or contains(area, w.path))

    def neighbours(self, row: int) -> tuple[int, ...]:
        """List the rows of the wards that touch this one, ascending."""
        shape = self._shapes[row]
        return tuple(sorted(int(r) for r in self._tree.query(shape, predicate="intersects") if r != row))

    def geometry(self, row: int) -> shapely.Polygon | shapely.MultiPolygon:
        """Return a ward's shape, WGS 84 degrees."""
        shape: shapely.Polygon | shapely.MultiPolygon = self._shapes[row]
        return shape

    def geojson(self, tolerance_deg: float | None = None) -> dict[str, Any]:
        """Make a GeoJSON FeatureCollection of all wards, simplified by `tolerance_deg` when given."""
        shapes = self._shapes if tolerance_deg is None else shapely.coverage_simplify(self._shapes, tolerance_deg)
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": w.path,
                    "properties": {k: v for k, v in msgspec.to_builtins(w).items() if k not in ("lon", "lat")},
                    "geometry": msgspec.json.decode(shapely.to_geojson(s)),
                }
                for w, s in zip(self._wards, shapes, strict=True)
            ],
        }
