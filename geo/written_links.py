"""Positions in links that people share: of maps, of messengers, of ways to drive. Pure; nothing is ever fetched.

Before this: `geo.written` found the link. A short link (maps.app.goo.gl) says nothing by itself and gives nothing.
"""

import re
from typing import Final
from urllib.parse import unquote

from geo import written_degrees
from geo.places import in_kenya_box
from geo.written_degrees import Found

LINK: Final = re.compile(
    r"(?:https?://|www\.|geo:|maps?\.|waze\.|google\.[a-z.]{2,6}/maps)"
    r"[^\s<>\"]++(?:(?<=,)[ \t]?-?[\d.]++)?",
    re.IGNORECASE,
)
"""A link up to the next space, and on where somebody put one after the comma between two numbers."""
MAX_LINK: Final = 4000
_NO_WORDS: Final = re.compile(
    r"(?:https?://|www\.|geo:[-\d])[^\s<>\"]*+"
    r"|(?<![\w.@-])(?:[a-z0-9-]{1,63}\.){1,4}+(?:com|org|net|gl|ly|me|co|ke|app|be|link|apple|google)/[^\s<>\"]*+",
    re.IGNORECASE,
)
"""What of a text is a link and so no words; without a scheme it takes a known end of the host and a path, as in
goo.gl/maps/x, so that a full stop between two words makes none."""
_SHORT: Final = re.compile(r"(?<![\w.-])(?:goo\.gl|maps\.app\.goo\.gl|maps\.apple)/[^\s<>\"]", re.IGNORECASE)

_N: Final = r"([-+]?\d{1,3}+(?:\.\d{1,20}+)?+)(?!\.?\d)"  # no part of it is given back, so each start costs the same
_SEPARATOR: Final = r"\s{0,3}[,~/;]\s{0,3}"
_PIN: Final = re.compile(rf"!3d{_N}!4d{_N}")
_WAY_POINT: Final = re.compile(rf"!1d{_N}!2d{_N}")  # longitude first, in ways that Google's maps give
_NAMED: Final = re.compile(
    rf"[?&#;](?:q|query|ll|sll|daddr|destination|coordinate|loc|point|to|pin|location|cp|where1)="
    rf"(?:loc:|ll\.|dir:|point\.)?{_N}{_SEPARATOR}{_N}",
    re.IGNORECASE,
)
_LAT: Final = re.compile(rf"[?&#;]m?lat(?:itude)?={_N}", re.IGNORECASE)
_LON: Final = re.compile(rf"[?&#;]m?(?:lon|lng|long|longitude)={_N}", re.IGNORECASE)
_GEO: Final = re.compile(rf"^geo:{_N},{_N}", re.IGNORECASE)
_UNCERTAIN: Final = re.compile(r";u=(\d{1,5}(?:\.\d{1,3})?)", re.IGNORECASE)
_MIDDLE: Final = re.compile(rf"@{_N},{_N}")
_OSM: Final = re.compile(rf"map=\d{{1,2}}(?:\.\d{{1,3}})?/{_N}/{_N}")
_ANY: Final = re.compile(rf"(?<![\d.]){_N}{_SEPARATOR}{_N}")
_WAZE: Final = re.compile(r"waze\.com/ul/h([0-9b-hjkmnp-z]{6,12})(?![0-9a-z])", re.IGNORECASE)
_PATH: Final = re.compile(r"/(?:place|search|dir)/([^@?]{3,400})")
_ASKED: Final = re.compile(r"[?&](?:q|query|destination|daddr)=([^&#]{3,200})", re.IGNORECASE)
_BASE_32: Final = "0123456789bcdefghjkmnpqrstuvwxyz"


def without(text: str) -> str:
    """Blank the links out of a text: what is left are its words, at the places where they were."""
    return _NO_WORDS.sub(lambda link: " " * len(link[0]), text) if "." in text or ":" in text else text


def is_short(text: str) -> bool:
    """Tell whether a text has a short link to a map, which says where only to whoever opens it."""
    return _SHORT.search(text) is not None


def find(link: str) -> Found | None:
    """Read the position of a link: its pin if it has one, else the middle of its map."""
    plain = unquote(link[:MAX_LINK]).replace("+", " ") if "%" in link or "+" in link else link[:MAX_LINK]
    for pattern in (_PIN, _NAMED, _GEO, _WAY_POINT):
        for match in pattern.finditer(plain):
            if (found := _placed(match[1], match[2], link, plain)) is not None:
                return found
    lat, lon = _LAT.search(plain), _LON.search(plain)
    if lat and lon and (found := _placed(lat[1], lon[1], link, plain)) is not None:
        return found
    path, asked = _PATH.search(plain), _ASKED.search(plain)
    parts = [*([asked[1]] if asked else []), *(reversed(path[1].split("/")) if path else [])]
    for part in parts:  # of a way the place it leads to goes before the one it begins at
        if (found := written_degrees.find(part)) is not None:
            return found._replace(start=0, end=len(link))
    if waze := _WAZE.search(plain):
        return _geohash(waze[1].lower(), link)
    for pattern in (_MIDDLE, _OSM, _ANY):
        for match in pattern.finditer(plain):
            if (found := _placed(match[1], match[2], link, plain)) is not None:
                return found
    return None


def _placed(lat: str, lon: str, link: str, plain: str) -> Found | None:
    position = written_degrees.from_decimals(lat, lon)
    if position is None:
        return None
    said = _UNCERTAIN.search(plain)
    accuracy = max(position[2], float(said[1])) if said else position[2]
    return Found(position[0], position[1], accuracy, 0, len(link), position[3])


def _geohash(code: str, link: str) -> Found | None:
    """Decode a geohash: base 32 digits whose bits halve longitude and latitude in turn."""
    box = {"lon": [-180.0, 180.0], "lat": [-90.0, 90.0]}
    axis, other = "lon", "lat"
    for digit in code:
        value = _BASE_32.index(digit)
        for bit in (16, 8, 4, 2, 1):
            box[axis][0 if value & bit else 1] = sum(box[axis]) / 2.0
            axis, other = other, axis
    (west, east), (south, north) = box["lon"], box["lat"]
    lon, lat = (west + east) / 2.0, (south + north) / 2.0
    accuracy = written_degrees.accuracy_m((east - west) / 2.0, (north - south) / 2.0)
    return Found(lon, lat, accuracy, 0, len(link), "") if in_kenya_box(lon, lat) else None
