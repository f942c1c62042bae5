"""Positions in metres on a grid: UTM, and the military grid (MGRS) that relief flights and maps use. Pure.

Before this: `geo.written` looked for links and degrees. Kenya lies in zones 36 and 37, on both sides of the equator.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from geo.places import in_kenya_box
from geo.written_degrees import LEAST_M, Found

_ZONE: Final = r"(3[67])\s?(?:deg\s?)?([MNSmns])(?:outh|orth)?(?![A-Za-z])"
_METRES: Final = r"(\d{4,8}+(?:\.\d{1,3}+)?+)(?!\.?\d)"
_APART: Final = r"([^\d]{1,14}?)"
_ZONE_FIRST: Final = re.compile(rf"(?<![\dA-Za-z]){_ZONE}{_APART}{_METRES}{_APART}{_METRES}")
_ZONE_LAST: Final = re.compile(rf"(?<![\d.]){_METRES}{_APART}{_METRES}{_APART}{_ZONE}")
_MGRS: Final = re.compile(
    r"(?<![\dA-Za-z])(3[67])\s?([MN])\s?([A-HJ-NP-Z][A-HJ-NP-V])\s?(?:(\d{6}|\d{8}|\d{10})|(\d{3,5})\s(\d{3,5}))(?!\d)"
)
_ARC_1960: Final = re.compile(r"arc\s?-?1960", re.IGNORECASE)
_FALSE_NORTHING: Final = 10_000_000.0
_EASTING: Final = (100_000.0, 900_000.0)
_HALF_DIAGONAL: Final = 0.72
"""Of a square of one, with what a grid's metres are longer or shorter than those on the ground."""
_NORTH_BEFORE: Final = re.compile(r"(?<![a-z])n(?:orth(?:ing)?)?[\s:=.]{0,3}$", re.IGNORECASE)
_NORTH_AFTER: Final = re.compile(r"\s?m?n", re.IGNORECASE)


def find(text: str) -> Found | None:
    """Find the first position on a grid in a text that lies in Kenya's box.

    UTM is taken to be on WGS 84 unless the text says Arc 1960, the datum of Kenya's printed maps.
    """
    return next(_military(text), None) or next(_utm(text), None)


def _military(text: str) -> Iterator[Found]:
    for match in _MGRS.finditer(text):
        import mgrs  # here, as few messages need it

        zone, band, square, both, east, north = match.groups()
        if both is not None:
            east, north = both[: len(both) // 2], both[len(both) // 2 :]
        if len(east) != len(north):
            continue
        cell = 10.0 ** (5 - len(east))
        try:
            lat, lon = mgrs.MGRS().toLatLon(f"{zone}{band}{square}{east}{north}")  # the middle of the cell
        except mgrs.core.MGRSError:
            continue  # no such square in the zone
        if in_kenya_box(lon, lat):
            yield Found(lon, lat, max(LEAST_M, cell * _HALF_DIAGONAL), match.start(), match.end(), "")


def _utm(text: str) -> Iterator[Found]:
    arc = _ARC_1960.search(text) is not None
    for match in _ZONE_FIRST.finditer(text):
        zone, letter, before, first, between, second = match.groups()
        yield from _of_metres(match, zone, letter, before, first, between, second, arc=arc)
    for match in _ZONE_LAST.finditer(text):
        first, between, second, _, zone, letter = match.groups()
        before = text[max(0, match.start() - 12) : match.start()]
        yield from _of_metres(match, zone, letter, before, first, between, second, arc=arc)


def _of_metres(
    match: re.Match[str], zone: str, letter: str, before: str, first: str, between: str, second: str, *, arc: bool
) -> Iterator[Found]:
    # North of the equator the band is N and so is the hemisphere; south of it M, and S where people mean that.
    south = letter.upper() != "N"
    north_first = _NORTH_BEFORE.search(before) or (_NORTH_AFTER.match(between) and not _NORTH_BEFORE.search(between))
    easting, northing = (float(second), float(first)) if north_first else (float(first), float(second))
    if not _EASTING[0] <= easting <= _EASTING[1] or (northing > _FALSE_NORTHING * 0.9) != south:
        return
    lon, lat = _degrees(int(zone), easting, northing, south=south, arc=arc)
    if in_kenya_box(lon, lat):
        decimals = min(len(each.partition(".")[2]) for each in (first, second))
        accuracy = max(LEAST_M, _HALF_DIAGONAL * 0.1**decimals)
        yield Found(lon, lat, accuracy, match.start(), match.end(), "")


def _degrees(zone: int, easting: float, northing: float, *, south: bool, arc: bool) -> tuple[float, float]:
    lon, lat = _transformer(((21000 if arc else 32700) if south else (21000 + 60 if arc else 32600)) + zone).transform(
        easting, northing
    )
    return float(lon), float(lat)


@lru_cache(maxsize=8)
def _transformer(code: int) -> Any:
    import pyproj  # here, as few messages need it and loading it takes time

    return pyproj.Transformer.from_crs(code, 4326, always_xy=True)
