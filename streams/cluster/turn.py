"""One transaction of one worker: what is ready goes through the steps, and all that comes of it is kept or nothing.

Kafka says what comes next, and nobody is believed but our own cursors: `partition_cursor` holds, for each reader (a
step, or `archive`) and partition number, the next offset of each of its topics. It is moved by compare-and-set in the
transaction that writes the step's state and outputs, so a worker that was frozen while another took its place changes
nothing. Next on the road: `writing` puts it into the log, `relay` publishes what was made.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import psycopg
import structlog

from streams.cluster.cursors import Cursors, Place
from streams.cluster.delivering import ARCHIVE as ARCHIVE
from streams.cluster.delivering import Delivering, Known, Work
from streams.cluster.delivering import Gap as Gap
from streams.cluster.delivering import Running as Running
from streams.cluster.heard import HEARD
from streams.cluster.postgres import Postgres, postgres_error
from streams.cluster.records import Record
from streams.cluster.shelf import Changes, ShelfPostgres, store
from streams.cluster.writing import KNOWN, Writing
from streams.handle import Step
from streams.log import Line
from streams.topics import DEADLETTERS, MIRRORS, TOPICS

_HEAR: Final = "INSERT INTO heard (step, id) SELECT * FROM unnest(?::text[], ?::uuid[])"
_SUSPECTS: Final = 'SELECT step, topic, partition, "offset" FROM suspect'
_SETTLE: Final = 'DELETE FROM suspect WHERE step = ? AND topic = ? AND partition = ? AND "offset" = ?'

_TOO_MUCH: Final = "54"
"""Class of SQLSTATE: more than PostgreSQL takes, such as a name that is too long for an index."""

Ready = Mapping[Place, Sequence[Record]]

logger = structlog.get_logger()


class Taken(NamedTuple):
    """What a turn did, once it is committed."""

    next: Mapping[tuple[str, str, int], int]
    """(reader, topic, partition) of all that was ready → the offset that is wanted next."""
    gaps: tuple[Gap, ...] = ()
    overtaken: frozenset[Place] = frozenset()
    """(reader, partition) that somebody else has moved, or that was never begun: `begin` it again."""
    deliveries: int = 0
    """How many events the steps looked at."""
    repeats: int = 0
    letters: int = 0

    def and_then(self, later: "Taken") -> "Taken":
        """Put two turns together."""
        return Taken(
            {**self.next, **later.next},
            self.gaps + later.gaps,
            self.overtaken | later.overtaken,
            self.deliveries + later.deliveries,
            self.repeats + later.repeats,
            self.letters + later.letters,
        )


def readers(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Give every reader's topics: what its step hears, and the dead letters, as a replay goes to the step it names."""
    own = {step.name: tuple(topic.name for topic in dict.fromkeys((*step.reads, DEADLETTERS))) for step in steps}
    return own | {ARCHIVE: tuple(topic.name for topic in (*TOPICS, *MIRRORS))}


class _Overtaken(Exception):
    """Somebody else moved some of the cursors: nothing was written."""


def _of_the_data(error: psycopg.Error) -> bool:
    """Say whether it was the data, which will be the same the next time."""
    wrong = isinstance(error, psycopg.DataError | psycopg.IntegrityError)
    return wrong or (error.sqlstate or "").startswith(_TOO_MUCH)


def _now() -> datetime:
    return datetime.now(UTC)


class Turns:
    """The turns of one worker, over a connection that is its own. One thread calls it.

    `clock` says when a record that cannot be read was put aside; everything else has its times from the events.
    """

    def __init__(self, connection: Postgres, steps: Sequence[Step], clock: Callable[[], datetime] = _now) -> None:
        self.connection = connection
        self.readers = readers(steps)
        self._clock = clock
        self._writing = Writing(connection)
        self._shelf = ShelfPostgres(connection)
        self._delivering = Delivering(steps, self._shelf)
        self._cursors = Cursors(connection, tuple(self.readers))

    @property
    def running(self) -> Running | None:
        """What a step is looking at just now: the same object for too long means that it hangs. For any thread."""
        return self._delivering.running

    @property
    def lost(self) -> int:
        """How many records Kafka deleted before a reader took them."""
        return self._cursors.lost

    def begin(
        self,
        reader: str,
        partition: int,
        beginnings: Mapping[str, int],
        ends: Mapping[str, int] | None = None,
        again: Mapping[str, int] | None = None,
    ) -> Mapping[str, int]:
        """Read where a reader stands in a partition number; give the next offset of each of its topics.

        `beginnings` (and `ends`, the offset after the last one) are Kafka's, and name every topic of the reader.
        A reader that came when others were there begins where the slowest of them stands, because what was before a
        new step came is not its to answer; where nobody was, all begin at the beginning. A cursor that lies before the
        beginning is told as an error and goes on there; so is one behind the end (the topic was made anew, or lost its
        end), which goes on `again` from where repeats are still known as such (`heard`), or at the end.
        Raises StorageError; ValueError when a topic is missing.
        """
        needed = {topic.name for topic in TOPICS if partition < topic.partitions}.intersection(self.readers[reader])
        missing = needed - set(beginnings)
        if missing:
            raise ValueError(f"{reader} cannot begin without the beginning of {', '.join(sorted(missing))}")
        self.forget(reader, partition)
        return self._cursors.begin(reader, partition, beginnings, ends, again).offsets

    def forget(self, reader: str, partition: int) -> None:
        """Let go of a partition number: it is somebody else's now, or may be."""
        self._cursors.held.pop((reader, partition), None)
        self._shelf.forget(reader, partition)

    def skip(self, reader: str, topic: str, partition: int, first: int, until: int) -> None:
        """Take note that Kafka has no records in a gap (they were compacted, or never were): go on behind it."""
        self._cursors.skip((reader, partition), topic, first, until)

    def take(self, ready: Ready) -> Taken:
        """Give what is ready to the steps, in the order given; `ready` goes by (reader, partition number).

        Raises StorageError: nothing of it was written, or (when the connection broke) it is not known; all of `ready`
        must be begun again, over a new connection when this one is closed.
        """
        try:
            try:
                return self._turn(ready)
            except psycopg.Error as error:
                if not _of_the_data(error):
                    raise
                logger.warning("a turn was refused by the database; its deliveries go one by one", error=str(error))
                self._forget_items(ready)
                return self._one_by_one(ready)
        except BaseException as error:
            for place in ready:
                self.forget(*place)
            if isinstance(error, psycopg.Error):
                raise postgres_error(error) from error
            raise

    def _one_by_one(self, ready: Ready) -> Taken:
        taken = Taken({})
        for place, records in ready.items():
            for record in records:
                alone = {place: [record]}
                try:
                    turn = self._turn(alone)
                except psycopg.Error as error:
                    if not _of_the_data(error):
                        raise
                    self._forget_items(alone)
                    refused = Running(place[0], *record[:3])
                    turn = self._turn(
                        alone, {refused: ("not-storable", f"the database refuses what came of it: {error}")}
                    )
                taken = taken.and_then(turn)
        return taken

    def _forget_items(self, ready: Ready) -> None:
        for reader, partition in ready:
            self._shelf.forget(reader, partition)

    def _turn(self, ready: Ready, refused: Mapping[Running, tuple[str, str]] | None = None) -> Taken:
        works, overtaken = self._sifted(ready)
        known = self._look_up(works)
        known.refused.update(refused or {})
        for work in works.values():
            self._delivering.run(work, known)
        while not self._write([work for work in works.values() if work.moves], known):
            for place in self._moved_by_others(works):
                overtaken.add(place)
                del works[place]
        for place in overtaken:
            self.forget(*place)
        self._shelf.trim()
        return Taken(
            {(w.reader, topic, w.partition): offset for w in works.values() for topic, offset in w.next.items()},
            tuple(gap for work in works.values() for gap in work.gaps),
            frozenset(overtaken),
            sum(work.deliveries for work in works.values()),
            sum(work.repeats for work in works.values()),
            sum(work.letters for work in works.values()),
        )

    def _sifted(self, ready: Ready) -> tuple[dict[Place, Work], set[Place]]:
        works, unknown = {}, set()
        for place, records in ready.items():
            cursor = self._cursors.held.get(place)
            if cursor is None or any(record.topic not in cursor.offsets for record in records):
                unknown.add(place)
                continue
            works[place] = Work(*place, cursor)
            works[place].sift(records, self._delivering.hears(place[0]), self._delivering.made_here)
        return works, unknown

    def _look_up(self, works: Mapping[Place, Work]) -> Known:
        """Ask the database, in one go, what is known of the records; load the items of their keys."""
        known = Known(self._clock)
        asked = [(work.reader, id_) for work in works.values() if work.reader != ARCHIVE for id_ in work.ids()]
        ids = list({id_ for work in works.values() for id_ in work.ids()})
        if not any(work.records for work in works.values()):
            return known
        execute = self.connection.execute
        with self.connection.raw.pipeline():
            heard = execute(HEARD, ([step for step, _ in asked], [id_ for _, id_ in asked]))
            logged = execute(KNOWN, (ids,))
            suspects = execute(_SUSPECTS)
            self._shelf.touch(where for work in works.values() if work.reader != ARCHIVE for where in work.places())
            known.heard.update(heard)
            known.logged.update(id_ for (id_,) in logged)
            for row in suspects:
                known.refused[Running(*row)] = ("step-hung", "it did not come to an end with this event")
        return known

    def _write(self, works: Sequence[Work], known: Known) -> bool:
        """Write what came of the works, all or nothing; False when somebody else moved one of their cursors."""
        if not works:
            return True
        moves = {work.place: work.moved for work in works}
        inputs: dict[str, Line] = {}
        changes: Changes = {}
        for work in works:
            inputs |= work.inputs
            changes |= work.changes
        heard = [(work.reader, id_) for work in works for id_ in work.heard]
        try:
            with self.connection.raw.transaction():  # no pipeline: see `writing`
                if len(self._cursors.move(moves).fetchall()) != len(moves):
                    raise _Overtaken
                store(self.connection, changes)
                if heard:
                    self.connection.execute(_HEAR, ([step for step, _ in heard], [id_ for _, id_ in heard]))
                for delivery in known.refused:
                    if any(work.passes(delivery) for work in works):
                        self.connection.execute(_SETTLE, delivery)
                self._writing.write_turn(list(inputs.values()), [line for work in works for line in work.outputs])
        except _Overtaken:
            return False
        self._cursors.moved(moves)
        return True

    def _moved_by_others(self, works: Mapping[Place, Work]) -> list[Place]:
        moved = [place for place, work in works.items() if not self._cursors.is_at(place, work.cursor)]
        if not moved:
            raise RuntimeError("cursors could not be moved, and nobody else had moved them")
        return moved
