"""Fetches what Faust left out: the records between what a reader wants next and what it was given instead.

Faust can commit past events that nobody has seen, lose those of an agent that raised, and stop fetching while it looks
alive; none of it is believed, and what is missing is read again, by offset, with a consumer that has no group. It is
told to fail rather than to start elsewhere when Kafka does not have an offset any more: that is said loudly.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, Protocol

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from streams.cluster.lag import Ends, KafkaAway, Offsets, Partition, Source
from streams.cluster.loop_thread import LoopThread
from streams.cluster.records import Record, headers_of

MOST: Final = 500
"""How many records one fetch brings at most; what is still missing then is asked for again."""
FETCH_S: Final = 15.0
"""How long one fetch may take before its consumer is thrown away."""
RETRY_S: Final = 1.0
"""How long it waits after a failure."""

logger = structlog.get_logger()


class OutOfRange(Exception):
    """Kafka does not have that offset any more."""


class Fetched(NamedTuple):
    """Records of a range, in order, and the offset up to which there are no others."""

    records: Sequence[Record]
    until: int


class Customer(Protocol):
    """Who asked for what is missing."""

    def insert(self, source: Source, records: Sequence[Record]) -> None:
        """Take what was fetched."""
        ...

    def absent(self, source: Source, first: int, until: int) -> None:
        """Take note that Kafka has no records there."""
        ...

    def begin_again(self, source: Source) -> None:
        """Take note that what is wanted next was deleted."""
        ...


class Refetch:
    """A thread that fetches what is asked for, in the order asked, and Kafka's own offsets besides."""

    def __init__(self, make: Callable[[], AIOKafkaConsumer], prefix: str, topics: Iterable[str]) -> None:
        self._make, self._prefix, self._topics = make, prefix, tuple(topics)
        self._loop = LoopThread("dharura-refetch")
        self._ends = Ends(make, prefix)
        self._consumer: AIOKafkaConsumer | None = None
        self._asked: queue.SimpleQueue[tuple[Source, int, int] | None] = queue.SimpleQueue()
        self._customer: Customer | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dharura-missing", daemon=True)
        self.fetched = 0

    def start(self, customer: Customer) -> None:
        """Begin to fetch for someone."""
        self._customer = customer
        self._thread.start()

    def stop(self) -> None:
        """Give up what was asked for, and let the connections go."""
        self._stopping.set()
        self._asked.put(None)
        self._thread.join()
        with suppress(TimeoutError):
            self._loop.run(self._let_go(), FETCH_S)
        self._loop.close()

    def ask(self, source: Source, first: int, until: int) -> None:
        """Have the records from `first` up to `until` (without it) fetched and handed to the customer."""
        self._asked.put((source, first, until))

    def offsets(self) -> Mapping[Partition, Offsets]:
        """Give Kafka's first and next offset of every partition; raises KafkaAway."""
        try:
            return self._loop.run(self._ends.read(self._topics), FETCH_S)
        except TimeoutError as error:
            raise KafkaAway("it did not answer") from error

    def since(self, seconds: float, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Give the first offset of some partitions that is no older than so many seconds; raises KafkaAway."""
        try:
            return self._loop.run(self._ends.since(seconds, partitions), FETCH_S)
        except TimeoutError as error:
            raise KafkaAway("it did not answer") from error

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            while not self._stopping.is_set() and not self._served(*asked):
                self._stopping.wait(RETRY_S)

    def _served(self, source: Source, first: int, until: int) -> bool:
        if self._customer is None:
            raise RuntimeError("not started")
        try:
            found = self._loop.run(self.fetch(source, first, until), FETCH_S)
        except OutOfRange:
            logger.error("Kafka deleted what was not taken yet", **source._asdict(), first=first)  # noqa: TRY400
            self._customer.begin_again(source)
            return True
        except (KafkaError, OSError, TimeoutError) as error:
            logger.warning("what is missing cannot be fetched now", error=f"{type(error).__name__}: {error}")
            with suppress(TimeoutError):
                self._loop.run(self._drop_consumer(), FETCH_S)
            return False
        self.fetched += len(found.records)
        if found.records and found.records[0].offset == first:
            self._customer.insert(source, found.records)
        else:
            there = found.records[0].offset if found.records else found.until
            self._customer.absent(source, first, there)
        return True

    async def fetch(self, source: Source, first: int, until: int) -> Fetched:
        """Fetch up to `MOST` records of a range; raises OutOfRange, KafkaError."""
        consumer = await self._started()
        where = TopicPartition(self._prefix + source.topic, source.number)
        consumer.assign([where])
        consumer.seek(where, first)
        records: list[Record] = []
        position = first
        try:
            while position < until and len(records) < MOST:
                got = (await consumer.getmany(where, timeout_ms=1000, max_records=MOST)).get(where, [])
                records += [_record(source.topic, each) for each in got if each.offset < until]
                position = max(await consumer.position(where), position)
        except OffsetOutOfRangeError as error:
            raise OutOfRange(str(error)) from error
        finally:
            consumer.unsubscribe()
        return Fetched(records, min(position, until))

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = self._consumer = self._make()
            await consumer.start()
        return self._consumer

    async def _let_go(self) -> None:
        await self._drop_consumer()
        await self._ends.stop()

    async def _drop_consumer(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(consumer.stop(), FETCH_S)


def _record(topic: str, got: object) -> Record:
    return Record(
        topic,
        got.partition,  # type: ignore[attr-defined]  # aiokafka ships no types
        got.offset,  # type: ignore[attr-defined]
        got.key,  # type: ignore[attr-defined]
        got.value or b"",  # type: ignore[attr-defined]
        headers_of(got.headers),  # type: ignore[attr-defined]
    )
