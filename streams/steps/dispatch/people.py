"""Who could be asked about an incident, and for what: the same people in the same order as `seats` chooses from.

For whoever looks on (`responder_api.people`): an operator who names somebody sees what dispatch sees. Changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from alerts import escalation
from streams.state import State
from streams.steps.dispatch.roster import Person
from streams.steps.dispatch.seats import REQUESTED, Job, candidate, job
from streams.world import World


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How many people of one skill an incident needs, and how many of these places are filled."""

    need: str
    count: int
    """How many places there are."""
    taken: int
    """How many of them go, or have been there."""
    asked: int
    """How many are asked and have not answered."""
    exhausted: bool
    """Nobody is left to ask for a place that is free."""


def wanted(world: World, job: Job) -> tuple[Wanted, ...]:
    """List what an incident needs, the most telling skill first: what the plan asks for, and the places made before."""
    planned = dict(world.plan.needs(job.hazard, job.severity))
    made = [seat.need for seat in job.seats if seat.need != REQUESTED]
    found = []
    for need in dict.fromkeys((*planned, *made)):
        seats = [seat for seat in job.seats if seat.need == need]
        found.append(
            Wanted(
                need=need,
                count=max(planned.get(need, 0), len(seats)),
                taken=sum(seat.taken for seat in seats),
                asked=sum(bool(seat.assignment) and not seat.taken for seat in seats),
                exhausted=any(seat.exhausted for seat in seats),
            )
        )
    return tuple(found)


def whole(state: State, found: Job) -> set[str]:
    """Name an incident and everything that is part of it now: whoever was asked about one of these was asked of it."""
    parts = (job(state, id_) for id_ in found.merged)
    return {found.id}.union(*(whole(state, part) for part in parts if part is not None))


def ranked(
    people: Iterable[Person], job: Job, skills: Sequence[str], now: datetime
) -> list[tuple[Person, escalation.Ranked]]:
    """Order the people who have any of these skills (all of them when none is named): on shift first, then best first.

    Whoever was asked already is among them; who is off the list is not.
    """
    active = {who.id: who for who in people if who.active}
    ordered = []
    for on in (True, False):
        rows = escalation.rank(
            [candidate(who) for who in active.values() if who.on == on],
            lon=job.lon,
            lat=job.lat,
            area=job.ward,
            skills=skills,
            now=now,
        )
        ordered += [(active[row.id], row) for row in rows]
    return ordered
