"""A worker that dies between any two statements of a turn leaves all of it or nothing, and the next one goes on."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
import pytest

from streams.cluster.postgres import Postgres
from streams.cluster.turn import Turns
from streams.database import StorageError
from streams.handle import Step
from tests.cluster.turning import Turning, event

pytestmark = pytest.mark.system("postgresql")


class Dying(Postgres):
    """A connection whose session ends before its n-th statement, as when its process or its line dies there."""

    left = 1_000_000
    """How many statements are still carried out."""
    killer: Postgres

    def execute(self, statement: str, values: Sequence[object] = ()) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Run a statement, or die."""
        self._count()
        return super().execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for many rows, or die."""
        self._count()
        super().executemany(statement, rows)

    def _count(self) -> None:
        if self.left == 0:
            self.killer.execute("SELECT pg_terminate_backend(?, 30000)", (self.raw.info.backend_pid,))
        self.left -= 1


def dying(turning: Turning, statements: int) -> Turns:
    """Start a worker that dies after a number of statements of its next turn."""

    def make(connection: Postgres, steps: Sequence[Step]) -> Turns:
        mortal = Dying(connection.raw)
        mortal.killer = turning.connection
        return Turns(mortal, steps)

    worker = turning.worker(make)
    assert isinstance(worker.connection, Dying)
    worker.connection.left = statements
    return worker


def test_a_turn_is_all_or_nothing_wherever_its_worker_dies(turning: Turning) -> None:
    turning.worker()  # so that all cursors are there from the start
    turning.put(event(1), event(2, "fails"), event(3))
    turning.connection.execute("INSERT INTO suspect VALUES ('remind', 'dharura.reports', 0, 2)")
    before, died = turning.tables(), 0
    while True:
        worker = dying(turning, died)
        try:
            turning.take(worker)
        except StorageError:
            assert turning.tables() == before, f"dead before statement {died + 1}, it left something"
            died += 1
            continue
        break
    assert died > 8
    assert turning.kinds() == ["ReportReceived"] * 3 + ["ReportDismissed", "DeadLettered", "ReportDismissed"] + [
        "DeadlineSet",
        "DeadlineSet",
        "DeadLettered",
    ]
    assert [each["n"] for each in _tallies(turning)] == [2, 2]
    # The one that died after its commit, before anybody heard of it: the next one finds it done.
    done = turning.tables()
    assert turning.take(turning.worker()).deliveries == 0
    assert turning.tables() == done


def _tallies(turning: Turning) -> list[Any]:
    rows = turning.connection.execute("SELECT convert_from(value, 'UTF8')::jsonb FROM state WHERE item = 'tally'")
    return [value for (value,) in rows]


def test_a_worker_may_begin_again_over_the_connection_that_it_has(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(2))
    turning.connection.execute("BEGIN")
    turning.connection.execute("SELECT 1 FROM partition_cursor FOR UPDATE")
    worker.connection.execute("SET lock_timeout = 1")
    with pytest.raises(StorageError):
        turning.take(worker)
    turning.connection.execute("COMMIT")
    assert turning.take(worker).overtaken == {("tally", 0), ("remind", 0), ("archive", 0)}
    for reader in worker.readers:
        turning.begin(worker, reader)
    assert turning.take(worker).deliveries == 4
    assert [each["n"] for each in _tallies(turning)] == [2, 2]


def test_items_of_a_turn_that_failed_are_forgotten(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1))
    turning.take(worker)
    turning.put(event(2))
    turning.connection.execute("BEGIN")
    turning.connection.execute("SELECT 1 FROM log_end FOR UPDATE")
    worker.connection.execute("SET lock_timeout = 1")
    with pytest.raises(StorageError):
        turning.take(worker)
    turning.connection.execute("COMMIT")
    for reader in worker.readers:
        turning.begin(worker, reader)
    turning.take(worker)
    assert [each["n"] for each in _tallies(turning)] == [2, 2]
