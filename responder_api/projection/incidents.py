"""How incidents show: what is known of them, and how many were asked and go."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Projections, altered, fields, time
from streams import events as e


def _incident_opened(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.incident, "state": "open", "reports": 1, **fields(body, "incident", "report")}
    value |= {"opened_at": time(event), "last_at": time(event), "asked": 0, "going": 0}
    yield Change("incident", body.incident, value, event.audience, new=True)
    yield from altered("report", body.report, get, incident=body.incident)


def _incident_grew(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("incident", body.incident, get, **fields(body, "incident", "report"), last_at=time(event))
    if body.report:
        yield from altered("report", body.report, get, incident=body.incident)


def _incident_rescored(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("incident", body.incident, get, **fields(body, "incident", "reason"))


def _incident_merged(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("incident", body.incident, get, state="merged", into=body.into, closed_at=time(event))
    yield from altered("incident", body.into, get, **fields(body, "incident", "into", "by", "reason"))


def _incident_closed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = {"state": "closed", "closed_at": time(event), "closed_by": body.by, "reason": body.reason}
    yield from altered("incident", body.incident, get, **news)


def counted(incident: str, get: Get, asked: int, going: int, **news: Any) -> Iterator[Change]:
    """Give an incident with so many more asked and going."""
    standing = get("incident", incident)
    if standing is not None:
        value, audience = standing
        counts = {"asked": value.get("asked", 0) + asked, "going": max(0, value.get("going", 0) + going)}
        yield Change("incident", incident, {**value, **counts, **news}, audience)


PROJECTIONS: Projections = {
    e.IncidentOpened: _incident_opened,
    e.IncidentGrew: _incident_grew,
    e.IncidentRescored: _incident_rescored,
    e.IncidentMerged: _incident_merged,
    e.IncidentClosed: _incident_closed,
}
