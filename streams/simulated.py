"""The simulated host: the same engine and steps in memory, under a seeded scheduler and a virtual clock.

Calm, it runs a scenario exactly as the embedded host does, event for event. With faults, it delivers as a cluster may:
every step reads each partition (topic and key) on its own, late, repeatedly and out of turn; the process dies between
any two actions, losing whatever was not committed; a carrier outside refuses messages, takes them without saying so,
and never forgets them. Nothing here sleeps or looks at a real clock; one seed is one history.
"""

import random
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from streams.database import connect
from streams.engine import Engine
from streams.events import DeadLetterReplayed, Event, MessageAsked, MessageFailed, MessageSent, MessageTaken
from streams.following import Follower
from streams.handle import Step
from streams.log import Stored, line
from streams.pending import message_event, not_sent, too_late
from streams.place import place
from streams.topics import topic_of


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """How likely each fault is, 0..1: at each action, each delivery, each message handed over."""

    crash: float = 0.02
    """The process dies, before or after anything it does."""
    repeat: float = 0.1
    """A delivery that was made before comes again."""
    ahead: float = 0.05
    """A delivery comes before its turn."""
    late: float = 0.05
    """A reader hears nothing of its partition for a while, up to `late_ms`."""
    late_ms: int = 2000
    refuse: float = 0.05
    """The carrier certainly did not take the message."""
    doubt: float = 0.02
    """The carrier took it, and the line broke before it could say so."""


CALM = Faults(crash=0, repeat=0, ahead=0, late=0, refuse=0, doubt=0)


class Crash(Exception):
    """The process dies here: what was not committed is gone."""


class Reader(NamedTuple):
    """A step reading one partition: one topic and key."""

    step: str
    topic: str
    key: str


REPLAYS = "replays"
"""The reader of replayed dead letters, which go to the step that each one names."""


class Timed(ABC):
    """A host whose time moves only when it is told to."""

    now: datetime

    @abstractmethod
    def settle(self) -> None:
        """Work until nothing is left to do at the present time."""

    @abstractmethod
    def next_moment(self) -> datetime | None:
        """Give when something happens by itself next, None when nothing will."""

    def advance(self, seconds: float) -> None:
        """Let time pass, settling at every moment at which something happens by itself."""
        until = self.now + timedelta(seconds=seconds)
        self.settle()
        while (moment := self.next_moment()) is not None and moment <= until:
            self.now = max(self.now, moment)
            self.settle()
        self.now = until
        self.settle()


class Simulated(Timed):
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
        self._readers = [(step.name, {topic.name for topic in step.reads}) for step in self._pipeline]
        self._log: list[Stored] = []
        self._partitions: dict[tuple[str, str], list[Stored]] = defaultdict(list)
        self._cursors: dict[Reader, int] = {}
        self._behind: dict[Reader, datetime] = {}
        """Readers with something to read, and the time from which on they hear of it."""

    def feed(self, events: Sequence[Event]) -> list[int | None]:
        """Accept events as the door does: durable when this returns; after a crash the sender tries again."""
        while True:
            try:
                with self.engine.transaction():
                    offsets = self.engine.write([line(event) for event in events])
                    self._may_crash()
                self._may_crash()
                self._look()
                return offsets
            except Crash:
                self.restart()

    def settle(self, most: int | None = None) -> None:
        """Work until nothing is left to do at the present time, or (with faults) for `most` actions."""
        if self.faults is None:
            while self.engine.turn(self.now) or self._send_all():
                pass
            self._look()
            return
        while most is None or most > 0:
            try:
                if not self._act():
                    return
            except Crash:
                self.restart()
            most = None if most is None else most - 1

    def next_moment(self) -> datetime | None:
        """Give when something happens by itself: a deadline, another attempt at a message, a late delivery."""
        moments = [self.engine.pending.next_due(), self.engine.pending.next_retry(), *self._behind.values()]
        return min(filter(None, moments), default=None)

    def restart(self) -> None:
        """Go on as a new process does: with the file, and nothing else."""
        self.crashes += 1
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self.engine = Engine(self._connection, self._pipeline, self._followers)
        self._cursors.clear()
        unsure = self.engine.pending.unsure(self.now)
        with self.engine.transaction():
            self.engine.write([line(event) for event in unsure])
        self._look()

    def events(self) -> list[Event]:
        """Give everything in the log, in order."""
        self._look()
        return [stored.event for stored in self._log]

    # --- one action at a time ------------------------------------------------------------------------------------

    def _act(self) -> bool:
        actions: list[Callable[[], None]] = [
            self._reading(reader) for reader, since in self._behind.items() if since <= self.now
        ]
        actions += [self._sending(event) for event in self.engine.pending.ready(self.now, 3)]
        actions += [self._firing(event) for event in self.engine.pending.due(self.now, 1)]
        if any(self.engine.shelf.cursor(follower.name) < len(self._log) for follower in self._followers):
            actions.append(self._follow)
        if not actions:
            return False
        self._may_crash()
        self.random.choice(actions)()
        self._look()
        self._may_crash()
        return True

    def _reading(self, reader: Reader) -> Callable[[], None]:
        return lambda: self._read(reader)

    def _sending(self, asked: Event) -> Callable[[], None]:
        return lambda: self._send(asked)

    def _firing(self, reached: Event) -> Callable[[], None]:
        return lambda: self._fire(reached)

    def _read(self, reader: Reader) -> None:
        faults, chance = self.faults or CALM, self.random.random
        cursor, newest = self._cursor(reader), len(self._partitions[reader.topic, reader.key])
        offset = cursor + 1
        if chance() < faults.late:
            self._behind[reader] = self.now + timedelta(milliseconds=self.random.randint(1, faults.late_ms))
            return
        if cursor and chance() < faults.repeat:
            offset = self.random.randint(1, cursor)
        elif chance() < faults.ahead:
            offset = min(newest, offset + self.random.randint(1, 3))
        self._deliver(reader, offset)
        if self._cursor(reader) == newest:
            del self._behind[reader]

    def _deliver(self, reader: Reader, offset: int) -> None:
        where = place(self._cursor(reader), offset)
        if where != "next":
            self.repeats += where == "repeat"
            self.gaps += where == "gap"
            return
        event = self._partitions[reader.topic, reader.key][offset - 1].event
        with self.engine.transaction():
            for step, heard in self.engine.deliveries(event):
                if reader.step in (step.name, REPLAYS):
                    self.engine.run(step, heard)
            self._may_crash()
            self.engine.shelf.move("|".join(reader), offset)
            self._may_crash()
        self._cursors[reader] = offset

    def _follow(self) -> None:
        with self.engine.transaction():
            self.engine.catch_up(len(self._log), self.random.randint(1, 50))
            self._may_crash()

    def _fire(self, reached: Event) -> None:
        with self.engine.transaction():
            self.engine.write([line(reached)])
            self._may_crash()

    def _send(self, asked: Event) -> None:
        body = asked.body
        if not isinstance(body, MessageAsked):
            raise TypeError(f"{asked.id} is no MessageAsked")
        with self.engine.transaction():
            attempts = self.engine.pending.attempts(body.message)
            if attempts is None:
                return
            attempt = attempts + 1
            taken = MessageTaken(message=body.message, attempt=attempt)
            self.engine.write([line(message_event(asked, f"taken/{attempt}", taken, self.now))])
        self._may_crash()
        outcome = too_late(body, self.now) or self._carry(body, attempt)
        self._may_crash()
        name = "sent" if isinstance(outcome, MessageSent) else f"failed/{attempt}"
        with self.engine.transaction():
            self.engine.write([line(message_event(asked, name, outcome, self.now))])

    def _carry(self, body: MessageAsked, attempt: int) -> MessageSent | MessageFailed:
        faults, luck = self.faults or CALM, self.random.random()
        if luck < faults.refuse:
            return not_sent(body, attempt, self.now, "refused", "the carrier is busy", retry=True)
        self.sent.append(body)
        if luck < faults.refuse + faults.doubt:
            return not_sent(body, attempt, self.now, "channel-failed", "the line broke", retry=body.kind != "ask")
        return MessageSent(message=body.message)

    def _send_all(self) -> bool:
        ready = self.engine.pending.ready(self.now)
        for asked in ready:
            self._send(asked)
        return bool(ready)

    def _may_crash(self) -> None:
        if self.faults is not None and self.random.random() < self.faults.crash:
            raise Crash

    # --- who has what to read ------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self.engine.log.end() == len(self._log):
            return
        for stored in self.engine.log.read(len(self._log), 1_000_000):
            topic, key = topic_of(stored.event.body).name, stored.event.key
            self._log.append(stored)
            if self.faults is None:
                continue
            self._partitions[topic, key].append(stored)
            for step, reads in self._readers:
                if topic in reads:
                    self._behind.setdefault(Reader(step, topic, key), self.now)
            if isinstance(stored.event.body, DeadLetterReplayed):
                self._behind.setdefault(Reader(REPLAYS, topic, key), self.now)

    def _cursor(self, reader: Reader) -> int:
        if reader not in self._cursors:
            self._cursors[reader] = self.engine.shelf.cursor("|".join(reader))
        return self._cursors[reader]
