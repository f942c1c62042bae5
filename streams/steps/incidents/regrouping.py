"""What operators do to whole incidents: merge two, split one, open again what is closed or merged. Part of `incidents`.

A merged incident keeps its own reports, and the one that it is part of now counts them too; so it can come out again as
it went in, whatever both were told in between. A split is undone by a merge.
"""

from collections.abc import Iterator

import msgspec

from streams.events import (
    Event,
    Fact,
    IncidentMerged,
    IncidentMergeRequested,
    IncidentReopened,
    IncidentReopenRequested,
    IncidentSplit,
    IncidentSplitRequested,
    derive,
)
from streams.reference import reference
from streams.state import State
from streams.steps.incidents.cases import (
    Incident,
    enlist,
    observers_m,
    refuse,
    rescored,
    scene_m,
    score_of,
    seen_by,
    standing,
    unlist,
    versions,
)
from streams.steps.incidents.figures import Joined, added, taken
from streams.steps.incidents.joining import begun, opened, shrunk
from streams.steps.incidents.members import everything_of, far_m, leave, reaching, timed
from streams.world import World


def merged(world: World, state: State, event: Event, body: IncidentMergeRequested) -> Iterator[Fact]:
    """Make one incident part of another."""
    part = state.get(f"incident/{body.incident}", Incident)
    into = state.get(f"incident/{body.into}", Incident)
    if part is None or into is None or part.id == into.id or not part.open or not into.open:
        yield refuse(event, body.incident, "one of the two is not open any more")
        return
    figures, reach_m = into.figures, into.reach_m
    for _, joined in everything_of(state, part):
        figures, reach_m = added(state, into.id, figures, joined), max(reach_m, far_m(into, joined))
    after = msgspec.structs.replace(
        into,
        figures=figures,
        marks=into.marks + part.marks,
        first_at=min(into.first_at, part.first_at),
        last_at=max(into.last_at, part.last_at),
        merged=(*into.merged, part.id),
        reach_m=reach_m,
        observers=tuple(
            dict.fromkeys(ward for ward in (*into.observers, part.ward, *part.observers) if ward != into.ward)
        ),
    )
    state.put(f"incident/{after.id}", after)
    unlist(world, state, part)
    state.put(f"incident/{part.id}", msgspec.structs.replace(part, open=False, into=after.id))
    score = score_of(state, after)
    fact = IncidentMerged(
        incident=part.id,
        into=after.id,
        by=body.by,
        severity=after.figures.severity,
        evidence=score.total,
        reports=after.figures.reports,
        parts=score.parts,
        reason=body.reason,
        observers=after.observers,
        observers_m=observers_m(world, after),
        scene_m=scene_m(world, after),
    )
    yield Fact(body=fact, audience=seen_by(after), versions=versions(world))


def split(world: World, state: State, event: Event, body: IncidentSplitRequested) -> Iterator[Fact]:
    """Make an incident of its own of some of an incident's reports: of all that are named, or of none."""
    incident = state.get(f"incident/{body.incident}", Incident)
    if incident is None or not incident.open:
        yield refuse(event, body.incident, "the incident is not open any more")
        return
    leaving = {report: joined for report in body.reports if (joined := _part(state, incident, report)) is not None}
    why = _cannot_leave(incident, len(set(body.reports)), len(leaving))
    if why:
        yield refuse(event, body.incident, why)
        return
    after = leave(world, state, leaving)
    in_time = dict(sorted(leaving.items(), key=lambda each: (each[1].at, each[0])))
    new = begun(world, state, split_off(event.id), in_time)
    yield opened(world, state, new, split_from=incident.id)
    fact = IncidentSplit(incident=incident.id, into=new.id, reports=tuple(in_time), by=body.by, reason=body.reason)
    both = tuple(dict.fromkeys((*seen_by(after), *seen_by(new))))
    yield Fact(body=fact, audience=both, versions=versions(world))
    yield rescored(world, state, after, f"{reference(new.id)} was split off")


def split_off(request: str) -> str:
    """Give the id of the incident that a request to split one makes."""
    return derive(request, "incident", 0)


def _part(state: State, incident: Incident, report: str) -> Joined | None:
    joined = state.get(f"report/{report}", Joined)
    whole = standing(state, joined.incident) if joined is not None else None
    return joined if whole is not None and whole.id == incident.id else None


def _cannot_leave(incident: Incident, named: int, found: int) -> str:
    if found < named:
        which = f"{named - found} of the {named} reports" if named > 1 else "the report"
        return f"{which} named {'is' if named - found == 1 else 'are'} not part of it any more"
    if found == 0:
        return "no report is named"
    if found == incident.figures.reports:
        return "nothing would remain of it"
    return ""


def reopened(world: World, state: State, event: Event, body: IncidentReopenRequested) -> Iterator[Fact]:
    """Open again what was closed; take what was merged out of the incident that it is part of."""
    incident = state.get(f"incident/{body.incident}", Incident)
    whole = state.get(f"incident/{incident.into}", Incident) if incident is not None and incident.into else None
    why = _cannot_open(incident, whole)
    if incident is None or why:
        yield refuse(event, body.incident, why)
        return
    again = msgspec.structs.replace(incident, open=True, into="")
    state.put(f"incident/{again.id}", again)
    enlist(world, state, again)
    score = score_of(state, again)
    fact = IncidentReopened(
        incident=again.id,
        severity=again.figures.severity,
        evidence=score.total,
        reports=again.figures.reports,
        by=body.by,
        parts=score.parts,
        reason=body.reason,
        out_of=incident.into,
        lon=again.lon,
        lat=again.lat,
        scene_m=scene_m(world, again),
    )
    yield Fact(body=fact, audience=seen_by(again), versions=versions(world))
    if whole is not None:
        left = _without(state, whole, again)
        yield shrunk(world, state, left, body.by, f"{reference(again.id)} is an incident of its own again")


def _cannot_open(incident: Incident | None, whole: Incident | None) -> str:
    if incident is None:
        return "there is no such incident in this county"
    if incident.open:
        return "the incident is open"
    if incident.figures.reports == 0:
        return "none of its reports is left in it"
    if whole is None or whole.open:
        return ""
    if whole.into:
        return f"{reference(whole.id)}, which it is part of, was merged itself: take that one out again first"
    return f"{reference(whole.id)}, which it is part of, is closed: open that one again first"


def _without(state: State, whole: Incident, part: Incident) -> Incident:
    figures, gone = whole.figures, []
    for _, joined in everything_of(state, part):
        figures = taken(state, whole.id, figures, joined)
        gone.append(joined)
    after = msgspec.structs.replace(
        whole,
        figures=figures,
        marks=whole.marks - part.marks,
        merged=tuple(each for each in whole.merged if each != part.id),
    )
    after = reaching(state, timed(state, after, {part.first_at, part.last_at}), gone)
    state.put(f"incident/{after.id}", after)
    return after
