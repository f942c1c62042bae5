"""Where is it, what is it, how bad does it sound: a report gets its ward, hazard and severity.

You are on the SMS road after `inbox`, or directly behind the door. A position decides by exact point-in-polygon, words
by the gazetteer; whose position it is matters (a relative abroad reports a flood at home). What neither can place waits
for an operator with candidates and a question (`ReportUnlocated`), and is placed later (`ReportPlaced`). Next:
`incidents`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from alerts import scoring
from geo.gazetteer import Resolution
from geo.places import distance_m, in_kenya_box
from streams.events import (
    Candidate,
    Event,
    Fact,
    ReportDismissed,
    ReportLocated,
    ReportPlaced,
    ReportReceived,
    ReportRepeated,
    ReportUnlocated,
    audience,
)
from streams.state import State
from streams.world import World

RULES = "reports-1"
REPEAT_WITHIN = timedelta(minutes=30)
"""The same words of the same sender within this time are one report."""
ANSWER_MOST = 60
"""A longer text is a report of its own, not an answer to where the last one is."""
REMEMBERED = 5
"""How many reports of one sender are remembered."""
FAR_M = 3000.0
"""Words and position further apart than this speak of two places."""
SHORE_M = 1000.0
"""A position outside all wards but this near to one (lake edge, border gap) is taken to be in it, marked as such."""


class Said(msgspec.Struct, frozen=True):
    """One thing a sender said."""

    words: str
    at: datetime
    report: str


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender said lately, and where they last were."""

    said: tuple[Said, ...] = ()
    asked: str = ""
    """The report about whose place we asked last."""
    lon: float | None = None
    lat: float | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A report that waits for its sender or an operator to place it."""

    report: ReportReceived
    candidates: tuple[Candidate, ...] = ()


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


def reports(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Locate a report, or put it into the triage queue; carry out what an operator decided about a waiting one."""
    body = event.body
    if isinstance(body, ReportReceived):
        yield from _received(world, state, event, body)
    elif isinstance(body, ReportPlaced):
        yield from _placed(world, state, event, body)
    elif isinstance(body, ReportDismissed):
        state.drop(f"waiting/{body.report}")


def _received(world: World, state: State, event: Event, body: ReportReceived) -> Iterator[Fact]:
    sender = (state.get(f"sender/{body.reporter}", Sender) or Sender()) if body.reporter else Sender()
    words = " ".join(body.text.casefold().split())
    before = _said_before(sender, words, event.at)
    if before is not None:
        repeated = ReportRepeated(report=event.id, of=before.report, why="the same words from the same sender")
        yield Fact(body=repeated, audience=event.audience)
        return
    if sender.asked and (answered := _answers(world, state, event, body, sender)) is not None:
        yield from answered
        return
    spot = _find(world, event, body, sender)
    if body.reporter:
        said = (*sender.said, Said(words, event.at, event.id))[-REMEMBERED:]
        here = (spot.lon, spot.lat) if isinstance(spot, Spot) else (sender.lon, sender.lat)
        asked = event.id if isinstance(spot, Nowhere) and body.channel == "sms" else ""
        state.put(f"sender/{body.reporter}", Sender(said=said, asked=asked, lon=here[0], lat=here[1]))
    if isinstance(spot, Nowhere):
        state.put(f"waiting/{event.id}", Waiting(report=body, candidates=spot.candidates))
    yield _fact(world, event, event.id, body, spot)


def _answers(
    world: World, state: State, event: Event, body: ReportReceived, sender: Sender
) -> tuple[Fact, Fact] | None:
    """Take a text as the answer to our question where a report is: a number from the list, or a place and no news."""
    waiting = state.get(f"waiting/{sender.asked}", Waiting)
    text = body.text.strip().rstrip(".")
    if waiting is None or len(text) > ANSWER_MOST:
        return None
    if text.isdecimal() and 0 < int(text) <= len(waiting.candidates):
        chosen = waiting.candidates[int(text) - 1]
        spot = _spot(chosen, 0.9)
    elif scoring.classify(text).points:
        return None
    else:
        found = _by_words(world.gazetteer.resolve(text, near=event.key), world)
        if not isinstance(found, Spot):
            return None
        spot = found
    state.drop(f"waiting/{sender.asked}")
    state.put(f"sender/{body.reporter}", msgspec.structs.replace(sender, asked="", lon=spot.lon, lat=spot.lat))
    repeated = ReportRepeated(report=event.id, of=sender.asked, why="the answer to where the report is")
    return Fact(body=repeated, audience=event.audience), _fact(world, event, sender.asked, waiting.report, spot)


def _spot(chosen: Candidate, confidence: float) -> Spot:
    return Spot(
        ward=chosen.ward,
        ward_name=chosen.name,
        lon=chosen.lon or 0.0,
        lat=chosen.lat or 0.0,
        how="words",
        confidence=confidence,
    )


def _placed(world: World, state: State, event: Event, body: ReportPlaced) -> Iterator[Fact]:
    waiting = state.get(f"waiting/{body.report}", Waiting)
    if waiting is None:
        return
    found = world.wards.at(body.lon, body.lat)
    row = found.row if found.inside else found.nearest[0] if found.nearest else -1
    if row < 0:
        return
    ward = world.wards.ward(row)
    spot = Spot(
        ward=ward.path, ward_name=ward.name, lon=body.lon, lat=body.lat, how="operator", confidence=1.0, edge_m=found.edge_m
    )
    state.drop(f"waiting/{body.report}")
    yield _fact(world, event, body.report, waiting.report, spot)


def _said_before(sender: Sender, words: str, at: datetime) -> Said | None:
    if not words:
        return None
    for said in sender.said:
        if said.words == words and abs(at - said.at) <= REPEAT_WITHIN:
            return said
    return None


def _find(world: World, event: Event, body: ReportReceived, sender: Sender) -> Spot | Nowhere:
    point = _by_point(world, body) if body.lon is not None and body.lat is not None else None
    if isinstance(point, Spot) and (body.position_of == "incident" or not body.text.strip()):
        return point
    near = (sender.lon, sender.lat) if sender.lon is not None and sender.lat is not None else event.key
    resolution = world.gazetteer.resolve(body.text, near=near) if body.text.strip() else None
    words = _by_words(resolution, world)
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
    if found.inside:
        row, confidence = found.row, found.confidence
    elif found.nearest is not None and found.nearest[1] <= SHORE_M:
        row, confidence = found.nearest[0], 0.5
    else:
        away = f", {found.nearest[1] / 1000:.0f} km from the nearest ward" if found.nearest else ""
        return Nowhere(code="position-outside-wards", detail=f"no ward holds {lat:.4f}, {lon:.4f}{away}", candidates=candidates)
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


def _by_words(resolution: Resolution | None, world: World) -> Spot | Nowhere:
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


def _fact(world: World, event: Event, report: str, body: ReportReceived, spot: Spot | Nowhere) -> Fact:
    hazard = body.hazard or scoring.classify(body.text).hazard
    grade = scoring.severity(body.text, hazard, world.plan)
    versions = {
        "rules": RULES,
        "scoring": scoring.RULES,
        "boundaries": world.wards.version,
        "plan": world.plan.version,
    }
    if isinstance(spot, Nowhere):
        waiting = ReportUnlocated(
            report=report,
            code=spot.code,
            detail=spot.detail,
            text=body.text,
            hazard=hazard,
            severity=grade.severity,
            channel=body.channel,
            reporter=body.reporter,
            source_kind=body.source_kind,
            candidates=spot.candidates,
            question=spot.question,
        )
        return Fact(body=waiting, audience=audience(event.key, "operator"), versions=versions)
    located = ReportLocated(
        report=report,
        channel=body.channel,
        reporter=body.reporter,
        ward=spot.ward,
        ward_name=spot.ward_name,
        lon=spot.lon,
        lat=spot.lat,
        how=spot.how,  # type: ignore[arg-type]  # one of the three that Spot is made with
        confidence=spot.confidence,
        hazard=hazard,
        severity=grade.severity,
        text=body.text,
        source_kind=body.source_kind,
        edge_m=spot.edge_m,
        candidates=spot.candidates,
        parts=grade.parts,
    )
    return Fact(body=located, audience=audience(spot.ward, "operator"), key=spot.ward[:6], versions=versions)
