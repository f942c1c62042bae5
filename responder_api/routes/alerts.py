"""Alerts: what is in force, as documents, as CAP 1.2 XML and as an Atom feed; and what people decide about them.

The feed and the XML of issued alerts are public: that is what they are for. Drafts are for operators of the area.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from lxml import etree
from msgspec import Meta
from starlette.responses import Response

from alerts.cap import Alert
from alerts.cap_xml import write as write_xml
from responder_api.audience import ANYBODY, PUBLIC, Viewer, holds, is_area, keys_of
from responder_api.auth import viewer_of
from responder_api.decisions import carried_out, decide, ours, standing
from responder_api.documents import PassedOn as PassedOnBy
from responder_api.door import node_of, visible
from responder_api.errors import Refused
from responder_api.json_body import document_answer, json_answer, json_body, read_json, reply
from responder_api.node import Node
from responder_api.routes.board import MOST, PAGE, listing
from streams.events import (
    AlertApproved,
    AlertCancelRequested,
    AlertRejected,
    AnyBody,
    WarningPassedOn,
)

router = APIRouter(prefix="/alerts", tags=["alerts"])

ATOM = "http://www.w3.org/2005/Atom"
IN_FEED = 200
IN_XML = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]*$"


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why. It may become part of a CAP message, so it has only characters that XML can hold."""

    reason: Annotated[str, Meta(max_length=500, pattern=IN_XML)] = ""


class PassedOn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which target ward the warning was passed on, and how (baraza, siren, radio, door to door)."""

    ward: str
    how: Annotated[str, Meta(max_length=200)] = ""


class Text(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a warning says in one language, as CAP names it (sw-KE)."""

    language: str
    headline: str = ""
    description: str = ""
    instruction: str = ""


class InForce(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A warning as one ward needs it; `confirmed` once it was passed on there.

    The water is expected `minutes` after `minutes_from`.
    """

    id: str
    hazard: str
    severity: str
    issued_at: str
    texts: list[Text]
    expires: str = ""
    minutes: float | None = None
    minutes_from: str = ""
    exercise: bool = False
    confirmed: PassedOnBy | None = None


@router.get("/cap.atom", response_class=Response, responses={200: document_answer("application/atom+xml")})
async def feed(request: Request) -> Response:
    """Give the public Atom feed of issued CAP alerts, newest first; each entry links to its full XML."""
    node = node_of(request)
    alerts = [alert for alert in await _public(node) if alert.get("issued_at")]
    alerts.sort(key=lambda alert: str(alert["issued_at"]), reverse=True)
    data = _atom(node, alerts[:IN_FEED])
    etag = f'"{sha256(data).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    return Response(data, media_type="application/atom+xml", headers={"etag": etag, "cache-control": "max-age=5"})


@router.get("/{name}.xml", response_class=Response, responses={200: document_answer("application/cap+xml")})
async def xml(request: Request, name: str) -> Response:
    """Give an issued alert as CAP 1.2 XML; it never changes."""
    node = node_of(request)
    _, value = await visible(node, "alert", name, ANYBODY)
    if not value.get("issued_at"):
        raise Refused("not-found", "There is no alert of that id that you can see.")
    data = write_xml(msgspec.convert(value["cap"], Alert))
    etag = f'"{name}"'
    return Response(data, media_type="application/cap+xml", headers={"etag": etag, "cache-control": "max-age=86400"})


@router.get("", responses=PAGE)
async def many(
    request: Request,
    viewer: Annotated[Viewer, Depends(viewer_of)],
    area: str | None = None,
    state: str | None = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    *,
    filed: bool = False,
) -> Response:
    """List alerts that you may see, by id; `area` and `state` narrow; with `filed=true` those filed away."""
    return await listing(request, "alert", viewer, area, state, after, limit, filed=filed)


@router.get("/in-force/{ward}", responses={200: json_answer(list[InForce], "The newest first; empty when none is.")})
async def in_force(request: Request, ward: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """List the warnings in force in one ward, without polygons, for whoever passes them on there."""
    if not is_area(ward):
        raise Refused("area-malformed", "Write the path of a ward, as KE.042.242.1208.")
    found = []
    for alert in await _public(node_of(request)):
        here = next((each for each in alert.get("wards", ()) if each["ward"] == ward), None)
        if alert["state"] == "issued" and here is not None:
            found.append(_for_ward(alert, ward, here.get("minutes")))
    found.sort(key=lambda each: each.issued_at, reverse=True)
    data = msgspec.json.encode(found)
    etag = f'"{sha256(data).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"etag": etag})
    return Response(data, media_type="application/json", headers={"etag": etag, "cache-control": "private, no-cache"})


@router.get("/{id_}")
async def one(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Give one alert with its wards and who confirmed that it was passed on there."""
    document, _ = await visible(node_of(request), "alert", id_, viewer)
    return reply(msgspec.Raw(document.data))


@router.post("/{id_}/approve", status_code=202)
async def approve(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Approve a draft: it is issued at once."""
    return await _decide(request, id_, viewer, AlertApproved(alert=id_, by=viewer.account), "draft")


@router.post("/{id_}/reject", status_code=202, openapi_extra=json_body(Decision))
async def reject(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Refuse a draft."""
    sent = await read_json(request, Decision)
    return await _decide(request, id_, viewer, AlertRejected(alert=id_, by=viewer.account, reason=sent.reason), "draft")


@router.post("/{id_}/cancel", status_code=202, openapi_extra=json_body(Decision))
async def cancel(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Withdraw an issued alert by a CAP Cancel that refers to it."""
    sent = await read_json(request, Decision)
    return await _decide(
        request, id_, viewer, AlertCancelRequested(alert=id_, by=viewer.account, reason=sent.reason), "issued"
    )


@router.post("/{id_}/passed-on", status_code=202, openapi_extra=json_body(PassedOn))
async def passed_on(request: Request, id_: str, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Response:
    """Confirm that the warning was passed on in a target ward: by an operator or responder of that ward."""
    node = node_of(request)
    sent = await read_json(request, PassedOn)
    _, value = await visible(node, "alert", id_, viewer)
    ours(value)
    if sent.ward not in {ward["ward"] for ward in value["wards"]}:
        raise Refused("area-unknown", "That ward is no target of this alert.")
    if not (holds(viewer, "operator", sent.ward) or holds(viewer, "responder", sent.ward)):
        raise Refused("forbidden", "Only somebody of that ward, or over it, can confirm.")
    body = WarningPassedOn(alert=id_, ward=sent.ward, by=viewer.person or viewer.account, how=sent.how)
    return await standing(node, await carried_out(node, body, value["key"]), "alert", id_)


async def _decide(request: Request, id_: str, viewer: Viewer, body: AnyBody, state: str) -> Response:
    node = node_of(request)
    _, value = await visible(node, "alert", id_, viewer)
    ours(value)
    if not holds(viewer, "operator", value["key"]):
        raise Refused("forbidden", "Only an operator of the county can decide this.")
    if value["state"] != state:
        raise Refused("alert-over", f"The alert is {value['state']}, not {state}.")
    return await decide(node, viewer, "alert", id_, body, value["key"])


def _for_ward(alert: dict[str, Any], ward: str, minutes: float | None) -> InForce:
    cap = msgspec.convert(alert["cap"], Alert)
    confirmed = alert.get("confirmed", {}).get(ward)
    return InForce(
        id=alert["id"],
        hazard=alert["hazard"],
        severity=alert["severity"],
        issued_at=alert["issued_at"],
        texts=[
            Text(
                language=info.language,
                headline=info.headline,
                description=info.description,
                instruction=info.instruction,
            )
            for info in cap.infos
        ],
        expires=max((info.expires.isoformat() for info in cap.infos if info.expires), default=""),
        minutes=minutes or None,
        minutes_from=alert.get("minutes_from") or alert["issued_at"],
        exercise=cap.status != "Actual",
        confirmed=None if confirmed is None else msgspec.convert(confirmed, PassedOnBy),
    )


async def _public(node: Node) -> list[dict[str, Any]]:
    keys = frozenset({PUBLIC, *keys_of(ANYBODY)})
    found = await node.read(lambda: node.views.find("alert", keys, limit=10_000))
    return [msgspec.json.decode(document.data) for document in found]


def _atom(node: Node, alerts: list[dict[str, Any]]) -> bytes:
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})  # type: ignore[dict-item]  # lxml takes None as the default prefix
    base = node.public_url
    newest = str(alerts[0]["issued_at"]) if alerts else datetime.fromtimestamp(0, UTC).isoformat()
    _add(feed, "id", f"{base}/alerts/cap.atom")
    _add(feed, "title", "CAP alerts")
    _add(feed, "updated", newest)
    etree.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=f"{base}/alerts/cap.atom")
    for alert in alerts:
        cap = alert["cap"]
        entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", cap["identifier"])
        _add(entry, "title", _title(cap))
        _add(entry, "updated", str(alert["issued_at"]))
        author = etree.SubElement(entry, f"{{{ATOM}}}author")
        _add(author, "name", cap["sender"])
        link = {"rel": "alternate", "type": "application/cap+xml", "href": f"{base}/alerts/{alert['id']}.xml"}
        etree.SubElement(entry, f"{{{ATOM}}}link", link)
    return etree.tostring(feed, xml_declaration=True, encoding="UTF-8")


def _title(cap: dict[str, Any]) -> str:
    said: str = cap["infos"][0].get("headline") or cap["infos"][0]["event"]
    kind = "" if cap["msg_type"] == "Alert" else f"{cap['msg_type']}: "
    return f"{'' if cap['status'] == 'Actual' else cap['status'].upper() + ' '}{kind}{said}"


def _add(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = text
