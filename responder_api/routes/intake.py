"""Take in what citizens, officers, gateways and sensors send: `/intake/*`.

Both roads begin here. An answer of 202 means that the fact is on the disk; what becomes of it is not waited for. A
request that is repeated with the same key (or gateway id) gets the same answer and writes nothing new.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Depends, Request
from msgspec import Meta
from starlette.responses import Response

from geo.places import Rejected, check_position
from responder_api.audience import Viewer
from responder_api.auth import intake_viewer
from responder_api.door import event_of, in_utc, new_id, node_of, said_at, write
from responder_api.errors import Refused, pointer
from responder_api.json_body import form_body, json_answer, json_body, read_form, read_json, reply
from responder_api.node import Node
from streams.events import Event, Hazard, PositionOf, ReadingsReceived, ReportReceived, SmsReceived, audience
from streams.phones import e164
from streams.reference import reference

router = APIRouter(prefix="/intake", tags=["intake"])

Key = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=10_240)]
Time = Annotated[datetime, Meta(tz=True)]
Number = float
Phone = Annotated[str, Meta(min_length=3, max_length=40)]

SOURCE_ROLES = ("operator", "responder", "agency")
"""Roles that say what kind of source somebody who signed in is; everybody else counts as a citizen."""


class Reporter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who reports; shown to operators only."""

    phone: Phone = ""
    name: Annotated[str, Meta(max_length=120)] = ""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that somebody saw. Degrees WGS 84; `position_of` says whose position it is."""

    text: Text
    channel: Literal["web", "call", "officer", "app"] = "web"
    hazard: Hazard | None = None
    lon: Number | None = None
    lat: Number | None = None
    accuracy_m: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    position_of: PositionOf = "unknown"
    reporter: Reporter = Reporter()
    happened_at: Time | None = None
    idempotency_key: Key | None = None


class Sms(msgspec.Struct, frozen=True, forbid_unknown_fields=False, kw_only=True):
    """A text message as Africa's Talking posts it; fields that it may add are ignored."""

    id: Key
    from_: Annotated[str, Meta(min_length=1, max_length=40)] = msgspec.field(name="from")
    to: Annotated[str, Meta(max_length=40)] = ""
    text: Text = ""
    date: Annotated[str, Meta(max_length=60)] = ""
    linkId: Annotated[str, Meta(max_length=200)] = ""  # noqa: N815  the gateway's own name


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Readings of one station: `values` in `unit`, above `datum`, at `times`; null where the sensor had none."""

    station: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")]
    parameter: Literal["level", "rain"] = "level"
    unit: Annotated[str, Meta(min_length=1, max_length=20)]
    datum: Annotated[str, Meta(max_length=100)] = ""
    times: Annotated[tuple[Time, ...], Meta(min_length=1)]
    values: tuple[float | None, ...]
    quality: tuple[Annotated[str, Meta(max_length=40)], ...] = ()


class Readings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A batch of series."""

    batch: Annotated[tuple[Series, ...], Meta(min_length=1)]
    idempotency_key: Key | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What is on the disk now: `known` when it was there already. The reference is what people are told."""

    id: str
    reference: str
    status: Literal["accepted", "known"]


class TakenText(msgspec.Struct, frozen=True, kw_only=True):
    """A text message that is on the disk now."""

    id: str
    status: Literal["accepted", "known"]


@router.post(
    "/reports",
    status_code=202,
    openapi_extra=json_body(Report | list[Report]),
    responses={202: json_answer(Taken | list[Taken], "On the disk; one for one, in the order sent.")},
)
async def reports(request: Request, who: Annotated[Viewer, Depends(intake_viewer)]) -> Response:
    """Take in one report, or a list of them: all or, when one is refused, none."""
    node = node_of(request)
    sent: Report | list[Report] = await read_json(request, Report | list[Report])  # type: ignore[arg-type]  # a union is a type to msgspec
    batch: list[Report] = sent if isinstance(sent, list) else [sent]
    _bounded(node, len(batch), "reports")
    events, errors = [], []
    for n, report in enumerate(batch):
        path: list[str | int] = [n] if isinstance(sent, list) else []
        try:
            events.append(_report_event(node, report, who))
        except Rejected as error:
            if not isinstance(sent, list):
                raise
            errors.append({"code": error.code, "detail": error.detail, "pointer": pointer(path)})
    if errors:
        raise Refused(
            errors[0]["code"],
            f"{len(errors)} of {len(batch)} reports were refused; none was taken.",
            errors=errors[:50],
        )
    taken = await _taken(node, events)
    return reply(taken if isinstance(sent, list) else taken[0], 202)


@router.post(
    "/sms",
    status_code=202,
    openapi_extra=form_body(Sms),
    responses={202: json_answer(TakenText, "On the disk.")},
)
async def sms(request: Request, who: Annotated[Viewer, Depends(intake_viewer)]) -> Response:
    """Take in a text message from the gateway; the same `id` again is answered the same and written once."""
    node = node_of(request)
    sent = await read_form(request, Sms)
    sender = e164(sent.from_)
    home = await node.read(node.views.home_of_phone, sender)
    key = home[:6] if home else node.settings.county
    body = SmsReceived(
        gateway="africastalking", gateway_id=sent.id, sender=sender, to=sent.to, text=sent.text, link_id=sent.linkId
    )
    event = event_of(
        node,
        body,
        key=key,
        audience=audience(key, "operator"),
        source="intake/sms",
        id_=new_id("africastalking", sent.id),
        at=_gateway_time(sent.date, node.clock()),
    )
    (written,) = await write(node, [event])
    # The report that may come of it has a reference of its own, which its sender is told by text.
    return reply(TakenText(id=written.id, status="accepted" if written.new else "known"), 202)


@router.post(
    "/readings",
    status_code=202,
    openapi_extra=json_body(Readings),
    responses={202: json_answer(list[Taken], "On the disk; one for each series, in the order sent.")},
)
async def readings(request: Request, who: Annotated[Viewer, Depends(intake_viewer)]) -> Response:
    """Take in sensor readings; a batch that its station cannot take becomes a dead letter with the reason."""
    node = node_of(request)
    sent = await read_json(request, Readings)
    _bounded(node, sum(len(series.times) for series in sent.batch), "readings")
    for n, series in enumerate(sent.batch):
        if len(series.values) != len(series.times) or len(series.quality) not in (0, len(series.times)):
            errors = [{"detail": "times, values and quality must be of one length", "pointer": pointer(["batch", n])}]
            raise Refused("invalid-body", "times, values and quality must be of one length.", errors=errors)
    events = [_series_event(node, sent, n) for n in range(len(sent.batch))]
    return reply(await _taken(node, events), 202)


def _bounded(node: Node, items: int, what: str) -> None:
    if not items:
        raise Refused("invalid-body", f"There are no {what} in the batch.")
    if items > node.settings.max_batch:
        raise Refused(
            "batch-too-large", f"{items:,} {what} were sent; one request may have {node.settings.max_batch:,}."
        )


def _report_event(node: Node, report: Report, who: Viewer) -> Event:
    if not report.text.strip() and report.hazard is None:
        raise Refused("text-empty", "Say in a few words what happened and where.")
    if (report.lon is None) != (report.lat is None):
        raise Refused("position-missing", "Send both lon and lat, or neither.")
    if report.lon is not None:
        check_position(report.lon, report.lat)
    held = {role for role, _ in who.grants}
    body = ReportReceived(
        channel=report.channel,
        text=report.text,
        hazard=report.hazard,
        lon=report.lon,
        lat=report.lat,
        accuracy_m=report.accuracy_m,
        position_of=report.position_of,
        reporter=e164(report.reporter.phone) or who.account,
        reporter_name=report.reporter.name,
        source_kind=next((role for role in SOURCE_ROLES if role in held), "citizen"),
    )
    key = node.settings.county
    return event_of(
        node,
        body,
        key=key,
        audience=audience(key, "operator"),
        source="intake/reports",
        id_=new_id(f"report/{report.channel}/{who.account}", report.idempotency_key),
        at=said_at(report.happened_at, node.clock()),
    )


def _series_event(node: Node, sent: Readings, n: int) -> Event:
    series = sent.batch[n]
    gauge = node.world.stations.get(series.station)
    now = node.clock()
    # When the first and the last are times in UTC, those between are.
    _, newest = in_utc(min(series.times)), in_utc(max(series.times))
    return event_of(
        node,
        ReadingsReceived(
            station=series.station,
            parameter=series.parameter,
            unit=series.unit,
            datum=series.datum,
            times=series.times,
            values=series.values,
            quality=series.quality,
        ),
        key=series.station,
        audience=audience(gauge.county if gauge else node.settings.county, "operator"),
        source="intake/readings",
        id_=new_id("readings", f"{sent.idempotency_key}/{n}" if sent.idempotency_key else None),
        at=min(newest, now),
    )


async def _taken(node: Node, events: list[Event]) -> list[Taken]:
    written = await write(node, events)
    return [
        Taken(id=each.id, reference=reference(each.id), status="accepted" if each.new else "known") for each in written
    ]


def _gateway_time(text: str, now: datetime) -> datetime:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"):
        try:
            at = datetime.strptime(text.replace("Z", "+0000") if "T" in text else text, form)  # noqa: DTZ007  see below
            return min(in_utc(at if at.tzinfo else at.replace(tzinfo=UTC)), now)
        except ValueError:  # Rejected is one: the gateway is not asked again for the sake of its clock
            continue
    return now
