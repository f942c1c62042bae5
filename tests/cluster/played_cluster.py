"""A cluster whose Kafka is played, for stories: real turns over a real PostgreSQL, two workers, and what goes wrong.

It goes in rounds: every reader takes what was published before the round, in the order in which it was published; then
messages are sent, deadlines called, and what waits in the outbox is published, step by step in the order of the
pipeline. So the order in which a reader meets its records does not depend on who took them, how often, or in how many
turns; and what comes out must not either.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from random import Random
from typing import Any

import msgspec
import psycopg

from fixtures.partitions import Partitions
from streams.cluster.postgres import Postgres
from streams.cluster.records import Record
from streams.cluster.turn import Turns
from streams.cluster.writing import Writing
from streams.database import StorageError
from streams.events import Event, MessageAsked, MessageSent, MessageTaken, decode
from streams.handle import Step
from streams.log import line
from streams.pending import Pending, message_event, too_late
from streams.simulated import Timed

Place = tuple[str, int]


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each fault is, at each turn or each record published."""

    crash: float = 0.1
    """The worker's session ends somewhere in the turn."""
    swap: float = 0.3
    """The other worker takes the turn, believing what it knew when it last did."""
    repeat: float = 0.3
    """Records that were taken before come again."""
    gap: float = 0.2
    """A record does not come, and later ones of its topic do."""
    part: float = 0.3
    """Only some of the readers, and only some of their records, are ready."""
    twice: float = 0.1
    """A record is published a second time, at an offset of its own."""


class Mortal(Postgres):
    """A connection whose session ends after so many statements."""

    left: int | None = None

    def execute(self, statement: str, values: Sequence[object] = ()) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Run a statement, or die."""
        if self.left == 0:
            self.raw.close()
        self.left = None if self.left is None else self.left - 1
        return super().execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement for many rows."""
        for row in rows:
            self.execute(statement, row)


class PlayedCluster(Timed):
    """The host. Time moves only by `advance`; without faults one worker takes all that is ready in each turn."""

    def __init__(
        self, database: str, steps: Sequence[Step], start: datetime, faults: Faults | None = None, seed: int = 0
    ) -> None:
        self.now, self.faults = start, faults
        self.sent: list[MessageAsked] = []
        self.seen: Counter[str] = Counter()
        """How often each fault came, so that a calm run cannot pass for a stormy one."""
        self._database, self._steps = database, tuple(steps)
        self._random = Random(seed)
        self._rank = {step.name: n for n, step in enumerate(self._steps)}
        self._partitions = Partitions(3)
        self._published: list[Record] = []
        self._next: dict[tuple[str, str, int], int] = {}
        self._opened = ExitStack()
        self._connection = self._connect()
        self._pending, self._writing = Pending(self._connection), Writing(self._connection)
        self._workers: list[Turns] = [self._worker(), self._worker()]

    def close(self) -> None:
        """Close every connection."""
        self._opened.close()

    def feed(self, events: Sequence[Event]) -> None:
        """Accept events as the door does: they are on Kafka when this returns; what is known is not sent again."""
        for event in events:
            if self._connection.execute("SELECT 1 FROM log WHERE id = ?", (event.id,)).fetchone() is None:
                self._publish(event)

    def settle(self) -> None:
        """Work until nothing is left to do at the present time."""
        while self._round():
            pass

    def next_moment(self) -> datetime | None:
        """Give when a deadline comes or a message is tried again."""
        return min(filter(None, (self._pending.next_due(), self._pending.next_retry())), default=None)

    def restart(self) -> None:
        """Let both workers die, and others begin."""
        for worker in self._workers:
            worker.connection.close()
        self._workers = [self._worker(), self._worker()]
        self._write(self._pending.unsure(self.now))

    def events(self) -> list[Event]:
        """Give everything in the log, in order."""
        return [decode(data) for (data,) in self._connection.execute('SELECT event FROM log ORDER BY "offset"')]

    def partitions(self) -> dict[tuple[str, int], list[str]]:
        """Give the ids on every partition in order, each where it came first."""
        found: dict[tuple[str, int], list[str]] = {}
        for record in self._published:
            ids = found.setdefault((record.topic, record.partition), [])
            if (id_ := record.headers["ce_id"].decode()) not in ids:
                ids.append(id_)
        return found

    # --- one round ---------------------------------------------------------------------------------------------------

    def _round(self) -> bool:
        worked = False
        published = list(self._published)
        while ready := self._ready(published):
            self._turn(ready)
            worked = True
        for asked in self._pending.ready(self.now):
            self._send(asked)
            worked = True
        due = self._pending.due(self.now)
        self._write(due)
        return self._relay() or worked or bool(due)

    def _ready(self, published: Sequence[Record]) -> dict[Place, list[Record]]:
        ready: dict[Place, list[Record]] = {}
        for reader, topics in self._workers[0].readers.items():
            for record in published:
                if record.topic in topics and record.offset >= self._next.get((reader, *record[:2]), 0):
                    ready.setdefault((reader, record.partition), []).append(record)
        return ready

    def _turn(self, ready: dict[Place, list[Record]]) -> None:
        if self._happens("swap"):
            self._workers.reverse()
        worker = self._workers[0]
        offered = {
            place: self._offered(place, records) for place, records in ready.items() if not self._happens("part")
        }
        crash = self._happens("crash")
        assert isinstance(worker.connection, Mortal)
        worker.connection.left = self._random.randrange(14) if crash else None
        try:
            taken = worker.take(offered)
            for place in taken.overtaken:
                self.seen["overtaken"] += 1
                self._begin(worker, *place)
            worker.connection.left = None
        except StorageError:
            self._workers[0] = self._worker()
            return
        self._next |= taken.next
        for gap in taken.gaps:
            self.seen["gaps"] += 1
            assert self._next[gap.reader, gap.topic, gap.partition] == gap.first < gap.until

    def _offered(self, place: Place, records: list[Record]) -> list[Record]:
        offered = list(records)
        if self._happens("part"):
            offered = offered[: self._random.randrange(len(offered)) + 1]
        if self._happens("gap"):
            at = self._random.randrange(len(offered))
            offered = offered[:at] + [later for later in offered[at + 1 :] if later.topic == offered[at].topic]
        if self._happens("repeat"):
            topics = self._workers[0].readers[place[0]]
            old = [each for each in self._published if each.topic in topics and each.partition == place[1]]
            again = [each for each in old if each.offset < self._next.get((place[0], *each[:2]), 0)]
            offered = self._random.sample(again, min(3, len(again))) + offered
        return offered

    def _happens(self, fault: str) -> bool:
        happens = self.faults is not None and self._random.random() < getattr(self.faults, fault)
        self.seen[fault] += happens
        return happens

    def _send(self, asked: Event) -> None:
        body = asked.body
        assert isinstance(body, MessageAsked)
        attempts = self._pending.attempts(body.message)
        if attempts is None:
            return
        taken = MessageTaken(message=body.message, attempt=attempts + 1)
        self._write([message_event(asked, f"taken/{attempts + 1}", taken, self.now)])
        outcome = too_late(body, self.now)
        if outcome is None:
            self.sent.append(body)
        name = "sent" if outcome is None else f"failed/{attempts + 1}"
        self._write([message_event(asked, name, outcome or MessageSent(message=body.message), self.now)])

    def _write(self, events: Sequence[Event]) -> None:
        with self._connection.transaction():
            self._writing.write([line(event) for event in events])

    def _relay(self) -> bool:
        rows = self._connection.execute('SELECT "offset", event FROM log JOIN outbox USING ("offset")').fetchall()
        found = [(int(offset), decode(data)) for offset, data in rows]
        for _, event in sorted(found, key=lambda each: (self._rank.get(each[1].source, len(self._rank)), each[0])):
            self._publish(event)
        self._connection.execute("DELETE FROM outbox")
        return bool(found)

    def _publish(self, event: Event) -> None:
        self._published.append(self._partitions.publish(event))
        if self._happens("twice"):
            again = self._random.choice(self._published[-20:])
            self._published.append(self._partitions.put(again.topic, again.partition, *again[3:]))

    # --- workers -----------------------------------------------------------------------------------------------------

    def _worker(self) -> Turns:
        worker = Turns(Mortal(self._connect().raw), self._steps)
        for reader in worker.readers:
            for number in range(self._partitions.numbers):
                self._begin(worker, reader, number)
        return worker

    def _connect(self) -> Postgres:
        connection = self._opened.enter_context(closing(Postgres.connect(self._database)))
        connection.execute("SET synchronous_commit = off")  # it is not the machine that fails here
        return connection

    def _begin(self, worker: Turns, reader: str, number: int) -> None:
        for topic, offset in worker.begin(reader, number, dict.fromkeys(worker.readers[reader], 0)).items():
            self._next[reader, topic, number] = offset
