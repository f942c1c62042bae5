"""What operators do about incidents: send people, merge, split, close, open again.

Each is written down as a fact about what a person decided; a step carries it out. The answer comes when the
consequence can be read, with the document as it then stands.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from responder_api.audience import Viewer
from responder_api.auth import viewer_of
from responder_api.decisions import acting_area, decide
from responder_api.desk import unclaimed
from responder_api.door import new_id, node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_body, read_json
from streams.events import (
    AnyBody,
    DispatchRequested,
    IncidentCloseRequested,
    IncidentMergeRequested,
    IncidentReopenRequested,
    IncidentSplitRequested,
)
from streams.steps.incidents.regrouping import split_off

router = APIRouter(tags=["operators"])

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an incident is over."""

    reason: Words


class Merging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which incident this one is part of, and why."""

    into: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Annotated[str, Meta(max_length=500)] = ""


class Splitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which reports of an incident are about something else, and why."""

    reports: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(min_length=1, max_length=500)
    ]
    reason: Annotated[str, Meta(max_length=500)] = ""


class Reopening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an incident is not over, or no part of another one."""

    reason: Annotated[str, Meta(max_length=500)] = ""


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to send."""

    responder: Annotated[str, Meta(min_length=1, max_length=100)]


@router.post("/incidents/{id_}/close", status_code=202, openapi_extra=json_body(Closing))
async def close(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Close an incident; whoever is still being asked is told."""
    sent = await read_json(request, Closing)
    body = IncidentCloseRequested(incident=id_, by=viewer.account, reason=sent.reason)
    return await _decide(request, id_, viewer, body)


@router.post("/incidents/{id_}/merge", status_code=202, openapi_extra=json_body(Merging))
async def merge(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Say that this incident is part of another one of the same county."""
    sent = await read_json(request, Merging)
    _, value = await visible(node_of(request), "incident", sent.into, viewer)
    acting_area(viewer, value)
    if sent.into == id_:
        raise Refused("conflict", "An incident cannot be merged into itself.")
    await unclaimed(node_of(request), viewer, "incident", sent.into)
    _, mine = await visible(node_of(request), "incident", id_, viewer)
    if value["ward"][:6] != mine["ward"][:6]:
        raise Refused("conflict", "Only incidents of one county can be merged.")
    body = IncidentMergeRequested(incident=id_, into=sent.into, by=viewer.account, reason=sent.reason)
    return await _decide(request, id_, viewer, body)


@router.post("/incidents/{id_}/split", status_code=202, openapi_extra=json_body(Splitting))
async def split(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Make an incident of its own of some of this one's reports; all of them go, or none. Answers with both."""
    sent = await read_json(request, Splitting)
    body = IncidentSplitRequested(incident=id_, reports=sent.reports, by=viewer.account, reason=sent.reason)
    event_id = new_id("", None)
    return await _decide(request, id_, viewer, body, event_id, into=split_off(event_id))


@router.post("/incidents/{id_}/reopen", status_code=202, openapi_extra=json_body(Reopening))
async def reopen(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Open a closed incident again, or take a merged one out of the one that it is part of: undo close or merge."""
    sent = await read_json(request, Reopening)
    body = IncidentReopenRequested(incident=id_, by=viewer.account, reason=sent.reason)
    return await _decide(request, id_, viewer, body, over=True)


@router.post("/incidents/{id_}/dispatch", status_code=202, openapi_extra=json_body(Sending))
async def dispatch(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Ask one named responder to go."""
    sent = await read_json(request, Sending)
    await visible(node_of(request), "responder", sent.responder, viewer)
    body = DispatchRequested(incident=id_, responder=sent.responder, by=viewer.account)
    return await _decide(request, id_, viewer, body)


async def _decide(
    request: Request,
    id_: str,
    viewer: Viewer,
    body: AnyBody,
    event_id: str | None = None,
    *,
    over: bool = False,
    **others: str,
) -> Response:
    """Carry out a decision about an incident that is open, or (`over`) one that is not."""
    node = node_of(request)
    _, value = await visible(node, "incident", id_, viewer)
    area = acting_area(viewer, value)
    state = value["state"]
    if over and state == "open":
        raise Refused("conflict", "The incident is open.")
    if not over and state != "open":
        raise Refused("incident-closed" if state == "closed" else "incident-merged", f"The incident is {state}.")
    return await decide(node, viewer, "incident", id_, body, area, event_id, **others)
