"""How it shows who is at the scene of an incident: to those who see both, and beside what people say themselves.

A document of its own, and no part of the incident's: that one is seen by agencies and by all responders of the ward,
and where somebody is is not theirs to know.
"""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Projections, Value, time
from streams import events as e

KIND = "presence"


def presence_of(incident: str, responder: str) -> str:
    """Give the id of what says how a responder stands to an incident."""
    return f"{responder}@{incident}"


def _entered(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    id_ = presence_of(body.incident, body.responder)
    entry = get("responder", body.responder)
    who: Value = {"name": body.responder} if entry is None else entry[0]
    value = {"id": id_, "state": "inside", "incident": body.incident, "responder": body.responder, "since": time(event)}
    yield Change(KIND, id_, {**value, "name": who["name"], "title": who.get("title")}, event.audience)


def _dwelt(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _told(event, body, get, dwelt_at=time(event))


def _left(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from _told(event, body, get, state="left", left_at=time(event), reason=body.reason)


def _told(event: e.Event, body: Any, get: Get, **news: Any) -> Iterator[Change]:
    id_ = presence_of(body.incident, body.responder)
    standing = get(KIND, id_)
    if standing is not None:
        yield Change(KIND, id_, {**standing[0], **news}, event.audience)


PROJECTIONS: Projections = {
    e.FenceEntered: _entered,
    e.FenceDwelt: _dwelt,
    e.FenceLeft: _left,
}
