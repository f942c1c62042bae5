"""Two workers at the same partitions at the same moment: one of them takes each record, and the other one knows."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import psycopg
import pytest

from streams.cluster.postgres import Postgres
from streams.cluster.turn import Turns
from streams.events import ReportDismissed
from streams.handle import Step
from tests.cluster.locks import waiting
from tests.cluster.turning import REPORTS, Turning, event

pytestmark = pytest.mark.system("postgresql")


class Halting(Postgres):
    """A connection that stops before it asks for the log's lock, when its cursor is moved already."""

    reached: threading.Event
    go_on: threading.Event

    def execute(self, statement: str, values: Sequence[object] = ()) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Run a statement."""
        if "log_end FOR UPDATE" in statement:
            self.reached.set()
            self.go_on.wait()
        return super().execute(statement, values)


def numbers(turning: Turning) -> list[str]:
    return [each.body.by for each in turning.log() if isinstance(each.body, ReportDismissed)]


def test_who_comes_second_to_a_cursor_waits_and_then_changes_nothing(turning: Turning) -> None:
    def halting(connection: Postgres, steps: Sequence[Step]) -> Turns:
        made = Halting(connection.raw)
        made.reached, made.go_on = threading.Event(), threading.Event()
        return Turns(made, steps)

    first, second = turning.worker(halting), turning.worker()
    assert isinstance(first.connection, Halting)
    records = turning.put(event(1), event(2))
    with ThreadPoolExecutor() as pool:
        one = pool.submit(first.take, {("tally", 0): records})
        first.connection.reached.wait()
        other = pool.submit(second.take, {("tally", 0): records, ("remind", 0): records})
        while not waiting(turning.connection):
            assert not other.done()
        first.connection.go_on.set()
        assert one.result().next["tally", REPORTS, 0] == 2
        assert other.result().overtaken == {("tally", 0)}
    assert numbers(turning) == ["1", "2"]
    assert turning.kinds().count("ReportReceived") == 2


def test_workers_that_take_from_each_other_take_everything_once(turning: Turning) -> None:
    reports, workers = 120, 3
    turning.put(*(event(n) for n in range(reports)))
    records = turning.partitions.read(REPORTS, 0)
    ready = threading.Barrier(workers)

    def work(seed: int) -> int:
        rng, worker, overtaken = Random(seed), turning.worker(), 0
        following = dict.fromkeys(worker.readers, 0)
        ready.wait()
        while min(following.values()) < reports:
            size = rng.randrange(1, 12)
            taken = worker.take(
                {(reader, 0): records[at : at + size] for reader, at in following.items() if at < reports}
            )
            following |= {reader: offset for (reader, _, _), offset in taken.next.items()}
            for reader, number in taken.overtaken:
                overtaken += 1
                following[reader] = turning.begin(worker, reader, number)[REPORTS]
        return overtaken

    with ThreadPoolExecutor() as pool:
        overtaken = sum(pool.map(work, range(workers)))
    assert overtaken > 0
    assert numbers(turning) == [str(n + 1) for n in range(reports)]
    kinds = turning.kinds()
    assert [kinds.count(kind) for kind in ("ReportReceived", "ReportDismissed", "DeadlineSet")] == [reports] * 3
