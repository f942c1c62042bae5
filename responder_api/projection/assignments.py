"""How assignments show: an ask, its answer and how far it went; each counts in its incident."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Crew, Get, Project, Projections, altered, fields, plain, time
from responder_api.projection.incidents import counted
from streams import events as e

GOING = ("accepted", "enroute", "arrived")


def _offered(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.assignment, "state": "offered", **fields(body, "assignment"), "offered_at": plain(event.seen)}
    yield Change("assignment", body.assignment, value, event.audience, new=True)
    wanting = [need for need in _wanting(body.incident, get) if need != body.need]
    yield from counted(body.incident, get, 1, seen_by=event.audience, exhausted=wanting)


def _wanting(incident: str, get: Get) -> list[str]:
    """Give the needs for which nobody is left to ask."""
    standing = get("incident", incident)
    return list(standing[0].get("exhausted", ())) if standing is not None else []


def _crew(assignment: str, incident: str, get: Get, state: str) -> Crew | None:
    """Give who goes to an incident now that an assignment has this state; None when that changes nothing.

    Others who are asked see it: name, title and need of who said yes, nothing else.
    """
    standing, ask = get("incident", incident), get("assignment", assignment)
    if standing is None or ask is None:
        return None
    before: Crew = standing[0].get("crew", [])
    others = [goer for goer in before if goer["assignment"] != assignment]
    if state not in GOING:
        return others if len(others) < len(before) else None
    who = get("responder", ask[0]["responder"])
    title = {"title": who[0]["title"]} if who is not None and who[0].get("title") else {}
    goer = {"assignment": assignment, "responder": ask[0]["responder"], "name": ask[0]["responder_name"], **title}
    return [*others, {**goer, "need": ask[0]["need"], "state": state}]


def _answered(state: str) -> Project:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        # Somebody who was going may decline after all.
        crew = _crew(body.assignment, body.incident, get, state)
        news = fields(body, "assignment", "incident", "responder", "reason")
        # Why this person was asked stays beside what they say.
        news["answer_reason"] = getattr(body, "reason", "")
        yield from altered("assignment", body.assignment, get, **news, state=state, answered_at=time(event))
        if crew is not None:
            yield from counted(body.incident, get, 0, crew)

    return project


def _seen(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("assignment", body.assignment, get, seen_at=time(event))


def _moved(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    ask = get("assignment", body.assignment)
    crew = _crew(body.assignment, body.incident, get, ask[0]["state"]) if ask is not None else None
    left = _crew(body.assignment, body.merged, get, "moved")
    if ask is not None:
        # The operators of the ward to which it goes now see it too; those who sent them go on to.
        seen_by = tuple(dict.fromkeys((*ask[1], *event.audience)))
        yield Change("assignment", body.assignment, {**ask[0], "incident": body.incident}, seen_by)
    yield from counted(body.incident, get, 0, crew, event.audience)
    if left is not None:
        yield from counted(body.merged, get, 0, left)


def _withdrawn(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    crew = _crew(body.assignment, body.incident, get, "withdrawn")
    news = {"state": "withdrawn", "answer_reason": body.reason, "ground": body.ground, "answered_at": time(event)}
    yield from altered("assignment", body.assignment, get, **news)
    if crew is not None:
        yield from counted(body.incident, get, 0, crew)


def _progressed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    crew = _crew(body.assignment, body.incident, get, body.state)
    news = {"state": body.state, f"{body.state}_at": time(event), "via": body.via}
    yield from altered("assignment", body.assignment, get, **news)
    if crew is not None:
        yield from counted(body.incident, get, 0, crew)


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
