"""The thread that takes turns: it looks at what is ready, gives it to `turn`, and says what was done with it.

Steps run here, so however long one looks at an event, Faust's event loop goes on sending heartbeats. What it holds it
learns from Faust; where each partition stands it learns from our cursors alone. PostgreSQL or Kafka being away stops
it for as long as that lasts, and nothing is forgotten meanwhile. `watchdog` looks on from outside.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Final, Protocol

import structlog

from streams.clock import running
from streams.cluster.delivering import Running
from streams.cluster.inbox import Acknowledged, Inbox, Slot
from streams.cluster.lag import Offsets, Partition, Source
from streams.cluster.pruning import KEPT_DAYS
from streams.cluster.records import Record
from streams.cluster.retry import wait_s
from streams.cluster.turn import Turns
from streams.database import StorageError

FIRST: Final = 500
"""About how many records the first turn takes."""
LEAST, MOST = 50, 4000
"""How few and how many one may take."""
TURN_S: Final = (0.25, 1.0)
"""A turn that is over sooner is followed by one twice as large; one that takes longer by one half as large.

What a turn costs at PostgreSQL hardly grows with it; but nobody else's work is done meanwhile.
"""
GATHER_S: Final = 0.04
"""How long a turn of few records waits for more: however small, it asks PostgreSQL a dozen questions."""
LOOK_S: Final = 0.5
"""How long it waits for news before it looks whether something else wants it."""

AGAIN_S: Final = (KEPT_DAYS - 1) * 86_400.0
"""How far back one goes where Kafka has fewer records than were taken: no further than repeats are known (`heard`)."""

NONE: Final = Offsets(0, 0)
"""Of a partition that a topic with fewer of them does not have."""

logger = structlog.get_logger()


class Fetch(Protocol):
    """Where missing records are asked for (`refetch`), and Kafka's own offsets."""

    def ask(self, source: Source, first: int, until: int) -> None:
        """Have the records from `first` up to `until` put in before what waits."""
        ...

    def offsets(self) -> Mapping[Partition, Offsets]:
        """Give Kafka's first and next offset of every partition; raises KafkaAway."""
        ...

    def since(self, seconds: float, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Give the first offset of some partitions that is no older than so many seconds; raises KafkaAway."""
        ...


class Taking:
    """The thread, its turns and what it holds. `acknowledge` is called from it, with what the turn is done with."""

    def __init__(
        self,
        open_turns: Callable[[], Turns],
        inbox: Inbox,
        fetch: Fetch,
        acknowledge: Callable[[Sequence[Acknowledged]], None],
    ) -> None:
        self._open, self._inbox, self._fetch, self._acknowledge = open_turns, inbox, fetch, acknowledge
        self._turns: Turns | None = None
        self._lock = threading.Lock()
        self._wanted: tuple[frozenset[Source], Future[Mapping[Partition, int]]] | None = None
        self._held: dict[Slot, list[Source]] = {}
        self._told = _nobody()
        self._begun: dict[tuple[str, int], Mapping[str, int]] = {}
        self._absent: list[tuple[Source, int, int]] = []
        self._size = FIRST
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dharura-turns", daemon=True)
        self.events = self.deliveries = self.repeats = self.letters = self.gaps = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, wait_s: float) -> bool:
        """Finish the turn that runs, take no other; False when it runs for longer than that."""
        self._stopping.set()
        self._inbox.news.set()
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def hold(self, sources: Iterable[Source]) -> "Future[Mapping[Partition, int]]":
        """Work on these sources alone from the next turn on.

        The future gives where each partition is to be read from: what the furthest behind of its readers wants next.
        It gives nothing when something else is held before that is known.
        """
        told: Future[Mapping[Partition, int]] = Future()
        with self._lock:
            if self._wanted is not None and self._wanted[1].set_running_or_notify_cancel():
                self._wanted[1].set_result({})
            self._wanted = frozenset(sources), told
        self._inbox.news.set()
        return told

    def absent(self, source: Source, first: int, until: int) -> None:
        """Say that Kafka has no records there, for as long as it lives: it is gone on behind them."""
        with self._lock:
            self._absent.append((source, first, until))
        self._inbox.news.set()

    def begin_again(self, source: Source) -> None:
        """Say that Kafka does not have any more what a source wants next."""
        with self._lock:
            self._absent.append((source, -1, -1))
        self._inbox.news.set()

    def running(self) -> Running | None:
        """Say what a step looks at just now; the same object for as long as it does."""
        turns = self._turns
        return None if turns is None else turns.running

    def _work(self) -> None:
        failures = 0
        while not self._stopping.wait(wait_s(failures) if failures else 0.0):
            try:
                self._round()
                failures = 0
            except StorageError as error:
                logger.warning("the worker waits for the database", code=error.code, detail=str(error))
                failures += 1
                self._close()
            except Exception:
                logger.exception("a turn failed; it is tried again")
                failures += 1
                self._close()
        self._close()

    def _round(self) -> None:
        self._inbox.news.clear()
        self._change()
        if self._turns is None:
            self._turns = self._open()
        self._go_on_behind(self._turns)
        if len(self._begun) < len(self._held):
            self._begin(self._turns)
        ready = self._ready()
        if 0 < sum(map(len, ready.values())) < LEAST:
            self._stopping.wait(GATHER_S)
            ready = self._ready()
        if ready:
            self._take(self._turns, ready)
        else:
            self._inbox.news.wait(LOOK_S)

    def _ready(self) -> Mapping[tuple[str, int], Sequence[Record]]:
        return {slot: records for slot, records in self._inbox.ready(self._size).items() if slot in self._begun}

    def _take(self, turns: Turns, ready: Mapping[tuple[str, int], Sequence[Record]]) -> None:
        began = running()
        taken = turns.take(ready)
        self._resize(running() - began, sum(map(len, ready.values())))
        self.deliveries += taken.deliveries
        self.repeats += taken.repeats
        self.letters += taken.letters
        told = self._inbox.done({Source(*where): following for where, following in taken.next.items()})
        self.events += len(told)
        self._acknowledge(told)
        for gap in taken.gaps:
            self.gaps += 1
            self.fill(Source(gap.reader, gap.topic, gap.partition), gap.first, gap.until)
        for reader, number in taken.overtaken:
            logger.info("another worker has moved it", reader=reader, partition=number)
            self._begun.pop(Slot(reader, number), None)

    def _resize(self, took_s: float, records: int) -> None:
        quick, slow = TURN_S
        if took_s > slow:
            self._size = max(LEAST, records // 2)
        elif took_s < quick and records >= self._size // 2:
            self._size = min(MOST, self._size * 2)

    def fill(self, source: Source, first: int, until: int) -> None:
        """Have what is missing fetched, unless that is under way."""
        if self._inbox.shut(source):
            logger.warning("records were not delivered and are fetched", **source._asdict(), first=first, until=until)
            self._fetch.ask(source, first, until)

    def _change(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None:
            return
        sources, told = wanted
        if not self._told.done():
            self._told.set_result({})
        self._told = told if told.set_running_or_notify_cancel() else _nobody()
        if self._turns is not None:
            for slot in self._held:
                self._turns.forget(*slot)
        self._begun.clear()
        self._held = {}
        for source in sources:
            self._held.setdefault(Slot(source.reader, source.number), []).append(source)
        self._inbox.hold(sources)
        if not sources and not self._told.done():
            self._told.set_result({})

    def _begin(self, turns: Turns) -> None:
        offsets = self._fetch.offsets()
        new = [slot for slot in self._held if slot not in self._begun]
        for slot in new:
            firsts = {topic: offsets.get((topic, slot.number), NONE).first for topic in turns.readers[slot.reader]}
            self._begun[slot] = turns.begin(*slot, firsts)
        offsets = self._fetch.offsets()  # read after the cursors: what was written between them is not ahead of Kafka
        again: Mapping[Partition, int] | None = None
        for slot in new:
            at = {topic: offsets.get((topic, slot.number), NONE) for topic in turns.readers[slot.reader]}
            if any(self._begun[slot][topic] > each.following for topic, each in at.items()):
                firsts = {topic: each.first for topic, each in at.items()}
                ends = {topic: each.following for topic, each in at.items()}
                if again is None:  # for all at once: there are many, and Kafka takes its time
                    again = self._fetch.since(AGAIN_S, list(offsets))
                places = {topic: again.get((topic, slot.number), ends[topic]) for topic in at}
                self._begun[slot] = turns.begin(*slot, firsts, ends, places)
        if not self._told.done():
            logger.info("reading begins", readers=len(self._held))
            self._told.set_result(self._wanted_next())

    def _wanted_next(self) -> Mapping[Partition, int]:
        wanted: dict[Partition, int] = {}
        for slot, sources in self._held.items():
            for source in sources:
                following = self._begun[slot][source.topic]
                where = (source.topic, source.number)
                wanted[where] = min(following, wanted.get(where, following))
        return wanted

    def _go_on_behind(self, turns: Turns) -> None:
        with self._lock:
            absent, self._absent = self._absent, []
        for source, first, until in absent:
            slot = Slot(source.reader, source.number)
            if until < 0:
                self._begun.pop(slot, None)
            elif slot in self._begun:
                turns.skip(source.reader, source.topic, source.number, first, until)
            self._inbox.insert(source, ())

    def _close(self) -> None:
        """Let go of the connection and of all that was known over it."""
        turns, self._turns = self._turns, None
        self._begun.clear()
        if turns is not None:
            turns.connection.close()


def _nobody() -> "Future[Mapping[Partition, int]]":
    nobody: Future[Mapping[Partition, int]] = Future()
    nobody.set_result({})
    return nobody
