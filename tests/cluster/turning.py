"""A worker's turns over played partitions, with two steps small enough to see through."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid5

import msgspec

from fixtures.partitions import Partitions
from streams import topics as t
from streams.cluster.postgres import Postgres
from streams.cluster.records import Record
from streams.cluster.tables import prepare
from streams.cluster.turn import Taken, Turns
from streams.events import NAMESPACE, AnyBody, DeadlineSet, Event, Fact, ReportDismissed, ReportReceived, decode
from streams.handle import Step
from streams.state import State

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
KEY = "KE.042"
REPORTS = t.REPORTS.name


class Tally(msgspec.Struct, frozen=True):
    """How many a step has taken of a key."""

    n: int = 0


def tally(state: State, event: Event) -> Iterable[Fact]:
    """Number the reports of a key; what a report says may go wrong."""
    body = event.body
    if not isinstance(body, ReportReceived):
        raise TypeError(type(body))
    n = (state.get("tally", Tally) or Tally()).n + 1
    state.put("tally", Tally(n))
    state.put(f"report/{event.id}", Tally(n))
    state.drop("nothing")
    if body.text == "fails":
        raise ZeroDivisionError
    if body.text == "odd":
        state.put("item\x00" + body.text, Tally(n))
    if body.text == "unstorable":  # no index takes so long a name
        rng = Random(event.id)
        state.put("".join(chr(rng.randrange(0x20000, 0x2A000)) for _ in range(3000)), Tally(n))
    yield Fact(body=ReportDismissed(report=event.id, reason="hoax", by=str(n)), audience=event.audience)


def remind(state: State, event: Event) -> Iterable[Fact]:
    """Ask to be called back about each report, and about what became of it."""
    n = (state.get("tally", Tally) or Tally()).n + 1
    state.put("tally", Tally(n))
    body = DeadlineSet(step="remind", name=str(n), about=event.id, due=event.seen + timedelta(hours=1))
    yield Fact(body=body, audience=event.audience)


TALLY = Step(name="tally", hears=(ReportReceived,), writes=(t.REPORTS,), function=tally)
REMIND = Step(name="remind", hears=(ReportReceived, ReportDismissed), writes=(t.DEADLINES,), function=remind)


def event(n: int, text: str = "water", key: str = KEY, body: AnyBody | None = None, **envelope: Any) -> Event:
    """Give a report from the door."""
    made = Event(
        id=str(uuid5(NAMESPACE, f"turning/{n}")),
        cause="request",
        source="intake/reports",
        key=key,
        at=NOON,
        seen=NOON,
        audience=("operator:KE.042",),
        body=body or ReportReceived(channel="web", text=text),
    )
    return msgspec.structs.replace(made, **envelope)


class Turning:
    """A database, partitions, and any number of workers over them."""

    def __init__(self, database: str, opened: ExitStack, numbers: int = 1) -> None:
        self.database, self._opened = database, opened
        self.partitions = Partitions(numbers)
        self.steps: Sequence[Step] = (TALLY, REMIND)
        self.connection = self.connect()
        prepare(self.connection)

    def connect(self) -> Postgres:
        """Open another connection."""
        return self._opened.enter_context(closing(Postgres.connect(self.database)))

    def worker(self, make: Callable[[Postgres, Sequence[Step]], Turns] = Turns) -> Turns:
        """Start a worker that has every partition."""
        turns = make(self.connect(), self.steps)
        for reader in turns.readers:
            for number in range(self.partitions.numbers):
                self.begin(turns, reader, number)
        return turns

    def begin(self, turns: Turns, reader: str, number: int = 0, **beginnings: int) -> Mapping[str, int]:
        """Let a worker begin with a partition."""
        return turns.begin(reader, number, dict.fromkeys(turns.readers[reader], 0) | beginnings)

    def put(self, *events: Event) -> list[Record]:
        """Publish events."""
        return [self.partitions.publish(each) for each in events]

    def ready(self, turns: Turns, *only: str) -> dict[tuple[str, int], list[Record]]:
        """Give all records to readers (all of them), from the first one on."""
        return {
            (reader, number): [record for topic in topics for record in self.partitions.read(topic, number)]
            for reader, topics in turns.readers.items()
            for number in range(self.partitions.numbers)
            if reader in (only or turns.readers)
        }

    def take(self, turns: Turns, *only: str) -> Taken:
        """Give all records to readers; those they took before are repeats."""
        return turns.take(self.ready(turns, *only))

    def publish(self) -> int:
        """Publish what waits in the outbox, as the relay does; give how many there were."""
        rows = self.connection.execute(
            'DELETE FROM outbox RETURNING (SELECT event FROM log WHERE log."offset" = outbox."offset"), "offset"'
        ).fetchall()
        self.put(*(decode(data) for data, _ in sorted(rows, key=lambda row: int(row[1]))))
        return len(rows)

    def settle(self, turns: Turns) -> None:
        """Take and publish until nothing is left."""
        self.take(turns)
        while self.publish():
            self.take(turns)

    def log(self) -> list[Event]:
        """Give everything in the log."""
        return [decode(data) for (data,) in self.connection.execute('SELECT event FROM log ORDER BY "offset"')]

    def kinds(self) -> list[str]:
        """Name the facts of the log, in order."""
        return [type(each.body).__name__ for each in self.log()]

    def tables(self) -> dict[str, list[Any]]:
        """Give everything that a turn may change, in a settled order."""
        names = ("log", "outbox", "partition_cursor", "heard", "suspect", "state", "deadline", "outgoing", "log_end")
        left_out = {"outbox": ("at",), "partition_cursor": ("moved",), "heard": ("at",), "suspect": ("at",)}
        found = {}
        for name in names:
            rows = self.connection.execute(f"SELECT to_jsonb(x) FROM {name} x").fetchall()  # noqa: S608  one of the above
            kept = [{key: v for key, v in row.items() if key not in left_out.get(name, ())} for (row,) in rows]
            found[name] = sorted(kept, key=str)
        return found
