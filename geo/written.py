"""Positions that people write into a text: degrees in every usual form, map links, grids, Plus codes. Pure.

Next on the road: `geo.gazetteer` asks for these before it looks at words, and joins a short Plus code with the place
that stands beside it.
"""

import re
from typing import Final

import msgspec

from geo import plus_codes, written_degrees, written_grid, written_links
from geo.places import in_kenya_box
from geo.written_degrees import Found, accuracy_m

MAX_CHARS: Final = 10_240
"""What is looked at of a text."""
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[A-Za-z]")
_SPACES: Final = re.compile(r"\s{2,}")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A position found in a text, degrees, and how exactly it was written, metres.

    `words`: the part of the text that says it. `note`: what a person should know of how it was read.
    """

    lon: float
    lat: float
    accuracy_m: float
    words: str
    note: str = ""


class ShortPlus(msgspec.Struct, frozen=True, kw_only=True):
    """A Plus code without its first digits: `words` as it stands in the text, `rest`: the text without it."""

    code: str
    words: str
    rest: str


def position(text: str) -> Written | None:
    """Find the position that a text says and that lies in Kenya's box; None if there is none. Never raises.

    A link goes before degrees, those before grids (UTM, MGRS) and full Plus codes. `accuracy_m` follows from the digits
    given, at least 10 m.
    """
    text = text[:MAX_CHARS]
    if not _DIGIT.search(text):
        return None
    for link in written_links.LINK.finditer(text):
        if (found := written_links.find(link[0]) or _plus(link[0].replace("%2B", "+"))) is not None:
            return _written(found, link[0], whole=True)
    bare = written_links.LINK.sub(lambda link: " " * len(link[0]), text)
    found = written_degrees.find(bare) or written_grid.find(bare) or _plus(bare)
    return None if found is None else _written(found, text)


def short_plus(text: str) -> ShortPlus | None:
    """Find a short Plus code, as `WQ56+8M Kisumu`; None if there is none. `recover` makes a position of it."""
    text = text[:MAX_CHARS]
    if "+" not in text:
        return None
    for match in plus_codes.SHORT.finditer(text):
        if _LETTER.search(match[1]):  # digits alone are a sum, or a part of a phone number
            rest = _SPACES.sub(" ", f"{text[: match.start()]} {text[match.end() :]}").strip(" ,;")
            return ShortPlus(code=match[1].upper(), words=match[0], rest=rest)
    return None


def recover(code: str, lon: float, lat: float) -> tuple[float, float]:
    """Give the position, as (lon, lat), that a short Plus code means near a place: of all that fit the nearest.

    Rejected `plus-code-malformed` for what is no short code.
    """
    cell = plus_codes.decode(plus_codes.recover(code, lon, lat))
    return cell.lon, cell.lat


def _plus(text: str) -> Found | None:
    for match in plus_codes.FULL.finditer(text):
        cell = plus_codes.decode(match[1])
        if in_kenya_box(cell.lon, cell.lat):
            accuracy = accuracy_m(cell.size_deg / 2.0, cell.size_deg / 2.0)
            return Found(cell.lon, cell.lat, accuracy, match.start(), match.end(), "")
    return None


def _written(found: Found, text: str, *, whole: bool = False) -> Written:
    words = text if whole else text[found.start : found.end]
    return Written(lon=found.lon, lat=found.lat, accuracy_m=found.accuracy_m, words=words.strip(), note=found.note)
