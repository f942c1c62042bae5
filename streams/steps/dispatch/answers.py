"""What a responder's answer does. Part of `dispatch`.

The first acceptance wins, a repeated answer changes nothing, and a late one still counts while the seat is empty. So
does a yes after a no, whoever said the no: an operator answers in a responder's name (`docs/decisions/0028`).
"""

from collections.abc import Iterator

from streams.events import (
    AnswerReceived,
    AnswerRefused,
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentProgressed,
    Event,
    Fact,
    audience,
)
from streams.state import State
from streams.steps.dispatch import seats
from streams.world import World

PROGRESS = {"accepted": 0, "enroute": 1, "arrived": 2, "done": 3}
REFUSALS = {
    "nothing-open": "there is no open request for you",
    "assignment-taken": "somebody else has taken this already",
    "incident-closed": "this is over already",
    "already-done": "you have finished this already",
}


def answered(world: World, state: State, event: Event, body: AnswerReceived) -> Iterator[Fact]:
    """Carry out an answer."""
    ask = _which(state, body)
    found = seats.job(state, ask.incident) if ask is not None else None
    if ask is None or found is None:
        yield _refuse(event, body, "", "nothing-open")
    elif body.answer == "decline":
        yield from _declined(world, state, event, body, ask, found)
    elif ask.state in PROGRESS:
        yield from _progressed(state, body, ask, found)
    else:
        yield from _accepted(world, state, event, body, ask, found)


def _which(state: State, body: AnswerReceived) -> seats.Offer | None:
    codes = (state.get(f"codes/{body.responder}", seats.Codes) or seats.Codes()).open
    named = body.assignment or next((each for code, each in codes if code == body.code.upper()), "")
    if named:
        ask = seats.offer(state, named)
        return ask if ask is not None and ask.responder == body.responder else None
    if body.code:
        return None
    asks = [ask for _, each in reversed(codes) if (ask := seats.offer(state, each)) is not None]
    wanted = ("offered",) if body.answer in ("accept", "decline") else ("accepted", "enroute", "arrived", "offered")
    live = [ask for state_ in wanted for ask in asks if ask.state == state_]
    return live[0] if live else asks[0] if asks else None


def _accepted(
    world: World, state: State, event: Event, body: AnswerReceived, ask: seats.Offer, found: seats.Job
) -> Iterator[Fact]:
    if not found.open:
        yield _refuse(event, body, ask.id, "incident-closed")
        return
    n = seats.seat_of(found, ask.id)
    if n is None:
        n = _empty_seat(state, found, ask)
        if n is None:
            yield _refuse(event, body, ask.id, "assignment-taken")
            return
        instead = seats.offer(state, found.seats[n].assignment) if found.seats[n].assignment else None
        if instead is not None:
            # Their own yes may still come, and find the place free again.
            state.put(f"need/{instead.id}", seats.Need(found.seats[n].need))
            yield seats.withdraw(state, found, instead, f"{ask.responder} answered after all", "taken")
    seats.become(state, ask, "accepted")
    seats.keep(state, seats.with_seat(found, n, assignment=ask.id, taken=True, exhausted=False))
    accepted = AssignmentAccepted(assignment=ask.id, incident=found.id, responder=ask.responder, via=body.via)
    yield Fact(body=accepted, audience=audience(found.ward, "operator", persons=[ask.responder]))
    if body.answer != "accept":
        now = seats.offer(state, ask.id)
        if now is not None:
            yield from _progressed(state, body, now, found)


def _empty_seat(state: State, found: seats.Job, ask: seats.Offer) -> int | None:
    """Find the seat that a late answer may still take: one of its need in which nobody sits, nor is asked to if any."""
    need = state.get(f"need/{ask.id}", seats.Need)
    if need is None:
        return None
    free = [n for n, seat in enumerate(found.seats) if seat.need == need.name and not seat.taken]
    return min(free, key=lambda n: bool(found.seats[n].assignment), default=None)


def _progressed(state: State, body: AnswerReceived, ask: seats.Offer, found: seats.Job) -> Iterator[Fact]:
    wanted = "accepted" if body.answer == "accept" else body.answer
    if PROGRESS[wanted] <= PROGRESS[ask.state]:
        return
    seats.become(state, ask, wanted)
    progressed = AssignmentProgressed(
        assignment=ask.id,
        incident=found.id,
        responder=ask.responder,
        state=wanted,  # type: ignore[arg-type]  # enroute, arrived or done: more than accepted
        via=body.via,
    )
    yield Fact(body=progressed, audience=audience(found.ward, "operator", persons=[ask.responder]))


def _declined(
    world: World, state: State, event: Event, body: AnswerReceived, ask: seats.Offer, found: seats.Job
) -> Iterator[Fact]:
    if ask.state in ("declined", "expired", "withdrawn"):
        return
    if ask.state == "done":
        yield _refuse(event, body, ask.id, "already-done")
        return
    seats.become(state, ask, "declined")
    declined = AssignmentDeclined(
        assignment=ask.id, incident=found.id, responder=ask.responder, via=body.via, reason=body.reason
    )
    yield Fact(body=declined, audience=audience(found.ward, "operator", persons=[ask.responder]))
    yield from passed_on(world, state, event, ask, found)


def passed_on(world: World, state: State, event: Event, ask: seats.Offer, found: seats.Job) -> Iterator[Fact]:
    """Free the seat of an ask that came to nothing, and ask the next one."""
    n = seats.seat_of(found, ask.id)
    if n is None:
        return
    state.put(f"need/{ask.id}", seats.Need(found.seats[n].need))
    yield from seats.fill(world, state, event, seats.with_seat(found, n, assignment="", taken=False))


def _refuse(event: Event, body: AnswerReceived, assignment: str, code: str) -> Fact:
    refused = AnswerRefused(
        responder=body.responder,
        answer=body.answer,
        code=code,
        detail=REFUSALS[code],
        assignment=assignment,
        via=body.via,
    )
    return Fact(body=refused, audience=event.audience)
