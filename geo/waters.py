"""Kenya's waters outside every ward: its part of Lake Victoria and its territorial sea, roughly.

Wards end at the shore, boats do not. A position out there is no position abroad: whoever is in trouble on it is
answered for from the nearest shore. The lines are our own approximation, a few kilometres wide: the lake's follow the
boundary described in the Uganda Order in Council of 1926 (island by island to the mouth of the Sio) and the parallel of
1 degree south; the sea's lie 12 nautical miles off the coast (Maritime Zones Act, cap. 371). Part of `geo.answers`.
"""

from typing import Final

_LAKE: Final = ((33.91, -1.0), (33.91, -0.35), (33.95, -0.1), (33.94, 0.02), (34.02, 0.21), (34.9, 0.2), (34.9, -1.0))
_SEA: Final = (
    (39.2, -4.67),
    (39.45, -4.72),
    (39.65, -4.75),
    (39.95, -4.05),
    (40.35, -3.3),
    (40.45, -3.05),
    (40.65, -2.75),
    (41.05, -2.48),
    (41.35, -2.2),
    (41.72, -1.8),
    (41.55, -1.65),
    (40.5, -2.3),
    (39.9, -3.0),
    (39.5, -4.0),
    (39.2, -4.5),
)
_WATERS: Final = {"Lake Victoria": _LAKE, "the sea": _SEA}


def water_at(lon: float, lat: float) -> str | None:
    """Name the Kenyan water that a position outside all wards lies in, or give None; degrees, WGS 84."""
    return next((name for name, ring in _WATERS.items() if _holds(ring, lon, lat)), None)


def _holds(ring: tuple[tuple[float, float], ...], lon: float, lat: float) -> bool:
    inside = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (ay > lat) != (by > lat) and lon < (bx - ax) * (lat - ay) / (by - ay) + ax:
            inside = not inside
    return inside
