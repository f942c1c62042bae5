"""Does a report join an incident, or open one? Part of `incidents`."""

from collections.abc import Iterator, Mapping

import msgspec

from alerts import scoring
from geo import clusters
from streams.events import (
    Event,
    Fact,
    IncidentGrew,
    IncidentOpened,
    Part,
    ReportJoinRequested,
    ReportLocated,
    ReportPlaced,
    derive,
)
from streams.reference import reference
from streams.state import State
from streams.steps.incidents.cases import (
    MAY_BE_THERE,
    NEAR_EDGE_M,
    RULES,
    WORDS_SPREAD_M,
    Cell,
    Dismissed,
    Incident,
    cells_around,
    closed,
    enlist,
    observers_m,
    refuse,
    rescored,
    scene_m,
    score_of,
    seen_by,
    standing,
    versions,
)
from streams.steps.incidents.figures import Joined
from streams.steps.incidents.members import enter, leave
from streams.world import World

BY_HAND = (Part("operator", 1.0, "an operator joined it"),)
"""Why a report is part of an incident, where a person said so."""
METRES_PER_DEGREE = 110_500.0
"""At least so many metres has a degree, of longitude or latitude, in Kenya; nothing near is left out by it."""


def located(world: World, state: State, event: Event, body: ReportLocated) -> Iterator[Fact]:
    """Join a located report to an incident, or open one."""
    if state.get(f"report/{body.report}", Joined) is not None:
        return
    if state.get(f"dismissed/{body.report}", Dismissed) is not None:
        return
    joined = _joined(event, body, exact=not world.wards.approximate)
    chosen = standing(state, body.incident) if body.incident else None
    if chosen is not None and chosen.open:
        yield grown(world, state, chosen, body.report, msgspec.structs.replace(joined, by_hand=True), BY_HAND)
        return
    best = _nearest(world, state, event, body, joined.spread_m)
    if best is None:
        yield _opened(world, state, event, body, joined)
    else:
        incident, likeness = best
        yield grown(world, state, incident, body.report, joined, _why(likeness))


def join_requested(world: World, state: State, event: Event, body: ReportJoinRequested) -> Iterator[Fact]:
    """Move a report to the incident that an operator names; one that has no place yet gets it there, by `reports`."""
    into = state.get(f"incident/{body.incident}", Incident)
    joined = state.get(f"report/{body.report}", Joined)
    before = standing(state, joined.incident) if joined is not None else None
    why = _cannot(state, body, into, before)
    if into is None or why:
        yield refuse(event, body.report, why)
    elif joined is None or before is None:
        placed = ReportPlaced(
            report=body.report, lon=into.lon, lat=into.lat, by=body.by, ward=into.ward, incident=into.id
        )
        yield Fact(body=placed, audience=event.audience, versions={"rules": RULES})
    else:
        left = leave(world, state, {body.report: joined})
        yield grown(world, state, into, body.report, msgspec.structs.replace(joined, by_hand=True), BY_HAND)
        yield shrunk(world, state, left, body.by, f"a report was moved to {reference(into.id)}")


def _cannot(state: State, body: ReportJoinRequested, into: Incident | None, before: Incident | None) -> str:
    if into is None:
        return "there is no such incident in the report's county"
    if not into.open:
        return "the incident is not open any more"
    if state.get(f"dismissed/{body.report}", Dismissed) is not None:
        return "the report was dismissed"
    if before is not None and before.id == into.id:
        return "the report is part of that incident already"
    if before is not None and not before.open:
        return f"the report is part of {reference(before.id)}, which is closed: open that one again first"
    return ""


def _joined(event: Event, body: ReportLocated, *, exact: bool) -> Joined:
    observers = tuple(
        each.ward
        for each in body.candidates
        if each.ward != body.ward
        and each.metres is not None
        and (each.metres <= NEAR_EDGE_M or (exact and each.confidence >= MAY_BE_THERE))
    )
    return Joined(
        incident="",
        sender=body.reporter or body.report,
        channel=body.channel,
        kind=body.source_kind,
        severity=body.severity,
        hazard=body.hazard,
        ward=body.ward,
        lon=body.lon,
        lat=body.lat,
        at=event.at,
        spread_m=WORDS_SPREAD_M if body.how == "words" else 0.0,
        hoaxes=len(scoring.hoax_words(body.text)),
        observers=observers,
        text=body.text[:500],
    )


def _nearest(
    world: World, state: State, event: Event, body: ReportLocated, spread: float
) -> tuple[Incident, clusters.Likeness] | None:
    plan = world.plan.hazard(body.hazard)
    best: tuple[Incident, clusters.Likeness] | None = None
    seen: set[str] = set()
    for where in cells_around(world, body.hazard, body.lon, body.lat):
        for id_ in (state.get(where, Cell) or Cell()).incidents:
            incident = state.get(f"incident/{id_}", Incident)
            if incident is None or not incident.open or id_ in seen:
                continue
            seen.add(id_)
            reach_deg = (plan.join_m + spread + incident.spread_m) / METRES_PER_DEGREE
            if abs(incident.lat - body.lat) > reach_deg or abs(incident.lon - body.lon) > reach_deg:
                continue
            likeness = clusters.same_incident(
                (body.lon, body.lat),
                (incident.lon, incident.lat),
                seconds=max(
                    (event.at - incident.last_at).total_seconds(), (incident.first_at - event.at).total_seconds(), 0.0
                ),
                same_ward=body.ward == incident.ward,
                join_m=plan.join_m,
                join_s=plan.join_s,
                spread_m=spread + incident.spread_m,
            )
            if likeness.same and (best is None or likeness.total > best[1].total):
                best = (incident, likeness)
    return best


def _opened(world: World, state: State, event: Event, body: ReportLocated, joined: Joined) -> Fact:
    incident = begun(world, state, derive(event.id, "incident", 0), {body.report: joined})
    return opened(world, state, incident, parts=body.parts, ward_name=body.ward_name)


def begun(world: World, state: State, id_: str, reports: Mapping[str, Joined]) -> Incident:
    """Make an incident of reports, in their order; its place is that of the best of them."""
    lead = min(reports.values(), key=lambda joined: joined.rank)
    incident = Incident(
        id=id_,
        hazard=lead.hazard,
        ward=lead.ward,
        lon=lead.lon,
        lat=lead.lat,
        first_at=lead.at,
        last_at=lead.at,
        observers=lead.observers,
    )
    enlist(world, state, incident)
    for report, joined in reports.items():
        incident = enter(world, state, incident, report, joined)
    return incident


def opened(
    world: World,
    state: State,
    incident: Incident,
    *,
    parts: tuple[Part, ...] = (),
    ward_name: str = "",
    split_from: str = "",
) -> Fact:
    """Say that an incident begins; `parts` say why its first report is as grave as it is."""
    score = score_of(state, incident)
    lead = state.get(f"report/{incident.anchor}", Joined)
    body = IncidentOpened(
        incident=incident.id,
        reference=reference(incident.id),
        report=incident.anchor,
        hazard=incident.hazard,
        severity=incident.figures.severity,
        ward=incident.ward,
        ward_name=ward_name or world.ward_name(incident.ward),
        lon=incident.lon,
        lat=incident.lat,
        evidence=score.total,
        text=lead.text if lead is not None else "",
        parts=parts + score.parts,
        observers=incident.observers,
        observers_m=observers_m(world, incident),
        reports=incident.figures.reports,
        split_from=split_from,
        scene_m=scene_m(world, incident),
    )
    return Fact(body=body, audience=seen_by(incident), at=incident.first_at, versions=versions(world))


def grown(world: World, state: State, incident: Incident, report: str, joined: Joined, why: tuple[Part, ...]) -> Fact:
    """Add a report to an open incident, and say so."""
    after = enter(world, state, incident, report, joined)
    score = score_of(state, after)
    body = IncidentGrew(
        incident=after.id,
        report=report,
        severity=after.figures.severity,
        evidence=score.total,
        reports=after.figures.reports,
        lon=after.lon,
        lat=after.lat,
        parts=score.parts,
        why=why,
        observers=after.observers,
        observers_m=observers_m(world, after),
        scene_m=scene_m(world, after),
    )
    return Fact(body=body, audience=seen_by(after), versions=versions(world))


def shrunk(world: World, state: State, incident: Incident, by: str, reason: str) -> Fact:
    """Say what an incident is without the reports that left it; an open one that has none left is over."""
    if incident.open and incident.figures.reports == 0:
        return closed(world, state, incident, by, f"it has no report left: {reason}")
    return rescored(world, state, incident, reason)


def _why(likeness: clusters.Likeness) -> tuple[Part, ...]:
    return (
        Part("distance", likeness.distance, f"{likeness.metres:.0f} m away"),
        Part("time", likeness.time, f"{likeness.seconds / 60:.0f} min apart"),
        Part("ward", likeness.ward, "the same ward" if likeness.ward else "another ward"),
    )
