"""Plus codes (Open Location Code): full ones, and short ones that need a place nearby. Pure.

The arithmetic of the published specification; `geo.written` finds the codes in texts.
"""

import math
import re
from typing import Final

import msgspec

from geo.places import Rejected

ALPHABET: Final = "23456789CFGHJMPQRVWX"
_SET: Final = f"[{ALPHABET}]"
_BREAK: Final = r"(?<![0-9A-Za-z+])"
_END: Final = r"(?![0-9A-Za-z+])"
FULL: Final = re.compile(
    rf"{_BREAK}(6[GH](?:{_SET}{{6}}\+{_SET}{{2,7}}|{_SET}{{4}}00\+|{_SET}{{6}}\+)){_END}", re.IGNORECASE
)
"""Codes of Kenya that are whole, in any case; those of under four digits a side say too little."""
SHORT: Final = re.compile(rf"{_BREAK}((?:{_SET}{{2}}){{2,3}}\+{_SET}{{2,3}}){_END}", re.IGNORECASE)
"""Codes without their first four or two digits."""
_SEPARATOR_AT: Final = 8


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """The cell that a code names: its middle, and how many degrees it is wide and high."""

    lon: float
    lat: float
    size_deg: float


def decode(code: str) -> Cell:
    """Give the cell of a full code, of its first ten digits where there are more (a finer cell lies in it)."""
    digits = code.upper().replace("+", "").rstrip("0")[:10]
    lat, lon, step = -90.0, -180.0, 20.0
    for k in range(0, len(digits), 2):
        lat += ALPHABET.index(digits[k]) * step
        lon += ALPHABET.index(digits[k + 1]) * step
        step /= 20.0
    size = step * 20.0
    return Cell(lon=lon + size / 2.0, lat=lat + size / 2.0, size_deg=size)


def recover(code: str, lon: float, lat: float) -> str:
    """Give the full code that a short one means near a position: of all that end so, the nearest one.

    Rejected `plus-code-malformed` for what is no short code.
    """
    code = code.strip().upper()
    if not SHORT.fullmatch(code):
        raise Rejected("plus-code-malformed", f"no short Plus code: {code[:40]!r}")
    left_out = _SEPARATOR_AT - code.index("+")
    span = 20.0 ** (2 - left_out // 2)
    found = decode(_first(lon, lat, left_out) + code)
    turned_lat, turned_lon = _nearer(found.lat, lat, span), _nearer(found.lon, lon, span)
    return _first(turned_lon, turned_lat, left_out) + code


def _nearer(value: float, reference: float, span: float) -> float:
    """Move a coordinate by whole spans to where it is nearest to a reference."""
    return value - span * math.floor((value - reference) / span + 0.5)


def _first(lon: float, lat: float, digits: int) -> str:
    """Give the first digits of a position's code."""
    out, step = "", 20.0
    y, x = min(max(lat + 90.0, 0.0), 180.0 - 1e-9), (lon + 180.0) % 360.0
    for _ in range(0, digits, 2):
        row, column = int(y // step), int(x // step)
        out += ALPHABET[row] + ALPHABET[column]
        y, x, step = y - row * step, x - column * step, step / 20.0
    return out
