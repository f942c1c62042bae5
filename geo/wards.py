"""The ward index: which ward a position lies in, how near its edge, and which wards else it could be.

Before this on the road: `geo.boundaries` reads the file; `geo.raster` and `geo.grid` are the exact search beneath.
After it: a report carries the ward's path, its candidates and the boundary version they were decided by.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, TypeAlias, cast, overload

import msgspec
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo import boundaries, grid, wards_file
from geo.boundaries import Boundaries
from geo.edges import Edges
from geo.located import Located, Locator
from geo.places import COUNTRY, Rejected, parents
from geo.raster import Raster, rasterise
from geo.ward import Ward, wards_of
from geo.ward_codes import written

__all__ = ["Located", "Ward", "Wards"]

TOUCHING_DEG: Final = 1e-4
"""Wards this near are neighbours: about 11 m, wider than the slivers between digitised borders."""

Rows: TypeAlias = NDArray[np.int64]
Many: TypeAlias = Sequence[float] | NDArray[Any]


class Locate(Protocol):
    """The search for the ward of a position, as `Wards.locate`."""

    @overload
    def __call__(self, lon: float | np.number[Any], lat: float | np.number[Any]) -> int: ...
    @overload
    def __call__(self, lon: Many, lat: Many) -> Rows: ...
    @overload
    def __call__(self, lon: Many, lat: float) -> Rows: ...
    @overload
    def __call__(self, lon: float, lat: Many) -> Rows: ...


class Wards:
    """An immutable index of wards, safe to share between threads and to send to other processes.

    `locate(lon, lat)` takes scalars or arrays (broadcast) in degrees, WGS 84, and gives the ward's row in the file's
    own order, or -1 outside all wards: an int, or an int64 array of the same shape. A ward covers its edges. A position
    on an edge two wards share, or where wards overlap, goes to the lowest row; in a hole or gap, to none. The answer is
    that of `shapely.intersects_xy` for every position. NaN and infinity are outside.

    Kenya's 1,450 wards (122,000 vertices) are indexed in 0.6 seconds, besides 0.9 for importing what reads the file,
    and loaded from what `save` wrote in 0.08; then the process holds 30 to 50 MB more, shapes included (3 million cells
    of 0.6 km). Distances are in a plane scaled at the position: within 0.01 % of the ellipsoid's up to 5 km, 0.5 % up
    to 100 km.
    """

    __slots__ = (
        "_areas", "_covering", "_edges", "_locator", "_neighbours", "_raster", "_rows", "_source", "_wards", "locate",
    )  # fmt: skip

    locate: Locate
    _source: Boundaries
    _raster: Raster
    _neighbours: tuple[tuple[int, ...], ...]
    _covering: Callable[[float, float], tuple[int, ...]]
    _edges: Edges
    _locator: Locator
    _wards: tuple[Ward, ...]
    _rows: dict[str | tuple[str, str], int]
    _areas: dict[str, tuple[int, ...]]

    def __init__(
        self,
        source: Boundaries,
        raster: Raster | None = None,
        neighbours: tuple[tuple[int, ...], ...] | None = None,
    ) -> None:
        shapes = source.geometries
        if raster is None:
            raster = rasterise(shapes)
        busy = grid.busy_cell(raster, shapes)
        covering, edges, locate = grid.covering(raster, busy), Edges(raster, shapes), _locate(raster, shapes, busy)
        wards = wards_of(source)
        areas: dict[str, list[int]] = {COUNTRY: []}
        for ward in wards:
            for area in (ward.path, *parents(ward.path)):
                areas.setdefault(area, []).append(ward.row)
        parts = {
            "_source": source,
            "_raster": raster,
            "_neighbours": _touching(shapes) if neighbours is None else neighbours,
            "_covering": covering,
            "_edges": edges,
            "_locator": Locator(locate, covering, edges, source.version, approximate=source.approximate),
            "_wards": wards,
            "_rows": {key: w.row for w in reversed(wards) for key in _names(w)},
            "_areas": {area: tuple(rows) for area, rows in areas.items()},
            "locate": locate,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"Wards never change: load another instead of setting {name}")

    def __reduce__(self) -> tuple[type["Wards"], tuple[Boundaries, Raster, tuple[tuple[int, ...], ...]]]:
        return Wards, (self._source, self._raster, self._neighbours)

    @classmethod
    def load(cls, path: str | Path, columns: Mapping[str, str] | None = None) -> "Wards":
        """Read a boundary file of any OGR format and CRS, or what `save` wrote.

        `columns` maps our column names to the file's (`geo.labels.COLUMNS` lists ours). Rejected as in
        `geo.boundaries.read`, and `wards-file-damaged` for a saved index that does not check.
        """
        if wards_file.is_saved(path):
            return cls(*wards_file.load(path))
        return cls(boundaries.read(path, columns=columns))

    def save(self, path: str | Path) -> None:
        """Write the finished index, so that `load` takes milliseconds; replaces the file in one step."""
        wards_file.save(path, self._source, self._raster, self._neighbours)

    @property
    def source(self) -> Boundaries:
        """The boundaries this index was made of."""
        return self._source

    @property
    def version(self) -> str:
        """The boundaries' version: a short SHA-256 of their shapes and labels."""
        return self._source.version

    @property
    def approximate(self) -> bool:
        """Whether the boundaries call themselves an approximation."""
        return self._source.approximate

    @property
    def about(self) -> Mapping[str, str]:
        """What the file says of itself: source, licence, title, as far as it does."""
        return self._source.about

    def __len__(self) -> int:
        return len(self._wards)

    def __iter__(self) -> Iterator[Ward]:
        return iter(self._wards)

    def at(self, lon: float, lat: float, *, radius_m: float = 500.0, accuracy_m: float | None = None) -> Located:
        """Locate one position with its doubt; degrees, metres.

        `accuracy_m` is the position's own error, the radius that holds the truth in 68 % of cases. The confidence is
        the share of a normal cloud, of that error and the boundaries' own, that lies in the ward (`geo.doubt`; the
        share is within 0.02). Rejected as in `geo.places.check_position`; a position outside Kenya is merely outside.
        """
        return self._locator.one(lon, lat, radius_m, accuracy_m)

    def at_many(
        self,
        lons: Many,
        lats: Many,
        *,
        radius_m: float = 500.0,
        accuracy_m: float | Sequence[float | None] | NDArray[Any] | None = None,
    ) -> list[Located]:
        """Locate many positions as `at` does, several times faster; 20,000 take a quarter of a second.

        `accuracy_m` is one for all, or one each with None or NaN where it is unknown. Rejected as in
        `geo.places.check_position` for the first position that cannot be one.
        """
        return self._locator.many(lons, lats, radius_m, accuracy_m)

    def ward(self, row: int) -> Ward:
        """Return the ward of a row; IndexError for -1 and beyond the end."""
        if row < 0:
            raise IndexError(f"no ward has row {row}")
        return self._wards[row]

    def row(self, key: str, scheme: str | None = None) -> int:
        """Find the row of a ward by its path, its key as text, or its code (of `scheme`, else the one in its path).

        The lowest row if several share it. Rejected `ward-unknown`.
        """
        found = self.find(key, scheme)
        if found < 0:
            of = f" of {scheme}" if scheme else ""
            raise Rejected("ward-unknown", f"no ward {key!r}{of} in boundary version {self.version}")
        return found

    def find(self, key: str, scheme: str | None = None) -> int:
        """Find the row of a ward as `row` does, -1 if there is none."""
        return self._rows.get(key if scheme is None else (scheme, key), -1)

    def by_code(self, scheme: str, code: str) -> int:
        """Find the row of a ward by its code in a scheme of `geo.ward_codes.SCHEMES`; Rejected `ward-unknown`."""
        return self.row(written(scheme, code), scheme)

    def distance_m(self, row: int, lon: float, lat: float) -> float:
        """Measure metres from a position to a ward, 0 inside it; see `geo.places.metres_per_degree` for the error."""
        if row in self._covering(lon, lat):
            return 0.0
        return self._edges.of(self.ward(row).row, lon, lat)

    def rows_in(self, area: str) -> tuple[int, ...]:
        """List the rows of the wards an area path contains, ascending; none for an area that is not here."""
        return self._areas.get(area, ())

    def areas(self) -> tuple[str, ...]:
        """List every area path that has wards here, from the country down, sorted."""
        return tuple(sorted(self._areas))

    def neighbours(self, row: int) -> tuple[int, ...]:
        """List the rows of the wards that touch this one (within about 11 m), ascending."""
        return self._neighbours[self.ward(row).row]

    def geometry(self, row: int) -> shapely.Polygon | shapely.MultiPolygon:
        """Return a ward's shape, WGS 84 degrees; shapely geometries cannot be changed."""
        return cast("shapely.Polygon | shapely.MultiPolygon", self._source.geometries[self.ward(row).row])

    def geojson(self, tolerance_deg: float | None = None) -> dict[str, Any]:
        """Make a GeoJSON FeatureCollection of all wards, with the boundaries' version and whether they are approximate.

        With `tolerance_deg`, shared borders are simplified alike (no new gaps or overlaps) and positions rounded to
        1e-5 degrees (about a metre): for display, not for locating.
        """
        shapes = self._source.geometries
        if tolerance_deg is not None:
            shapes = shapely.transform(shapely.coverage_simplify(shapes, tolerance_deg), lambda xy: np.round(xy, 5))
        return {
            "type": "FeatureCollection",
            "version": self.version,
            "approximation": self.approximate,
            **{k: v for k, v in self.about.items() if k not in ("type", "features", "version", "approximation")},
            "features": [
                {
                    "type": "Feature",
                    "id": ward.row,
                    "properties": {**msgspec.structs.asdict(ward), "key": str(ward.key)},
                    "geometry": None if text is None else msgspec.json.decode(text),
                }
                for ward, text in zip(self._wards, shapely.to_geojson(shapes), strict=True)
            ],
        }


def _names(ward: Ward) -> tuple[str | tuple[str, str], ...]:
    return (ward.code, ward.path, str(ward.key), *ward.codes.items())


def _touching(shapes: NDArray[np.object_]) -> tuple[tuple[int, ...], ...]:
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCHING_DEG)
    touching: list[list[int]] = [[] for _ in shapes]
    for a, b in pairs.T.tolist():
        if a != b:
            touching[a].append(b)
    return tuple(tuple(sorted(rows)) for rows in touching)


def _locate(raster: Raster, shapes: NDArray[np.object_], busy: Callable[[int, float, float], int]) -> Locate:
    def numbers(values: ArrayLike) -> NDArray[np.float64]:
        array = np.asarray(values)
        if array.dtype.kind not in "iuf":
            raise Rejected("position-not-a-number", f"lon and lat must be numbers, got {array.dtype}")
        return array.astype(np.float64, copy=False)

    def arrays(lon: ArrayLike, lat: ArrayLike) -> int | Rows:
        xs, ys = np.broadcast_arrays(numbers(lon), numbers(lat))
        rows = grid.many(raster, shapes, xs.ravel(), ys.ravel())
        return rows.reshape(xs.shape) if xs.ndim else int(rows[0])

    return cast("Locate", grid.one(raster, busy, arrays))
