"""Who goes: asks the right responder, one after the other, until every place is taken or nobody is left.

You are behind `incidents`. An incident needs so many people of each skill (`alerts.plans`); each such *seat* has at
most one open ask (`seats`). Silence past the deadline, or a no, goes to the next person, then to the next level up;
an acceptance by any channel fills the seat (`answers`). Nobody is asked twice about one incident unless an operator
names them. What becomes of them when incidents are merged, opened again or closed is in `regrouping`, who can be asked
after all in `shortage`, the people are in `roster`. Next: `notify` carries the asks out; the live view shows them at
once.
"""

from collections.abc import Iterator

import msgspec

from alerts import escalation
from streams.events import (
    AnswerReceived,
    AssignmentExpired,
    DeadlineReached,
    DispatchRequested,
    Event,
    Fact,
    IncidentClosed,
    IncidentGrew,
    IncidentMerged,
    IncidentOpened,
    IncidentReopened,
    IncidentRescored,
    PositionShared,
    RequestRefused,
    ResponderEnrolled,
    ShiftChanged,
    audience,
)
from streams.state import State
from streams.steps.dispatch import answers, regrouping, roster, seats, shortage
from streams.world import World


def dispatch(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Keep every open incident's seats asked for or filled."""
    yield from _decided(world, state, event)
    for responder in roster.freed(state):
        yield from shortage.offer_to(world, state, event, responder)


def _decided(world: World, state: State, event: Event) -> Iterator[Fact]:
    match event.body:
        case IncidentOpened() as body:
            yield from _opened(world, state, event, body)
        case IncidentGrew() | IncidentRescored() as body:
            yield from _changed(world, state, event, body)
        case IncidentMerged() as body:
            yield from regrouping.merged(world, state, event, body)
        case IncidentReopened() as body:
            yield from regrouping.reopened(world, state, event, body)
        case IncidentClosed() as body:
            yield from regrouping.closed(state, body.incident, f"incident closed: {body.reason}")
        case AnswerReceived() as body:
            yield from answers.answered(world, state, event, body)
        case DeadlineReached(step="dispatch") as body:
            yield from _expired(world, state, event, body.about)
        case DispatchRequested() as body:
            yield from _requested(world, state, event, body)
        case ResponderEnrolled() as body:
            roster.enrol(world, state, body)
        case ShiftChanged() as body:
            roster.shift(state, body)
        case PositionShared() as body:
            roster.position(state, event, body)
        case _:
            pass


def _opened(world: World, state: State, event: Event, body: IncidentOpened) -> Iterator[Fact]:
    job = seats.Job(
        id=body.incident,
        hazard=body.hazard,
        severity=body.severity,
        evidence=body.evidence,
        ward=body.ward,
        ward_name=body.ward_name,
        lon=body.lon,
        lat=body.lat,
        text=body.text[:160],
    )
    yield from seats.fill(world, state, event, seats.needed(world, job, event.seen))


def _changed(world: World, state: State, event: Event, body: IncidentGrew | IncidentRescored) -> Iterator[Fact]:
    job = seats.job(state, body.incident)
    if job is None or not job.open:
        return
    news: dict[str, object] = {"severity": body.severity, "evidence": body.evidence}
    if body.lon is not None and body.lat is not None:
        news |= {"lon": body.lon, "lat": body.lat}
    job = msgspec.structs.replace(job, **news)
    yield from seats.fill(world, state, event, seats.needed(world, job, event.seen))


def _expired(world: World, state: State, event: Event, assignment: str) -> Iterator[Fact]:
    ask = seats.offer(state, assignment)
    job = seats.job(state, ask.incident) if ask is not None else None
    if ask is None or job is None or ask.state != "offered":
        return
    seats.become(state, ask, "expired")
    body = AssignmentExpired(assignment=ask.id, incident=job.id, responder=ask.responder)
    yield Fact(body=body, audience=audience(job.ward, "operator", persons=[ask.responder]))
    yield from answers.passed_on(world, state, event, ask, job)


def _requested(world: World, state: State, event: Event, body: DispatchRequested) -> Iterator[Fact]:
    job, who = seats.job(state, body.incident), roster.person(state, body.responder)
    why = _cannot(state, job, who)
    if job is None or who is None or why:
        refused = RequestRefused(request=event.id, code="conflict", detail=why, about=body.incident)
        yield Fact(body=refused, audience=event.audience)
        return
    seat = seats.Seat(need=seats.REQUESTED, rung=job.ward, rung_since=event.seen)
    job = msgspec.structs.replace(job, seats=(*job.seats, seat))
    ranked = escalation.rank([seats.candidate(who)], lon=job.lon, lat=job.lat, area=job.ward, skills=[], now=event.seen)
    job, facts = seats.ask(world, state, event, job, len(job.seats) - 1, ranked[0], by=body.by)
    seats.keep(state, job)
    yield from facts


def _cannot(state: State, job: seats.Job | None, who: roster.Person | None) -> str:
    if job is None or not job.open:
        return "the incident is not open"
    if who is None or not who.active:
        return "there is no such responder in this county"
    for seat in job.seats:
        ask = seats.offer(state, seat.assignment) if seat.assignment else None
        if ask is not None and ask.responder == who.id and ask.state in seats.LIVE:
            return "this responder is asked or going already"
    return ""
