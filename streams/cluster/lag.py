"""How far each reader is behind: Kafka's own ends against our own cursors. Nothing that Faust says goes into it.

`watchdog` judges by it whether a partition stands still; the nodes show it at `/metrics`. A consumer without a group
asks for the ends, and is made anew after any failure, for aiokafka's may wait for ever on one that it has lost.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, Self

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.cluster.access import Access
from streams.database import Connection
from streams.topics import MIRRORS, TOPICS

Partition = tuple[str, int]
"""A topic, by its name in `streams.topics`, and a partition number."""
ASK_S: Final = 10.0
"""How long Kafka may take to answer before it counts as away."""

PARTITIONS: Final = {topic.name: topic.partitions for topic in (*TOPICS, *MIRRORS)}
_offsets = msgspec.json.Decoder(dict[str, int])


class KafkaAway(Exception):
    """Kafka did not answer."""


class Offsets(NamedTuple):
    """What Kafka has of a partition: the first offset, and the one that the next record will get."""

    first: int
    following: int


class Source(NamedTuple):
    """One partition of one topic, as one reader reads it."""

    reader: str
    topic: str
    number: int


class Ends:
    """Asks Kafka for offsets. Belongs to one event loop; one call at a time."""

    def __init__(self, make: Callable[[], AIOKafkaConsumer], prefix: str) -> None:
        self._make, self._prefix = make, prefix
        self._consumer: AIOKafkaConsumer | None = None

    @classmethod
    def over(cls, access: Access, name: str) -> Self:
        """Ask as a client of this name; certificates are read anew with each connection."""

        def make() -> AIOKafkaConsumer:
            return AIOKafkaConsumer(**access.client(name), enable_auto_commit=False, auto_offset_reset="none")

        return cls(make, access.prefix)

    async def read(self, topics: Iterable[str]) -> dict[Partition, Offsets]:
        """Give the offsets of every partition of some topics; raises KafkaAway."""
        wanted = [
            TopicPartition(self._prefix + topic, number) for topic in topics for number in range(PARTITIONS[topic])
        ]
        try:
            async with asyncio.timeout(ASK_S):
                consumer = await self._started(wanted)
                first = await consumer.beginning_offsets(wanted)
                following = await consumer.end_offsets(wanted)
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise KafkaAway(f"{type(error).__name__}: {error}") from error
        skip = len(self._prefix)
        return {(tp.topic[skip:], tp.partition): Offsets(first[tp], following[tp]) for tp in wanted}

    async def since(self, seconds: float, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """Give the first offset of some partitions that is no older than so many seconds, by the brokers' clocks.

        The next offset where all are older, or there is none. Raises KafkaAway.
        """
        wanted = {TopicPartition(self._prefix + topic, number): (topic, number) for topic, number in partitions}
        at_ms = int((time.time() - seconds) * 1000)
        try:
            async with asyncio.timeout(ASK_S):
                consumer = await self._started(list(wanted))
                following = await consumer.end_offsets(list(wanted))
                found = await consumer.offsets_for_times(dict.fromkeys(wanted, at_ms))
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise KafkaAway(f"{type(error).__name__}: {error}") from error
        return {where: following[tp] if found[tp] is None else found[tp].offset for tp, where in wanted.items()}

    async def stop(self) -> None:
        """Let the connection go."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(consumer.stop(), ASK_S)

    async def _started(self, wanted: list[TopicPartition]) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = self._consumer = self._make()
            await consumer.start()
            # It learns of all topics at once so, and reads none of them.
            consumer.assign(wanted)
            consumer.pause(*wanted)
            for partition in wanted:
                consumer.seek(partition, 0)
        return self._consumer


def cursors(connection: Connection) -> dict[Source, int]:
    """Read the offset that each reader wants next of each partition, as they are committed."""
    rows: Iterable[tuple[Any, ...]] = connection.execute(
        "SELECT reader, partition, offsets::text FROM partition_cursor"
    ).fetchall()
    return {
        Source(reader, topic, number): offset
        for reader, number, offsets in rows
        for topic, offset in _offsets.decode(offsets).items()
    }


def lags(
    readers: Mapping[str, Iterable[str]], ends: Mapping[Partition, Offsets], at: Mapping[Source, int]
) -> dict[Source, int]:
    """Give how many records each reader has not taken yet, of each partition of its topics that Kafka was asked for."""
    found: dict[Source, int] = {}
    for reader, topics in readers.items():
        for topic in topics:
            for number in range(PARTITIONS[topic]):
                if (offsets := ends.get((topic, number))) is not None:
                    source = Source(reader, topic, number)
                    found[source] = max(0, offsets.following - max(at.get(source, 0), offsets.first))
    return found
