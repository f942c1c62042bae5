"""The vocabulary of place: positions, areas, distance, and what makes a position impossible.

The lowest floor of the project: everything else may import it, it imports nothing of ours.
Next on the road: `geo.wards` (a position becomes a ward) and `geo.gazetteer` (words become a ward).
"""

import math
import re
from typing import Final

import msgspec

COUNTRY: Final = "KE"
"""The root of every area path."""

EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean earth radius R1 of the IUGG, metres; great-circle distances on it are within 0.56 % of the ellipsoid's."""

KENYA_BOX: Final = (33.8, -4.9, 42.0, 5.6)
"""West, south, east, north in degrees: Kenya, its lake waters, its near sea and the disputed north-west."""

_SEMI_MAJOR_M: Final = 6_378_137.0  # WGS 84
_ECCENTRICITY_2: Final = 6.694379990141e-3  # WGS 84, first eccentricity squared
_NULL_ISLAND_DEG: Final = 1e-6
_AREA: Final = re.compile(r"KE(?:\.\d{3}(?:\.\d{3}(?:\.\d{4})?)?)?", re.ASCII)


class Rejected(ValueError):
    """Say that this input will never work: a 4xx or a dead letter, not a retry.

    `code` is stable, lower-kebab and documented; `detail` is for a person to read.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type["Rejected"], tuple[str, str]]:
        return type(self), (self.code, self.detail)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A position in degrees, WGS 84, longitude first as in GeoJSON."""

    lon: float
    lat: float


def _code(value: str | int, digits: int, what: str) -> str:
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > digits:
        raise Rejected("area-malformed", f"{what} code must be at most {digits} digits, got {value!r}")
    return text.lstrip("0").zfill(digits)


def area_path(
    county_code: str | int, constituency_code: str | int | None = None, ward_code: str | int | None = None
) -> str:
    """Make the path of an area: `KE.042`, `KE.042.238` or `KE.042.238.1189`.

    Codes are digits, padded here (county 3, constituency 3, ward 4). Rejected `area-malformed` for anything else,
    and for a ward without its constituency.
    """
    path = f"{COUNTRY}.{_code(county_code, 3, 'county')}"
    if constituency_code is None:
        if ward_code is not None:
            raise Rejected("area-malformed", "a ward needs its constituency")
        return path
    path = f"{path}.{_code(constituency_code, 3, 'constituency')}"
    return path if ward_code is None else f"{path}.{_code(ward_code, 4, 'ward')}"


def check_area(text: object) -> str:
    """Return `text` if it has the form of an area path; Rejected `area-malformed` otherwise.

    The form only: whether the area exists is known by `geo.wards`.
    """
    if isinstance(text, str) and _AREA.fullmatch(text):
        return text
    raise Rejected("area-malformed", f"not an area path such as KE.042 or KE.042.238.1189: {str(text)[:60]!r}")


def contains(area: str, other: str) -> bool:
    """Tell whether `area` is `other` or one of its parents, by whole path segments."""
    return area == other or other.startswith(area + ".")


def parents(path: str) -> tuple[str, ...]:
    """List the areas above `path`, nearest first: `KE.042.238` gives `("KE.042", "KE")`."""
    parts = path.split(".")
    return tuple(".".join(parts[:n]) for n in range(len(parts) - 1, 0, -1))


def _number(value: object, name: str) -> float:
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__") or getattr(value, "ndim", False):
        raise Rejected("position-not-a-number", f"{name} must be a number, got {type(value).__name__}")
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        raise Rejected("position-not-a-number", f"{name} is no number that fits in 64 bits") from None
    if not math.isfinite(number):
        raise Rejected("position-not-a-number", f"{name} must be finite, got {number}")
    return number


def in_kenya_box(lon: float, lat: float) -> bool:
    """Tell whether a position lies in the rectangle around Kenya (degrees, edges included)."""
    west, south, east, north = KENYA_BOX
    return west <= lon <= east and south <= lat <= north


def check_position(lon: object, lat: object) -> Point:
    """Return the position if it can be one; degrees, WGS 84.

    Rejected `position-not-a-number` (also bool, text, NaN, infinity), `position-out-of-range` naming the field,
    `position-null-island` for 0,0, `position-swapped` when only the other order lies in Kenya: the detail gives that
    order, nothing is repaired. A position outside Kenya passes; `in_kenya_box` and `Wards.locate` tell.
    """
    x, y = _number(lon, "lon"), _number(lat, "lat")
    if not in_kenya_box(x, y) and in_kenya_box(y, x):
        raise Rejected("position-swapped", f"lon and lat look exchanged; did you mean lon {y!r}, lat {x!r}?")
    for name, value, limit in (("lon", x, 180.0), ("lat", y, 90.0)):
        if abs(value) > limit:
            raise Rejected("position-out-of-range", f"{name} must lie within ±{limit:g} degrees, got {value!r}")
    if abs(x) < _NULL_ISLAND_DEG and abs(y) < _NULL_ISLAND_DEG:
        raise Rejected("position-null-island", "lon 0, lat 0 is what devices send when they have no position")
    return Point(lon=x, lat=y)


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Give the length of a degree of longitude and of latitude at `lat` on the WGS 84 ellipsoid, metres.

    A plane with these two scales keeps distances within 0.01 % up to 5 km and 0.5 % up to 100 km away in Kenya.
    """
    phi = math.radians(lat)
    root = 1.0 - _ECCENTRICITY_2 * math.sin(phi) ** 2
    degree = math.radians(_SEMI_MAJOR_M)
    return degree * math.cos(phi) / math.sqrt(root), degree * (1.0 - _ECCENTRICITY_2) / root**1.5


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Measure the great circle between two positions, metres (haversine on the mean earth radius)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    s = math.sin((phi2 - phi1) / 2.0)
    t = math.sin(math.radians(lon2 - lon1) / 2.0)
    return 2.0 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(s * s + math.cos(phi1) * math.cos(phi2) * t * t)))
