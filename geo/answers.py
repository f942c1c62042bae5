"""Answer which ward a position or words mean: one value with the ward or none, the doubt, and the reason.

You are where both roads, the command line and `GET /locate` ask: all take what is said here, so that all say the same.
`geo.wards` knows positions, `geo.gazetteer` words. Only what is known is asserted: a ward that holds the position, or
one that the gazetteer asserts. Everything else is offered with its chance. Next: a report gets its ward.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from geo import written, written_links
from geo.counties import COUNTIES
from geo.gazetteer import Gazetteer
from geo.near import Near
from geo.places import Rejected, area_path, check_position, in_kenya_box
from geo.resolution import Resolution
from geo.wards import Located, Ward, Wards
from geo.waters import water_at

RADIUS_M: Final = 500.0
"""How far around a position other wards are offered."""
ABROAD_M: Final = 5000.0
"""Farther than this outside all wards of the country a position lies in another one, but for our own waters."""
SURE: Final = 0.95
"""A ward that is less sure than this is said to be near its edge."""

Code = Literal[
    "inside",
    "near-edge",
    "overlap",
    "nearest",
    "outside-boundaries",
    "named",
    "place-ambiguous",
    "place-unknown",
    "text-empty",
    "position-outside",
    "position-swapped",
    "position-not-a-number",
    "position-out-of-range",
    "position-null-island",
]
"""Why it is this ward, or none. `nearest`: outside all wards, the nearest one stands first among the candidates.
`outside-boundaries`: as far outside the wards of a part of the country that it may be in another part. `position-…`:
refused, the position cannot be right."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A ward it may be, with its chance 0..1.

    `metres`: from the position to the ward, 0 where the ward covers it; None for words. `lon`, `lat`: the place meant,
    degrees. `matched`, `why`: for words, those of the text that speak for it, and why.
    """

    ward: Ward
    confidence: float
    metres: float | None = None
    lon: float
    lat: float
    matched: str = ""
    why: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Which ward, and why.

    `ward`: the asserted one, else None. `candidates`: the likeliest first; an asserted ward is the first of them.
    `confidence`: of the first candidate; 0 without any. `edge_m`: metres from the position (of words: from the place
    they mean) to the ward's edge; outside all wards to the nearest ward's. `nearest`: the nearest ward, outside all.
    `reason`: for a person. `question`, `question_sw`: what the sender of words could be asked. `version`: of the
    boundaries.
    """

    code: Code
    reason: str
    ward: Ward | None = None
    edge_m: float | None = None
    candidates: tuple[Choice, ...] = ()
    confidence: float = 0.0
    nearest: Choice | None = None
    question: str = ""
    question_sw: str = ""
    version: str

    @property
    def refused(self) -> bool:
        """Whether the position cannot be right, so that nothing is to be made of it."""
        return self.code.startswith("position-")


def at_point(
    wards: Wards, lon: object, lat: object, *, radius_m: float = RADIUS_M, accuracy_m: float | None = None
) -> Answer:
    """Answer for one position, degrees WGS 84; never raises.

    `radius_m`: how far around other wards are offered. `accuracy_m`: the position's own error, the radius that holds
    the truth in 68 % of cases.
    """
    try:
        point = check_position(lon, lat)
    except Rejected as rejected:
        return _no_position(wards, rejected, lon, lat, radius_m, accuracy_m)
    return _of(wards, point.lon, point.lat, wards.at(point.lon, point.lat, radius_m=radius_m, accuracy_m=accuracy_m))


def at_points(
    wards: Wards,
    lons: Sequence[float],
    lats: Sequence[float],
    *,
    radius_m: float = RADIUS_M,
    accuracy_m: Sequence[float | None] | None = None,
) -> list[Answer]:
    """Answer for many positions as `at_point` does for each, faster; NaN for what is no number."""
    accuracies = [None] * len(lons) if accuracy_m is None else accuracy_m
    refused: dict[int, Answer] = {}
    for i, (lon, lat) in enumerate(zip(lons, lats, strict=True)):
        try:
            check_position(lon, lat)
        except Rejected as rejected:
            refused[i] = _no_position(wards, rejected, lon, lat, radius_m, accuracies[i])
    taken = [i for i in range(len(lons)) if i not in refused]
    xs, ys = [lons[i] for i in taken], [lats[i] for i in taken]
    found = wards.at_many(xs, ys, radius_m=radius_m, accuracy_m=[accuracies[i] for i in taken])
    answers = {i: _of(wards, x, y, each) for i, x, y, each in zip(taken, xs, ys, found, strict=True)} | refused
    return [answers[i] for i in range(len(lons))]


def of_text(wards: Wards, gazetteer: Gazetteer, text: str, near: Near | None = None) -> Answer:
    """Answer for words; `near` as in `Gazetteer.resolve`. Never raises for any text."""
    return of_texts(wards, gazetteer, (text,), (near,))[0]


def of_texts(wards: Wards, gazetteer: Gazetteer, texts: Sequence[str], nears: Sequence[Near | None]) -> list[Answer]:
    """Answer for many texts as `of_text` does for each, faster."""
    answers = [
        _or_written(wards, text, _of_resolution(wards, gazetteer.resolve(text, near)))
        if text.strip()
        else Answer(code="text-empty", reason="there is no text", version=wards.version)
        for text, near in zip(texts, nears, strict=True)
    ]
    answers = [_with_link(text, each) for text, each in zip(texts, answers, strict=True)]
    firsts = [(i, each.candidates[0]) for i, each in enumerate(answers) if each.ward is not None]
    known = [(i, first.lon, first.lat) for i, first in firsts if math.isfinite(first.lon) and math.isfinite(first.lat)]
    found = wards.at_many([lon for _, lon, _ in known], [lat for _, _, lat in known], radius_m=0.0)
    for (i, _, _), located in zip(known, found, strict=True):
        if math.isfinite(located.edge_m):
            answers[i] = msgspec.structs.replace(answers[i], edge_m=located.edge_m)
    return answers


def _of_resolution(wards: Wards, found: Resolution) -> Answer:
    """Answer with what the gazetteer made of words, but for how near the edge of the ward its place is."""
    choices = tuple(
        Choice(
            ward=wards.ward(each.ward_row),
            confidence=each.confidence,
            lon=each.lon,
            lat=each.lat,
            matched=each.matched,
            why=each.why,
        )
        for each in found.candidates
    )
    first = choices[0] if choices else None
    confidence = first.confidence if first is not None else 0.0
    if first is None or not found.asserted:
        said = "the words fit more than one place" if len(choices) > 1 else "the place in the words is not certain"
        return Answer(
            code="place-unknown" if first is None else "place-ambiguous",
            reason="nothing in the words names a place that is known" if first is None else said,
            candidates=choices,
            confidence=confidence,
            question=found.question or "",
            question_sw=found.question_sw or "",
            version=wards.version,
        )
    return Answer(
        code="named",
        reason=f"“{first.matched}”: {first.why}" if first.matched else first.why,
        ward=first.ward,
        candidates=choices,
        confidence=confidence,
        version=wards.version,
    )


def _or_written(wards: Wards, text: str, answer: Answer) -> Answer:
    """Where words name nothing, say of a position in them that no ward holds it: on a lake, in a gap, abroad."""
    position = None if answer.candidates else written.position(text)
    if position is None:
        return answer
    there = at_point(wards, position.lon, position.lat, accuracy_m=position.accuracy_m)
    return msgspec.structs.replace(
        there,
        reason=f"“{position.words}”: {there.reason}",
        question=answer.question,
        question_sw=answer.question_sw,
    )


def _with_link(text: str, answer: Answer) -> Answer:
    """Say of a short map link, where nothing else tells the ward, that it cannot be opened: nothing is ever fetched."""
    if answer.ward is not None or answer.edge_m is not None or not written_links.is_short(text):
        return answer
    return msgspec.structs.replace(
        answer,
        reason=f"{answer.reason}; a short map link cannot be opened here",
        question=f"The map link cannot be opened here. {answer.question}".rstrip(),
        question_sw=f"Kiungo cha ramani hakifunguki hapa. {answer.question_sw}".rstrip(),
    )


def _of(wards: Wards, lon: float, lat: float, located: Located) -> Answer:
    if not located.inside:
        return _outside(wards, lon, lat, located)
    choices = _choices(wards, lon, lat, located, first=located.row)
    ward, edge_m = choices[0].ward, located.edge_m
    other = next((each for each in choices[1:] if each.metres is not None), None)
    code: Code = "inside" if located.confidence >= SURE else "near-edge"
    reason = f"the edge is {far(edge_m)} away"
    if other is not None and other.metres == 0.0:
        code, reason = "overlap", f"the boundaries overlap here with {other.ward.name}: the file's first ward is taken"
    elif other is not None:
        beside = f"{other.ward.name} is {far(other.metres or 0.0)} away"
        reason = beside if far(other.metres or 0.0) == far(edge_m) else f"{reason}, {beside}"
    return Answer(
        code=code,
        reason=reason,
        ward=ward,
        edge_m=edge_m,
        candidates=choices,
        confidence=located.confidence,
        version=located.version,
    )


def _outside(wards: Wards, lon: float, lat: float, located: Located) -> Answer:
    if located.nearest is None or not math.isfinite(located.nearest[1]):
        return Answer(code="outside-boundaries", reason="the boundaries have no wards", version=located.version)
    row, metres = located.nearest
    away = f"the nearest ward is {_full(wards.ward(row))}, {far(metres)} away"
    abroad = not in_kenya_box(lon, lat)
    if not abroad and metres > ABROAD_M and _national(wards):
        water = water_at(lon, lat)
        abroad = water is None
        away = away if water is None else f"on {water}; {away}"
    if abroad:
        return Answer(code="position-outside", reason=f"outside Kenya; {away}", edge_m=metres, version=located.version)
    choices = _choices(wards, lon, lat, located, first=row)
    elsewhere = metres > ABROAD_M and not _national(wards)
    where = "outside the boundaries known here" if elsewhere else "outside all wards"
    return Answer(
        code="outside-boundaries" if elsewhere else "nearest",
        reason=f"{where}; {away}",
        edge_m=metres,
        candidates=choices,
        confidence=choices[0].confidence,
        nearest=choices[0],
        version=located.version,
    )


def _choices(wards: Wards, lon: float, lat: float, located: Located, *, first: int) -> tuple[Choice, ...]:
    """List the wards that hold the position, stand within the radius or have a chance: `first`, then the likeliest."""
    metres = dict(located.candidates)
    chances = dict(located.chances)
    ranked = sorted(
        {first, *chances, *metres},
        key=lambda row: (row != first, -chances.get(row, 0.0), metres.get(row, math.inf), row),
    )
    return tuple(
        Choice(
            ward=wards.ward(row),
            confidence=chances.get(row, 0.0),
            metres=metres[row] if row in metres else wards.distance_m(row, lon, lat),
            lon=lon,
            lat=lat,
        )
        for row in ranked
    )


def _no_position(
    wards: Wards, rejected: Rejected, lon: object, lat: object, radius_m: float, accuracy_m: float | None
) -> Answer:
    """Say why it is no position; where the two numbers are exchanged, offer what the other order gives."""
    code: Code = rejected.code  # type: ignore[assignment]  # one of those that `check_position` names
    if code != "position-swapped":
        return Answer(code=code, reason=rejected.detail, version=wards.version)
    other = at_point(wards, lat, lon, radius_m=radius_m, accuracy_m=accuracy_m)
    first = other.candidates[0].ward if other.candidates else None
    return Answer(
        code=code,
        reason=rejected.detail + (f" That is in {_full(first)}" if first is not None and other.ward else ""),
        edge_m=other.edge_m,
        candidates=other.candidates,
        confidence=other.confidence,
        version=wards.version,
    )


def _national(wards: Wards) -> bool:
    """Tell whether the boundaries are the whole country's: then what lies far outside them lies abroad."""
    return all(wards.rows_in(area_path(code)) for code in COUNTIES)


def _full(ward: Ward) -> str:
    return f"{ward.name}, {ward.county}" if ward.county else ward.name


def far(metres: float) -> str:
    """Write a distance for a person: 12 m, 850 m, 1.2 km, 34 km."""
    if metres < 995.0:
        return f"{metres:.0f} m"
    return f"{metres / 1000.0:.1f} km" if metres < 9950.0 else f"{metres / 1000.0:,.0f} km"
