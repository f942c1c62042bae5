"""What a worker has read and not yet taken: one bounded queue for each reader and partition.

Faust's agents put records in, on the event loop, and wait where a queue is full; the thread of `taking` looks at what
is ready, takes a turn with it and says how far it came. Only then is an event acknowledged. Partitions that another
worker has now are thrown away: what was in their queues, that one reads. Next on the road: `turn` takes them.
"""

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, Protocol

from streams.cluster.lag import Source
from streams.cluster.records import Record

MOST: Final = 1000
"""How many records wait in one queue before its agent does."""
ALL: Final = 20_000
"""How many wait in all queues together; an empty one takes a record all the same."""


class Acknowledged(Protocol):
    """What wants to be told once a record's turn is committed."""

    def ack(self) -> bool:
        """Say that it is done."""
        ...


class Slot(NamedTuple):
    """One partition number of all topics of one reader: what has one cursor, and one worker."""

    reader: str
    number: int


class Waiting(NamedTuple):
    """A record in its queue; `event` is None when we fetched it ourselves."""

    record: Record
    event: Acknowledged | None


class Inbox:
    """The queues of the partitions held. `put` on the event loop, everything else in any thread."""

    def __init__(self, most: int = MOST, most_in_all: int = ALL) -> None:
        self._most, self._most_in_all = most, most_in_all
        self._waiting = 0
        self._lock = threading.Lock()
        self._queues: dict[Source, deque[Waiting]] = {}
        self._shut: set[Source] = set()
        self._delivered: Counter[Source] = Counter()
        self._full: dict[Source, list[asyncio.Future[None]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turned = 0
        self.news = threading.Event()
        """Set when there may be something to take."""

    def hold(self, sources: Iterable[Source]) -> None:
        """Keep queues for these sources alone, all of them empty at first."""
        with self._lock:
            self._queues = {source: deque() for source in sources}
            self._shut.clear()
            self._waiting = 0
        self._wake()

    def held(self) -> frozenset[Source]:
        """Give the sources held."""
        with self._lock:
            return frozenset(self._queues)

    async def put(self, source: Source, record: Record, event: Acknowledged) -> None:
        """Add a record, once there is room; one of a partition that is not held (any more) is dropped."""
        while not self._added(source, Waiting(record, event)):
            self._loop = asyncio.get_running_loop()
            room = self._loop.create_future()
            self._full.setdefault(source, []).append(room)
            if self._room(source):  # it was made between the look and the wait
                self._made_room()
            await room

    def ready(self, most: int) -> dict[tuple[str, int], list[Record]]:
        """Look at up to about `most` records, in order, fairly over the queues; they stay where they are."""
        with self._lock:
            waiting = [(source, queue) for source, queue in self._queues.items() if queue and source not in self._shut]
            # The queues that were last in one turn are first in the next; within a turn the short ones come whole.
            self._turned = (self._turned + 1) % max(1, len(waiting))
            waiting = sorted(waiting[self._turned :] + waiting[: self._turned], key=lambda each: len(each[1]))
            left = most
            found: dict[tuple[str, int], list[Record]] = {}
            for n, (source, queue) in enumerate(waiting):
                share = min(len(queue), left // (len(waiting) - n) or 1)
                slot = Slot(source.reader, source.number)
                found.setdefault(slot, []).extend(waiting.record for waiting in islice(queue, share))
                left = max(0, left - share)
                if not left:
                    break
            return found

    def done(self, reached: Mapping[Source, int]) -> list[Acknowledged]:
        """Take away what lies before each source's next offset; give what wants to know of it."""
        told: list[Acknowledged] = []
        with self._lock:
            for source, following in reached.items():
                queue = self._queues.get(source)
                while queue and queue[0].record.offset < following:
                    event = queue.popleft().event
                    self._waiting -= 1
                    if event is not None:
                        told.append(event)
        self._wake()
        return told

    def shut(self, source: Source) -> bool:
        """Offer nothing more of a source until `insert` brings what is missing; False when it is shut or not held."""
        with self._lock:
            if source in self._shut or source not in self._queues:
                return False
            self._shut.add(source)
            return True

    def insert(self, source: Source, records: Sequence[Record]) -> None:
        """Put records that were fetched before what waits, and offer the source again."""
        with self._lock:
            queue = self._queues.get(source)
            if queue is not None:
                self._shut.discard(source)
                queue.extendleft(Waiting(record, None) for record in reversed(records))
                self._waiting += len(records)
        self.news.set()

    def idle(self, source: Source) -> bool:
        """Say that nothing of a source waits, and nothing of it is fetched."""
        with self._lock:
            return not self._queues.get(source) and source not in self._shut

    def delivered(self, source: Source) -> int:
        """Say how many of a source's records were put here since the start."""
        with self._lock:
            return self._delivered[source]

    def _added(self, source: Source, waiting: Waiting) -> bool:
        with self._lock:
            queue = self._queues.get(source)
            if queue is None:
                return True
            if not self._takes(queue):
                return False
            queue.append(waiting)
            self._waiting += 1
            self._delivered[source] += 1
        if not self.news.is_set():  # looking costs less than setting, and this is done for every record
            self.news.set()
        return True

    def _room(self, source: Source) -> bool:
        with self._lock:
            queue = self._queues.get(source)
            return queue is None or self._takes(queue)

    def _takes(self, queue: "deque[Waiting]") -> bool:
        return not queue or (len(queue) < self._most and self._waiting < self._most_in_all)

    def _wake(self) -> None:
        if self._full and self._loop is not None:
            self._loop.call_soon_threadsafe(self._made_room)

    def _made_room(self) -> None:
        for source in [source for source in self._full if self._room(source)]:
            for room in self._full.pop(source):
                if not room.done():
                    room.set_result(None)
