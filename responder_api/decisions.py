"""Decisions of people: written down as a fact, carried out by a step, answered with what became of them.

You are behind a route that has judged what was asked against the documents as they stand. Between that look and the
step somebody else may have decided: the step then refuses (`RequestRefused`) or cannot take it (`DeadLettered`), and
whoever asked is told so instead of being thanked.
"""

from typing import Any

import msgspec
from starlette.responses import Response

from responder_api.audience import Viewer, holds
from responder_api.desk import unclaimed
from responder_api.door import event_of, write_and_wait
from responder_api.errors import Refused
from responder_api.json_body import reply
from responder_api.node import Node
from streams.events import AnyBody, DeadLettered, Event, ReportPlaced, RequestRefused, audience, derive


def operator_area(viewer: Viewer, who: tuple[str, ...]) -> str:
    """Give the area over which this viewer, as an operator, may decide about a document; Refused `forbidden`."""
    for entry in who:
        role, _, area = entry.partition(":")
        if role == "operator" and holds(viewer, "operator", area):
            return area
    raise Refused("forbidden", "Only an operator of the area can decide this.")


def ours(value: dict[str, Any]) -> None:
    """Refused `mirrored` for a document of another system: no step of this one knows what it is about."""
    if origin := value.get("origin"):
        raise Refused("mirrored", f"It was mirrored from {origin.partition('/')[0]}, where it is decided.")


def acting_area(viewer: Viewer, incident: dict[str, Any]) -> str:
    """Give the area over which this viewer may decide about an incident; Refused `mirrored`, `forbidden`.

    Operators of wards that only watch it see it, and leave it to those who act.
    """
    ours(incident)
    ward: str = incident["ward"]
    if not holds(viewer, "operator", ward):
        raise Refused("forbidden", "Only an operator of the ward that acts can decide this; others watch.")
    return ward


async def decide(
    node: Node,
    viewer: Viewer,
    kind: str,
    id_: str,
    body: AnyBody,
    area: str,
    event_id: str | None = None,
    **others: str,
) -> Response:
    """Carry out what an operator of an area decided about a document, and answer with it as it then stands.

    Refused `claimed` while another operator works on it. `others` are answered as well, as in `standing`.
    """
    await unclaimed(node, viewer, kind, id_)
    event = await carried_out(node, body, area, event_id)
    return await standing(node, event, kind, id_, **others)


async def carried_out(node: Node, body: AnyBody, area: str, event_id: str | None = None) -> Event:
    """Write a decision down and wait for its consequences; Refused with the step's code when it came too late.

    Operators of `area` (a path) may see it; its county is the key. `event_id` is its id where a repeat must be known as
    one.
    """
    seen_by = audience(area, "operator")
    event = event_of(node, body, key=area[:6], audience=seen_by, source="operators", id_=event_id)
    await write_and_wait(node, event)
    refused = await node.read(_refusal, node, event)
    if isinstance(refused, RequestRefused):
        raise Refused(refused.code, refused.detail)
    if isinstance(refused, DeadLettered):
        if refused.code == "step-failed":
            raise Refused("internal", "It was written down and could not be carried out; it is among the dead letters.")
        raise Refused(refused.code, refused.detail)
    return event


async def standing(node: Node, event: Event, kind: str, id_: str, **others: str) -> Response:
    """Answer a decision: its id, the document it was about, and `others` (ids) of the same kind under their names."""
    documents = {}
    for name, which in {kind: id_, **others}.items():
        document = await node.read(node.views.get, kind, which)
        documents[name] = msgspec.Raw(document.data) if document is not None else None
    return reply({"id": event.id, **documents}, 202)


def _refusal(node: Node, event: Event) -> AnyBody | None:
    """Give the refusal of a decision, or None. Its id is known beforehand: a step that refuses says nothing else."""
    for step in node.steps:
        if type(event.body) not in step.hears:
            continue
        for id_ in (derive(event.id, step.name, 0), derive(event.id, f"{step.name}!", 0)):
            found = node.views.event(id_)
            if found is None:
                continue
            if isinstance(found.body, RequestRefused | DeadLettered):
                return found.body
            if isinstance(found.body, ReportPlaced):  # one step has passed the decision on to another
                return _refusal(node, found)
    return None
