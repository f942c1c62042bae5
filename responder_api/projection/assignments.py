"""How assignments show: an ask, its answer and how far it went; each counts in its incident."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Project, Projections, altered, fields, plain, time
from responder_api.projection.incidents import counted
from streams import events as e

GOING = ("accepted", "enroute", "arrived")


def _offered(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.assignment, "state": "offered", **fields(body, "assignment"), "offered_at": plain(event.seen)}
    yield Change("assignment", body.assignment, value, event.audience, new=True)
    wanting = [need for need in _wanting(body.incident, get) if need != body.need]
    yield from counted(body.incident, get, 1, 0, exhausted=wanting)


def _wanting(incident: str, get: Get) -> list[str]:
    """Give the needs for which nobody is left to ask."""
    standing = get("incident", incident)
    return list(standing[0].get("exhausted", ())) if standing is not None else []


def _goes(assignment: str, get: Get) -> bool:
    standing = get("assignment", assignment)
    return standing is not None and standing[0].get("state") in GOING


def _answered(state: str) -> Project:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        # Somebody who was going may decline after all.
        going = (state in GOING) - _goes(body.assignment, get)
        news = fields(body, "assignment", "incident", "responder", "reason")
        # Why this person was asked stays beside what they say.
        news["answer_reason"] = getattr(body, "reason", "")
        yield from altered("assignment", body.assignment, get, **news, state=state, answered_at=time(event))
        if going:
            yield from counted(body.incident, get, 0, going)

    return project


def _seen(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("assignment", body.assignment, get, seen_at=time(event))


def _moved(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("assignment", body.assignment, get, incident=body.incident)
    yield from counted(body.incident, get, 0, 1)


def _withdrawn(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    went = _goes(body.assignment, get)
    news = {"state": "withdrawn", "answer_reason": body.reason, "ground": body.ground, "answered_at": time(event)}
    yield from altered("assignment", body.assignment, get, **news)
    if went:
        yield from counted(body.incident, get, 0, -1)


def _progressed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    done = body.state not in GOING and _goes(body.assignment, get)
    news = {"state": body.state, f"{body.state}_at": time(event), "via": body.via}
    yield from altered("assignment", body.assignment, get, **news)
    if done:
        yield from counted(body.incident, get, 0, -1)


def _exhausted(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    wanting = _wanting(body.incident, get)
    if body.need not in wanting:
        yield from altered("incident", body.incident, get, exhausted=[*wanting, body.need])


PROJECTIONS: Projections = {
    e.AssignmentOffered: _offered,
    e.AssignmentAccepted: _answered("accepted"),
    e.AssignmentDeclined: _answered("declined"),
    e.AssignmentExpired: _answered("expired"),
    e.AssignmentWithdrawn: _withdrawn,
    e.AssignmentProgressed: _progressed,
    e.AssignmentSeen: _seen,
    e.AssignmentMoved: _moved,
    e.DispatchExhausted: _exhausted,
}
