"""What responders do: answer an ask, go on and off shift, share a position; and how they get onto the list."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from geo.places import check_area, check_position
from responder_api.audience import Viewer, holds
from responder_api.auth import viewer_of
from responder_api.door import event_of, node_of, said_at, visible, write_and_wait
from responder_api.errors import Refused
from responder_api.json_body import json_body, read_json, reply
from responder_api.said import Reply
from responder_api.said import answer as take_answer
from streams.events import PositionShared, ResponderEnrolled, ShiftChanged, audience
from streams.phones import e164

router = APIRouter(tags=["responders"])

Short = Annotated[str, Meta(max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether somebody can be asked now."""

    on: bool


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A position, degrees WGS 84; `happened_at` where it was taken earlier, as by a phone without a network."""

    lon: float
    lat: float
    accuracy_m: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    happened_at: Annotated[datetime, Meta(tz=True)] | None = None


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of the list of responders; `home` is the area path of the home ward, sub-county or county."""

    id: Id
    name: Name
    title: Short = ""
    organisation: Short = ""
    phone: Annotated[str, Meta(min_length=9, max_length=20)]
    skills: tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...]
    home: str
    languages: tuple[Annotated[str, Meta(min_length=2, max_length=8)], ...] = ("en", "sw")
    has_app: bool = False
    active: bool = True
    lon: float | None = None
    lat: float | None = None


@router.post("/assignments/{id_}/answer", status_code=202, openapi_extra=json_body(Reply))
async def answer(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Answer an ask, as the one who was asked, or as an operator of the area on their behalf."""
    node = node_of(request)
    written = await take_answer(node, viewer, id_, await read_json(request, Reply))
    after = await node.read(node.views.get, "assignment", id_)
    return reply({"id": written.id, "assignment": msgspec.Raw(after.data) if after else None}, 202)


@router.post("/responders", status_code=202, openapi_extra=json_body(Enrolment))
async def enrol(request: Request, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Put a responder on the list, or change an entry; for operators and administrators of the home area."""
    node = node_of(request)
    sent = await read_json(request, Enrolment)
    check_area(sent.home)
    if not node.world.wards.rows_in(sent.home):
        raise Refused("area-unknown", f"The boundaries in use have no area {sent.home}.")
    if not (holds(viewer, "operator", sent.home) or holds(viewer, "admin", sent.home)):
        raise Refused("forbidden", "Only an operator or administrator of the home area can do this.")
    standing = await node.read(node.views.get, "responder", sent.id)
    if standing is not None:
        home = msgspec.json.decode(standing.data)["home"]
        if not (holds(viewer, "operator", home) or holds(viewer, "admin", home)):
            raise Refused("name-taken", "That id is taken; choose another.")
        if home[:6] != sent.home[:6]:
            raise Refused(
                "conflict", "A responder who moves to another county gets a new entry there; end the old one."
            )
    if sent.lon is not None or sent.lat is not None:
        check_position(sent.lon, sent.lat)
    body = ResponderEnrolled(
        responder=sent.id,
        name=sent.name,
        title=sent.title,
        organisation=sent.organisation,
        phone=e164(sent.phone),
        skills=sent.skills,
        home=sent.home,
        languages=sent.languages,
        has_app=sent.has_app,
        active=sent.active,
        lon=sent.lon,
        lat=sent.lat,
    )
    event = event_of(node, body, key=sent.home[:6], audience=seen_by(sent.home, sent.id), source="operators")
    written = await write_and_wait(node, event)
    return reply({"id": written.id, "responder": sent.id}, 202)


@router.post("/responders/{id_}/shift", status_code=202, openapi_extra=json_body(Shift))
async def shift(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Go on or off shift (oneself, or an operator of the area)."""
    sent = await read_json(request, Shift)
    home = await _themselves_or_operator(request, id_, viewer)
    return await _say(request, id_, home, ShiftChanged(responder=id_, on=sent.on, by=viewer.account))


@router.post("/responders/{id_}/position", status_code=202, openapi_extra=json_body(Fix))
async def position(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Share a position; kept only while on shift, and of that shift. One that comes late changes nothing newer."""
    sent = await read_json(request, Fix)
    check_position(sent.lon, sent.lat)
    home = await _themselves_or_operator(request, id_, viewer)
    _, value = await visible(node_of(request), "responder", id_, viewer)
    if not value["on_shift"]:
        raise Refused("conflict", "Positions are taken only on shift.")
    at = said_at(sent.happened_at, node_of(request).clock())
    if "shift_at" in value and at < datetime.fromisoformat(value["shift_at"]):
        raise Refused("conflict", "That was before this shift: where somebody was then is nobody's business.")
    body = PositionShared(responder=id_, lon=sent.lon, lat=sent.lat, accuracy_m=sent.accuracy_m)
    return await _say(request, id_, home, body, at)


def seen_by(home: str, responder: str) -> tuple[str, ...]:
    """Say who may see a responder's entry: operators of the home area, and the responder."""
    return audience(home, "operator", persons=[responder])


async def _themselves_or_operator(request: Request, id_: str, viewer: Viewer) -> str:
    _, value = await visible(node_of(request), "responder", id_, viewer)
    home: str = value["home"]
    if viewer.person != id_ and not holds(viewer, "operator", home):
        raise Refused("forbidden", "Only the responder, or an operator of the area, can do this.")
    return home


async def _say(
    request: Request, id_: str, home: str, body: ShiftChanged | PositionShared, at: datetime | None = None
) -> Response:
    node = node_of(request)
    event = event_of(node, body, key=home[:6], audience=seen_by(home, id_), source="responders", at=at)
    written = await write_and_wait(node, event)
    after = await node.read(node.views.get, "responder", id_)
    return reply({"id": written.id, "responder": msgspec.Raw(after.data) if after else None}, 202)
