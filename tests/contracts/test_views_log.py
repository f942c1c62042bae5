"""What a read model answers out of the log and the steps' state, one body of tests over every adapter."""

import json
from datetime import timedelta

import msgspec

from streams import events as e
from streams.events import Event
from streams.state import State
from tests.contracts.read_models import (
    COUNTY,
    ELSEWHERE,
    NOON,
    WARD,
    Kept,
    Teller,
    closed,
    enrolled,
    opened,
    uuid_of,
)


class Item(msgspec.Struct, frozen=True):
    ward: str


def test_a_history_is_of_the_thing_its_parts_and_what_caused_them(kept: Kept, teller: Teller) -> None:
    text = teller.event(
        e.SmsReceived(gateway="at", gateway_id="1", sender="+254711000001", to="40404", text="maji"), name="sms"
    )
    received = teller.event(
        e.ReportReceived(channel="sms", text="maji", reporter="+254711000001"), name="r1", cause=text.id
    )
    of_r1 = teller.event(opened("i1", report=received.id), cause=received.id)
    other = teller.event(opened("i2"))
    over = teller.event(closed("i1"), cause=uuid_of("a request that is no event"))
    teller.tell(text, received, of_r1, other)
    teller.tell(over)
    assert kept.views.history("i1") == [text, received, of_r1, over]
    assert kept.views.history("i1", limit=1) == [text, received]
    assert kept.views.history("nothing") == []
    assert kept.views.event(other.id) == other
    assert kept.views.event(uuid_of("nothing")) is None


def test_the_newest_facts_about_a_station_are_read_back_to_a_moment(kept: Kept, teller: Teller) -> None:
    def judged(n: int) -> Event:
        body = e.ReadingsJudged(station="nyando", accepted=n)
        return teller.event(body, at=NOON + timedelta(minutes=n))

    facts = [judged(n) for n in range(6)]
    teller.tell(*facts)
    assert kept.views.readings("nyando", NOON, 100) == facts
    assert kept.views.readings("nyando", NOON + timedelta(minutes=2), 100) == facts[2:]
    assert kept.views.readings("nyando", NOON, 2) == facts[4:]
    assert kept.views.readings("ahero", NOON, 100) == []


def test_a_number_finds_its_responders_home(kept: Kept, teller: Teller) -> None:
    teller.tell(
        enrolled("r1", "+254700000001"),
        enrolled("r2", "+254700000002", home=ELSEWHERE, name='Otieno "phone":"+254700000009" \x00 é'),
    )
    assert kept.views.home_of_phone("+254700000001") == WARD
    assert kept.views.home_of_phone("+254700000002") == ELSEWHERE
    assert kept.views.home_of_phone("+254700000009") is None
    teller.tell(enrolled("r1", "+254700000003"))
    assert kept.views.home_of_phone("+254700000001") is None
    assert kept.views.home_of_phone("+254700000003") == WARD


def test_what_a_step_knows_can_be_looked_at(kept: Kept) -> None:
    statement = "INSERT INTO state VALUES (?,?,?,?)"
    with kept.transaction():
        for item in ("asks", "asks/2", "asks/10", "asks-x", "asksx/1", "other/1"):
            kept.writer.execute(statement, ("dispatch", COUNTY, item, json.dumps({"ward": item}).encode()))
        kept.writer.execute(statement, ("dispatch", "KE.047", "asks/1", b'{"ward":"elsewhere"}'))
    known = kept.views.state("dispatch", COUNTY)
    assert [each.ward for each in known.under("asks", Item)] == ["asks/10", "asks/2"]
    assert State(known).get("asks/2", Item) == Item(ward="asks/2")
    assert State(known).get("asks/1", Item) is None
