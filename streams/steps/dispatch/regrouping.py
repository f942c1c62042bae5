"""What becomes of asks when their incident is merged, opened again, or closed. Part of `dispatch`.

Who only was asked is told that it is over. Who goes already goes on to the incident that remains, and back again when
the merge is undone. An incident that is opened again asks for every place that is empty, and nobody twice; who was told
that it is over may still say yes while a place is empty.
"""

from collections.abc import Iterator

import msgspec

from streams.events import AssignmentMoved, Event, Fact, IncidentMerged, IncidentReopened, audience
from streams.state import State
from streams.steps.dispatch import seats
from streams.world import World


def merged(world: World, state: State, event: Event, body: IncidentMerged) -> Iterator[Fact]:
    """Bring those who go to the incident that remains, and take the open asks back."""
    part, into = seats.job(state, body.incident), seats.job(state, body.into)
    if part is None or into is None or not part.open:
        return
    into = msgspec.structs.replace(into, severity=body.severity, evidence=body.evidence, merged=(*into.merged, part.id))
    into = seats.needed(world, into, event.seen)
    for n, seat in enumerate(part.seats):
        ask = _live(state, seat)
        if ask is None:
            continue
        if ask.state == "offered":
            yield seats.withdraw(state, part, ask, f"merged into {body.into}", "merged")
            continue
        part = seats.with_seat(part, n, assignment="", taken=False)
        into = _seated(into, seat)
        # Who has gone for the whole is not asked about it once they have gone back.
        into = msgspec.structs.replace(into, asked=(*into.asked, ask.responder))
        yield _moved(state, ask, part, into, (*ask.moved_from, part.id))
    seats.keep(state, msgspec.structs.replace(part, open=False))
    yield from seats.fill(world, state, event, into)


def reopened(world: World, state: State, event: Event, body: IncidentReopened) -> Iterator[Fact]:
    """Ask for the places of an incident again; those who went for it before it was merged go for it again."""
    found = seats.job(state, body.incident)
    if found is None or found.open:
        return
    found = msgspec.structs.replace(
        found,
        open=True,
        severity=body.severity,
        evidence=body.evidence,
        lon=found.lon if body.lon is None else body.lon,
        lat=found.lat if body.lat is None else body.lat,
        seats=_emptied(state, found),
    )
    whole = seats.job(state, body.out_of) if body.out_of else None
    if whole is not None:
        stay = []
        for seat in whole.seats:
            ask = _live(state, seat)
            if ask is None or ask.moved_from[-1:] != (found.id,):
                # Who was asked about what leaves can be asked about what stays.
                stay.append(msgspec.structs.replace(seat, exhausted=False))
                continue
            if seat.need != seats.REQUESTED:
                stay.append(msgspec.structs.replace(seat, assignment="", taken=False, exhausted=False))
            found = _seated(found, seat)
            yield _moved(state, ask, whole, found, ask.moved_from[:-1])
        others = tuple(each for each in whole.merged if each != found.id)
        seats.keep(state, msgspec.structs.replace(whole, seats=tuple(stay), merged=others))
    yield from seats.fill(world, state, event, seats.needed(world, found, event.seen))


def closed(state: State, incident: str, reason: str) -> Iterator[Fact]:
    """Tell everybody who is asked or goes that it is over."""
    found = seats.job(state, incident)
    if found is None or not found.open:
        return
    seats.keep(state, msgspec.structs.replace(found, open=False))
    for seat in found.seats:
        ask = _live(state, seat)
        if ask is not None:
            yield seats.withdraw(state, found, ask, reason)


def _live(state: State, seat: seats.Seat) -> seats.Offer | None:
    ask = seats.offer(state, seat.assignment) if seat.assignment else None
    return ask if ask is not None and ask.state in seats.LIVE else None


def _seated(found: seats.Job, seat: seats.Seat) -> seats.Job:
    """Give a free seat of the same need to whoever sits in this one, or make one more."""
    for n, free in enumerate(found.seats):
        if free.need == seat.need and not free.taken and not free.assignment:
            return seats.with_seat(found, n, assignment=seat.assignment, taken=True, exhausted=False)
    return msgspec.structs.replace(found, seats=(*found.seats, seat))


def _moved(state: State, ask: seats.Offer, before: seats.Job, now: seats.Job, moved_from: tuple[str, ...]) -> Fact:
    state.put(f"offer/{ask.id}", msgspec.structs.replace(ask, incident=now.id, moved_from=moved_from))
    body = AssignmentMoved(assignment=ask.id, incident=now.id, responder=ask.responder, merged=before.id)
    return Fact(body=body, audience=audience(now.ward, "operator", persons=[ask.responder]))


def _emptied(state: State, found: seats.Job) -> tuple[seats.Seat, ...]:
    """Give the seats in which nobody sits any more as empty ones; a late yes of who was asked may still take one."""
    after = []
    for seat in found.seats:
        ask = seats.offer(state, seat.assignment) if seat.assignment else None
        if ask is not None and ask.state == "done":
            after.append(seat)
            continue
        if ask is not None:
            state.put(f"need/{ask.id}", seats.Need(seat.need))
        if seat.need != seats.REQUESTED:
            after.append(msgspec.structs.replace(seat, assignment="", taken=False, exhausted=False))
    return tuple(after)
