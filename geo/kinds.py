"""How well a place fits the words beside its name: the kind that is said, and what tells it from its namesakes. Pure.

`geo.mentions` asks here for each reading of a name.
"""

from typing import Final

from geo.entries import OTHER_PRIOR, Entry
from geo.vocabulary import CLASS_OF
from geo.words import is_apart

_GENDERS: Final = frozenset({"girls", "boys", "mixed"})
UNITS: Final = frozenset({"ward", "county", "constituency"})
"""Kinds that are said of areas only: what else stands beside the name then counts for nothing."""
_LEVELS: Final = frozenset({"primary", "secondary", "college", "academy"})


_SETTLED: Final = {"town": 1.0, "city": 1.0, "estate": 1.0, "village": 1.0, "market": 0.8, "locality": 0.9,
                   "location": 0.8, "ward": 0.7, "junction": 1.0, "stage": 1.0, "place": 0.8}  # fmt: skip
_BESIDE: Final = {"ward": 0.35, "town": 0.4, "city": 0.3, "estate": 0.4, "village": 0.4, "market": 0.4,
                  "locality": 0.3, "location": 0.3, "place": 0.3}  # fmt: skip
_AGREEMENT: Final[dict[str, tuple[dict[str, float], float]]] = {
    "town": (_SETTLED, 0.06),
    "area": ({**dict.fromkeys(_SETTLED, 1.0), "farm": 0.8, "forest": 0.6}, 0.3),
    "location": ({**dict.fromkeys(_SETTLED, 0.4)}, 0.1),
    "market": ({**_BESIDE, "town": 0.7, "market": 1.0}, 0.08),
    "school": ({"ward": 0.1, "town": 0.12, "estate": 0.12, "village": 0.12, "locality": 0.12, "location": 0.1,
                "church": 0.15, "place": 0.1, "market": 0.1}, 0.03),
    "river": ({"well": 0.4, "dam": 0.4, "lake": 0.5, "ward": 0.1, "bridge": 0.5}, 0.06),
    "hill": ({"forest": 0.4, "locality": 0.3, "ward": 0.1}, 0.08),
    "bridge": ({**_BESIDE, "river": 0.7, "road": 0.5}, 0.06),
    "ward": ({"location": 0.06, "town": 0.04}, 0.01),
    "county": ({}, 0.01),
    "constituency": ({}, 0.01),
}  # fmt: skip
"""How well a place of one class fits a kind word of another; what is not listed, at the default beside it."""


def fit_of(entry: Entry, kinds: frozenset[str], qualifiers: frozenset[str]) -> float:
    """Say how well an entry fits what stands beside its name; without a kind, what a bare name most likely means."""
    weight = _of_kind(entry, kinds)
    if entry.foreign:
        weight *= 1.5 if entry.foreign & kinds else 0.5
    for word in qualifiers - entry.apart:
        if len(word) == 1 and any(other.startswith(word) for other in entry.apart if len(other) > 1):
            weight *= 1.5  # "S. Sakwa"
        elif word in _GENDERS:
            weight *= 0.05 if entry.apart & _GENDERS else 0.5
        elif is_apart(word):
            weight *= 0.06 if any(map(is_apart, entry.apart)) else 0.3
        else:
            weight *= 0.8
    return weight


def _of_kind(entry: Entry, kinds: frozenset[str]) -> float:
    if entry.is_area:
        if not kinds or entry.kind in kinds or kinds <= {"town", "sub"}:
            return 3.0 if entry.kind in kinds and not (entry.kind == "county" and "sub" in kinds) else 1.0
        if "county" in kinds and "sub" in kinds:
            return 3.0 if entry.kind == "constituency" else 0.3
        return 0.15 if kinds & {"county", "constituency", "sub"} else 0.04
    if not kinds:
        return entry.prior
    best = 0.0
    for kind in kinds & UNITS or kinds:
        broad = CLASS_OF.get(kind, kind)
        if kind == entry.kind or (kind not in UNITS and (broad == entry.kind or kind in entry.said_kinds)):
            fit = 1.0
        elif entry.kind == "city" and broad == "town":
            fit = 2.0
        else:
            table, otherwise = _AGREEMENT.get(broad, (_BESIDE, 0.06))
            fit = table.get(entry.kind, otherwise) * max(entry.prior, OTHER_PRIOR)
        best = max(best, fit)
    levels = kinds & _LEVELS
    if levels and entry.kind == "school":
        own = entry.said_kinds & _LEVELS
        best *= (
            1.2 if levels & own else 0.3 if own == {"academy"} else 0.2 if own else 1.0 if "primary" in levels else 0.6
        )
    return best
