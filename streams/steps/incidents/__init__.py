"""What is going on: located reports join an incident or open one; operators regroup and close; gauges bear witness.

You are on the SMS road behind `reports`. Incidents are kept by hazard and grid cell, so that a report looks at the few
open ones near it and never at all. Severity is the gravest of what was said; evidence is who said so
(`alerts.evidence`). Every decision carries its parts. The record is in `cases`, what reports add up to in `figures`,
which reports there are in `members`, joining in `joining`, merging, splitting and undoing in `regrouping`. Next:
`dispatch`.
"""

from collections.abc import Iterator

import msgspec

from streams.events import (
    CrossingCorrected,
    Event,
    Fact,
    IncidentCloseRequested,
    IncidentMergeRequested,
    IncidentReopenRequested,
    IncidentSplitRequested,
    LevelCrossed,
    ReportDismissed,
    ReportJoinRequested,
    ReportLocated,
)
from streams.state import State
from streams.steps.incidents.cases import Cell, Dismissed, Incident, Raised, closed, lineage, refuse, rescored
from streams.steps.incidents.figures import Joined
from streams.steps.incidents.joining import join_requested, located, shrunk
from streams.steps.incidents.members import leave
from streams.steps.incidents.regrouping import merged, reopened, split
from streams.world import World


def incidents(world: World, state: State, event: Event) -> Iterator[Fact]:
    """Keep the county's open incidents."""
    match event.body:
        case ReportLocated() as body:
            yield from located(world, state, event, body)
        case ReportDismissed() as body:
            yield from _dismissed(world, state, body)
        case LevelCrossed() as body:
            yield from _gauge(world, state, body.station, tuple(each.ward for each in body.wards), bool(body.raised))
        case CrossingCorrected() as body if not body.raised:
            gauge = world.stations.get(body.station)
            wards = tuple(each.ward for each in gauge.wards) if gauge is not None else ()
            yield from _gauge(world, state, body.station, wards, raised=False)
        case ReportJoinRequested() as body:
            yield from join_requested(world, state, event, body)
        case IncidentMergeRequested() as body:
            yield from merged(world, state, event, body)
        case IncidentSplitRequested() as body:
            yield from split(world, state, event, body)
        case IncidentReopenRequested() as body:
            yield from reopened(world, state, event, body)
        case IncidentCloseRequested() as body:
            yield from _close(world, state, event, body)
        case _:
            pass


def _dismissed(world: World, state: State, body: ReportDismissed) -> Iterator[Fact]:
    joined = state.get(f"report/{body.report}", Joined)
    state.put(f"dismissed/{body.report}", Dismissed())
    if joined is None:
        return
    if body.reason == "hoax":
        for each in lineage(state, joined.incident):
            state.put(f"incident/{each.id}", msgspec.structs.replace(each, marks=each.marks + 1))
    after = leave(world, state, {body.report: joined})
    yield shrunk(world, state, after, body.by, f"a report was dismissed: {body.reason}")


def _gauge(world: World, state: State, station: str, wards: tuple[str, ...], raised: bool) -> Iterator[Fact]:  # noqa: FBT001  the fact itself
    for ward in wards:
        before = (state.get(f"raised/{ward}", Raised) or Raised()).stations
        after = tuple(dict.fromkeys((*before, station))) if raised else tuple(s for s in before if s != station)
        if after == before:
            continue
        state.put(f"raised/{ward}", Raised(after))
        for id_ in (state.get(f"ward/{ward}", Cell) or Cell()).incidents:
            incident = state.get(f"incident/{id_}", Incident)
            if incident is not None and incident.open:
                word = "raised" if raised else "back below its marks"
                yield rescored(world, state, incident, f"gauge {station} is {word}")


def _close(world: World, state: State, event: Event, body: IncidentCloseRequested) -> Iterator[Fact]:
    incident = state.get(f"incident/{body.incident}", Incident)
    if incident is None or not incident.open:
        yield refuse(event, body.incident, "the incident is not open any more")
        return
    yield closed(world, state, incident, body.by, body.reason)
