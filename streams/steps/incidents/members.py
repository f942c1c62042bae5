"""Which reports an incident has: they enter it, leave it, and give it its place and times. Part of `incidents`.

A report counts in its own incident and in all that this one was merged into. Its own reports are listed in pages, in
the order in which they came, so that adding one costs the same however many there are; only taking one away that gave
the incident its place, its reach, or its first or last moment, looks at the others.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from geo.places import distance_m
from streams.state import State
from streams.steps.incidents.cases import Incident, enlist, lineage, unlist, watched
from streams.steps.incidents.figures import Joined, added, taken
from streams.world import World

IN_PAGE = 32
"""How many reports one page lists."""


class Page(msgspec.Struct, frozen=True):
    """Some of an incident's own reports, oldest first."""

    reports: tuple[str, ...] = ()


def enter(world: World, state: State, incident: Incident, report: str, joined: Joined) -> Incident:
    """Count a report into an open incident, and give the incident as it now is."""
    number = incident.pages
    page = (state.get(f"reports/{incident.id}/{number}", Page) or Page()).reports
    if len(page) == IN_PAGE:
        number, page = number + 1, ()
    joined = msgspec.structs.replace(joined, incident=incident.id, page=number)
    state.put(f"reports/{incident.id}/{number}", Page((*page, report)))
    state.put(f"report/{report}", joined)
    after = msgspec.structs.replace(
        incident,
        figures=added(state, incident.id, incident.figures, joined),
        pages=number,
        first_at=min(incident.first_at, joined.at),
        last_at=max(incident.last_at, joined.at),
    )
    led = not incident.anchor or joined.rank < incident.rank
    after = msgspec.structs.replace(after, observers=watched(after, joined, led=led))
    if led:
        after = reaching(state, _led(after, report, joined))
    else:
        after = msgspec.structs.replace(after, reach_m=max(after.reach_m, far_m(after, joined)))
    return _keep(world, state, incident, after)


def leave(world: World, state: State, reports: Mapping[str, Joined]) -> Incident:
    """Take reports out of an incident and whatever counts it; give the one that stands, as it now is.

    All of them must be part of the same standing incident.
    """
    touched: dict[str, Incident] = {}
    for report, joined in reports.items():
        _strike(state, report, joined)
        for incident in lineage(state, joined.incident):
            figures = taken(state, incident.id, incident.figures, joined)
            touched[incident.id] = msgspec.structs.replace(incident, figures=figures)
            state.put(f"incident/{incident.id}", touched[incident.id])
    for incident in touched.values():
        after = timed(state, incident, {joined.at for joined in reports.values()})
        if incident.anchor in reports:
            after = reaching(state, _led_again(state, after))
        else:
            after = reaching(state, after, reports.values())
        _keep(world, state, incident, after)
    return lineage(state, next(iter(touched)))[-1]


def everything_of(state: State, incident: Incident) -> Iterator[tuple[str, Joined]]:
    """Give every report of an incident, its own first, then those of what is part of it."""
    yield from _own(state, incident)
    for id_ in incident.merged:
        part = state.get(f"incident/{id_}", Incident)
        if part is not None:
            yield from everything_of(state, part)


def timed(state: State, incident: Incident, gone: set[object]) -> Incident:
    """Give an incident its first and last moment anew, where one of those that are gone was one of them."""
    if gone.isdisjoint((incident.first_at, incident.last_at)):
        return incident
    times = [joined.at for _, joined in everything_of(state, incident)]
    if not times:
        return incident
    return msgspec.structs.replace(incident, first_at=min(times), last_at=max(times))


def far_m(incident: Incident, joined: Joined) -> float:
    """Measure how far from an incident's place a report of it is, metres; 0 where its position says nothing of that."""
    if any(joined.rank):
        return 0.0
    return distance_m(incident.lon, incident.lat, joined.lon, joined.lat)


def reaching(state: State, incident: Incident, gone: Iterable[Joined] | None = None) -> Incident:
    """Measure anew how far an incident reaches, where its place is another one or what is gone was the farthest."""
    if gone is not None and not any(0.0 < incident.reach_m <= far_m(incident, joined) for joined in gone):
        return incident
    reach_m = max((far_m(incident, joined) for _, joined in everything_of(state, incident)), default=0.0)
    return msgspec.structs.replace(incident, reach_m=reach_m)


def _own(state: State, incident: Incident) -> Iterator[tuple[str, Joined]]:
    for number in range(incident.pages + 1):
        for report in (state.get(f"reports/{incident.id}/{number}", Page) or Page()).reports:
            joined = state.get(f"report/{report}", Joined)
            if joined is not None:
                yield report, joined


def _strike(state: State, report: str, joined: Joined) -> None:
    where = f"reports/{joined.incident}/{joined.page}"
    page = (state.get(where, Page) or Page()).reports
    state.put(where, Page(tuple(each for each in page if each != report)))
    state.drop(f"report/{report}")


def _led(incident: Incident, report: str, joined: Joined) -> Incident:
    return msgspec.structs.replace(
        incident, anchor=report, rank=joined.rank, lon=joined.lon, lat=joined.lat, spread_m=joined.spread_m
    )


def _led_again(state: State, incident: Incident) -> Incident:
    """Let the best of its own reports say where an incident is; with none left it stays where it was."""
    best = min(_own(state, incident), key=lambda each: each[1].rank, default=None)
    return msgspec.structs.replace(incident, anchor="") if best is None else _led(incident, *best)


def _keep(world: World, state: State, before: Incident, after: Incident) -> Incident:
    """Store an incident, listed where it now is."""
    if before.open and (before.lon, before.lat) != (after.lon, after.lat):
        unlist(world, state, before)
        enlist(world, state, after)
    state.put(f"incident/{after.id}", after)
    return after
