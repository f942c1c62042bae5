"""Where is it, what is it, how bad does it sound: a report gets its ward, hazard and severity.

You are on the SMS road after `inbox`, or directly behind the door. A position decides by exact point-in-polygon, words
by the gazetteer; whose position it is matters (a relative abroad reports a flood at home). What neither can place waits
for an operator with candidates and a question (`ReportUnlocated`), and is placed later: by an operator
(`ReportPlaced`), or by the sender's answer, also to a question of the operator's own (`QuestionAsked`). Next:
`incidents`.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from alerts import scoring
from streams.events import (
    Candidate,
    Event,
    Fact,
    QuestionAsked,
    ReportDismissed,
    ReportLocated,
    ReportPlaced,
    ReportReceived,
    ReportRepeated,
    ReportUnlocated,
    RequestRefused,
    audience,
)
from streams.state import State
from streams.steps.reports.place import Nowhere, Spot, by_point, by_words, find
from streams.world import World

RULES = "reports-2"
REPEAT_WITHIN = timedelta(minutes=30)
"""The same words of the same sender within this time are one report."""
ANSWER_MOST = 60
"""A longer text is a report of its own, not an answer to where the last one is."""
BELIEVED = timedelta(days=1)
"""A sender's clock that is further behind ours, or ahead of it, is wrong: then a report happened when it reached us."""
REMEMBERED = 5
"""How many reports of one sender are remembered."""


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
    question: str = ""
    """What an operator asked, in their own words; empty where we asked where it is."""
    lon: float | None = None
    lat: float | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A report that waits for its sender or an operator to place it."""

    report: ReportReceived
    at: datetime
    candidates: tuple[Candidate, ...] = ()


def reports(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Locate a report, or put it into the triage queue; carry out what an operator decided about a waiting one."""
    body = event.body
    if isinstance(body, ReportReceived):
        yield from _received(world, state, event, body)
    elif isinstance(body, ReportPlaced):
        yield from _placed(world, state, event, body)
    elif isinstance(body, ReportDismissed):
        state.drop(f"waiting/{body.report}")
    elif isinstance(body, QuestionAsked):
        _asked(state, body)


def _asked(state: State, body: QuestionAsked) -> None:
    """Take the sender's next words for the answer, if the report still waits for its place."""
    if state.get(f"waiting/{body.report}", Waiting) is not None:
        sender = state.get(f"sender/{body.to}", Sender) or Sender()
        asked = msgspec.structs.replace(sender, asked=body.report, question=body.question)
        state.put(f"sender/{body.to}", asked)


def _received(world: World, state: State, event: Event, body: ReportReceived) -> Iterator[Fact]:
    sender = (state.get(f"sender/{body.reporter}", Sender) or Sender()) if body.reporter else Sender()
    words, at = " ".join(body.text.casefold().split()), happened(event)
    before = _said_before(sender, words, at)
    if before is not None:
        repeated = ReportRepeated(report=event.id, of=before.report, why="the same words from the same sender")
        yield Fact(body=repeated, audience=event.audience)
        return
    if sender.asked and (answered := _answers(world, state, event, body, sender)) is not None:
        yield from answered
        return
    last = (sender.lon, sender.lat) if sender.lon is not None and sender.lat is not None else None
    spot = find(world, event, body, last)
    if body.reporter:
        said = (*sender.said, Said(words, at, event.id))[-REMEMBERED:]
        here = (spot.lon, spot.lat) if isinstance(spot, Spot) else (sender.lon, sender.lat)
        asked = event.id if isinstance(spot, Nowhere) and body.channel == "sms" else ""
        state.put(f"sender/{body.reporter}", Sender(said=said, asked=asked, lon=here[0], lat=here[1]))
    if isinstance(spot, Nowhere):
        state.put(f"waiting/{event.id}", Waiting(report=body, at=at, candidates=spot.candidates))
    yield _fact(world, event, event.id, body, spot, at)


def happened(event: Event) -> datetime:
    """Give when something happened: by its sender's clock, unless that one cannot be right."""
    return event.at if timedelta(0) <= event.seen - event.at <= BELIEVED else event.seen


def _answers(
    world: World, state: State, event: Event, body: ReportReceived, sender: Sender
) -> tuple[Fact, Fact] | None:
    """Take a text as the answer to our question where a report is: a number from the list, or a place and no news."""
    waiting = state.get(f"waiting/{sender.asked}", Waiting)
    text = body.text.strip().rstrip(".")
    if waiting is None or len(text) > ANSWER_MOST:
        return None
    if text.isdecimal() and not _offered(text, sender):
        return None
    if text.isdecimal() and 0 < int(text) <= len(waiting.candidates):
        chosen = waiting.candidates[int(text) - 1]
        spot = _spot(chosen, 0.9)
    elif scoring.classify(text).points:
        return None
    else:
        found = by_words(world, text, event.key)
        if not isinstance(found, Spot):
            return None
        spot = found
    state.drop(f"waiting/{sender.asked}")
    heard = msgspec.structs.replace(sender, asked="", question="", lon=spot.lon, lat=spot.lat)
    state.put(f"sender/{body.reporter}", heard)
    repeated = ReportRepeated(report=event.id, of=sender.asked, why="the answer to where the report is")
    located = _fact(world, event, sender.asked, waiting.report, spot, waiting.at)
    return Fact(body=repeated, audience=event.audience), located


def _offered(number: str, sender: Sender) -> bool:
    """Tell whether a number can be a choice: "3" is none where an operator asked how many people there are."""
    return not sender.question or number in re.findall(r"[0-9]+", sender.question)


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
    spot = _answered_for(world, body) if body.ward else _pointed_at(world, body)
    if waiting is None or spot is None:
        why = "it does not wait for a place any more" if waiting is None else "no ward answers for that position"
        # A join is a request of its own, which `incidents` passed on to here.
        request = event.cause if body.incident else event.id
        refused = RequestRefused(request=request, code="conflict", detail=why, about=body.report)
        yield Fact(body=refused, audience=event.audience)
        return
    state.drop(f"waiting/{body.report}")
    yield _fact(world, event, body.report, waiting.report, spot, waiting.at, body.incident)


def _answered_for(world: World, body: ReportPlaced) -> Spot:
    """Take the ward that the operator or the incident says, wherever its position lies."""
    row = world.wards.find(body.ward)
    away = world.wards.distance_m(row, body.lon, body.lat) if row >= 0 else 0.0
    itself = by_point(world, body.lon, body.lat)
    return Spot(
        ward=body.ward,
        ward_name=world.ward_name(body.ward),
        lon=body.lon,
        lat=body.lat,
        how="operator",
        confidence=1.0,
        outside_m=round(away, 1) if away > 0.0 else None,
        candidates=itself.candidates if isinstance(itself, Spot) else (),
    )


def _pointed_at(world: World, body: ReportPlaced) -> Spot | None:
    found = by_point(world, body.lon, body.lat)
    return msgspec.structs.replace(found, how="operator", confidence=1.0) if isinstance(found, Spot) else None


def _said_before(sender: Sender, words: str, at: datetime) -> Said | None:
    if not words:
        return None
    for said in sender.said:
        if said.words == words and abs(at - said.at) <= REPEAT_WITHIN:
            return said
    return None


def _fact(
    world: World,
    event: Event,
    report: str,
    body: ReportReceived,
    spot: Spot | Nowhere,
    at: datetime,
    incident: str = "",
) -> Fact:
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
        return Fact(body=waiting, audience=audience(event.key, "operator"), at=at, versions=versions)
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
        outside_m=spot.outside_m,
        candidates=spot.candidates,
        parts=grade.parts,
        incident=incident,
    )
    return Fact(body=located, audience=audience(spot.ward, "operator"), key=spot.ward[:6], at=at, versions=versions)
