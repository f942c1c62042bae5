"""Degrees in a text, in whatever way people and devices write them. Pure.

A text becomes tokens in one pass; from each token on, a coordinate is tried over the few that follow. So the work grows
with the text's length and no faster, whatever the text. Before this: `geo.written` took the links out. Next:
`geo.places` tells whether what was read lies in Kenya.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from geo.degree_words import (
    AND,
    CUES,
    DEGREE,
    DEGREE_MARKS,
    FILLERS,
    HEMISPHERES,
    LABELS,
    MINUTE,
    MONEY,
    SECOND,
    SECOND_MARKS,
    UNITS,
    Token,
    tokens,
)
from geo.places import in_kenya_box

EXCHANGED: Final = "latitude and longitude were exchanged"
LON_FIRST: Final = "longitude stood first"
DEGREE_M: Final = 111_320.0
LEAST_M: Final = 10.0
"""No position is taken for better than a phone's."""
ROUGHEST_M: Final = 20_000.0
"""What is written more roughly says too little to be a position."""

_BETWEEN: Final = 4
"""Signs between two coordinates, and words between a label and its number."""
_TO_THE_OTHER: Final = 8
"""Tokens between one labelled coordinate and the label of the other."""
_CUE_BEFORE: Final = 6
_LONGEST: Final = 24
"""Characters of the longest number that is looked at."""


class Found(NamedTuple):
    """A position as it was read: degrees, how exact its digits are, and where in the text it stands."""

    lon: float
    lat: float
    accuracy_m: float
    start: int
    end: int
    note: str


class _Coordinate(NamedTuple):
    value: float
    half: float  # degrees to which it may be wrong
    axis: str  # "lat", "lon", or ""
    sure: str  # what makes it a coordinate: "letter", "label", "mark", or ""
    decimals: int
    plain: bool  # decimal degrees
    negative: bool
    comma: bool
    first: int
    next: int


def find(text: str) -> Found | None:
    """Find the first position in a text that lies in Kenya's box."""
    split = tokens(text)
    reader = Reader(split)
    for index, token in enumerate(split):
        if token.kind in ("number", "word") and (found := reader.position(index)) is not None:
            return found
    return None


def from_decimals(lat: str, lon: str) -> tuple[float, float, float, str] | None:
    """Make lon, lat, accuracy and note of two decimal numbers in either order; None outside Kenya's box."""
    y, x = float(lat), float(lon)
    accuracy = accuracy_m(_half_of(lat), _half_of(lon))
    if accuracy > ROUGHEST_M:
        return None
    if in_kenya_box(x, y):
        return x, y, accuracy, ""
    return (y, x, accuracy, EXCHANGED) if in_kenya_box(y, x) else None


def accuracy_m(*halves: float) -> float:
    """Say how far a position may be off, metres, when each of its coordinates may be by so many degrees."""
    return max(LEAST_M, DEGREE_M * math.hypot(*halves))


def _half_of(digits: str) -> float:
    return float(0.5 * 0.1 ** len(digits.replace(",", ".").partition(".")[2]))


class Reader:
    """Reads positions off tokens, from a given one on; `looked` counts how often it looked at a token."""

    def __init__(self, split: Sequence[Token]) -> None:
        self._all = split
        self._cue = -1_000_000  # the token at which a word such as "gps" stood last
        self.looked = 0

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self._all)

    def position(self, index: int) -> Found | None:
        """Read a position that begins at a token; None if there is none."""
        word = self._word(index)
        if word in CUES or word in LABELS:
            self._cue = index
        first = self._labelled(index) or self._coordinate(index)
        if first is None:
            return None
        second = self._second(first)
        if second is None or not self._fits(first, second):
            return None
        return self._placed(first, second)

    # --- two coordinates ---------------------------------------------------------------------------------------------

    def _second(self, first: _Coordinate) -> _Coordinate | None:
        if first.sure == "label":
            for at in range(first.next, first.next + _TO_THE_OTHER):
                axis = LABELS.get(self._word(at))
                if axis is not None:
                    return self._labelled(at) if axis != first.axis else None
        at = first.next
        for _ in range(_BETWEEN + 1):
            if (found := self._labelled(at) or self._coordinate(at)) is not None:
                return found
            if self._kind(at) not in ("punct", "mark") and self._word(at) not in AND:
                return None
            at += 1
        return None

    def _fits(self, first: _Coordinate, second: _Coordinate) -> bool:
        """Tell whether two coordinates can be meant as one position."""
        if first.axis and first.axis == second.axis:
            return False
        both = (first, second)
        if all(each.sure for each in both):
            return True
        if not all(each.plain and each.decimals >= 2 for each in both):
            return False
        if any(each.sure for each in both):
            return True
        if self._word(first.first - 1) in MONEY or self._word(second.next) in UNITS:
            return False
        if any(each.negative for each in both) or first.first - self._cue <= _CUE_BEFORE:
            return True
        thousands = all(each.comma and each.decimals == 3 for each in both)
        return not thousands and all(each.decimals >= 3 for each in both)

    def _placed(self, first: _Coordinate, second: _Coordinate) -> Found | None:
        accuracy = accuracy_m(first.half, second.half)
        if accuracy > ROUGHEST_M:
            return None
        a, b = first.value, second.value
        known = first.axis or {"lat": "lon", "lon": "lat"}.get(second.axis, "")
        start, end = self._all[first.first].start, self._all[second.next - 1].end
        by_letter = "letter" in (first.sure, second.sure)
        if known:
            lon, lat = (a, b) if known == "lon" else (b, a)
            if in_kenya_box(lon, lat):
                return Found(lon, lat, accuracy, start, end, "")
            turned = not by_letter and in_kenya_box(lat, lon)  # letters say it twice: which of both errs is not known
            return Found(lat, lon, accuracy, start, end, EXCHANGED) if turned else None
        if in_kenya_box(b, a):
            return Found(b, a, accuracy, start, end, "")
        return Found(a, b, accuracy, start, end, LON_FIRST) if in_kenya_box(a, b) else None

    # --- one coordinate ----------------------------------------------------------------------------------------------

    def _labelled(self, index: int) -> _Coordinate | None:
        axis = LABELS.get(self._word(index))
        if axis is None or self._heads_a_pair(index):
            return None
        for at in range(index + 1, index + 2 + _BETWEEN):
            if (found := self._coordinate(at)) is not None:
                return found._replace(axis=axis, sure="label", first=index)
            if self._kind(at) not in ("punct", "mark") and self._word(at) not in FILLERS:
                return None
        return None

    def _heads_a_pair(self, index: int) -> bool:
        """Tell whether a label stands right after another one, as in "lat/long": then neither says which is which."""
        before = index - 1
        while before >= max(0, index - 2) and (self._kind(before) == "punct" or self._word(before) in AND):
            before -= 1
        return before >= 0 and self._word(before) in LABELS

    def _coordinate(self, index: int) -> _Coordinate | None:
        at, letter = index, HEMISPHERES.get(self._word(index), "")
        if letter:
            at += 1
            while self._text(at) in (":", "=", "."):
                at += 1
        number = self._number(at)
        if number is None or self._is_chained(at):
            return None
        packed = self._packed(number, at, letter)
        if packed is not None:
            return packed._replace(first=index)
        value, decimals, negative, comma = number
        if value > 180.0 or len(self._digits(at)) > 3:
            return None
        half, plain, at = 0.5 * 0.1**decimals, True, at + 1
        marked = self._text(at) in DEGREE_MARKS or self._word(at) in DEGREE
        at += marked
        if not decimals:
            value, half, at = self._minutes(value, at)
            plain = half == 0.5
        if not letter and (suffix := self._suffix(at)):
            letter, at = suffix, at + 1
        axis = "" if not letter else "lat" if letter in "NS" else "lon"
        if negative or letter in ("S", "W"):
            value = -value
        sure = "letter" if letter else "mark" if marked else ""
        return _Coordinate(value, half, axis, sure, decimals, plain, negative, comma, index, at)

    def _minutes(self, value: float, at: int) -> tuple[float, float, int]:
        """Add minutes and seconds that follow whole degrees; give also the uncertainty and where they end."""
        half = 0.5
        for unit, words, marks in ((60.0, MINUTE, None), (3600.0, SECOND, SECOND_MARKS)):
            after = at + (self._text(at) in (":", "-") and self._glued(at) and self._glued(at + 1))
            number = self._number(after)
            if number is None or number[0] >= 60.0 or number[2] or len(self._digits(after)) > 2:
                break
            part, decimals, _, _ = number
            value, half, at = value + part / unit, 0.5 * 0.1**decimals / unit, after + 1
            at += self._ends_part(at, words, marks)
            if decimals:
                break
        return value, half, at

    def _ends_part(self, at: int, words: frozenset[str], marks: frozenset[str] | None) -> bool:
        """Tell whether a token is the mark of minutes (`marks` is None) or of seconds."""
        text, word = self._text(at), self._word(at)
        if marks is None:
            return word in words or (self._kind(at) == "mark" and text not in DEGREE_MARKS | SECOND_MARKS)
        # An s is south, unless a letter of the sky follows it.
        return word in words or text in marks or (word == "s" and self._word(at + 1) in HEMISPHERES)

    def _suffix(self, at: int) -> str:
        """Give the letter after a coordinate, unless it belongs to the next one: `-0.09 E34.76`."""
        letter = HEMISPHERES.get(self._word(at), "")
        belongs_to_next = letter and self._kind(at + 1) == "number" and self._glued(at + 1) and not self._glued(at)
        return "" if belongs_to_next else letter

    def _packed(self, number: tuple[float, int, bool, bool], at: int, letter: str) -> _Coordinate | None:
        """Read degrees, minutes and seconds without anything between: `0005.512,S` of a receiver, `000530S`."""
        digits, (_, decimals, negative, comma) = self._digits(at), number
        if len(digits) < 4 or negative:
            return None
        end = at + 1
        if not letter:
            end += self._text(end) == ","
            letter, end = HEMISPHERES.get(self._word(end), ""), end + 1
        degrees = 2 if letter in ("N", "S") else 3
        if not letter or len(digits) not in (degrees + 2, degrees + 4) or not digits.isascii():
            return None
        parts = [int(digits[:degrees]), *(int(digits[k : k + 2]) for k in range(degrees, len(digits), 2))]
        fraction = float(f"0.{self._all[at].text[-decimals:]}") if decimals else 0.0
        if any(part >= 60 for part in parts[1:]):
            return None
        unit = 60.0 ** (len(parts) - 1)
        value = sum(part / 60.0**k for k, part in enumerate(parts)) + fraction / unit
        axis = "lat" if degrees == 2 else "lon"
        value = -value if letter in "SW" else value
        half = 0.5 * 0.1**decimals / unit
        return _Coordinate(
            value=value,
            half=half,
            axis=axis,
            sure="letter",
            decimals=decimals,
            plain=False,
            negative=False,
            comma=comma,
            first=at,
            next=end,
        )

    # --- tokens ------------------------------------------------------------------------------------------------------

    def _kind(self, at: int) -> str:
        self.looked += 1
        return self._all[at].kind if 0 <= at < len(self._all) else ""

    def _text(self, at: int) -> str:
        self.looked += 1
        return self._all[at].text if 0 <= at < len(self._all) else ""

    def _word(self, at: int) -> str:
        return self._text(at).lower() if self._kind(at) == "word" else ""

    def _glued(self, at: int) -> bool:
        """Tell whether nothing stands between a token and the one before it."""
        return 0 < at < len(self._all) and self._all[at - 1].end == self._all[at].start

    def _digits(self, at: int) -> str:
        """Give the digits of a number before its point."""
        return self._text(at).lstrip("-+\u2212\u2013").replace(",", ".").partition(".")[0]

    def _number(self, at: int) -> tuple[float, int, bool, bool] | None:
        """Give a number's absolute value, its decimals, whether it is negative, and whether it has a comma."""
        if self._kind(at) != "number":
            return None
        text = self._text(at)
        if len(text) > _LONGEST:
            return None
        bare = text.lstrip("-+\u2212\u2013")
        whole, _, decimals = bare.replace(",", ".").partition(".")
        value = float(f"{whole}.{decimals}" if decimals else whole)
        return value, len(decimals), bare != text and text[0] != "+", "," in bare

    def _is_chained(self, at: int) -> bool:
        """Tell whether a number is a part of something longer: a date, a version, an address of the network."""
        point_before = self._text(at - 1) == "." and self._glued(at) and self._kind(at - 2) == "number"
        point_after = self._text(at + 1) == "." and self._glued(at + 1) and self._glued(at + 2)
        return (point_before and self._glued(at - 1)) or (point_after and self._kind(at + 2) == "number")
