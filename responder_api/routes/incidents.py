"""What operators do: place and dismiss reports, send people, merge and close incidents.

Each is written down as a fact about what a person decided; a step carries it out. The answer comes when the
consequence can be read, with the document as it then stands.
"""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from geo.places import check_position
from responder_api.audience import Viewer
from responder_api.auth import viewer_of
from responder_api.decisions import decide, operator_area
from responder_api.desk import unclaimed
from responder_api.door import node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_body, read_json
from streams.events import (
    AnyBody,
    DispatchRequested,
    IncidentCloseRequested,
    IncidentMergeRequested,
    ReportDismissed,
    ReportPlaced,
)
from streams.steps.reports.place import answerable

router = APIRouter(tags=["operators"])

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a report is, degrees WGS 84."""

    lon: float
    lat: float


class Dismissal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a report is no emergency."""

    reason: Literal["hoax", "duplicate", "not-an-emergency"]


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an incident is over."""

    reason: Words


class Merging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which incident this one is part of, and why."""

    into: Annotated[str, Meta(min_length=1, max_length=64)]
    reason: Annotated[str, Meta(max_length=500)] = ""


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to send."""

    responder: Annotated[str, Meta(min_length=1, max_length=100)]


@router.post("/reports/{id_}/place", status_code=202, openapi_extra=json_body(Place))
async def place(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Put a report on the map."""
    sent = await read_json(request, Place)
    check_position(sent.lon, sent.lat)
    node = node_of(request)
    _, value = await visible(node, "report", id_, viewer)
    if value["state"] != "waiting":
        raise Refused("conflict", f"The report is {value['state']}; only one that waits can be placed.")
    if answerable(node.world.wards.at(sent.lon, sent.lat)) < 0:
        raise Refused("position-outside", "That position lies in no ward, and near none.")
    return await _decide(
        request, "report", id_, viewer, ReportPlaced(report=id_, lon=sent.lon, lat=sent.lat, by=viewer.account)
    )


@router.post("/reports/{id_}/dismiss", status_code=202, openapi_extra=json_body(Dismissal))
async def dismiss(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Judge a report a hoax, a duplicate or not an emergency."""
    sent = await read_json(request, Dismissal)
    return await _decide(
        request, "report", id_, viewer, ReportDismissed(report=id_, reason=sent.reason, by=viewer.account)
    )


@router.post("/incidents/{id_}/close", status_code=202, openapi_extra=json_body(Closing))
async def close(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Close an incident; whoever is still being asked is told."""
    sent = await read_json(request, Closing)
    body = IncidentCloseRequested(incident=id_, by=viewer.account, reason=sent.reason)
    return await _decide(request, "incident", id_, viewer, body)


@router.post("/incidents/{id_}/merge", status_code=202, openapi_extra=json_body(Merging))
async def merge(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Say that this incident is part of another one of the same county."""
    sent = await read_json(request, Merging)
    into, value = await visible(node_of(request), "incident", sent.into, viewer)
    if sent.into == id_:
        raise Refused("conflict", "An incident cannot be merged into itself.")
    operator_area(viewer, into.audience)
    await unclaimed(node_of(request), viewer, "incident", sent.into)
    _, mine = await visible(node_of(request), "incident", id_, viewer)
    if value["ward"][:6] != mine["ward"][:6]:
        raise Refused("conflict", "Only incidents of one county can be merged.")
    body = IncidentMergeRequested(incident=id_, into=sent.into, by=viewer.account, reason=sent.reason)
    return await _decide(request, "incident", id_, viewer, body)


@router.post("/incidents/{id_}/dispatch", status_code=202, openapi_extra=json_body(Sending))
async def dispatch(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Ask one named responder to go."""
    sent = await read_json(request, Sending)
    await visible(node_of(request), "responder", sent.responder, viewer)
    body = DispatchRequested(incident=id_, responder=sent.responder, by=viewer.account)
    return await _decide(request, "incident", id_, viewer, body)


async def _decide(request: Request, kind: str, id_: str, viewer: Viewer, body: AnyBody) -> Response:
    node = node_of(request)
    document, value = await visible(node, kind, id_, viewer)
    area = operator_area(viewer, document.audience)
    state = value.get("state")
    if kind == "incident" and state != "open":
        raise Refused("incident-closed" if state == "closed" else "incident-merged", f"The incident is {state}.")
    return await decide(node, viewer, kind, id_, body, area)
