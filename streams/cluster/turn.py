"""One transaction of one worker: what is ready goes through the steps, and all that comes of it is kept or nothing.

Kafka says what comes next, and nobody is believed but our own cursors: `partition_cursor` holds, for each reader (a
step, or `archive`) and partition number, the next offset of each of its topics. It is moved by compare-and-set in the
transaction that writes the step's state and outputs, so a worker that was frozen while another took its place changes
nothing. Next on the road: `writing` puts it into the log, `relay` publishes what was made.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from streams.cluster.postgres import Postgres
from streams.cluster.records import Record
from streams.handle import Step
from streams.topics import DEADLETTERS, MIRRORS, TOPICS

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
    """The delivery that a step is looking at just now."""

    step: str
    topic: str
    partition: int
    offset: int


class Taken(NamedTuple):
    """What a turn did, once it is committed."""

    next: Mapping[tuple[str, str, int], int]
    """(reader, topic, partition) of all that was ready → the offset that is wanted next."""
    gaps: tuple[Gap, ...] = ()
    overtaken: frozenset[tuple[str, int]] = frozenset()
    """(reader, partition) that somebody else has moved, or that was never begun: `begin` it again."""
    deliveries: int = 0
    """How many events the steps looked at."""
    repeats: int = 0
    letters: int = 0


def readers(steps: Sequence[Step]) -> dict[str, tuple[str, ...]]:
    """Give every reader's topics: each step's own and the dead letters (replays go to the step they name)."""
    own = {step.name: tuple(dict.fromkeys([*(topic.name for topic in step.reads), DEADLETTERS.name])) for step in steps}
    return own | {ARCHIVE: tuple(topic.name for topic in (*TOPICS, *MIRRORS))}


class Turns:
    """The turns of one worker, over a connection that is its own. One thread calls it."""

    def __init__(self, connection: Postgres, steps: Sequence[Step]) -> None:
        self.connection = connection
        self.readers = readers(steps)
        self.running: Running | None = None
        """What a step is looking at: the same object for too long means that it hangs."""
        self.lost = 0
        """How many records Kafka deleted before they were taken."""

    def begin(
        self,
        reader: str,
        partition: int,
        beginnings: Mapping[str, int],
        ends: Mapping[str, int] | None = None,
    ) -> Mapping[str, int]:
        """Read where a reader stands in a partition number; give the next offset of each of its topics.

        `beginnings` (and `ends`, the offset after the last one) are Kafka's, and name every topic of the reader.
        Raises StorageError, ValueError when a topic is missing.
        """
        raise NotImplementedError

    def forget(self, reader: str, partition: int) -> None:
        """Let go of a partition that is somebody else's now."""
        raise NotImplementedError

    def skip(self, reader: str, topic: str, partition: int, first: int, until: int) -> None:
        """Take note that Kafka has no records in a gap (they were compacted, or never were): go on behind it."""
        raise NotImplementedError

    def take(self, ready: Mapping[tuple[str, int], Sequence[Record]]) -> Taken:
        """Give what is ready to the steps, in the order given; `ready` goes by (reader, partition number).

        Raises StorageError: nothing of it was written, or (when the connection broke) it is not known; what was begun
        must be begun again, over a new connection when this one is closed.
        """
        raise NotImplementedError
