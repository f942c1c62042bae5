"""Areas in square kilometres, and the positions around a point at a distance: the earth as the ellipsoid it is. Pure.

`geo.areas` and `geo.fitting` measure with these. A cylindrical equal-area plane gives areas by one array operation, and
`pyproj.Geod` is what it is tested against.
"""

import math
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

_A: Final = 6_378_137.0  # WGS 84, semi-major axis, metres
_F: Final = 1.0 / 298.257_223_563  # WGS 84, flattening
_B: Final = _A * (1.0 - _F)
_E2: Final = _F * (2.0 - _F)
_E: Final = math.sqrt(_E2)

Shapes = NDArray[np.object_]


def to_equal_area(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring (n, 2) degrees into the plane in which areas are those on the WGS 84 ellipsoid, square metres."""
    s = np.sin(np.radians(xy[:, 1]))
    q = (1.0 - _E2) * (s / (1.0 - _E2 * s * s) + np.arctanh(_E * s) / _E)
    return np.column_stack((np.radians(xy[:, 0]) * _A, q * (_A / 2.0)))


def km2(shape: Any) -> float:
    """Measure the area of one shape, square kilometres.

    Edges are straight in longitude and latitude, as in the point-in-polygon test. Between its corners an edge is taken
    as straight in the equal-area plane too, which in Kenya costs under 0.001 % for edges of up to a degree.
    """
    return float(shapely.area(shapely.transform(shape, to_equal_area))) / 1e6


def km2_each(shapes: Shapes) -> NDArray[np.float64]:
    """Measure many shapes as `km2` does; 0 where there is none."""
    if not len(shapes):
        return np.zeros(0)
    areas: NDArray[np.float64] = shapely.area(shapely.transform(shapes, to_equal_area)) / 1e6
    return np.nan_to_num(areas)


def around(lon: float, lat: float, metres: float, number: int) -> NDArray[np.float64]:
    """Give `number` positions at one distance along the ellipsoid, counter-clockwise from the east, (n, 2) degrees.

    The direct problem after Vincenty (Survey Review 23:176, 1975), exact to millimetres up to thousands of kilometres.
    Longitudes are not brought back into +-180.
    """
    azimuth = math.pi / 2.0 - np.arange(number) * (2.0 * math.pi / number)
    phi = math.radians(lat)
    tan_u = (1.0 - _F) * math.tan(phi)
    cos_u = 1.0 / math.sqrt(1.0 + tan_u * tan_u)
    sin_u = tan_u * cos_u
    sin_az, cos_az = np.sin(azimuth), np.cos(azimuth)
    sigma1 = np.arctan2(tan_u, cos_az)
    sin_alpha = cos_u * sin_az
    cos2_alpha = 1.0 - sin_alpha**2
    u2 = cos2_alpha * (_A * _A - _B * _B) / (_B * _B)
    big_a = 1.0 + u2 / 16384.0 * (4096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)))
    big_b = u2 / 1024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)))
    first = metres / (_B * big_a)
    sigma = first
    for _ in range(8):  # each round gains about three digits
        middle = np.cos(2.0 * sigma1 + sigma)
        bracket = np.cos(sigma) * (2.0 * middle**2 - 1.0) - big_b / 6.0 * middle * (4.0 * np.sin(sigma) ** 2 - 3.0) * (
            4.0 * middle**2 - 3.0
        )
        sigma = first + big_b * np.sin(sigma) * (middle + big_b / 4.0 * bracket)
    sin_s, cos_s = np.sin(sigma), np.cos(sigma)
    middle = np.cos(2.0 * sigma1 + sigma)
    rest = sin_u * sin_s - cos_u * cos_s * cos_az
    lats = np.arctan2(sin_u * cos_s + cos_u * sin_s * cos_az, (1.0 - _F) * np.sqrt(sin_alpha**2 + rest**2))
    lam = np.arctan2(sin_s * sin_az, cos_u * cos_s - sin_u * sin_s * cos_az)
    c = _F / 16.0 * cos2_alpha * (4.0 + _F * (4.0 - 3.0 * cos2_alpha))
    lam -= (1.0 - c) * _F * sin_alpha * (sigma + c * sin_s * (middle + c * cos_s * (2.0 * middle**2 - 1.0)))
    return np.column_stack((lon + np.degrees(lam), np.degrees(lats)))
