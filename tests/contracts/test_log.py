"""What every log promises (`streams.log.Log`), one body of tests over every adapter."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.servers.postgresql import Postgresql, drop_database
from streams.cluster.log_postgres import LogPostgres
from streams.cluster.postgres import Postgres
from streams.cluster.tables import prepare
from streams.database import FILE, connect
from streams.events import NAMESPACE, Event, ReportReceived, audience
from streams.log import Line, Log, Stored, line
from streams.log_sqlite import LogSqlite
from tests.contracts.adapters import ADAPTERS, sqlite_transaction

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)


class Kept(NamedTuple):
    """A log and how its owner uses it: everything in one transaction, and opened again after the process ended."""

    log: Log
    transaction: Callable[[], AbstractContextManager[None]]
    reopen: Callable[[], Log]


@contextmanager
def sqlite_kept(path: Path | str) -> Iterator[Kept]:
    with closing(connect(path)) as connection:
        log = LogSqlite(connection)

        def reopen() -> Log:
            if path == ":memory:":
                return LogSqlite(connection)
            opened.append(connect(path))
            return LogSqlite(opened[-1])

        opened: list[sqlite3.Connection] = []
        try:
            yield Kept(log, partial(sqlite_transaction, connection, log), reopen)
        finally:
            for other in opened:
                other.close()


@contextmanager
def postgres_kept(address: str) -> Iterator[Kept]:
    schema = f"log_{uuid4().hex}"
    with ExitStack() as opened:

        def connection() -> Postgres:
            made = opened.enter_context(closing(Postgres.connect(address)))
            made.execute(f"SET search_path TO {schema}")
            return made

        first = connection()
        first.execute(f"CREATE SCHEMA {schema}")
        opened.callback(first.execute, f"DROP SCHEMA {schema} CASCADE")
        first.execute("SET client_min_messages TO warning")
        prepare(first)
        yield Kept(LogPostgres(first), first.transaction, lambda: LogPostgres(connection()))


Open = Callable[[], AbstractContextManager[Kept]]


@pytest.fixture(scope="session")
def address(postgres: Postgresql) -> Iterator[str]:
    """Address of a database in which every log has a schema of its own."""
    mine = postgres.database()
    yield mine
    drop_database(postgres.address, mine)


@pytest.fixture(params=ADAPTERS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "sqlite":
        opening = sqlite_kept(tmp_path / FILE)
    else:
        opening = postgres_kept(request.getfixturevalue("address"))
    with opening as opened:
        yield opened


@pytest.fixture(params=ADAPTERS)
def opening(request: pytest.FixtureRequest) -> Open:
    """How to open one empty log after the other."""
    if request.param == "sqlite":
        return lambda: sqlite_kept(":memory:")
    address = request.getfixturevalue("address")
    return lambda: postgres_kept(address)


def report(n: int, text: str = "water in the houses") -> Event:
    return Event(
        id=str(uuid5(NAMESPACE, f"contract/{n}")),
        cause="request-1",
        source="intake/reports",
        key="KE.042",
        at=NOON,
        seen=NOON,
        audience=audience("KE.042", "operator"),
        body=ReportReceived(channel="web", text=text),
    )


def lines(*numbers: int) -> list[Line]:
    return [line(report(n)) for n in numbers]


def append(kept: Kept, *numbers: int) -> list[int | None]:
    with kept.transaction():
        return kept.log.append(lines(*numbers))


def test_an_empty_log_ends_at_nothing(kept: Kept) -> None:
    assert kept.log.end() == 0
    assert kept.log.read(0, 10) == []


def test_offsets_are_dense_and_follow_the_order_of_writing(kept: Kept) -> None:
    assert append(kept, 5, 3, 9) == [1, 2, 3]
    assert append(kept, 1) == [4]
    assert kept.log.read(0, 10) == [Stored(n, report(m)) for n, m in enumerate((5, 3, 9, 1), start=1)]
    assert kept.log.end() == 4


def test_an_id_is_written_once_and_takes_no_offset_the_second_time(kept: Kept) -> None:
    assert append(kept, 1, 2, 1) == [1, 2, None]
    with kept.transaction():
        assert kept.log.append([line(report(2, "other words under the same id")), line(report(3))]) == [None, 3]
    assert kept.log.read(0, 10) == [Stored(n, report(n)) for n in (1, 2, 3)]


def test_a_reader_gets_what_lies_after_its_offset_and_no_more_than_it_asked_for(kept: Kept) -> None:
    append(kept, *range(20))
    assert [stored.offset for stored in kept.log.read(7, 5)] == [8, 9, 10, 11, 12]
    assert [stored.offset for stored in kept.log.read(18, 5)] == [19, 20]
    assert kept.log.read(20, 5) == []


def test_what_was_appended_can_be_read_in_the_same_transaction(kept: Kept) -> None:
    append(kept, 1)
    with kept.transaction():
        kept.log.append(lines(2, 3))
        assert [stored.offset for stored in kept.log.read(0, 10)] == [1, 2, 3]
        assert kept.log.append(lines(3, 4)) == [None, 4]
        assert kept.log.end() == 4
    assert [stored.event.id for stored in kept.log.read(1, 10)] == [report(n).id for n in (2, 3, 4)]


class Power(Exception):
    """The machine went off here."""


@pytest.mark.parametrize("read_back", [False, True])
def test_a_transaction_that_fails_leaves_nothing_and_uses_up_nothing(kept: Kept, read_back: bool) -> None:
    append(kept, 1)

    def half() -> None:
        with kept.transaction():
            kept.log.append(lines(2, 3))
            if read_back:
                kept.log.read(0, 10)
            raise Power

    with pytest.raises(Power):
        half()
    assert kept.log.end() == 1
    assert append(kept, 3, 2) == [2, 3]
    assert [stored.event.id for stored in kept.log.read(0, 10)] == [report(n).id for n in (1, 3, 2)]


def test_the_log_is_the_same_when_it_is_opened_again(kept: Kept) -> None:
    append(kept, 1, 2, 3)
    again = kept.reopen()
    assert again.epoch == kept.log.epoch
    assert again.end() == 3
    assert again.read(0, 10) == kept.log.read(0, 10)


def test_two_logs_have_two_epochs(kept: Kept) -> None:
    with sqlite_kept(":memory:") as other:
        assert kept.log.epoch
        assert kept.log.epoch != other.log.epoch


# Every example opens a log of its own, so what the fixture gave once serves them all.
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    transactions=st.lists(
        st.tuples(st.lists(st.integers(0, 12), max_size=6), st.booleans()),  # which events, and whether it commits
        max_size=12,
    )
)
def test_any_transactions_leave_each_committed_id_once_in_order(
    opening: Open, transactions: list[tuple[list[int], bool]]
) -> None:
    with opening() as kept:
        expected: list[str] = []
        for numbers, commits in transactions:
            new = [n for at, n in enumerate(numbers) if n not in numbers[:at] and report(n).id not in expected]
            try:
                with kept.transaction():
                    offsets = kept.log.append(lines(*numbers))
                    if not commits:
                        raise Power
            except Power:
                continue
            assert [offset for offset in offsets if offset is not None] == list(
                range(len(expected) + 1, len(expected) + len(new) + 1)
            )
            expected += [report(n).id for n in new]
        assert [stored.event.id for stored in kept.log.read(0, 1000)] == expected
        assert [stored.offset for stored in kept.reopen().read(0, 1000)] == list(range(1, len(expected) + 1))
