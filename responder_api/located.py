"""Where something is, as `GET /locate` answers it: the answer of `geo.answers` as a document for clients.

You are between `geo.answers` and the route; the pages' type is made from these structs.
"""

import math

import msgspec
from msgspec import UNSET
from msgspec import UnsetType as Unset

from geo.answers import Answer, Choice, Code
from geo.wards import Ward


class NamedWard(msgspec.Struct, frozen=True, kw_only=True):
    """A ward by its names; its code is unique only together with the boundaries' version."""

    path: str
    """Area path."""
    code: str
    """Four digits, as the boundary file has it."""
    name: str
    """The ward's name."""
    constituency: str
    county: str


class PossibleWard(msgspec.Struct, frozen=True, kw_only=True):
    """A ward that it may be."""

    ward: NamedWard
    """Which one."""
    confidence: float
    """The chance that it is this one, 0 to 1."""
    metres: float | Unset = UNSET
    """From the position to the ward; 0 where it covers the position. Not for words."""
    lon: float | Unset = UNSET
    """Where the words' place is, degrees."""
    lat: float | Unset = UNSET
    """Latitude of it."""
    matched: str | Unset = UNSET
    """The words of the text that speak for it."""
    why: str | Unset = UNSET
    """What speaks for it, in words."""


class Located(msgspec.Struct, frozen=True, kw_only=True):
    """Which ward a position or words mean, with the doubt and the reason."""

    code: Code
    """Why, as a stable code. `nearest`: outside all wards."""
    reason: str
    """Why, for a person."""
    ward: NamedWard | Unset = UNSET
    """Only where one is certain enough to be asserted."""
    inside: bool
    """Whether a ward is asserted."""
    edge_m: float | Unset = UNSET
    """Metres to the ward's edge; outside all wards, to the nearest ward's."""
    confidence: float
    """Of the first candidate."""
    candidates: list[PossibleWard]
    """The likeliest first; an asserted ward is the first of them."""
    nearest: PossibleWard | Unset = UNSET
    """The nearest ward, where the position lies outside all of them."""
    question: str | Unset = UNSET
    """What the sender could be asked, in English."""
    question_sw: str | Unset = UNSET
    """The same in Swahili."""
    boundaries: str
    """The boundaries' version."""
    approximate: bool
    """Whether the boundaries call themselves an approximation."""


def located(answer: Answer, *, approximate: bool) -> Located:
    """Make the document of an answer."""
    edge_m = answer.edge_m
    return Located(
        code=answer.code,
        reason=answer.reason,
        ward=UNSET if answer.ward is None else named(answer.ward),
        inside=answer.ward is not None,
        edge_m=UNSET if edge_m is None else edge_m,
        confidence=answer.confidence,
        candidates=[_possible(each) for each in answer.candidates],
        nearest=UNSET if answer.nearest is None else _possible(answer.nearest),
        question=answer.question or UNSET,
        question_sw=answer.question_sw or UNSET,
        boundaries=answer.version,
        approximate=approximate,
    )


def named(ward: Ward) -> NamedWard:
    """Give a ward by its names."""
    return NamedWard(path=ward.path, code=ward.code, name=ward.name, constituency=ward.constituency, county=ward.county)


def _possible(choice: Choice) -> PossibleWard:
    by_words = choice.metres is None and math.isfinite(choice.lon) and math.isfinite(choice.lat)
    return PossibleWard(
        ward=named(choice.ward),
        confidence=choice.confidence,
        metres=UNSET if choice.metres is None else choice.metres,
        lon=choice.lon if by_words else UNSET,
        lat=choice.lat if by_words else UNSET,
        matched=choice.matched or UNSET,
        why=choice.why or UNSET,
    )
