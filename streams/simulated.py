"""The simulated host: the same engine and steps in memory, under a seeded scheduler and a virtual clock.

Calm, it runs a scenario exactly as the embedded host does, event for event. With faults, it delivers as a cluster may:
every step reads each partition (topic and key) on its own, late, repeatedly and out of turn; the process dies between
any two actions, losing whatever was not committed; a carrier outside takes messages and never forgets them. Nothing
here sleeps or looks at a real clock; one seed is one history.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from streams.database import connect
from streams.engine import Engine, Follower
from streams.events import Event, MessageAsked, MessageSent, MessageTaken
from streams.handle import Step
from streams.log import Stored, line
from streams.pending import message_event
from streams.place import place
from streams.topics import topic_of

Partition = tuple[str, str]


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each fault is at each action, 0..1."""

    crash: float = 0.02
    repeat: float = 0.1
    ahead: float = 0.05
    late_ms: int = 2000


class Crash(Exception):
    """The process dies here: what was not committed is gone."""


class Simulated:
    """The host. Time moves only by `advance`; `sent` is what reached the carrier, in order."""

    def __init__(
        self,
        pipeline: Sequence[Step],
        start: datetime,
        followers: Sequence[Follower] = (),
        seed: int = 0,
        faults: Faults | None = None,
    ) -> None:
        self._pipeline, self._followers = tuple(pipeline), tuple(followers)
        self._connection = connect(":memory:")
        self.engine = Engine(self._connection, pipeline, followers)
        self.now = start
        self.faults = faults
        self.random = random.Random(seed)
        self.sent: list[MessageAsked] = []
        self.crashes = self.repeats = self.gaps = 0
        self._log: list[Stored] = []
        self._partitions: dict[Partition, list[Stored]] = defaultdict(list)
        self._cursors: dict[str, int] = {}

    def clock(self) -> datetime:
        """Give the virtual time."""
        return self.now

    def feed(self, events: Sequence[Event]) -> list[int | None]:
        """Accept events as the door does: durable when this returns; after a crash the sender tries again."""
        while True:
            try:
                with self.engine.transaction():
                    offsets = self.engine.write([line(event) for event in events])
                    self._maybe_crash()
                self._maybe_crash()
                self._catch_up()
                return offsets
            except Crash:
                self._restart()

    def settle(self) -> None:
        """Work until nothing is left to do at the present time."""
        if self.faults is None:
            while self.engine.turn(self.now) or self._send_all():
                pass
            self._catch_up()
            return
        while True:
            try:
                if not self._act():
                    return
            except Crash:
                self._restart()

    def advance(self, seconds: float) -> None:
        """Let time pass, settling at every deadline on the way."""
        until = self.now + timedelta(seconds=seconds)
        self.settle()
        while (due := self.engine.pending.next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            self.settle()
        self.now = until
        self.settle()

    def events(self) -> list[Event]:
        """Give everything in the log, in order."""
        self._catch_up()
        return [stored.event for stored in self._log]

    # --- faults ---------------------------------------------------------------------------------------------------

    def _act(self) -> bool:
        actions: list[Callable[[], None]] = []
        for step in self._pipeline:
            actions += [self._delivery(step, part, cursor) for part, cursor in self._waiting(step)]
        due = self.engine.pending.due(self.now, 1)
        if due:
            actions.append(lambda: self._fire(due[0]))
        actions += [self._sending(event) for event in self.engine.pending.ready(self.now, 3)]
        if not actions:
            return False
        self._maybe_crash()
        self.random.choice(actions)()
        self._catch_up()
        self._maybe_crash()
        return True

    def _waiting(self, step: Step) -> list[tuple[Partition, int]]:
        names = {topic.name for topic in step.reads}
        waiting = []
        for part, stored in self._partitions.items():
            if part[0] in names:
                cursor = self._cursor(f"{step.name}|{part[0]}|{part[1]}")
                if cursor < len(stored):
                    waiting.append((part, cursor))
        return waiting

    def _delivery(self, step: Step, part: Partition, cursor: int) -> Callable[[], None]:
        def deliver() -> None:
            offset, faults = cursor + 1, self.faults or Faults()
            if cursor and self.random.random() < faults.repeat:
                offset = self.random.randint(1, cursor)
            elif self.random.random() < faults.ahead:
                offset = min(len(self._partitions[part]), offset + self.random.randint(1, 3))
            self._deliver(step, part, offset)

        return deliver

    def _deliver(self, step: Step, part: Partition, offset: int) -> None:
        reader = f"{step.name}|{part[0]}|{part[1]}"
        where = place(self._cursor(reader), offset)
        if where != "next":
            self.repeats += where == "repeat"
            self.gaps += where == "gap"
            return
        with self.engine.transaction():
            self.engine.run(step, self._partitions[part][offset - 1].event)
            self._maybe_crash()
            self.engine.shelf.move(reader, offset)
            self._maybe_crash()
        self._cursors[reader] = offset

    def _fire(self, reached: Event) -> None:
        with self.engine.transaction():
            self.engine.write([line(reached)])
            self._maybe_crash()

    def _sending(self, asked: Event) -> Callable[[], None]:
        return lambda: self._send(asked)

    def _send(self, asked: Event) -> None:
        body = asked.body
        if not isinstance(body, MessageAsked):
            raise TypeError(f"{asked.id} is no MessageAsked")
        with self.engine.transaction():
            attempts = self.engine.pending.attempts(body.message)
            if attempts is None:
                return
            taken = MessageTaken(message=body.message, attempt=attempts + 1)
            self.engine.write([line(message_event(asked, f"taken/{attempts + 1}", taken, self.now))])
        self._maybe_crash()
        self.sent.append(body)
        self._maybe_crash()
        with self.engine.transaction():
            self.engine.write([line(message_event(asked, "sent", MessageSent(message=body.message), self.now))])

    def _send_all(self) -> bool:
        ready = self.engine.pending.ready(self.now)
        for asked in ready:
            self._send(asked)
        return bool(ready)

    def _maybe_crash(self) -> None:
        if self.faults is not None and self.random.random() < self.faults.crash:
            raise Crash

    def _restart(self) -> None:
        self.crashes += 1
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self.engine = Engine(self._connection, self._pipeline, self._followers)
        self._cursors.clear()
        unsure = self.engine.pending.unsure(self.now)
        with self.engine.transaction():
            self.engine.write([line(event) for event in unsure])
        self._catch_up()

    def _cursor(self, reader: str) -> int:
        if reader not in self._cursors:
            self._cursors[reader] = self.engine.shelf.cursor(reader)
        return self._cursors[reader]

    def _catch_up(self) -> None:
        for stored in self.engine.log.read(len(self._log), 1_000_000):
            self._log.append(stored)
            self._partitions[(topic_of(stored.event.body).name, stored.event.key)].append(stored)
