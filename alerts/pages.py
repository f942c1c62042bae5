"""How many SMS pages a text costs, exactly, and how to make it cost fewer.

You are beside every message that leaves by SMS: `alerts.wording` writes within a number of pages. A page holds 160
septets of the GSM 7-bit alphabet (153 when there are several), or 70 UTF-16 units (67). One curly quote turns a page
of 160 into one of 70. Source: 3GPP TS 23.038 (alphabet, extension table) and TS 23.040 (concatenation header).
"""

from typing import Final, Literal

import msgspec

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
"""Written as an escape and a letter: two septets that stay on one page."""

_PLAIN: Final = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u02bc": "'", "`": "'", "\u00b4": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u2026": "...", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2022": "-", "\u00d7": "x",
        "\u200b": "", "\u200e": "", "\u200f": "", "\ufeff": "", "\u00ad": "", "\u2060": "",
        "\t": " ", "\u2028": "\n", "\u2029": "\n",
    }
)  # fmt: skip


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What a text costs: its encoding, its units (septets or UTF-16 units) and the pages they fill."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    pages: int


def plain(text: str) -> str:
    """Replace typographic quotes, dashes, spaces and invisible characters by what the cheap alphabet has.

    Control characters other than the line feed are dropped.
    """
    if text.isascii() and text.isprintable() and "`" not in text:
        return text
    return "".join(char for char in text.translate(_PLAIN) if char == "\n" or (ord(char) >= 32 and ord(char) != 127))


def _filled(widths: list[int], page: int) -> int:
    """Count the pages that characters of these widths fill when none of them is cut in two."""
    pages, used = 1, 0
    for width in widths:
        if used + width > page:
            pages, used = pages + 1, 0
        used += width
    return pages


def measure(text: str) -> Measure:
    """Measure a text as a network would send it; an empty one costs a page."""
    if all(char in _BASIC or char in _EXTENSION for char in text):
        widths = [1 if char in _BASIC else 2 for char in text]
        encoding: Literal["GSM-7", "UCS-2"] = "GSM-7"
        single, several = 160, 153
    else:
        widths = [1 if ord(char) < 0x10000 else 2 for char in text]
        encoding, single, several = "UCS-2", 70, 67
    units = sum(widths)
    return Measure(encoding=encoding, units=units, pages=1 if units <= single else _filled(widths, several))


def pages(text: str) -> int:
    """Count the SMS pages of a text."""
    return measure(text).pages


def shorten(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, between words where that costs little, and show that it was cut."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    if limit <= 3:
        return text[:limit]
    cut = text[: limit - 2]
    space = limit - 2 if text[limit - 2] == " " else cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:.-") + ".."
