"""Positions that people write into a text: decimal degrees, degrees and minutes, map links, Plus codes. Pure.

Next on the road: `geo.gazetteer` asks for these before it looks at words.
"""

import re
from typing import Final

import msgspec

from geo.places import in_kenya_box
from geo.words import MAX_CHARS


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A position found in a text, degrees, and how exactly it was written, metres."""

    lon: float
    lat: float
    accuracy_m: float
    words: str


_NUMBER: Final = r"(?P<{0}w>[NSEW]\s?)?(?P<{0}>[+-]?\d{{1,3}}\.\d{{2,9}})\s?°?\s?(?P<{0}x>[NSEW]\b)?"
_PAIR: Final = re.compile(_NUMBER.format("a") + r"(?:\s*(?:,|;|/|%2C|\s)\s*)" + _NUMBER.format("b"), re.IGNORECASE)
_LABELLED: Final = re.compile(
    r"lat(?:itude)?\s*[:=]?\s*([+-]?\d{1,3}\.\d{2,9})\W{0,5}lon(?:g|gitude)?\s*[:=]?\s*([+-]?\d{1,3}\.\d{2,9})",
    re.IGNORECASE,
)
_PART: Final = (
    r"(\d{{1,3}})\s?°\s?(\d{{1,2}})\s?['\u2032\u2019]\s?"  # degrees, minutes
    r"(?:(\d{{1,2}}(?:\.\d{{1,6}})?)\s?(?:[\"\u2033\u201d]|''))?\s?([{0}])"  # seconds, hemisphere
)
_DEGREES: Final = re.compile(_PART.format("NS") + r"[\s,;]{0,4}" + _PART.format("EW"), re.IGNORECASE)
_PLUS: Final = re.compile(r"\b(6[GH][2-9CFGHJMPQRVWX]{6}\+[2-9CFGHJMPQRVWX]{2,3})(?![0-9A-Z])", re.IGNORECASE)
_ALPHABET: Final = "23456789CFGHJMPQRVWX"


def position(text: str) -> Written | None:
    """Find the first position in a text that lies in Kenya's box; None if there is none.

    Read are decimal degrees in either order, with or without letters and labels, also in map links; degrees with
    minutes and seconds; full Plus codes.
    """
    text = text[:MAX_CHARS]
    for match in _LABELLED.finditer(text):
        if in_kenya_box(float(match[2]), float(match[1])):
            return _written(float(match[2]), float(match[1]), match[2], match[0])
    for match in _PAIR.finditer(text):
        a, b = _signed(match, "a"), _signed(match, "b")
        for lon, lat in ((b, a), (a, b)):  # latitude first is the custom; the other order cannot be mistaken in Kenya
            if in_kenya_box(lon, lat):
                return _written(lon, lat, match["a"], match[0])
    for match in _DEGREES.finditer(text):
        lat, lon = _sexagesimal(*match.groups()[:4]), _sexagesimal(*match.groups()[4:])
        if in_kenya_box(lon, lat):
            return Written(lon=lon, lat=lat, accuracy_m=30.0 if match[3] else 1000.0, words=match[0].strip())
    for match in _PLUS.finditer(text):
        lon, lat = _plus(match[1].upper().replace("+", ""))
        if in_kenya_box(lon, lat):
            return Written(lon=lon, lat=lat, accuracy_m=10.0, words=match[0])
    return None


def _written(lon: float, lat: float, digits: str, words: str) -> Written:
    decimals = len(digits.partition(".")[2])
    return Written(lon=lon, lat=lat, accuracy_m=max(10.0, 111_000.0 * 0.1**decimals / 2.0), words=words.strip())


def _signed(match: re.Match[str], name: str) -> float:
    letter = (match[name + "w"] or match[name + "x"] or "").strip().upper()
    value = float(match[name])
    return -abs(value) if letter in ("S", "W") else value


def _sexagesimal(degrees: str, minutes: str, seconds: str | None, letter: str) -> float:
    value = int(degrees) + int(minutes) / 60.0 + float(seconds or 0.0) / 3600.0
    return -value if letter.upper() in "SW" else value


def _plus(code: str) -> tuple[float, float]:
    """Decode the pairs of a full Plus code (Open Location Code) to the middle of its cell, as lon, lat."""
    lat, lon, step = -90.0, -180.0, 20.0
    for k in range(0, 10, 2):
        lat += _ALPHABET.index(code[k]) * step
        lon += _ALPHABET.index(code[k + 1]) * step
        step /= 20.0
    return lon + step * 10.0, lat + step * 10.0
