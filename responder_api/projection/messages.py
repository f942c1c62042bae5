"""How messages show, and the dead letters: what was owed, tried, delivered, and what could not be read."""

from collections.abc import Iterator
from typing import Any

from responder_api.projection.change import Change, Get, Project, Projections, altered, fields, plain, time
from streams import events as e


def _message_asked(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": body.message, "state": "queued", "attempts": 0, **fields(body, "message"), "at": time(event)}
    yield Change("message", body.message, value, event.audience, new=True)


def _message(state: str) -> Project:
    def project(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
        standing = get("message", body.message)
        if standing is None or (state == "recalled" and standing[0]["state"] != "queued"):
            return
        value, audience = standing
        now = "queued" if state == "failed" and body.retry else state
        news = fields(body, "message", "attempt", "retry") | {"state": now, f"{state}_at": plain(event.seen)}
        if state == "sending":
            news["attempts"] = body.attempt
        yield Change("message", body.message, {**value, **news}, audience)

    return project


def _dead(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    value = {"id": event.id, **fields(body, "original"), "at": plain(event.seen), "size": len(body.original)}
    yield Change("deadletter", event.id, {**value, "state": "open"}, event.audience, new=True)


def _replayed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    yield from altered(
        "deadletter", body.letter, get, state="replayed", replayed_at=plain(event.seen), replayed_by=body.by
    )


def _dismissed(event: e.Event, body: Any, get: Get) -> Iterator[Change]:
    standing = get("deadletter", body.letter)
    if standing is not None and standing[0]["state"] == "open":
        news = {"reason": body.reason, "dismissed_at": plain(event.seen), "dismissed_by": body.by}
        yield Change("deadletter", body.letter, {**standing[0], "state": "dismissed", **news}, standing[1])


PROJECTIONS: Projections = {
    e.MessageAsked: _message_asked,
    e.MessageRecalled: _message("recalled"),
    e.MessageTaken: _message("sending"),
    e.MessageSent: _message("sent"),
    e.MessageFailed: _message("failed"),
    e.MessageDelivered: _message("delivered"),
    e.DeadLettered: _dead,
    e.DeadLetterReplayed: _replayed,
    e.DeadLetterDismissed: _dismissed,
}
