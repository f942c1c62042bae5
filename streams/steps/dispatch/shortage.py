"""Seats that nobody could take, when somebody can be asked again. Part of `dispatch`."""

from collections.abc import Iterator

from alerts import escalation
from alerts.plans import SEVERITIES
from geo.places import contains
from streams.events import Event, Fact
from streams.state import State
from streams.steps.dispatch import roster, seats
from streams.world import World


def offer_to(world: World, state: State, event: Event, responder: str) -> Iterator[Fact]:
    """Ask somebody who can be asked again for the seats that nobody could take, the gravest incident first."""
    who = roster.person(state, responder)
    if who is None or not _free(who):
        return
    jobs = {found.id: found for need in who.skills for found in _short_of(state, need)}
    for found in sorted(jobs.values(), key=lambda each: SEVERITIES.index(each.severity), reverse=True):
        if who is None or not _free(who):
            break
        n = _seat_for(world, found, who)
        if n is not None and who.id not in seats.asked_about(state, found):
            yield from _offered_late(world, state, event, found, n, who)
            who = roster.person(state, responder)


def _free(who: roster.Person) -> bool:
    return who.on and who.active and who.load < seats.MOST_OPEN


def _seat_for(world: World, found: seats.Job, who: roster.Person) -> int | None:
    for n, seat in enumerate(found.seats):
        if seat.exhausted and seat.need in who.skills and not seats.is_spare(world, found, n):
            return n
    return None


def _short_of(state: State, need: str) -> list[seats.Job]:
    """Give the open incidents with a seat that nobody of this skill could take, and forget those that have none now."""
    short = state.get(f"short/{need}", seats.Short)
    if short is None:
        return []
    jobs = [found for id_ in short.incidents if (found := seats.job(state, id_)) is not None and _is_short(found, need)]
    if len(jobs) < len(short.incidents):
        state.put(f"short/{need}", seats.Short(tuple(found.id for found in jobs)))
    return jobs


def _is_short(found: seats.Job, need: str) -> bool:
    return found.open and any(seat.exhausted and seat.need == need for seat in found.seats)


def _offered_late(
    world: World, state: State, event: Event, found: seats.Job, n: int, who: roster.Person
) -> Iterator[Fact]:
    rung = next(area for area in escalation.ladder(found.ward) if contains(area, who.home))
    found = seats.with_seat(found, n, exhausted=False, rung=rung, rung_since=event.seen)
    ranked = escalation.rank(
        [seats.candidate(who)],
        lon=found.lon,
        lat=found.lat,
        area=found.ward,
        skills=[found.seats[n].need],
        now=event.seen,
    )
    found, facts = seats.ask(world, state, event, found, n, ranked[0])
    seats.keep(state, found)
    yield from facts
