"""The first quarter of an hour of the demo flood: the embedded host and the simulated one write the same log."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import uuid5

import msgspec

from fixtures import path
from fixtures.play import Line, fill, script
from fixtures.scenario import COUNTY, START, Host, people
from fixtures.stepped import Stepped
from geo.places import Rejected, check_position
from streams.events import (
    NAMESPACE,
    AnyBody,
    Event,
    ReadingsReceived,
    ReportReceived,
    ResponderEnrolled,
    ShiftChanged,
    SmsReceived,
    audience,
    encode,
)
from streams.phones import e164
from streams.simulated import Simulated

QUARTER_S = 900.0
SLOT_S = 10.0
"""What is posted within so many seconds comes in together, as in a group commit."""


def event(host: Host, name: str, body: AnyBody, key: str = COUNTY) -> Event:
    id_ = str(uuid5(NAMESPACE, f"flood/{name}"))
    seen_by = audience(key if key.startswith("KE") else COUNTY, "operator")
    return Event(id=id_, cause=id_, source="door", key=key, at=host.now, seen=host.now, audience=seen_by, body=body)


def enrolled(host: Host) -> Iterator[Event]:
    for id_, person in people().items():
        fields = {name: person[name] for name in ResponderEnrolled.__struct_fields__ if name in person}
        body = msgspec.convert(fields | {"responder": id_}, ResponderEnrolled)
        yield event(host, id_, body, body.home[:6])
        yield event(host, f"{id_}/shift", ShiftChanged(responder=id_, on=person["on_shift"]), body.home[:6])


def posted(host: Host, line: Line, number: int) -> list[Event]:
    """Give what the door writes of a line; nothing for what it refuses."""
    sent = fill(line, START, 1.0)
    if line.post == "/intake/sms":
        text = SmsReceived(
            gateway="at", gateway_id=sent["id"], sender=e164(sent["from"]), to=sent["to"], text=sent["text"]
        )
        return [event(host, sent["id"], text)]
    if line.post == "/intake/readings":
        batches = [read(series) for series in sent["batch"]]
        key = sent.get("idempotency_key", number)
        return [event(host, f"{key}/{n}", batch, batch.station) for n, batch in enumerate(batches) if batch is not None]
    return reported(host, sent, number)


def read(series: dict[str, Any]) -> ReadingsReceived | None:
    try:
        return msgspec.convert(series, ReadingsReceived)
    except msgspec.ValidationError:
        return None


def reported(host: Host, sent: dict[str, Any], number: int) -> list[Event]:
    fields = {name: sent[name] for name in ReportReceived.__struct_fields__ if name in sent and name != "reporter"}
    fields |= {"channel": sent.get("channel", "web"), "reporter": e164(sent.get("reporter", {}).get("phone", ""))}
    try:
        if sent.get("lon") is not None:
            check_position(sent["lon"], sent["lat"])
        return [event(host, str(sent.get("idempotency_key", number)), msgspec.convert(fields, ReportReceived))]
    except (Rejected, msgspec.ValidationError):
        return []


def play_flood(host: Host) -> None:
    host.feed(list(enrolled(host)))
    host.settle()
    lines = enumerate(script(path("scenarios/demo_flood.jsonl")))
    for slot, together in groupby(lines, lambda numbered: int(numbered[1].at // SLOT_S)):
        if slot * SLOT_S > QUARTER_S:
            break
        host.advance((START + timedelta(seconds=slot * SLOT_S) - host.now).total_seconds())
        host.feed([event for number, line in together for event in posted(host, line, number)])
        host.settle()


def test_the_demo_flood_makes_the_same_log_byte_for_byte(
    simulated: Callable[[], Simulated], embedded: Callable[[], Stepped]
) -> None:
    quick, real = simulated(), embedded()
    play_flood(quick)
    play_flood(real)
    log = [encode(each) for each in quick.events()]
    assert [encode(each) for each in real.events()] == log
    assert [message.id for message in real.carrier.sent] == [message.message for message in quick.sent]
    kinds = Counter(type(each.body).__name__ for each in quick.events())
    # Enough happened for the comparison to mean something.
    assert len(log) > 1000
    assert min(kinds[name] for name in ("IncidentOpened", "AssignmentOffered", "AlertIssued", "AnswerReceived")) > 0
    assert kinds["DeadLettered"] == 0
