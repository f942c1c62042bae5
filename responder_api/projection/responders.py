"""How responders show: who they are, whether on shift, and where they are while they are on it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from responder_api.projection.change import Change, Get, Projections, Value, altered, fields, plain, time
from streams import events as e

NOWHERE: Value = {"lon": None, "lat": None, "accuracy_m": None, "fix_at": None}


def _enrolled(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("responder", body.responder)
    before = standing[0] if standing else {"on_shift": False}
    value = {**before, "id": body.responder, **fields(body, "responder", "lon", "lat"), "key": event.key}
    value |= {"home_lon": body.lon, "home_lat": body.lat}
    if not body.active:
        value |= NOWHERE
    elif "fix_at" not in before:
        value |= _posted(value)
    yield Change("responder", body.responder, value, event.audience)


def _shift(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("responder", body.responder)
    if standing is not None:
        value, audience = standing
        after = {**value, "on_shift": body.on, "shift_at": time(event)}
        if body.on != value["on_shift"]:
            after |= NOWHERE | _posted(after)  # where somebody is off shift is nobody's business, also afterwards
        yield Change("responder", body.responder, after, audience)


def _posted(value: Value) -> Value:
    """Give the position of somebody on shift of whom none is known yet: that of their entry on the list."""
    return {"lon": value.get("home_lon"), "lat": value.get("home_lat")} if value["on_shift"] else {}


def _position(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("responder", body.responder)
    at = min(event.at, event.seen)
    if standing is None or not (standing[0]["on_shift"] and standing[0]["active"]):
        return  # it crossed the end of the shift
    before = standing[0].get("fix_at")
    if before is not None and at < datetime.fromisoformat(before):
        return  # a newer one is known
    news = {"lon": body.lon, "lat": body.lat, "accuracy_m": body.accuracy_m, "fix_at": plain(at)}
    yield from altered("responder", body.responder, get, **news)


PROJECTIONS: Projections = {
    e.ResponderEnrolled: _enrolled,
    e.ShiftChanged: _shift,
    e.PositionShared: _position,
}
