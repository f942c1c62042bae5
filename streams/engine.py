"""Runs the pipeline over the log: one turn is one transaction of outputs, state, cursors, deadlines and read model.

The embedded host calls it from its writer thread, the simulated host from its scheduler; it knows neither threads nor
sockets, and takes the time as an argument. Next on the road: followers (the projector) turn what was written into
what people see.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from streams.database import storage_error
from streams.events import DeadLetterReplayed, Event
from streams.following import Follower, follow
from streams.handle import Step, handle, replayed
from streams.log import Line, Stored, line
from streams.log_sqlite import LogSqlite
from streams.pending import Pending
from streams.shelf_sqlite import ShelfSqlite

TURN = 256
"""How many events one turn takes from the log before it commits."""
MOST = 4096
"""How many it takes at most, the consequences of the first ones included, when it gets to the log's end."""


class Engine:
    """The pipeline over one SQLite file. Not thread-safe: one writer calls it."""

    def __init__(
        self, connection: sqlite3.Connection, pipeline: Sequence[Step], followers: Sequence[Follower] = ()
    ) -> None:
        self.connection = connection
        self.log = LogSqlite(connection)
        self.shelf = ShelfSqlite(connection)
        self.pending = Pending(connection)
        self.pipeline = tuple(pipeline)
        self.followers = tuple(followers)
        self._routes: dict[type, tuple[Step, ...]] = {}
        self._tail: deque[Stored] = deque()
        self._careful = False
        self._tail_from = self.done = self._behind()

    @property
    def behind(self) -> bool:
        """Whether the log has events that the steps have not seen."""
        return self.done < self.log.end()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all of it or none of it; raises StorageError when the file cannot take it."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            self.log.flush()
            self.shelf.flush()
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            self.log.forget_uncommitted()
            self.shelf.forget_uncommitted()
            for follower in self.followers:
                follower.forget_uncommitted()
            self._tail.clear()
            self._tail_from = self.done
            if isinstance(error, sqlite3.IntegrityError) and not self._careful:
                self._careful = True  # an id was not new after all: the next try looks each one up
            if isinstance(error, sqlite3.Error):
                raise storage_error(error) from error
            raise

    def write(self, lines: Sequence[Line], *, check: bool = True) -> list[int | None]:
        """Add events to the log inside the open transaction, with what they owe; None where an id was there already."""
        offsets = self.log.append(lines, check=check or self._careful)
        for offset, (event, _) in zip(offsets, lines, strict=True):
            if offset is None:
                continue
            self.pending.note(event)
            if self._tail_from + len(self._tail) == offset - 1:
                self._tail.append(Stored(offset, event))
        return offsets

    def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Add events durably, in a transaction of their own."""
        with self.transaction():
            return self.write(lines)

    def turn(self, now: datetime) -> bool:
        """Take the next events through every step, with all their consequences, in one transaction; False when idle."""
        due = self.pending.due(now)
        if not due and self.log.end() == self.done:
            return False
        with self.transaction():
            self.write([line(event) for event in due])
            ran = self._run()
            for step in self.pipeline:
                self.shelf.move(step.name, ran[-1].offset)
            self._project(ran)
        self.done = ran[-1].offset
        self._careful = False
        return True

    def _run(self) -> list[Stored]:
        ran: list[Stored] = []
        done, until = self.done, min(self.log.end(), self.done + TURN)
        grown = self.log.end() == until
        while done < until:
            stored = self._next(done)
            for step, event in self.deliveries(stored.event):
                self.run(step, event)
            done = stored.offset
            ran.append(stored)
            if grown:
                until = min(self.log.end(), self.done + MOST)
        return ran

    def run(self, step: Step, event: Event) -> list[Line]:
        """Give one event to one step and write what comes out, inside the open transaction."""
        state = self.shelf.state(step.name, event.key)
        outputs = handle(step, state, event)
        self.shelf.keep(step.name, event.key, state)
        self.write(outputs, check=False)
        return outputs

    def _next(self, done: int) -> Stored:
        while self._tail and self._tail[0].offset <= done:
            self._tail.popleft()
            self._tail_from += 1
        if not self._tail:
            self._tail.extend(self.log.read(done, MOST))
            self._tail_from = done
        return self._tail[0]

    def deliveries(self, event: Event) -> list[tuple[Step, Event]]:
        """Say which steps an event goes to; a replayed dead letter stands for its original."""
        if isinstance(event.body, DeadLetterReplayed):
            return replayed(event, event.body, self.pipeline)
        return [(step, event) for step in self._steps(event)]

    def _steps(self, event: Event) -> tuple[Step, ...]:
        kind = type(event.body)
        if kind not in self._routes:
            self._routes[kind] = tuple(step for step in self.pipeline if kind in step.hears)
        return self._routes[kind]

    def _project(self, ran: Sequence[Stored]) -> None:
        for follower in self.followers:
            while self._missed(follower, ran[0].offset - 1, 1000):
                pass
            self._follow(follower, ran)
            self.shelf.move(follower.name, ran[-1].offset)

    def catch_up(self, until: int, most: int = 1000) -> bool:
        """Let a follower take up to `most` events that it has missed, up to an offset; False when none has missed any.

        Inside the open transaction. For a follower that is new, or was emptied to be made again: one that is in step
        gets what ran from `turn`.
        """
        return any(self._missed(follower, until, most) for follower in self.followers)

    def _missed(self, follower: Follower, until: int, most: int) -> bool:
        cursor = self.shelf.cursor(follower.name)
        if cursor >= until:
            return False
        missed = self.log.read(cursor, min(most, until - cursor))
        self._follow(follower, missed)
        self.shelf.move(follower.name, missed[-1].offset)
        return True

    def _follow(self, follower: Follower, events: Sequence[Stored]) -> None:
        letters = follow(follower, self.connection, events, (sqlite3.OperationalError,))
        if letters:
            self.write([line(letter) for letter in letters])

    def _behind(self) -> int:
        """Say up to where all steps have gone; they go together.

        A step that a new version brings to a folder begins where the others are: what was before it came is not its to
        answer, and the others must not be given it a second time.
        """
        known = [self.shelf.cursor(step.name) for step in self.pipeline if self.shelf.has_read(step.name)]
        return min(known, default=0 if self.pipeline else self.log.end())
