"""Seats of an incident: how many of which skill, who is asked for each, who sits: part of the state of `dispatch`."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from alerts import escalation
from alerts.answers import ask_code
from streams.events import (
    AssignmentOffered,
    AssignmentWithdrawn,
    DeadlineSet,
    DispatchExhausted,
    Event,
    Fact,
    Ground,
    Hazard,
    Severity,
    audience,
    derive,
)
from streams.state import State
from streams.steps.dispatch import roster
from streams.world import World

MOST_OPEN = 2
"""Asks and jobs that one responder may have open at once."""
MOST_SHORT = 200
"""How many incidents short of one skill are remembered, the newest ones; operators have all of them on their board."""
LIVE = ("offered", "accepted", "enroute", "arrived")
"""States of an ask that is open, or of somebody who goes."""
REQUESTED = "requested"
"""The need of a seat that an operator made by naming somebody."""


class Seat(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place to be filled: at most one open ask, or the one who accepted."""

    need: str
    rung: str
    rung_since: datetime
    assignment: str = ""
    taken: bool = False
    attempts: int = 0
    exhausted: bool = False


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident as dispatch knows it."""

    id: str
    hazard: Hazard
    severity: Severity
    evidence: float
    ward: str
    ward_name: str
    lon: float
    lat: float
    text: str = ""
    open: bool = True
    seats: tuple[Seat, ...] = ()
    asked: tuple[str, ...] = ()
    """Who was asked about this very one; `asked_about` gives those of what is part of it as well."""
    merged: tuple[str, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An ask and what became of it."""

    id: str
    incident: str
    responder: str
    code: str
    state: str = "offered"
    moved_from: tuple[str, ...] = ()
    """The incidents that it was for before they were merged, the last one last."""


class Codes(msgspec.Struct, frozen=True):
    """Assignments of one responder by SMS code, newest last."""

    open: tuple[tuple[str, str], ...] = ()


class Need(msgspec.Struct, frozen=True):
    """What an ask that came to nothing was for, in case its answer still comes."""

    name: str


class Short(msgspec.Struct, frozen=True):
    """Incidents with a seat of one need that nobody on shift could take."""

    incidents: tuple[str, ...] = ()


def job(state: State, incident: str) -> Job | None:
    """Give an incident."""
    return state.get(f"job/{incident}", Job)


def offer(state: State, assignment: str) -> Offer | None:
    """Give an ask."""
    return state.get(f"offer/{assignment}", Offer)


def asked_about(state: State, found: Job) -> set[str]:
    """Give everybody who was asked about an incident, or about one that is part of it now."""
    parts = (job(state, id_) for id_ in found.merged)
    return {*found.asked}.union(*(asked_about(state, part) for part in parts if part is not None))


def keep(state: State, changed: Job) -> None:
    """Store an incident as it now is."""
    state.put(f"job/{changed.id}", changed)


def become(state: State, changed: Offer, now: str) -> Offer:
    """Store an ask in its new state; frees the responder when it is over."""
    after = msgspec.structs.replace(changed, state=now)
    state.put(f"offer/{changed.id}", after)
    over = ("declined", "expired", "withdrawn", "done")
    if now in over and changed.state not in over:
        roster.changed_load(state, changed.responder, -1)
    elif changed.state in over and now not in over:
        roster.changed_load(state, changed.responder, 1)
    return after


def seat_of(found: Job, assignment: str) -> int | None:
    """Give the number of the seat that an assignment is for."""
    return next((n for n, seat in enumerate(found.seats) if seat.assignment == assignment), None)


def with_seat(found: Job, n: int, **news: object) -> Job:
    """Give the incident with one seat changed."""
    seats = list(found.seats)
    seats[n] = msgspec.structs.replace(seats[n], **news)
    return msgspec.structs.replace(found, seats=tuple(seats))


def needed(world: World, found: Job, now: datetime) -> Job:
    """Add the seats that hazard and severity ask for; none is ever taken away."""
    seats = list(found.seats)
    if found.evidence >= world.plan.evidence.ask:
        for need, count in world.plan.needs(found.hazard, found.severity):
            missing = count - sum(seat.need == need for seat in seats)
            seats += [Seat(need=need, rung=found.ward, rung_since=now) for _ in range(missing)]
    return msgspec.structs.replace(found, seats=tuple(seats))


def fill(world: World, state: State, event: Event, found: Job) -> Iterator[Fact]:
    """Ask somebody for every seat that is free and has no open ask, and store the incident."""
    for n in range(len(found.seats)):
        seat = found.seats[n]
        if not found.open or seat.taken or seat.assignment or seat.exhausted or is_spare(world, found, n):
            continue
        found, facts = _ask_next(world, state, event, found, n)
        yield from facts
    keep(state, found)


def is_spare(world: World, found: Job, n: int) -> bool:
    """Tell whether a free seat is one that an incident, which was graver once, does not need any more."""
    need = found.seats[n].need
    wanted = dict(world.plan.needs(found.hazard, found.severity)).get(need, 0)
    return sum(seat.need == need and bool(seat.assignment) for seat in found.seats) >= wanted


def _ask_next(world: World, state: State, event: Event, found: Job, n: int) -> tuple[Job, list[Fact]]:
    seat = found.seats[n]
    now = event.seen
    waited = (now - seat.rung_since).total_seconds()
    # The nation is no rung here: this state knows its county's people only. When they are all asked, DispatchExhausted
    # goes to operators up to the nation, who act through their own people.
    rungs = [area for area in escalation.ladder(seat.rung) if area != "KE"]
    if waited >= world.plan.rung_wait_s(found.severity) and len(rungs) > 1:
        rungs = rungs[1:]
    for rung in rungs:
        best = _best(state, found, seat.need, rung, now)
        if best is not None:
            since = seat.rung_since if rung == seat.rung else now
            found = with_seat(found, n, rung=rung, rung_since=since)
            return ask(world, state, event, found, n, best)
    found = with_seat(found, n, exhausted=True, rung=rungs[-1])
    short = state.get(f"short/{seat.need}", Short) or Short()
    if found.id not in short.incidents:
        state.put(f"short/{seat.need}", Short((*short.incidents, found.id)[-MOST_SHORT:]))
    asked = len(asked_about(state, found))
    body = DispatchExhausted(incident=found.id, need=seat.need, rung=rungs[-1], asked=asked)
    return found, [Fact(body=body, audience=audience(found.ward, "operator"), versions={"plan": world.plan.version})]


def _best(state: State, found: Job, need: str, rung: str, now: datetime) -> escalation.Ranked | None:
    asked = asked_about(state, found)
    people = [who for who in roster.on_shift(state, rung, need) if who.id not in asked and who.load < MOST_OPEN]
    if not people:
        return None
    ranked = escalation.rank(
        [candidate(who) for who in people],
        lon=found.lon,
        lat=found.lat,
        area=found.ward,
        skills=[need],
        now=now,
        rung=rung,
    )
    return ranked[0] if ranked else None


def candidate(who: roster.Person) -> escalation.Candidate:
    """Give a responder as the ranking takes them."""
    return escalation.Candidate(
        id=who.id,
        home=who.home,
        skills=who.skills,
        load=who.load,
        lon=who.lon,
        lat=who.lat,
        fix_at=who.fix_at,
        home_lon=who.home_lon,
        home_lat=who.home_lat,
    )


def ask(
    world: World, state: State, event: Event, found: Job, n: int, chosen: escalation.Ranked, by: str = ""
) -> tuple[Job, list[Fact]]:
    """Ask one responder for one seat: the offer and its deadline."""
    seat = found.seats[n]
    assignment = derive(event.id, f"assignment/{found.id}/{n}", seat.attempts)
    codes = state.get(f"codes/{chosen.id}", Codes) or Codes()
    code = _code(assignment, codes)
    due = escalation.offer_deadline(world.plan, found.severity, event.seen)
    who = roster.person(state, chosen.id)
    body = AssignmentOffered(
        assignment=assignment,
        code=code,
        incident=found.id,
        responder=chosen.id,
        responder_name=who.name if who else chosen.id,
        need=seat.need,
        rung=escalation.level(seat.rung),
        attempt=seat.attempts + 1,
        deadline=due,
        hazard=found.hazard,
        severity=found.severity,
        ward=found.ward,
        ward_name=found.ward_name,
        lon=found.lon,
        lat=found.lat,
        reason=chosen.reason,
        text=found.text,
        distance_m=chosen.distance_m,
        parts=chosen.parts,
        asked_by=by,
    )
    state.put(f"offer/{assignment}", Offer(id=assignment, incident=found.id, responder=chosen.id, code=code))
    state.put(f"codes/{chosen.id}", Codes((*codes.open, (code, assignment))[-10:]))
    roster.changed_load(state, chosen.id, 1)
    found = with_seat(found, n, assignment=assignment, attempts=seat.attempts + 1)
    found = msgspec.structs.replace(found, asked=(*found.asked, chosen.id))
    seen_by = audience(found.ward, "operator", persons=[chosen.id])
    versions = {"rules": escalation.RULES, "plan": world.plan.version, "boundaries": world.wards.version}
    deadline = DeadlineSet(step="dispatch", name="offer", about=assignment, due=due)
    return found, [
        Fact(body=body, audience=seen_by, versions=versions),
        Fact(body=deadline, audience=audience(found.ward, "operator")),
    ]


def withdraw(state: State, found: Job, ask_: Offer, reason: str, ground: Ground = "closed") -> Fact:
    """Take an ask back."""
    become(state, ask_, "withdrawn")
    body = AssignmentWithdrawn(
        assignment=ask_.id, incident=found.id, responder=ask_.responder, reason=reason, ground=ground
    )
    return Fact(body=body, audience=audience(found.ward, "operator", persons=[ask_.responder]))


def _code(assignment: str, codes: Codes) -> str:
    used = {code for code, _ in codes.open}
    codes_for = (ask_code(f"{assignment}/{n}") for n in range(100))
    return next((code for code in codes_for if code not in used), ask_code(assignment))
