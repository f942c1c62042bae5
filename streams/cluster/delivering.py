"""What one reader makes of its records, before anything is written: the part of a turn that costs CPU.

`Work` is one reader's share of a turn. First `sift` says which records come next, then `turn` looks up what is known
of them, then `run` gives them to the step (`streams.handle`) or to the archive. Next on the road: `turn` writes it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from geo.places import Rejected
from streams.cluster.cursors import Cursor
from streams.cluster.quarantine import letter_of, refusing
from streams.cluster.records import Record, event_of, id_of, kind_of, source_of
from streams.cluster.shelf import Changes, ShelfPostgres, Where
from streams.events import DeadLettered, DeadLetterReplayed, Event, encode
from streams.handle import Step, handle, replayed
from streams.log import Line

ARCHIVE: Final = "archive"
"""The reader that takes every topic and sees to it that each event is in the log."""


class Gap(NamedTuple):
    """Offsets `first` to `until` (without it) that were not delivered and must be fetched before going on."""

    reader: str
    topic: str
    partition: int
    first: int
    until: int


class Running(NamedTuple):
    """A delivery: which step looks at which record."""

    step: str
    topic: str
    partition: int
    offset: int


class Known:
    """What the database said of the records of a turn, and what of them was read already."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.heard: set[tuple[str, str]] = set()
        """(step, id) of events that a step has taken before."""
        self.logged: set[str] = set()
        """Ids that are in the log."""
        self.refused: dict[Running, tuple[str, str]] = {}
        """Deliveries that must not be made, with code and detail of the letter that they become."""
        self._read: dict[tuple[str, int, int], Event | Rejected] = {}
        self._lines: dict[str, Line] = {}

    def event(self, record: Record) -> Event:
        """Read a record, once for all readers; raises Rejected."""
        where = record[:3]
        found = self._read.get(where)
        if found is None:
            try:
                found = event_of(record)
            except Rejected as error:
                found = error
            self._read[where] = found
        if isinstance(found, Rejected):
            raise Rejected(found.code, found.detail)
        return found

    def line(self, event: Event) -> Line | None:
        """Give the line of an event for the log, once for all readers; None when it is there."""
        if event.id in self.logged:
            return None
        if event.id not in self._lines:
            self._lines[event.id] = Line(event, encode(event))
        return self._lines[event.id]


class Work:
    """One reader's share of a turn in one partition number, and what came of it."""

    def __init__(self, reader: str, partition: int, cursor: Cursor) -> None:
        self.reader, self.partition = reader, partition
        self.place = (reader, partition)
        self.cursor = cursor
        self.records: list[Record] = []
        """What the reader hears, and what of the door's it passes over: that comes into the log in Kafka's order."""
        self.keys: dict[bytes, None] = {}
        self.gaps: list[Gap] = []
        self.next: dict[str, int] = {}
        self.repeats = 0
        self.inputs: dict[str, Line] = {}
        """By id, what the log may not have yet."""
        self.outputs: list[Line] = []
        self.heard: list[str] = []
        self.changes: Changes = {}
        self.deliveries = 0

    @property
    def moved(self) -> Cursor:
        """The cursor to write: the version it had, and the offsets it comes to."""
        return Cursor(self.cursor.version, {**self.cursor.offsets, **self.next})

    @property
    def moves(self) -> bool:
        """Whether anything is taken at all."""
        return any(self.cursor.offsets[topic] != offset for topic, offset in self.next.items())

    def passes(self, delivery: Running) -> bool:
        """Say whether a delivery is one of this reader's that lies behind it then."""
        return (
            delivery.step == self.reader
            and delivery.partition == self.partition
            and (delivery.offset < self.next.get(delivery.topic, 0))
        )

    def sift(self, records: Sequence[Record], hears: frozenset[type] | None, made_here: frozenset[str]) -> None:
        """Keep the records that come next, up to the first gap of each topic, that the reader (None: all) hears.

        What came in at a door is kept although the reader does not hear it: were it left to others, what comes after
        it could stand before it in the log. What was `made_here`, by the sources it names, is in the log already.
        """
        stopped = set()
        for record in records:
            wanted = self.next.setdefault(record.topic, self.cursor.offsets[record.topic])
            if record.offset < wanted:
                self.repeats += 1
            elif record.topic in stopped:
                continue
            elif record.offset > wanted:
                stopped.add(record.topic)
                self.gaps.append(Gap(self.reader, record.topic, self.partition, wanted, record.offset))
            else:
                self.next[record.topic] = record.offset + 1
                if hears is None or kind_of(record) in hears:
                    self.records.append(record)
                    if record.key is not None:
                        self.keys[record.key] = None
                elif source_of(record).removesuffix("!") not in made_here:
                    self.records.append(record)

    @property
    def letters(self) -> int:
        """How many dead letters came of it."""
        return sum(isinstance(line.event.body, DeadLettered) for line in self.outputs)

    def ids(self) -> Iterator[str]:
        """Give the ids of the records kept, by their headers."""
        return filter(None, map(id_of, self.records))

    def places(self) -> Iterator[Where]:
        """Give whose items a step will want."""
        for key in self.keys:
            yield Where(self.reader, self.partition, key.decode(errors="replace"))


class Delivering:
    """Gives records to the steps, over their items in memory. Nothing of it is written here."""

    def __init__(self, steps: Sequence[Step], shelf: ShelfPostgres) -> None:
        self._steps = {step.name: step for step in steps}
        self._shelf = shelf
        self._hears: dict[str, frozenset[type]] = {
            name: frozenset({*step.hears, DeadLetterReplayed}) for name, step in self._steps.items()
        }
        self.made_here: Final = frozenset({*self._steps, "clock", "effects"})
        """Sources of what is written by this cluster's own transactions."""
        self.running: Running | None = None

    def hears(self, reader: str) -> frozenset[type] | None:
        """Give the kinds a reader takes; None for the archive, which takes all."""
        return self._hears.get(reader)

    def run(self, work: Work, known: Known) -> None:
        """Take the records of a share, each to its end; whatever goes wrong with one becomes a dead letter."""
        take = self._archive if work.reader == ARCHIVE else self._deliver
        for record in work.records:
            self.running = Running(work.reader, *record[:3])
            take(work, record, known, self.running)
        self.running = None

    def _archive(self, work: Work, record: Record, known: Known, here: Running) -> None:
        try:
            if here in known.refused:
                raise Rejected(*known.refused[here])
            event = known.event(record)
        except Rejected as error:
            work.outputs.append(letter_of(record, ARCHIVE, error.code, error.detail, known.clock()))
            return
        self._log(work, event, known)
        body = event.body
        if isinstance(body, DeadLetterReplayed):
            for target, again in replayed(event, body, self._steps.values()):
                if target.name not in self._steps:  # nobody's: it becomes a letter again
                    work.outputs += handle(target, self._shelf.state(Where(ARCHIVE, work.partition, again.key)), again)

    def _deliver(self, work: Work, record: Record, known: Known, here: Running) -> None:
        try:
            event = known.event(record)
        except Rejected:
            return  # the archive puts it aside, once for all
        if type(event.body) not in self._hears[work.reader]:
            if here not in known.refused:
                self._log(work, event, known)
            return
        if (work.reader, event.id) in known.heard:
            work.repeats += 1
            return
        step, delivered = self._addressed(self._steps[work.reader], event)
        if step is None:
            return
        known.heard.add((work.reader, event.id))
        work.heard.append(event.id)
        if here in known.refused:
            step = refusing(step, *known.refused[here])
        self._log(work, event, known)
        where = Where(work.reader, work.partition, delivered.key)
        state = self._shelf.state(where)
        work.outputs += handle(step, state, delivered)
        work.deliveries += 1
        self._shelf.keep(where, state)
        work.changes.update({(where, item): value for item, value in state.changes.items()})

    def _addressed(self, step: Step, event: Event) -> tuple[Step | None, Event]:
        body = event.body
        if not isinstance(body, DeadLetterReplayed):
            return step, event
        for target, again in replayed(event, body, (step,)):
            if target is not step:
                break
            if again.key != event.key:  # another key's items may be at another worker
                return refusing(step, "key-changed", f"the original's key is {again.key!r}"), event
            return step, again
        return None, event

    def _log(self, work: Work, event: Event, known: Known) -> None:
        line = known.line(event)
        if line is not None:
            work.inputs[event.id] = line
