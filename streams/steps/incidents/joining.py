"""Does a report join an incident, or open one? Part of `incidents`."""

from collections.abc import Iterator

import msgspec

from alerts import scoring
from alerts.evidence import Witness
from alerts.plans import worse
from geo import clusters
from streams.events import Event, Fact, IncidentGrew, IncidentOpened, Part, ReportLocated, derive
from streams.reference import reference
from streams.state import State
from streams.steps.incidents.cases import (
    BORNE_OUT,
    NEAR_EDGE_M,
    WITNESSES,
    WORDS_SPREAD_M,
    Cell,
    Dismissed,
    Incident,
    Joined,
    cells_around,
    listed,
    score_of,
    seen_by,
    versions,
)
from streams.world import World

METRES_PER_DEGREE = 110_500.0
"""At least so many metres has a degree, of longitude or latitude, in Kenya; nothing near is left out by it."""


def located(world: World, state: State, event: Event, body: ReportLocated) -> Iterator[Fact]:
    """Join a located report to an incident, or open one."""
    if state.get(f"report/{body.report}", Joined) is not None:
        return
    if state.get(f"dismissed/{body.report}", Dismissed) is not None:
        return
    spread = WORDS_SPREAD_M if body.how == "words" else 0.0
    witness = Witness(sender=body.reporter or body.report, channel=body.channel, kind=body.source_kind)
    best = _nearest(world, state, event, body, spread)
    if best is None:
        yield _opened(world, state, event, body, spread, witness)
    else:
        incident, likeness = best
        yield _grown(world, state, event, body, incident, likeness, witness)


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


def _opened(world: World, state: State, event: Event, body: ReportLocated, spread: float, witness: Witness) -> Fact:
    observers = tuple(
        each.ward for each in body.candidates if each.ward != body.ward and (body.edge_m or NEAR_EDGE_M) < NEAR_EDGE_M
    )
    incident = Incident(
        id=derive(event.id, "incident", 0),
        hazard=body.hazard,
        severity=body.severity,
        ward=body.ward,
        lon=body.lon,
        lat=body.lat,
        first_at=event.at,
        last_at=event.at,
        witnesses=(witness,),
        hoaxes=len(scoring.hoax_words(body.text)),
        spread_m=spread,
        observers=observers,
    )
    state.put(f"incident/{incident.id}", incident)
    state.put(f"report/{body.report}", Joined(incident.id, witness.sender))
    listed(state, cells_around(world, body.hazard, body.lon, body.lat)[0], incident.id)
    if body.hazard in BORNE_OUT:
        listed(state, f"ward/{body.ward}", incident.id)
    score = score_of(state, incident)
    opened = IncidentOpened(
        incident=incident.id,
        reference=reference(incident.id),
        report=body.report,
        hazard=incident.hazard,
        severity=incident.severity,
        ward=body.ward,
        ward_name=body.ward_name,
        lon=body.lon,
        lat=body.lat,
        evidence=score.total,
        text=body.text[:500],
        parts=body.parts + score.parts,
        observers=observers,
    )
    return Fact(body=opened, audience=seen_by(incident), versions=versions(world))


def _grown(
    world: World,
    state: State,
    event: Event,
    body: ReportLocated,
    incident: Incident,
    likeness: clusters.Likeness,
    witness: Witness,
) -> Fact:
    known = {each.sender for each in incident.witnesses}
    witnesses = incident.witnesses
    if witness.sender not in known and len(witnesses) < WITNESSES:
        witnesses = (*witnesses, witness)
    # A position that was pointed at says more than one that words were turned into.
    lon, lat, spread = incident.lon, incident.lat, incident.spread_m
    if incident.spread_m and body.how != "words":
        lon, lat, spread = body.lon, body.lat, 0.0
    after = msgspec.structs.replace(
        incident,
        severity=worse(incident.severity, body.severity),
        lon=lon,
        lat=lat,
        spread_m=spread,
        first_at=min(incident.first_at, event.at),
        last_at=max(incident.last_at, event.at),
        reports=incident.reports + 1,
        witnesses=witnesses,
        hoaxes=incident.hoaxes + len(scoring.hoax_words(body.text)),
    )
    state.put(f"incident/{after.id}", after)
    state.put(f"report/{body.report}", Joined(after.id, witness.sender))
    score = score_of(state, after)
    grew = IncidentGrew(
        incident=after.id,
        report=body.report,
        severity=after.severity,
        evidence=score.total,
        reports=after.reports,
        lon=after.lon,
        lat=after.lat,
        parts=score.parts,
        why=(
            Part("distance", likeness.distance, f"{likeness.metres:.0f} m away"),
            Part("time", likeness.time, f"{likeness.seconds / 60:.0f} min apart"),
            Part("ward", likeness.ward, "the same ward" if likeness.ward else "another ward"),
        ),
    )
    return Fact(body=grew, audience=seen_by(after), versions=versions(world))
