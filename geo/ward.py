"""One ward as a value: its names, codes, path and a point inside it.

`geo.wards` holds them by row.
"""

import msgspec
import numpy as np
import shapely

from geo.boundaries import Boundaries
from geo.places import area_path


class Ward(msgspec.Struct, frozen=True, kw_only=True):
    """One ward as the boundary file names it.

    `lon`, `lat` is a point inside it, its centroid where that is inside; NaN for a ward without an area.
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
        )
        for i, (lon, lat) in enumerate(middle.tolist())
    )
