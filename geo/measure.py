"""Areas on the ground, and the positions around a point at a distance: the earth as the ellipsoid it is. Pure.

All areas of drawings, outlines and boundary files are measured here; `pyproj.Geod` is what that is tested against.
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


def km2(shape: Any) -> float:
    """Measure the area of one shape on the ellipsoid, square kilometres, as `km2_each` does."""
    return float(km2_each(np.array([shape], dtype=object))[0])


def m2(shape: Any) -> float:
    """Measure the area of one shape on the ellipsoid, square metres, as `km2_each` does."""
    return 1e6 * km2(shape)


def km2_each(shapes: Shapes) -> NDArray[np.float64]:
    """Measure the areas of shapes on the ellipsoid, square kilometres; 0 where there is none.

    Edges are straight in longitude and latitude, as in the point-in-polygon test; for edges of up to a degree the
    figure is then exact to nine digits. Lines and points in a collection count for nothing.
    """
    parts, owner = shapely.get_parts(shapes, return_index=True)
    solid = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[solid], owner[solid]
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    lon, lat = np.radians(xy).T
    same = ring[1:] == ring[:-1]
    # Below an edge lies its width times the mean of q along it, which Simpson's rule gives.
    q, middle = _q(lat), _q((lat[1:] + lat[:-1]) / 2.0)
    strips = np.where(same, (lon[1:] - lon[:-1]) * (q[1:] + 4.0 * middle + q[:-1]) / 6.0, 0.0)
    areas = np.abs(np.bincount(ring[1:], weights=strips, minlength=len(rings))) * (_A * _A / 2e6)
    # The first ring of a part goes around it, the others around its holes.
    areas[1:] = np.where(part[1:] == part[:-1], -areas[1:], areas[1:])
    sums: NDArray[np.float64] = np.bincount(owner[part], weights=areas, minlength=len(shapes)).astype(np.float64)
    return sums


def _q(lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what the area between the equator and a latitude is proportional to (Snyder 1987, equation 3-12)."""
    s = np.sin(lat)
    q: NDArray[np.float64] = (1.0 - _E2) * (s / (1.0 - _E2 * s * s) + np.arctanh(_E * s) / _E)
    return q


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
