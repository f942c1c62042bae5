"""What no step could take: look at it, correct it, give it to its step again, or dismiss it."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from responder_api.audience import Viewer
from responder_api.auth import viewer_of
from responder_api.decisions import operator_area
from responder_api.door import event_of, is_uuid, node_of, visible, write_and_wait
from responder_api.errors import Refused, pointer
from responder_api.json_body import json_body, read_json, reply
from responder_api.node import Node
from responder_api.routes.board import MOST, PAGE, listing
from streams.events import (
    AnyBody,
    DeadLetterDismissed,
    DeadLettered,
    DeadLetterReplayed,
    Event,
    audience,
    decode,
    encode,
)

router = APIRouter(prefix="/deadletters", tags=["dead letters"])


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body as it should have been; leave it out to try the same again."""

    body: dict[str, Any] | None = None


class Dismissal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing is to be done about it here."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@router.get("", responses=PAGE)
async def many(
    request: Request,
    viewer: Annotated[Viewer, Depends(viewer_of)],
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    *,
    filed: bool = False,
) -> Response:
    """List dead letters that you may see; with `filed=true` those that were filed away after replay or dismissal."""
    return await listing(request, "deadletter", viewer, None, None, after, limit, filed=filed)


@router.get("/{id_}")
async def one(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Give a dead letter with its original."""
    _, value = await visible(node_of(request), "deadletter", id_, viewer)
    letter = await _letter(request, id_)
    return reply({**value, "original": msgspec.Raw(letter.original.encode())})


@router.post("/{id_}/replay", status_code=202, openapi_extra=json_body(Correction))
async def replay(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Give a dead letter to its step again, as it was or corrected; only that step sees it."""
    node = node_of(request)
    sent = await read_json(request, Correction)
    document, value = await visible(node, "deadletter", id_, viewer)
    if value["state"] != "open" and await node.read(_taken, node, id_):
        raise Refused("conflict", "It was replayed already, and its step took it.")
    area = operator_area(viewer, document.audience)
    letter = await _letter(request, id_)
    try:
        original = decode(letter.original.encode())
    except msgspec.DecodeError as error:
        raise Refused(
            "conflict", "Nobody could read it: whoever wrote it must send it again, mended. Then dismiss this one."
        ) from error
    if sent.body is not None:
        original = _corrected(original, sent.body)
    body = DeadLetterReplayed(letter=id_, step=letter.step, original=encode(original).decode(), by=viewer.account)
    event = event_of(node, body, key=original.key, audience=audience(area, "operator"), source="operators")
    written = await write_and_wait(node, event)
    refusals = await node.read(_refusals, node, written.id)
    return reply({"id": written.id, "taken": not refusals, "detail": "".join(refusals[:1])}, 202)


@router.post("/{id_}/dismiss", status_code=202, openapi_extra=json_body(Dismissal))
async def dismiss(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Say that nothing is to be done about a dead letter, or that it was done elsewhere; it can still be replayed."""
    node = node_of(request)
    sent = await read_json(request, Dismissal)
    document, value = await visible(node, "deadletter", id_, viewer)
    if value["state"] != "open":
        raise Refused("conflict", f"It was {value['state']} already.")
    area = operator_area(viewer, document.audience)
    body = DeadLetterDismissed(letter=id_, reason=sent.reason, by=viewer.account)
    key = (await _event(request, id_)).key
    event = event_of(node, body, key=key, audience=audience(area, "operator"), source="operators")
    written = await write_and_wait(node, event)
    return reply({"id": written.id}, 202)


def _refusals(node: Node, replay: str) -> list[str]:
    """Give why a replay was refused again; empty where the step took it."""
    said = node.views.history(replay)
    return [each.body.detail for each in said if isinstance(each.body, DeadLettered) and each.cause == replay]


def _taken(node: Node, letter: str) -> bool:
    """Tell whether any replay of a letter was taken."""
    replays = [each.id for each in node.views.history(letter) if isinstance(each.body, DeadLetterReplayed)]
    return any(not _refusals(node, replay) for replay in replays)


def _corrected(original: Event, body: dict[str, Any]) -> Event:
    """Put a corrected body into an event: the same kind of fact, and no field that it does not have."""
    kind = type(original.body)
    known = {"type", *(field.encode_name for field in msgspec.structs.fields(kind))}
    wrong = sorted(set(body) - known) or ["type"] * (body.get("type", kind.__name__) != kind.__name__)
    if wrong:
        errors = [{"detail": f"is not for a {kind.__name__}", "pointer": pointer(["body", name])} for name in wrong]
        raise Refused("invalid-body", f"The body of a {kind.__name__} is corrected.", errors=errors)
    try:
        corrected: AnyBody = msgspec.convert({**body, "type": kind.__name__}, AnyBody)
    except msgspec.ValidationError as error:
        raise Refused("invalid-body", f"The corrected body is not valid: {error}") from error
    return msgspec.structs.replace(original, body=corrected)


async def _letter(request: Request, id_: str) -> DeadLettered:
    body = (await _event(request, id_)).body
    if not isinstance(body, DeadLettered):
        raise Refused("not-found", "There is no dead letter of that id that you can see.")
    return body


async def _event(request: Request, id_: str) -> Event:
    node = node_of(request)
    event = await node.read(node.views.event, id_) if is_uuid(id_) else None
    if event is None:
        raise Refused("not-found", "There is no dead letter of that id that you can see.")
    return event
