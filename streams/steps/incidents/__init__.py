"""What is going on: located reports join an incident or open one; operators merge and close; gauges bear witness.

You are on the SMS road behind `reports`. Incidents are kept by hazard and grid cell, so that a report looks at the few
open ones near it and never at all. Severity is the graver of what was said; evidence is who said so
(`alerts.evidence`). Every decision carries its parts. The record is in `cases`, joining in `joining`. Next: `dispatch`.
"""

from collections.abc import Iterator

import msgspec

from alerts.plans import worse
from streams.events import (
    CrossingCorrected,
    Event,
    Fact,
    IncidentCloseRequested,
    IncidentMerged,
    IncidentMergeRequested,
    LevelCrossed,
    ReportDismissed,
    ReportLocated,
    RequestRefused,
)
from streams.state import State
from streams.steps.incidents.cases import (
    WITNESSES,
    Cell,
    Dismissed,
    Incident,
    Joined,
    Raised,
    closed,
    rescored,
    score_of,
    seen_by,
    standing,
    unlist,
    versions,
)
from streams.steps.incidents.joining import located
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
        case IncidentMergeRequested() as body:
            yield from _merge(world, state, event, body)
        case IncidentCloseRequested() as body:
            yield from _close(world, state, event, body)
        case _:
            pass


def _dismissed(world: World, state: State, body: ReportDismissed) -> Iterator[Fact]:
    joined = state.get(f"report/{body.report}", Joined)
    if joined is None:
        state.put(f"dismissed/{body.report}", Dismissed())
        return
    incident = standing(state, joined.incident)
    if incident is None or not incident.open:
        return
    state.drop(f"report/{body.report}")
    after = msgspec.structs.replace(
        incident,
        reports=incident.reports - 1,
        hoaxes=incident.hoaxes + (body.reason == "hoax"),
        witnesses=tuple(each for each in incident.witnesses if each.sender != joined.sender),
    )
    state.put(f"incident/{after.id}", after)
    if after.reports == 0:
        yield closed(world, state, after, body.by, f"its only report was dismissed: {body.reason}")
        return
    yield rescored(world, state, after, f"a report was dismissed: {body.reason}")


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


def _merge(world: World, state: State, event: Event, body: IncidentMergeRequested) -> Iterator[Fact]:
    merged, into = standing(state, body.incident), standing(state, body.into)
    if merged is None or into is None or merged.id == into.id or not merged.open or not into.open:
        yield _refuse(event, body.incident, "one of the two is not open any more")
        return
    known = {each.sender for each in into.witnesses}
    others = tuple(each for each in merged.witnesses if each.sender not in known)
    after = msgspec.structs.replace(
        into,
        severity=worse(into.severity, merged.severity),
        first_at=min(into.first_at, merged.first_at),
        last_at=max(into.last_at, merged.last_at),
        reports=into.reports + merged.reports,
        witnesses=(*into.witnesses, *others)[:WITNESSES],
        hoaxes=into.hoaxes + merged.hoaxes,
    )
    state.put(f"incident/{after.id}", after)
    unlist(world, state, merged)
    state.put(f"incident/{merged.id}", msgspec.structs.replace(merged, open=False, into=after.id))
    score = score_of(state, after)
    fact = IncidentMerged(
        incident=merged.id,
        into=after.id,
        by=body.by,
        severity=after.severity,
        evidence=score.total,
        reports=after.reports,
        parts=score.parts,
        reason=body.reason,
    )
    yield Fact(body=fact, audience=seen_by(after), versions=versions(world))


def _close(world: World, state: State, event: Event, body: IncidentCloseRequested) -> Iterator[Fact]:
    incident = standing(state, body.incident)
    if incident is None or not incident.open:
        yield _refuse(event, body.incident, "the incident is not open any more")
        return
    yield closed(world, state, incident, body.by, body.reason)


def _refuse(event: Event, about: str, detail: str) -> Fact:
    return Fact(
        body=RequestRefused(request=event.id, code="conflict", detail=detail, about=about), audience=event.audience
    )
