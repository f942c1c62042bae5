"""The words and signs by which people write degrees, in English, Swahili and the tongues of devices. Pure.

Next on the road: `geo.written_degrees` reads coordinates off these tokens.
"""

import re
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"(?P<number>(?:(?<!\d)[-+\u2212\u2013])?\d++(?:\.\d++|,\d{2,}+(?![.\d])|,\d(?=\s?['\"\u2032\u2019\u2033\u201d°º]))?)"
    r"|(?P<word>[^\W\d_]++)"
    r"|(?P<mark>''|\u2032\u2032|\u2019\u2019|[°º\u02da'`\u00b4\u2032\u2018\u2019\"\u2033\u201c\u201d])"
    r"|(?P<punct>[^\w\s]|_)"
)
HEMISPHERES: Final = {
    **dict.fromkeys(("n", "north", "kaskazini"), "N"),
    **dict.fromkeys(("s", "south", "kusini"), "S"),
    **dict.fromkeys(("e", "east", "mashariki"), "E"),
    **dict.fromkeys(("w", "west", "magharibi"), "W"),
}
LABELS: Final = {
    **dict.fromkeys(("lat", "lati", "latit", "latitude", "latitudo", "latitudi", "latitud", "y"), "lat"),
    **dict.fromkeys(
        ("lon", "long", "lng", "longi", "longit", "longitude", "longitudo", "longitudi", "longitud", "x"), "lon"
    ),
}
CUES: Final = frozenset(
    ("gps", "coordinates", "coordinate", "coords", "coord", "cordinates", "location", "loc", "position", "pin", "point",
     "latlong", "latlon", "latlng", "mahali", "eneo", "kuratibu", "viwianishi")
)  # fmt: skip
MONEY: Final = frozenset(("kes", "ksh", "kshs", "sh", "shs", "usd", "ugx", "tzs", "bob", "sum"))
UNITS: Final = frozenset(("kg", "kgs", "g", "km", "kms", "cm", "mm", "l", "litres", "per", "bob", "percent"))
AND: Final = frozenset(("and", "na", "by"))
FILLERS: Final = frozenset(("is", "ni", "of", "are", "at", "ya", "equals"))
DEGREE: Final = frozenset(("d", "o", "deg", "degs", "degree", "degrees", "digrii", "nyuzi"))
MINUTE: Final = frozenset(("m", "min", "mins", "minute", "minutes", "dakika"))
SECOND: Final = frozenset(("sec", "secs", "second", "seconds", "sekunde"))
DEGREE_MARKS: Final = frozenset("°º\u02da")
SECOND_MARKS: Final = frozenset(("''", "\u2032\u2032", "\u2019\u2019", '"', "\u2033", "\u201c", "\u201d"))


class Token(NamedTuple):
    """A number, a word, a mark of degrees or another sign, and where in the text it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Split a text in one pass: `kind` is number, word, mark or punct; spaces stand between them."""
    return [Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
