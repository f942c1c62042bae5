"""Where a report is: by its position, by its words, or nowhere yet, with the reason. Part of `reports`."""

import msgspec

from geo.gazetteer import Resolution
from geo.places import distance_m, in_kenya_box
from geo.wards import Located
from streams.events import Candidate, Event, ReportReceived
from streams.world import World

FAR_M = 3000.0
"""Words and position further apart than this speak of two places."""
SHORE_M = 1000.0
"""A position outside all wards but this near to one (lake edge, border gap) is taken to be in it, marked as such."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report is, and how that is known."""

    ward: str
    ward_name: str
    lon: float
    lat: float
    how: str
    confidence: float
    edge_m: float | None = None
    candidates: tuple[Candidate, ...] = ()


class Nowhere(msgspec.Struct, frozen=True, kw_only=True):
    """Why a report has no place yet."""

    code: str
    detail: str
    candidates: tuple[Candidate, ...] = ()
    question: str = ""


def find(world: World, event: Event, body: ReportReceived, last: tuple[float, float] | None) -> Spot | Nowhere:
    """Place a report; `last` is where its sender was when last heard of (lon, lat)."""
    point = _by_point(world, body) if body.lon is not None and body.lat is not None else None
    if isinstance(point, Spot) and (body.position_of == "incident" or not body.text.strip()):
        return point
    near = last if last is not None else event.key
    resolution = world.gazetteer.resolve(body.text, near=near) if body.text.strip() else None
    words = by_words(resolution, world)
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


def _by_point(world: World, body: ReportReceived) -> Spot | Nowhere:
    lon, lat = body.lon or 0.0, body.lat or 0.0
    if not in_kenya_box(lon, lat):
        return Nowhere(code="position-outside", detail=f"the position {lat:.4f}, {lon:.4f} lies outside Kenya")
    found = world.wards.at(lon, lat, accuracy_m=body.accuracy_m)
    candidates = tuple(_ward_candidate(world, row, metres) for row, metres in found.candidates[:5])
    row = answerable(found)
    confidence = found.confidence if found.inside else 0.5
    if row < 0:
        away = f", {found.nearest[1] / 1000:.0f} km from the nearest ward" if found.nearest else ""
        return Nowhere(
            code="position-outside-wards", detail=f"no ward holds {lat:.4f}, {lon:.4f}{away}", candidates=candidates
        )
    ward = world.wards.ward(row)
    return Spot(
        ward=ward.path,
        ward_name=ward.name,
        lon=lon,
        lat=lat,
        how="point",
        confidence=confidence,
        edge_m=found.edge_m,
        candidates=candidates if len(candidates) > 1 else (),
    )


def _ward_candidate(world: World, row: int, metres: float) -> Candidate:
    ward = world.wards.ward(row)
    return Candidate(ward=ward.path, name=ward.name, why=f"{metres:.0f} m away", lon=ward.lon, lat=ward.lat)


def answerable(found: Located) -> int:
    """Give the row of the ward that answers for a position: the one that holds it, else one within SHORE_M, else -1."""
    if found.inside:
        return found.row
    return found.nearest[0] if found.nearest is not None and found.nearest[1] <= SHORE_M else -1


def by_words(resolution: Resolution | None, world: World) -> Spot | Nowhere:
    """Take what the gazetteer makes of the words: asserted, ambiguous, or unknown."""
    if resolution is None or not resolution.candidates:
        return Nowhere(code="place-unknown", detail="no place in the words is known", question=_question(resolution))
    candidates = tuple(
        Candidate(
            ward=each.path,
            name=world.wards.ward(each.ward_row).name,
            confidence=each.confidence,
            why=each.why,
            lon=each.lon,
            lat=each.lat,
        )
        for each in resolution.candidates[:5]
    )
    best = resolution.candidates[0]
    if not resolution.asserted:
        detail = "the words fit more than one place" if len(candidates) > 1 else "the place in the words is not certain"
        return Nowhere(code="place-ambiguous", detail=detail, candidates=candidates, question=_question(resolution))
    return Spot(
        ward=best.path,
        ward_name=world.wards.ward(best.ward_row).name,
        lon=best.lon,
        lat=best.lat,
        how="words",
        confidence=best.confidence,
        candidates=candidates if len(candidates) > 1 else (),
    )


def _question(resolution: Resolution | None) -> str:
    return (resolution.question or "") if resolution is not None else ""
