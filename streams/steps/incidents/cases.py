"""Open incidents as the step keeps them: the record, where it is listed, its evidence. Part of `incidents`."""

from datetime import datetime

import msgspec

from alerts import evidence, scoring
from geo import clusters
from streams.events import Fact, Hazard, IncidentClosed, IncidentRescored, Severity, audience
from streams.state import State
from streams.world import World

RULES = "incidents-1"
WITNESSES = 40
"""How many distinct senders are remembered for one incident; more change its evidence no more."""
IN_CELL = 50
"""How many open incidents of one hazard one cell remembers, the newest ones."""
WORDS_SPREAD_M = 1500.0
"""How far a report placed by words may be from where it says: a place name's or small ward's reach."""
NEAR_EDGE_M = 500.0
"""A ward this near to an incident watches it as an observer."""
BORNE_OUT: tuple[Hazard, ...] = ("flood", "drowning", "landslide")
"""Hazards that a raised gauge upstream speaks for."""


class Incident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident as this step knows it."""

    id: str
    hazard: Hazard
    severity: Severity
    ward: str
    lon: float
    lat: float
    first_at: datetime
    last_at: datetime
    reports: int = 1
    witnesses: tuple[evidence.Witness, ...] = ()
    hoaxes: int = 0
    spread_m: float = 0.0
    observers: tuple[str, ...] = ()
    into: str = ""
    open: bool = True


class Cell(msgspec.Struct, frozen=True):
    """Open incidents of one hazard in one cell, or in one ward."""

    incidents: tuple[str, ...] = ()


class Raised(msgspec.Struct, frozen=True):
    """Stations with a raised mark upstream of a ward."""

    stations: tuple[str, ...] = ()


class Joined(msgspec.Struct, frozen=True):
    """Which incident a report is part of, and who sent it."""

    incident: str
    sender: str


class Dismissed(msgspec.Struct, frozen=True):
    """A report that was dismissed before it was part of an incident: it must not become part of one."""


def standing(state: State, id_: str) -> Incident | None:
    """Give an incident, following merges to the one it is part of now."""
    incident = state.get(f"incident/{id_}", Incident)
    while incident is not None and incident.into:
        incident = state.get(f"incident/{incident.into}", Incident)
    return incident


def score_of(state: State, incident: Incident) -> evidence.Score:
    """Weigh what speaks for an incident: senders, channels, gauges upstream, hoax marks."""
    sensors = 0
    if incident.hazard in BORNE_OUT:
        sensors = len((state.get(f"raised/{incident.ward}", Raised) or Raised()).stations)
    return evidence.evidence(incident.witnesses, sensors=sensors, hoaxes=incident.hoaxes)


def rescored(world: World, state: State, incident: Incident, reason: str) -> Fact:
    """Say that severity or evidence changed without a new report."""
    score = score_of(state, incident)
    body = IncidentRescored(
        incident=incident.id,
        severity=incident.severity,
        evidence=score.total,
        reports=incident.reports,
        parts=score.parts,
        reason=reason,
    )
    return Fact(body=body, audience=seen_by(incident), versions=versions(world))


def listed(state: State, where: str, incident: str) -> None:
    """List an incident under a cell or ward."""
    before = (state.get(where, Cell) or Cell()).incidents
    state.put(where, Cell((*before, incident)[-IN_CELL:]))


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


def cells_around(world: World, hazard: Hazard, lon: float, lat: float) -> list[str]:
    """Name the listings in which an incident of a hazard near a point stands, the point's own cell first."""
    size = world.plan.hazard(hazard).join_m + 2 * WORDS_SPREAD_M
    return [f"cell/{hazard}/{cell}" for cell in clusters.around(lon, lat, size)]
