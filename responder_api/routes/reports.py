"""What operators decide about reports: where one is, which incident it is part of, that it is no emergency.

Each is written down as a fact about what a person decided; a step carries it out. The answer comes when the
consequence can be read, with the document as it then stands.
"""

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from geo.answers import at_point
from geo.places import check_position
from geo.wards import Wards
from responder_api.audience import Viewer
from responder_api.auth import viewer_of
from responder_api.decisions import acting_area, decide, operator_area, ours
from responder_api.door import node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import json_body, read_json
from streams.events import AnyBody, ReportDismissed, ReportJoinRequested, ReportPlaced
from streams.steps.reports.place import answering

router = APIRouter(prefix="/reports", tags=["operators"])


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a report is, degrees WGS 84; `ward` names who answers for a place outside all wards or near an edge."""

    lon: float
    lat: float
    ward: Annotated[str, Meta(max_length=32)] = ""


class Joining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which incident a report is part of."""

    incident: Annotated[str, Meta(min_length=1, max_length=64)]


class Dismissal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a report is no emergency."""

    reason: Literal["hoax", "duplicate", "not-an-emergency"]


@router.post("/{id_}/place", status_code=202, openapi_extra=json_body(Place))
async def place(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Put a report on the map.

    `ward` is the area path of the ward that answers for it. Far off the shore it must be given; within 500 m of a ward
    it may be that one; anywhere else the place says itself which ward it is.
    """
    sent = await read_json(request, Place)
    check_position(sent.lon, sent.lat)
    node = node_of(request)
    _, value = await visible(node, "report", id_, viewer)
    ours(value)
    if value["state"] != "waiting":
        raise Refused("conflict", f"The report is {value['state']}; only one that waits can be placed.")
    ward = _answering(node.world.wards, sent)
    body = ReportPlaced(report=id_, lon=sent.lon, lat=sent.lat, by=viewer.account, ward=ward)
    return await _decide(request, id_, viewer, body)


def _answering(wards: Wards, sent: Place) -> str:
    """Give the ward that an operator names for a place, or none where the place itself says it.

    Refused `position-outside` for a place abroad, and for one off the shore for which no ward is named; `ward-unknown`.
    """
    answer = at_point(wards, sent.lon, sent.lat)
    if answering(answer) is not None:
        near = any(each.ward.path == sent.ward for each in answer.candidates[1:])
        return sent.ward if near else ""
    if answer.refused or not sent.ward:
        raise Refused("position-outside", answer.reason)
    return wards.ward(wards.row(sent.ward)).path


@router.post("/{id_}/join", status_code=202, openapi_extra=json_body(Joining))
async def join(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Make a report part of an open incident of its county; one that waits gets its place there."""
    sent = await read_json(request, Joining)
    node = node_of(request)
    report, value = await visible(node, "report", id_, viewer)
    _, incident = await visible(node, "incident", sent.incident, viewer)
    ours(value)
    acting_area(viewer, incident)
    if value["state"] not in ("waiting", "located"):
        raise Refused(
            "conflict", f"The report is {value['state']}; only one that waits or has its place can be joined."
        )
    county = (value.get("ward") or operator_area(viewer, report.audience))[:6]
    if incident["ward"][:6] != county:
        raise Refused("conflict", "A report can only be part of an incident of its own county.")
    if incident["state"] != "open":
        code = "incident-closed" if incident["state"] == "closed" else "incident-merged"
        raise Refused(code, f"The incident is {incident['state']}.")
    body = ReportJoinRequested(report=id_, incident=sent.incident, by=viewer.account)
    return await _decide(request, id_, viewer, body)


@router.post("/{id_}/dismiss", status_code=202, openapi_extra=json_body(Dismissal))
async def dismiss(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Judge a report a hoax, a duplicate or not an emergency."""
    sent = await read_json(request, Dismissal)
    body = ReportDismissed(report=id_, reason=sent.reason, by=viewer.account)
    return await _decide(request, id_, viewer, body)


async def _decide(request: Request, id_: str, viewer: Viewer, body: AnyBody) -> Response:
    node = node_of(request)
    document, value = await visible(node, "report", id_, viewer)
    ours(value)
    return await decide(node, viewer, "report", id_, body, operator_area(viewer, document.audience))
