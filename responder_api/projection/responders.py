"""How responders show: who they are, whether on shift, and where they last were."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Projections, altered, fields, time
from streams import events as e


def _enrolled(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("responder", body.responder)
    before = standing[0] if standing else {"on_shift": False}
    value = {**before, "id": body.responder, **fields(body, "responder"), "key": event.key}
    yield Change("responder", body.responder, value, event.audience)


def _shift(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered("responder", body.responder, get, on_shift=body.on, shift_at=time(event))


def _position(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    news = {"lon": body.lon, "lat": body.lat, "accuracy_m": body.accuracy_m, "fix_at": time(event)}
    yield from altered("responder", body.responder, get, **news)


PROJECTIONS: Projections = {
    e.ResponderEnrolled: _enrolled,
    e.ShiftChanged: _shift,
    e.PositionShared: _position,
}
