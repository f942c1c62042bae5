"""Rows of the log that cannot be read keep nobody back: they are put aside for all to see, and the rest goes on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from responder_api import joining
from responder_api.feed_health import _last_heard
from responder_api.projecting import Projecting
from responder_api.restoring import restored
from responder_api.views_postgres import ViewsPostgres
from streams.cluster import tables
from streams.cluster.access import Access
from streams.cluster.deadlines import newest_seen
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres
from streams.cluster.relay import Relay
from streams.cluster.unreadable import PATIENCE_S, NewerRow, Unreadable
from streams.events import DeadLettered, Event, encode
from streams.handle import Step
from streams.log import readable
from tests.cluster.keeping import report, write
from tests.cluster.topic_contents import everything

pytestmark = pytest.mark.system("kafka", "postgresql")

REPORTS, LETTERS = "dharura.reports", "dharura.deadletters"
KEYS = ("KE.042", "KE.001")
DAMAGE = (b"", b"\x00\xff{", b'{"id":"x"}', b'{"body":{"type":"ReportReceived","channel":7}}')


@pytest.fixture
def connection(database: str) -> Iterator[Postgres]:
    with closing(Postgres.connect(database)) as opened:
        tables.prepare(opened, joining.SCHEMA)
        yield opened


class Clock:
    """Seconds as they are told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def newer(event: Event, **changed: object) -> bytes:
    """Give the bytes of an event as a newer release may write it."""
    return json.dumps(json.loads(encode(event)) | changed).encode()


def spoil(connection: Postgres, offset: int, data: bytes) -> None:
    """Change a row of the log as nobody may."""
    connection.execute('UPDATE log SET event = ? WHERE "offset" = ?', (data, offset))


def letters_of(events: list[Event]) -> list[DeadLettered]:
    return [event.body for event in events if isinstance(event.body, DeadLettered)]


def log_of(connection: Postgres) -> list[Event | None]:
    return [readable(data) for (data,) in connection.execute('SELECT event FROM log ORDER BY "offset"')]


def relay_of(database: str, topics: Access, seconds: Clock) -> Relay:
    relay = Relay(database, topics)
    relay._unreadable = Unreadable(seconds)
    return relay


def relayed(relay: Relay) -> None:
    """Let a relay work until there is nothing left."""
    relay.begin(Lease("relay", "me"))
    try:
        while relay.work():
            pass
    finally:
        relay.end()


def test_the_relay_goes_on_behind_what_is_damaged_and_keeps_the_order(
    topics: Access, database: str, connection: Postgres
) -> None:
    events = [report(f"r{n}", KEYS[n % 2]) for n in range(40)]
    write(connection, events)
    spoiled = {4: DAMAGE[0], 11: DAMAGE[1], 12: DAMAGE[2], 40: DAMAGE[3]}
    for offset, data in spoiled.items():
        spoil(connection, offset, data)
    relayed(relay_of(database, topics, Clock()))
    assert connection.execute("SELECT 1 FROM outbox").fetchone() is None
    whole = [event for offset, event in enumerate(events, start=1) if offset not in spoiled]
    found = asyncio.run(everything(topics, REPORTS))
    for key in KEYS:
        assert [event.id for event in found if event.key == key] == [event.id for event in whole if event.key == key]
    letters = {int(letter.detail.split()[4]): letter for letter in letters_of(asyncio.run(everything(topics, LETTERS)))}
    assert set(letters) == set(spoiled)
    for offset, letter in letters.items():
        assert (letter.code, letter.step, letter.topic) == ("row-unreadable", "log", REPORTS)
        assert letter.original_id == events[offset - 1].id


def test_the_projector_goes_on_behind_it_and_both_write_one_letter(
    topics: Access, database: str, connection: Postgres
) -> None:
    events = [report(f"r{n}") for n in range(9)]
    write(connection, events)
    for offset in (1, 5, 9):
        spoil(connection, offset, DAMAGE[1])
    projecting = Projecting(database, batch=4)
    projecting.begin()
    while projecting.work():
        pass
    relayed(relay_of(database, topics, Clock()))
    while projecting.work():
        pass
    projecting.end()
    assert len(letters_of([event for event in log_of(connection) if event is not None])) == 3
    with closing(ViewsPostgres(database, "")) as views:
        shown = {document.id for document in views.find("report", frozenset({"operator:KE.042"}))}
        assert shown == {event.id for n, event in enumerate(events, start=1) if n not in (1, 5, 9)}
        open_letters = views.find("deadletter", frozenset({"operator:KE.042"}))
        assert len(open_letters) == 3
        assert views.event(events[0].id) is None
        # Its place in a history is the letter's.
        assert letters_of(views.history(events[0].id))[0].original_id == events[0].id


def test_a_row_of_a_newer_release_is_left_to_its_keeper_and_passed_over_when_none_comes(
    topics: Access, database: str, connection: Postgres
) -> None:
    events = [report(f"r{n}") for n in range(4)]
    write(connection, events)
    spoil(connection, 3, newer(events[2], body={"type": "ReportSung", "tune": "C"}))
    seconds = Clock()
    relay, projecting = relay_of(database, topics, seconds), Projecting(database)
    projecting._unreadable = Unreadable(seconds)

    def projected() -> None:
        projecting.begin()
        try:
            while projecting.work():
                pass
        finally:
            projecting.end()

    for _ in range(3):
        seconds.now += PATIENCE_S / 4
        with pytest.raises(NewerRow):
            relayed(relay)
        with pytest.raises(NewerRow):
            projected()
        assert projecting.at == 2
    assert [event.id for event in asyncio.run(everything(topics, REPORTS))] == [event.id for event in events[:2]]
    assert letters_of([event for event in log_of(connection) if event is not None]) == []
    seconds.now += PATIENCE_S
    relayed(relay)
    projected()
    assert projecting.at == 5
    assert [event.id for event in asyncio.run(everything(topics, REPORTS))] == [
        event.id for event in events if event is not events[2]
    ]
    (letter,) = letters_of([event for event in log_of(connection) if event is not None])
    assert letter.original_id == events[2].id
    assert json.loads(json.loads(letter.original)["value"])["body"]["tune"] == "C"


@pytest.mark.parametrize("changed", [{"contract": 99}, {"contract": 99, "body": {"type": "ReportReceived"}}])
def test_what_a_newer_contract_says_is_waited_for(changed: dict[str, object]) -> None:
    data = newer(report("r"), seen=1, **changed)
    with pytest.raises(NewerRow):
        Unreadable(Clock()).sort([(7, data)])
    assert [each.offset for each in Unreadable(Clock()).sort([(6, b"?"), (7, data), (8, b"?")]).passed] == [6]


def test_a_damaged_newest_row_keeps_no_clock_from_beginning(connection: Postgres) -> None:
    events = [report("r0"), report("r1")]
    write(connection, events)
    spoil(connection, 2, DAMAGE[1])
    assert newest_seen(connection) == events[0].seen


def test_a_damaged_row_keeps_no_look_at_the_others_from_them(
    database: str, connection: Postgres, steps: tuple[Step, ...]
) -> None:
    events = [report("r0"), report("r1"), report("r2")]
    write(connection, events)
    spoil(connection, 2, DAMAGE[1])
    with closing(ViewsPostgres(database, "")) as views:
        assert dict(_last_heard(views.connection(), 0)) == {"reports": events[2].seen}
    connection.execute("DELETE FROM outbox")
    assert restored(connection, steps, new_kafka=True).again == 2
