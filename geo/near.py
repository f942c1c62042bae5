"""Read where words are most likely about, as people and tables write it: what `Gazetteer.resolve` takes as `near`."""

import math
from typing import Final, TypeAlias

from geo.counties import COUNTIES
from geo.places import Rejected, area_path, check_area, in_kenya_box

Near: TypeAlias = tuple[float, float] | str
"""A position (lon, lat) in degrees WGS 84, or an area path."""

_COUNTIES: Final = {name.casefold(): area_path(code) for code, name in COUNTIES.items()}


def read_near(text: str) -> Near | None:
    """Read `lon,lat`, an area path or a county's name; None for anything else: context is worth no refusal by itself.

    Two numbers that lie in Kenya only in the other order are taken in that order.
    """
    first, comma, second = text.partition(",")
    if comma:
        try:
            return near_point(float(first), float(second))
        except ValueError:
            return None
    try:
        return check_area(text.strip())
    except Rejected:
        return _COUNTIES.get(text.strip().casefold())


def near_point(lon: float, lat: float) -> tuple[float, float] | None:
    """Give a position, in the order that lies in Kenya if only one does; None where it is no position."""
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    return (lat, lon) if in_kenya_box(lat, lon) else (lon, lat)
