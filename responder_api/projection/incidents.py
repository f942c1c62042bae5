"""How incidents show: what is known of them, and how many were asked and go."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from responder_api.projection.change import Audience, Change, Crew, Get, Projections, altered, fields, time
from streams import events as e


def _incident_opened(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.incident, "state": "open", "reports": 1, **fields(body, "incident", "report")}
    value |= {"opened_at": time(event), "last_at": time(event), "asked": 0, "going": 0}
    yield Change("incident", body.incident, value, event.audience, new=True)
    yield from altered("report", body.report, get, incident=body.incident)


def _incident_grew(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("incident", body.incident)
    if standing is not None:
        # What a phone kept through a dead zone was said before what has come in meanwhile.
        last = max(standing[0]["last_at"], time(event), key=datetime.fromisoformat)
        value, seen_by = standing
        news = {**value, **fields(body, "incident", "report"), "last_at": last}
        yield Change("incident", body.incident, news, _more(seen_by, event))
    if body.report:
        yield from altered("report", body.report, get, incident=body.incident)


def _more(seen_by: Audience, event: e.Event) -> Audience:
    """Let those see it who hear of it now: a ward that watches from now on."""
    return seen_by + tuple(who for who in event.audience if who not in seen_by)


def _incident_rescored(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("incident", body.incident, get, **fields(body, "incident", "reason"))


def _incident_merged(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = {"into": body.into, "merged_by": body.by, "merged_at": time(event), "reason": body.reason}
    yield from altered("incident", body.incident, get, state="merged", closed_at=time(event), **news)
    standing = get("incident", body.into)
    if standing is not None:
        value, seen_by = standing
        said = fields(body, "incident", "into", "by", "reason") | {
            "merged": [*_merged_into(body.into, get), body.incident]
        }
        if not body.observers:  # none, or said by a version that did not say: who watches goes on
            said = {name: each for name, each in said.items() if name not in ("observers", "observers_m")}
        yield Change("incident", body.into, {**value, **said}, _more(seen_by, event))


def _merged_into(incident: str, get: Get) -> list[str]:
    """Give what is part of an incident. Its reports keep their own incident: `into` leads from there to here."""
    standing = get("incident", incident)
    return list(standing[0].get("merged", ())) if standing is not None else []


def _incident_split(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    said = [standing[0]["at"] for id_ in body.reports if (standing := get("report", id_)) is not None]
    if said:
        yield from altered("incident", body.into, get, last_at=max(said, key=datetime.fromisoformat))
    for id_ in body.reports:
        yield from altered("report", id_, get, incident=body.into)


_OVER = dict.fromkeys(("into", "merged_by", "merged_at", "closed_at", "closed_by", "reason", "exhausted"))
"""What an incident says only while it is over, or what is asked anew when it is opened again."""


def _incident_reopened(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = fields(body, "incident", "by", "reason", "out_of") | {"reopened_by": body.by, "reopened_at": time(event)}
    yield from altered("incident", body.incident, get, **_OVER, **news, state="open")
    if body.out_of:
        others = [id_ for id_ in _merged_into(body.out_of, get) if id_ != body.incident]
        yield from altered("incident", body.out_of, get, merged=others)


def _incident_closed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = {"state": "closed", "closed_at": time(event), "closed_by": body.by, "reason": body.reason}
    yield from altered("incident", body.incident, get, **news)


def counted(
    incident: str, get: Get, asked: int, crew: Crew | None = None, seen_by: Audience = (), **news: Any
) -> Iterator[Change]:
    """Give an incident with so many more asked, and with the crew that goes now (None: the same).

    Who is asked to go may see what it is about: the persons of `seen_by`, the ask's audience, see it from now on.
    """
    standing = get("incident", incident)
    if standing is not None:
        value, audience = standing
        news["asked"] = value.get("asked", 0) + asked
        if crew is not None:
            news |= {"crew": crew, "going": len(crew)}
        persons = tuple(who for who in seen_by if who.startswith("person:") and who not in audience)
        yield Change("incident", incident, {**value, **news}, audience + persons)


PROJECTIONS: Projections = {
    e.IncidentOpened: _incident_opened,
    e.IncidentGrew: _incident_grew,
    e.IncidentRescored: _incident_rescored,
    e.IncidentMerged: _incident_merged,
    e.IncidentSplit: _incident_split,
    e.IncidentReopened: _incident_reopened,
    e.IncidentClosed: _incident_closed,
}
