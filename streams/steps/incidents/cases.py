"""Open incidents as the step keeps them: the record, where it is listed, its evidence. Part of `incidents`."""

from datetime import datetime

import msgspec

from alerts import evidence, scoring
from geo import clusters
from streams.events import Event, Fact, Hazard, IncidentClosed, IncidentRescored, RequestRefused, audience
from streams.state import State
from streams.steps.incidents.figures import Figures, Joined
from streams.world import World

RULES = "incidents-4"
IN_CELL = 50
"""How many open incidents of one hazard one cell remembers, the newest ones."""
WORDS_SPREAD_M = 1500.0
"""How far a report placed by words may be from where it says: a place name's or small ward's reach."""
NEAR_EDGE_M = 500.0
"""A ward this near to an incident watches it as an observer."""
MAY_BE_THERE = 0.05
"""So does one that an inexact position lies in with this chance; edges that are drawn roughly are no such reason."""
BORNE_OUT: tuple[Hazard, ...] = ("flood", "drowning", "landslide")
"""Hazards that a raised gauge upstream speaks for."""


class Incident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident as this step knows it. Its figures and times include those of what was merged into it."""

    id: str
    hazard: Hazard
    ward: str
    lon: float
    lat: float
    first_at: datetime
    last_at: datetime
    figures: Figures = Figures()
    marks: int = 0
    """How often an operator judged one of its reports a hoax."""
    anchor: str = ""
    """The report of its own that it has its place from."""
    rank: tuple[bool, bool] = (False, False)
    spread_m: float = 0.0
    reach_m: float = 0.0
    """How far from its place the farthest of its reports is that has a position."""
    observers: tuple[str, ...] = ()
    pages: int = 0
    """Number of the last page of its own reports."""
    merged: tuple[str, ...] = ()
    """What is part of it now, and can come out again."""
    into: str = ""
    open: bool = True


class Cell(msgspec.Struct, frozen=True):
    """Open incidents of one hazard in one cell, or in one ward."""

    incidents: tuple[str, ...] = ()


class Raised(msgspec.Struct, frozen=True):
    """Stations with a raised mark upstream of a ward."""

    stations: tuple[str, ...] = ()


class Dismissed(msgspec.Struct, frozen=True):
    """A report that was dismissed before it was part of an incident: it must not become part of one."""


def standing(state: State, id_: str) -> Incident | None:
    """Give an incident, following merges to the one it is part of now."""
    return next(reversed(lineage(state, id_)), None)


def score_of(state: State, incident: Incident) -> evidence.Score:
    """Weigh what speaks for an incident: senders, channels, gauges upstream, hoax marks."""
    sensors = 0
    if incident.hazard in BORNE_OUT:
        sensors = len((state.get(f"raised/{incident.ward}", Raised) or Raised()).stations)
    figures = incident.figures
    return evidence.weigh(
        figures.kinds, channels=len(figures.channels), sensors=sensors, hoaxes=figures.hoaxes + incident.marks
    )


def scene_m(world: World, incident: Incident) -> float:
    """Give how far an incident's scene reaches around its place, metres: to its farthest report, within bounds.

    At least what the plan says of the hazard, and as much as its place is uncertain; at most as far as reports join it
    by themselves, so that one that is merged in from far away does not make a scene of half the county.
    """
    plan = world.plan.hazard(incident.hazard)
    widest = max(plan.scene_m, plan.join_m + WORDS_SPREAD_M)
    return round(min(widest, max(plan.scene_m, incident.spread_m, incident.reach_m)), 1)


def rescored(world: World, state: State, incident: Incident, reason: str) -> Fact:
    """Say what an incident adds up to now, where no new report says so."""
    score = score_of(state, incident)
    body = IncidentRescored(
        incident=incident.id,
        severity=incident.figures.severity,
        evidence=score.total,
        reports=incident.figures.reports,
        parts=score.parts,
        reason=reason,
        lon=incident.lon,
        lat=incident.lat,
        scene_m=scene_m(world, incident),
    )
    return Fact(body=body, audience=seen_by(incident), versions=versions(world))


def enlist(world: World, state: State, incident: Incident) -> None:
    """List an open incident where reports near it, and gauges upstream of it, look for it."""
    places = [cells_around(world, incident.hazard, incident.lon, incident.lat)[0]]
    if incident.hazard in BORNE_OUT:
        places.append(f"ward/{incident.ward}")
    for where in places:
        before = (state.get(where, Cell) or Cell()).incidents
        state.put(where, Cell((*before, incident.id)[-IN_CELL:]))


def lineage(state: State, id_: str) -> list[Incident]:
    """Give an incident, the one that it was merged into, and so on: what counts its reports."""
    found: list[Incident] = []
    incident = state.get(f"incident/{id_}", Incident)
    while incident is not None:
        found.append(incident)
        incident = state.get(f"incident/{incident.into}", Incident) if incident.into else None
    return found


def unlist(world: World, state: State, incident: Incident) -> None:
    """Take an incident out of the cells and the ward that list it."""
    for where in (*cells_around(world, incident.hazard, incident.lon, incident.lat), f"ward/{incident.ward}"):
        found = state.get(where, Cell)
        if found is not None and incident.id in found.incidents:
            state.put(where, Cell(tuple(id_ for id_ in found.incidents if id_ != incident.id)))


def seen_by(incident: Incident) -> tuple[str, ...]:
    """Say who may see an incident: its ward, and operators of the wards that watch."""
    owner = audience(incident.ward, "operator", "responder", "agency")
    return owner + tuple(entry for ward in incident.observers for entry in audience(ward, "operator"))


def watched(incident: Incident, joined: Joined, *, led: bool) -> tuple[str, ...]:
    """Say which wards watch an incident once a report is part of it: the report's own, and those near its place.

    `led`: the incident has its place from this report. Who watched once watches until it is over.
    """
    more = (joined.ward, *(joined.observers if led else ()))
    return tuple(dict.fromkeys(ward for ward in (*incident.observers, *more) if ward != incident.ward))


def observers_m(world: World, incident: Incident) -> dict[str, float]:
    """Measure metres from an incident to each ward that watches it."""
    rows = {ward: world.wards.find(ward) for ward in incident.observers}
    return {
        ward: round(world.wards.distance_m(row, incident.lon, incident.lat), 1)
        for ward, row in rows.items()
        if row >= 0
    }


def versions(world: World) -> dict[str, str]:
    """Give the versions that a decision here rests on."""
    return {
        "rules": RULES,
        "scoring": scoring.RULES,
        "evidence": evidence.RULES,
        "clusters": clusters.RULES,
        "plan": world.plan.version,
        "boundaries": world.wards.version,
    }


def closed(world: World, state: State, incident: Incident, by: str, reason: str) -> Fact:
    """Close an incident."""
    unlist(world, state, incident)
    state.put(f"incident/{incident.id}", msgspec.structs.replace(incident, open=False))
    return Fact(body=IncidentClosed(incident=incident.id, by=by, reason=reason), audience=seen_by(incident))


def refuse(event: Event, about: str, detail: str) -> Fact:
    """Say that what was asked for cannot be done any more."""
    body = RequestRefused(request=event.id, code="conflict", detail=detail, about=about)
    return Fact(body=body, audience=event.audience)


def cells_around(world: World, hazard: Hazard, lon: float, lat: float) -> list[str]:
    """Name the listings in which an incident of a hazard near a point stands, the point's own cell first."""
    size = world.plan.hazard(hazard).join_m + 2 * WORDS_SPREAD_M
    return [f"cell/{hazard}/{cell}" for cell in clusters.around(lon, lat, size)]
