"""How events come into the cluster's log: numbered without holes in the order of commits, whoever writes meanwhile."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid5

import msgspec
import pytest

from streams.cluster.log_postgres import LogPostgres
from streams.cluster.postgres import IDLE_MS, Postgres
from streams.cluster.tables import prepare
from streams.cluster.writing import MOST, Writing
from streams.database import StorageError
from streams.events import (
    NAMESPACE,
    AnyBody,
    AssignmentDeclined,
    DeadlineReached,
    DeadlineSet,
    Event,
    MessageAsked,
    MessageFailed,
    MessageSent,
    MessageTaken,
    ReportReceived,
    derive,
)
from streams.log import Line, line
from streams.pending import Pending
from tests.cluster.locks import waiting

pytestmark = pytest.mark.system("postgresql")
NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)

Connect = Callable[[], Postgres]


def event(n: int, body: AnyBody | None = None, **envelope: str) -> Event:
    made = Event(
        id=str(uuid5(NAMESPACE, f"writing/{n}")),
        cause="request",
        source="door",
        key="KE.042",
        at=NOON,
        seen=NOON,
        audience=("public",),
        body=body or ReportReceived(channel="web", text="water"),
    )
    return msgspec.structs.replace(made, **envelope)


def lines(*numbers: int) -> list[Line]:
    return [line(event(n)) for n in numbers]


@pytest.fixture
def connect(database: str) -> Iterator[Connect]:
    """Open connections to one database, whose tables are there."""
    with ExitStack() as opened:

        def one() -> Postgres:
            return opened.enter_context(closing(Postgres.connect(database)))

        prepare(one())
        yield one


def column(connection: Postgres, statement: str) -> list[object]:
    return [row[0] for row in connection.execute(statement)]


def test_what_was_made_waits_in_the_outbox_and_what_came_from_kafka_does_not(connect: Connect) -> None:
    connection = connect()
    with connection.transaction():
        inputs, outputs = Writing(connection).write_turn(lines(1, 2), lines(3, 2, 4))
    assert (inputs, outputs) == ([1, 2], [3, None, 4])
    with connection.transaction():
        assert Writing(connection).write(lines(4, 5)) == [None, 5]
        assert Writing(connection).write(lines(6, 5), on_kafka=True) == [6, None]
    assert column(connection, 'SELECT "offset" FROM outbox ORDER BY 1') == [3, 4, 5]
    assert [stored.event for stored in LogPostgres(connection).read(0, 9)] == [event(n) for n in (1, 2, 3, 4, 5, 6)]


def test_nothing_to_write_takes_no_lock(connect: Connect) -> None:
    first, second = connect(), connect()
    with first.transaction():
        Writing(first).write(lines(1))
        with second.transaction():
            assert Writing(second).write([]) == []
            assert Writing(second).write_turn([], []) == ([], [])


def test_whoever_listens_is_told_once_a_transaction_and_only_when_it_commits(connect: Connect) -> None:
    listening, writer, marker = connect(), connect(), connect()
    for channel in ("dharura_log", "dharura_outbox", "marker"):
        listening.execute(f"LISTEN {channel}")

    def told() -> list[str]:
        marker.execute("NOTIFY marker")  # whatever was committed before comes before it
        before = itertools.takewhile(lambda each: each.channel != "marker", listening.raw.notifies())
        return sorted(each.channel for each in before)

    with writer.transaction():
        Writing(writer).write_turn(lines(1), lines(2, 3))
        assert told() == []
    assert told() == ["dharura_log", "dharura_outbox"]
    with writer.transaction():
        Writing(writer).write(lines(4), on_kafka=True)
    assert told() == ["dharura_log"]
    with writer.transaction():
        Writing(writer).write(lines(1, 2))
    assert told() == []


def test_what_a_new_event_owes_is_noted_once(connect: Connect) -> None:
    connection = connect()
    due = NOON + timedelta(minutes=5)
    asked = event(1, DeadlineSet(step="desk", name="claim", about="a", due=due))
    reached = event(2, DeadlineReached(step="desk", name="claim", about="a", due=due), cause=asked.id)
    pending = Pending(connection)
    with connection.transaction():
        Writing(connection).write([line(asked)])
    assert [each.id for each in pending.due(due)] == [derive(asked.id, "clock", 0)]
    with connection.transaction():
        Writing(connection).write([line(reached), line(asked)])
    assert pending.due(due) == []
    with connection.transaction():  # said again, it is not owed again
        Writing(connection).write([line(asked)], on_kafka=True)
    assert pending.due(due) == []


def test_any_text_can_be_a_key_a_cause_or_a_subject(connect: Connect) -> None:
    connection, rng = connect(), Random(7)
    odd = event(1, key="KE\x00042", cause="\x00" * 9)
    long = event(2, key="".join(chr(rng.randrange(0x20000, 0x2FFFF)) for _ in range(9000)), cause="x" * 90_000)
    with connection.transaction():
        assert Writing(connection).write([line(odd), line(long)]) == [1, 2]
    assert [stored.event for stored in LogPostgres(connection).read(0, 9)] == [odd, long]
    assert column(connection, 'SELECT length("key") FROM log ORDER BY "offset"') == [6, MOST]


@pytest.mark.parametrize("commits", [True, False])
def test_a_number_is_seen_only_when_all_before_it_are(connect: Connect, commits: bool) -> None:
    first, second, reader = connect(), connect(), connect()
    log = LogPostgres(reader)

    def later() -> list[int | None]:
        with second.transaction():
            return Writing(second).write(lines(3, 1))

    with ThreadPoolExecutor() as pool:
        first.execute("BEGIN")
        assert Writing(first).write(lines(1, 2)) == [1, 2]
        written = pool.submit(later)
        while not waiting(reader):
            assert not written.done(), "the second writer gave numbers while the first one had not committed"
        assert log.end() == 0
        first.execute("COMMIT" if commits else "ROLLBACK")
        assert written.result() == ([3, None] if commits else [1, 2])
    assert [(stored.offset, stored.event.id) for stored in log.read(0, 9)] == [
        (n, event(m).id) for n, m in enumerate((1, 2, 3) if commits else (3, 1), start=1)
    ]


def test_many_writers_leave_no_hole_at_any_moment(connect: Connect) -> None:
    writers, rounds = 4, 60
    ready, left = threading.Barrier(writers + 1), threading.Semaphore(0)
    reader = connect()

    def write(seed: int, connection: Postgres) -> list[int]:
        rng, given = Random(seed), []
        ready.wait()
        for _ in range(rounds):
            try:
                with connection.transaction():
                    # Some ids are everybody's: only one may bring each in.
                    offsets = Writing(connection).write(lines(*(rng.randrange(400) for _ in range(rng.randrange(6)))))
                    if rng.random() < 0.2:
                        raise StorageError
            except StorageError:
                continue
            given += [offset for offset in offsets if offset is not None]
        left.release()
        return given

    with ThreadPoolExecutor() as pool:
        running = [pool.submit(write, seed, connect()) for seed in range(writers)]
        ready.wait()
        log, seen = LogPostgres(reader), 0
        done = 0
        while done < writers:
            done += left.acquire(blocking=False)
            offsets = [stored.offset for stored in log.read(seen, 1000)]
            assert offsets == list(range(seen + 1, seen + 1 + len(offsets)))
            seen += len(offsets)
        given = sorted(offset for each in running for offset in each.result())
    everything = log.read(0, 1000)
    assert given == [stored.offset for stored in everything] == list(range(1, log.end() + 1))
    assert len({stored.event.id for stored in everything}) == len(everything) > 100
    assert column(reader, 'SELECT "offset" FROM outbox ORDER BY 1') == given


@pytest.mark.parametrize("many", [False, True])
def test_a_writer_frozen_before_its_commit_holds_up_the_others_for_a_moment_only(connect: Connect, many: bool) -> None:
    frozen, other = connect(), connect()
    assert frozen.execute("SHOW idle_in_transaction_session_timeout").fetchone() == (f"{IDLE_MS // 1000}s",)
    frozen.execute("BEGIN")
    Writing(frozen).write(lines(1))
    frozen.execute("SET LOCAL idle_in_transaction_session_timeout = 300")
    if many:
        frozen.executemany("INSERT INTO meta VALUES (?, ?)", [("a", "1"), ("b", "2")])
    with other.transaction():
        assert Writing(other).write(lines(2)) == [1]
    with pytest.raises(StorageError), frozen.transaction():
        pass
    assert [stored.event for stored in LogPostgres(other).read(0, 9)] == [event(2)]


@pytest.mark.parametrize("odd", ["m\x00", "".join(chr(n) for n in range(0x20000, 0x20000 + 9000))])
def test_whatever_a_message_or_an_assignment_is_called_it_can_be_owed(connect: Connect, odd: str) -> None:
    connection = connect()
    pending = Pending(connection)

    def ask(n: int, message: str) -> Event:
        said = {"channel": "sms", "to": "+254700000001", "recipient": "r1", "text": "go", "language": "en"}
        return event(n, MessageAsked(message=message, kind="ask", about=odd, **said))  # type: ignore[arg-type]

    def note(n: int, body: AnyBody) -> None:
        with connection.transaction():
            Writing(connection).write([line(event(n, body))])

    with connection.transaction():
        Writing(connection).write([line(ask(1, odd)), line(ask(2, "another"))])
    assert pending.attempts(odd) == 0
    note(3, MessageTaken(message=odd, attempt=2**63 - 1))
    assert pending.attempts(odd) is None
    note(4, MessageFailed(message=odd, code="busy", retry=True))
    assert pending.attempts(odd) == 2**30
    note(5, AssignmentDeclined(assignment=odd, incident=odd, responder="r1", via="sms"))
    assert pending.attempts("another") is None  # what it asked for is over
    note(6, MessageSent(message=odd))
    assert column(connection, "SELECT message FROM outgoing") == ["another"]
