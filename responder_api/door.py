"""Write the first fact of a story: the envelope that the door puts around what came in, and the durable append.

You are between a route, which has read and judged its input, and the log. An id comes from the sender's own key where
there is one, so that a repeated request writes nothing new and gets the same answer. Next: `streams.pipeline`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
from fastapi import Request

from geo.places import Rejected
from responder_api.audience import Viewer, may_see
from responder_api.errors import REQUEST_ID, Refused
from responder_api.host import Written as Written
from responder_api.node import Node
from responder_api.views import Document
from streams.events import CONTRACT, NAMESPACE, AnyBody, Event
from streams.log import line

WAIT_S = 2.0
"""How long an answer waits for what follows from it, in seconds: what takes longer is told over the socket."""
FUTURE_S = 300
"""How far a sender's clock may be ahead of ours, in seconds."""


def node_of(request: Request) -> Node:
    """Give the running node behind a request."""
    node: Node = request.app.state.node
    return node


def new_id(source: str, key: str | None) -> str:
    """Make an event's id: always the same one for the same sender's key, a random one where there is none."""
    return str(uuid5(NAMESPACE, f"{source}\n{key}") if key else uuid4())


def said_at(happened: datetime | None, now: datetime) -> datetime:
    """Give when something happened by its sender's word, in UTC: never later than it arrived.

    Refused `time-in-future` beyond five minutes; within them the sender's clock is taken to be fast.
    """
    if happened is None:
        return now
    if happened > now + timedelta(seconds=FUTURE_S):
        raise Refused("time-in-future", f"{happened.isoformat()} is in the future; it is {now.isoformat()} here.")
    return min(in_utc(happened), now)


def in_utc(time: datetime) -> datetime:
    """Give a time in UTC; Refused `time-not-plausible` for what is before year 1 or after 9999 there."""
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise Refused("time-not-plausible", f"{time.isoformat()} is no time in UTC.") from None


def event_of(
    node: Node,
    body: AnyBody,
    *,
    key: str,
    audience: tuple[str, ...],
    source: str,
    id_: str | None = None,
    at: datetime | None = None,
) -> Event:
    """Put the envelope around a fact that begins a story."""
    now = node.clock()
    id_ = id_ or str(uuid4())
    cause = REQUEST_ID.get() or id_
    return Event(
        id=id_,
        cause=cause,
        source=source,
        key=key,
        at=at or now,
        seen=now,
        audience=audience,
        body=body,
        contract=CONTRACT,
    )


async def write(node: Node, events: Sequence[Event]) -> list[Written]:
    """Write events to the log; returns when they are durable. Raises StorageError, answered 503."""
    try:
        lines = [line(event) for event in events]
    except (UnicodeError, ValueError) as error:
        raise Refused("not-utf8", "A text holds what is no character (a lone surrogate).") from error
    offsets = await node.host.append(lines)
    for event, offset in zip(events, offsets, strict=True):
        if offset is not None:
            node.feeds.heard(event)
    return [
        Written(event.id, offset is not None, offset or None) for event, offset in zip(events, offsets, strict=True)
    ]


async def write_and_wait(node: Node, event: Event) -> Written:
    """Write one event and wait until its consequences can be read here (`WAIT_S` at most).

    So does who says the same again, whose first word may still be on its way through the steps.
    """
    (written,) = await write(node, [event])
    await node.shown.reached(written, WAIT_S)
    return written


async def visible(node: Node, kind: str, id_: str, viewer: Viewer) -> tuple[Document, dict[str, Any]]:
    """Give a document that this viewer may see; Rejected `not-found` for an unknown one and a hidden one alike."""
    document = await node.read(node.views.get, kind, id_)
    if document is None or not may_see(viewer, document.audience):
        raise Rejected("not-found", f"There is no {kind} of that id that you can see.")
    return document, msgspec.json.decode(document.data)


def is_uuid(text: str) -> bool:
    """Tell whether a text is the id of an event."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
