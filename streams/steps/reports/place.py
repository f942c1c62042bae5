"""Where a report is: by its position, by its words, or nowhere yet, with the reason. Part of `reports`.

What a position or words mean is said by `geo.answers`, to the road as to everybody else; here is what a report makes of
it: who answers for a position off the shore, which wards stand near enough to watch, and what waits for an operator.
"""

import msgspec

from geo.answers import RADIUS_M, Answer, Choice, at_point, of_text
from geo.places import distance_m
from geo.wards import Ward
from streams.events import Candidate, Event, ReportReceived
from streams.world import World

FAR_M = 3000.0
"""Words and position further apart than this speak of two places."""
SHORE_M = 1000.0
"""A position outside all wards but this near to one (lake edge, border gap) is taken to be in it, marked as such."""
UNSURE_M = 3000.0
"""How inexact a position may be and still have all wards offered that it may lie in."""
MOST = 5
"""Wards that are offered at most."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report is, and how that is known. `outside_m`: metres that it lies outside the ward that answers."""

    ward: str
    ward_name: str
    lon: float
    lat: float
    how: str
    confidence: float
    edge_m: float | None = None
    outside_m: float | None = None
    candidates: tuple[Candidate, ...] = ()


class Nowhere(msgspec.Struct, frozen=True, kw_only=True):
    """Why a report has no place yet."""

    code: str
    detail: str
    candidates: tuple[Candidate, ...] = ()
    question: str = ""


def find(world: World, event: Event, body: ReportReceived, last: tuple[float, float] | None) -> Spot | Nowhere:
    """Place a report; `last` is where its sender was when last heard of (lon, lat)."""
    point = None
    if body.lon is not None and body.lat is not None:
        point = by_point(world, body.lon, body.lat, body.accuracy_m)
    if isinstance(point, Spot) and (body.position_of == "incident" or not body.text.strip()):
        return point
    near = last if last is not None else event.key
    words = by_words(world, body.text, near)
    if isinstance(point, Spot):
        if isinstance(words, Spot) and distance_m(point.lon, point.lat, words.lon, words.lat) > FAR_M:
            if body.position_of == "reporter":
                return words
            return msgspec.structs.replace(point, confidence=point.confidence * 0.6, candidates=words.candidates)
        return point
    if isinstance(words, Spot):
        return words
    if isinstance(point, Nowhere):
        return msgspec.structs.replace(point, candidates=point.candidates + words.candidates)
    return words


def by_point(world: World, lon: float, lat: float, accuracy_m: float | None = None) -> Spot | Nowhere:
    """Place a position: in the ward that holds it, or off its shore; else it waits, with the nearest ward offered."""
    radius_m = max(RADIUS_M, min(accuracy_m or 0.0, UNSURE_M))
    return _of_position(at_point(world.wards, lon, lat, radius_m=radius_m, accuracy_m=accuracy_m), "point")


def _of_position(answer: Answer, how: str, question: str = "") -> Spot | Nowhere:
    """Take the answer to a position: of the report itself, or written out in its words."""
    candidates = tuple(_candidate(choice) for choice in answer.candidates[:MOST])
    chosen = answering(answer)
    if chosen is None:
        # For an operator all that lies outside is one thing; whether it is abroad stands in the words.
        code = answer.code if answer.refused else "position-outside-wards"
        # Whichever ward answers, it is where it is: the ward's own middle is no place of it.
        there = tuple(
            msgspec.structs.replace(each, lon=choice.lon, lat=choice.lat)
            for each, choice in zip(candidates, answer.candidates, strict=False)
        )
        return Nowhere(code=code, detail=answer.reason, candidates=there, question=question)
    return Spot(
        ward=chosen.ward.path,
        ward_name=chosen.ward.name,
        lon=chosen.lon,
        lat=chosen.lat,
        how=how,
        confidence=answer.confidence if answer.ward is not None else 0.5,
        edge_m=_rounded(answer.edge_m),
        outside_m=None if answer.ward is not None else _rounded(answer.edge_m),
        candidates=candidates if len(candidates) > 1 else (),
    )


def _rounded(metres: float | None) -> float | None:
    return None if metres is None else round(metres, 1)


def answering(answer: Answer) -> Choice | None:
    """Give the ward that answers for a position: the one that holds it, else one within SHORE_M, else none."""
    if answer.ward is not None:
        return answer.candidates[0]
    nearest = answer.nearest
    return nearest if nearest is not None and nearest.metres is not None and nearest.metres <= SHORE_M else None


def _candidate(choice: Choice) -> Candidate:
    return _neighbour(choice.ward, choice.metres or 0.0, round(choice.confidence, 4))


def _neighbour(ward: Ward, metres: float, confidence: float = 0.0) -> Candidate:
    return Candidate(
        ward=ward.path,
        name=ward.name,
        confidence=confidence,
        why=f"{metres:.0f} m away",
        lon=ward.lon,
        lat=ward.lat,
        metres=round(metres, 1),
    )


def by_words(world: World, text: str, near: tuple[float, float] | str | None) -> Spot | Nowhere:
    """Take what the gazetteer makes of the words: asserted, ambiguous, or unknown; `near` as it takes it."""
    answer = of_text(world.wards, world.gazetteer, text, near)
    if answer.refused or answer.nearest is not None:
        return _of_position(answer, "words", answer.question)
    beside = _beside(world, answer)
    candidates = tuple(
        Candidate(
            ward=each.ward.path,
            name=each.ward.name,
            confidence=each.confidence,
            why=each.why,
            lon=each.lon,
            lat=each.lat,
            metres=beside.pop(each.ward.row, None),
        )
        for each in answer.candidates[:MOST]
    )
    if answer.ward is None:
        code = "place-ambiguous" if candidates else "place-unknown"
        detail = answer.reason if candidates else "no place in the words is known"
        return Nowhere(code=code, detail=detail, candidates=candidates, question=answer.question)
    best = answer.candidates[0]
    candidates += tuple(_neighbour(world.wards.ward(row), metres) for row, metres in beside.items())
    return Spot(
        ward=answer.ward.path,
        ward_name=answer.ward.name,
        lon=best.lon,
        lat=best.lat,
        how="words",
        confidence=answer.confidence,
        edge_m=_rounded(answer.edge_m),
        candidates=candidates if len(candidates) > 1 else (),
    )


def _beside(world: World, answer: Answer) -> dict[int, float]:
    """Give the rows of the wards near the place that words assert, with metres: 0 for those that hold it."""
    if answer.ward is None or answer.edge_m is None:
        return {}
    best = answer.candidates[0]
    found = world.wards.at(best.lon, best.lat, radius_m=RADIUS_M)
    return {row: round(metres, 1) for row, metres in found.candidates}
