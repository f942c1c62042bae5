"""What people say over the live socket: an answer to an ask, or that a device shows it. The same as over HTTP.

`answer` is the one place where an answer is judged; the route and the socket both end here.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from geo.places import check_position
from responder_api.audience import Viewer, holds
from responder_api.decisions import ours
from responder_api.door import Written, event_of, new_id, visible, write, write_and_wait
from responder_api.errors import Refused
from responder_api.node import Node
from streams.events import Answer, AnswerReceived, AnswerRefused, AssignmentSeen, MessageDelivered, audience, derive


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer to an ask. The same `client_id` again is the same answer."""

    answer: Answer
    reason: Annotated[str, Meta(max_length=200)] = ""
    client_id: Annotated[str, Meta(max_length=100)] = ""
    lon: float | None = None
    lat: float | None = None


class SocketReply(Reply, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer as it comes over the socket, with the assignment it is for."""

    assignment: Annotated[str, Meta(min_length=1, max_length=64)]


async def answer(node: Node, viewer: Viewer, assignment: str, sent: Reply) -> Written:
    """Write down an answer, as the one who was asked, or as an operator of the area on their behalf.

    Refused with the code of the step that could not take it: `assignment-taken` when somebody else goes by now,
    `incident-closed`, `already-done`, `nothing-open`. Sent again with the same `client_id` it is answered the same.
    """
    if sent.lon is not None or sent.lat is not None:
        check_position(sent.lon, sent.lat)
    _, value = await visible(node, "assignment", assignment, viewer)
    ours(value)
    own = viewer.person == value["responder"]
    if not own and not holds(viewer, "operator", value["ward"]):
        raise Refused("forbidden", "Only the one who was asked, or an operator of the area, can answer.")
    body = AnswerReceived(
        responder=value["responder"],
        answer=sent.answer,
        via="app" if own else "operator",
        assignment=assignment,
        reason=sent.reason,
        client_id=sent.client_id,
        lon=sent.lon,
        lat=sent.lat,
    )
    event = event_of(
        node,
        body,
        key=value["ward"][:6],
        audience=audience(value["ward"], "operator", persons=[value["responder"]]),
        source="responders",
        id_=new_id(f"answer/{assignment}/{sent.answer}", sent.client_id or None),
    )
    written = await write_and_wait(node, event)
    became = await node.read(node.views.event, derive(written.id, "dispatch", 0))
    if became is not None and isinstance(became.body, AnswerRefused):
        raise Refused(became.body.code, f"{became.body.detail[0].upper()}{became.body.detail[1:]}.")
    return written


async def taken_down(node: Node, viewer: Viewer, fields: dict[str, Any]) -> dict[str, Any]:
    """Take down what a socket said; give the fields of the reply."""
    said = {name: value for name, value in fields.items() if name not in ("type", "ref")}
    if fields.get("type") == "answer":
        try:
            sent = msgspec.convert(said, SocketReply)
        except msgspec.ValidationError as error:
            raise Refused("invalid-body", str(error)) from error
        written = await answer(node, viewer, sent.assignment, sent)
        return {"id": written.id, "assignment": sent.assignment}
    return await _received(node, viewer, str(said.get("id", "")))


async def _received(node: Node, viewer: Viewer, id_: str) -> dict[str, Any]:
    assignment = await node.read(node.views.get, "assignment", id_)
    kind = "assignment" if assignment is not None else "message"
    document, value = await visible(node, kind, id_, viewer)
    ours(value)
    if kind == "assignment":
        if viewer.person != value["responder"]:
            raise Refused("forbidden", "Only the one who was asked can say so.")
        body: AssignmentSeen | MessageDelivered = AssignmentSeen(assignment=id_, responder=value["responder"])
        key = value["ward"][:6]
    else:
        body = MessageDelivered(message=id_, by=viewer.person or viewer.account)
        key = next((entry.partition(":")[2][:6] for entry in document.audience if ":KE" in entry), "KE")
    event = event_of(
        node,
        body,
        key=key,
        audience=document.audience,
        source="responders",
        id_=new_id(f"received/{viewer.account}", id_),
    )
    (written,) = await write(node, [event])
    return {"id": written.id}
