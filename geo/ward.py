"""One ward as a value: its names, codes, path and a point inside it.

`geo.wards` holds them by row.
"""

from collections.abc import Mapping

import msgspec
import numpy as np
import shapely

from geo.boundaries import Boundaries
from geo.places import area_path


class WardKey(msgspec.Struct, frozen=True, kw_only=True):
    """What names a ward for good: a boundary version, and the constituency and name it has there.

    Codes are no such name: two listings give the same number to different wards.
    """

    version: str
    constituency: str
    name: str

    def __str__(self) -> str:
        return f"{self.version}/{self.constituency}/{self.name}"


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """One ward as the boundary file names it.

    `lon`, `lat` is a point inside it, its centroid where that is inside; NaN for a ward without an area. `codes` has
    its codes by scheme (`geo.ward_codes.SCHEMES`); `code` is the one in its path, of whatever listing the file follows.
    """

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
    key: WardKey
    codes: Mapping[str, str] = {}


def wards_of(source: Boundaries) -> tuple[Ward, ...]:
    """Make the wards of a boundary file, rows in its order."""
    shapes = source.geometries
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    centres = shapely.centroid(shapes[drawn])
    centres = np.where(shapely.covers(shapes[drawn], centres), centres, shapely.point_on_surface(shapes[drawn]))
    middle = np.full((len(shapes), 2), np.nan)
    middle[drawn] = shapely.get_coordinates(centres)
    c = source.columns
    return tuple(
        Ward(
            row=i,
            code=c["ward_code"][i],
            name=c["ward"][i],
            constituency_code=c["constituency_code"][i],
            constituency=c["constituency"][i],
            county_code=c["county_code"][i],
            county=c["county"][i],
            path=area_path(c["county_code"][i], c["constituency_code"][i], c["ward_code"][i]),
            lon=lon,
            lat=lat,
            key=WardKey(version=source.version, constituency=c["constituency"][i], name=c["ward"][i]),
            codes={scheme: codes[i] for scheme, codes in source.codes.items() if codes[i]},
        )
        for i, (lon, lat) in enumerate(middle.tolist())
    )
