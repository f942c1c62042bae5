"""Copies what one system wrote to another's Kafka, so that it is seen there and not acted on (decision 0022).

Each record goes from a topic of the one side to the topic beside it on the other (`mirrored.`), with its id, key, value
and time as they are; its headers say which systems it came through. The place of each partition is kept on the other
side, in `mirrored.positions`, and written when what stands before it is acknowledged: a mirror that dies in between
sends some records again, and their ids drop them. Next on the road: there, the reader `archive` brings them into the
log (`turn`).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from geo.places import Rejected
from streams.cloudevents import Passage, passage, passed_on
from streams.cluster.access import Access
from streams.topics import LARGEST_BATCH, LARGEST_RECORD, MIRRORED, POSITIONS, Topic

ROUND: Final = 2000
"""Records that are on their way before their place is written."""
WAIT_MS: Final = 500
"""How long one look at the source waits for something new."""
LOOK_S: Final = 5.0
"""How often the source is asked for its ends when nothing comes."""
STILL_S: Final = 30.0
"""How long nothing may come although there is something, before the connections are made anew."""
START_S: Final = 30.0
"""How long a connection, or the reading of a position, may take."""

logger = structlog.get_logger()

Wanted = Callable[[tuple[str, ...]], bool]
"""Whether an audience is one that this mirror is for."""


class Still(Exception):
    """There is something to read and nothing comes: the client stopped fetching without a word."""


class Route(NamedTuple):
    """From which system to which, and what."""

    system: str
    """What the reading side calls itself."""
    target: str
    topics: tuple[Topic, ...]
    wanted: Wanted
    onward: bool = False
    """Whether what the reading side has from others goes on as well."""

    def sources(self) -> dict[str, str]:
        """Give the topics to read, and on which topic of the other side each ends."""
        own = {topic.name: MIRRORED + topic.name for topic in self.topics}
        return own | ({name: name for name in own.values()} if self.onward else {})

    def through(self, found: Passage) -> Passage | None:
        """Say what a record's headers tell on the other side; None where it is not to go there.

        What has been there, or has been here before, does not go; nor what nobody there may see. A person's id is one
        system's own, so people are no part of the audience there.
        """
        path = found.origin.split("/") if found.origin else []
        if self.target in (self.system, *path) or self.system in path or (path and not self.onward):
            return None
        audience = tuple(entry for entry in found.audience if not entry.startswith("person:"))
        if not self.wanted(audience):
            return None
        return Passage(audience, "/".join([*path, self.system]))


class Place(msgspec.Struct, frozen=True):
    """A record of `mirrored.positions`: the offset that a mirror reads next in one partition."""

    next: int


class Counts(msgspec.Struct):
    """What a mirror has done since its start, and how far it is behind."""

    copied: int = 0
    passed_over: int = 0
    unreadable: int = 0
    lost: int = 0
    """Records that the reading side's Kafka deleted before they were copied."""
    lag: int = 0
    """Records that stand there and were not looked at yet."""
    newest_s: float = 0.0
    """When the newest record that was looked at was written (POSIX seconds)."""


class Mirror:
    """One direction between two systems, from a start to its first failure; every coroutine in one event loop."""

    def __init__(self, source: Access, target: Access, route: Route, counts: Counts) -> None:
        self._source, self._target, self.route, self.counts = source, target, route, counts
        self._name = f"{route.system}>{route.target}"
        self._topics = {source.topic(name): target.topic(to) for name, to in route.sources().items()}
        partitions = {name: topic.partitions for topic in route.topics for name in (topic.name, MIRRORED + topic.name)}
        self._numbers = {source.topic(name): range(partitions[name]) for name in route.sources()}
        self._places: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._stopping = False

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopping = True

    async def run(self, *, once: bool = False) -> None:
        """Copy until stopped, or until all is copied that was there at the start.

        Raises KafkaError, OSError, TimeoutError or Still: begin again with a new one.
        """
        consumer = AIOKafkaConsumer(
            **self._source.client(f"dharura-mirror-{self.route.system}"),
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_poll_records=ROUND,
        )
        producer = AIOKafkaProducer(
            **self._target.client(f"dharura-mirror-{self.route.system}"),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=2 * LARGEST_RECORD,  # what is too large is left by our own measure
        )
        try:
            async with asyncio.timeout(START_S):
                await producer.start()
                await consumer.start()
                await self._begin(consumer)
            await self._copy(consumer, producer, dict(self._ends) if once else None)
        finally:
            await _let_go(consumer, producer)

    # --- where it stands -----------------------------------------------------------------------------------------

    async def _begin(self, consumer: AIOKafkaConsumer) -> None:
        kept = await self._kept()
        await _check_there(consumer, self._topics)
        partitions = [TopicPartition(topic, number) for topic, numbers in self._numbers.items() for number in numbers]
        beginnings = await consumer.beginning_offsets(partitions)
        self._ends = await consumer.end_offsets(partitions)
        consumer.assign(partitions)
        for at in partitions:
            self._places[at] = self._placed(at, kept.get(self._key(at)), beginnings[at], self._ends[at])
            consumer.seek(at, self._places[at])
        self._note_lag()

    def _placed(self, at: TopicPartition, kept: int | None, beginning: int, end: int) -> int:
        if kept is None:
            return beginning
        if kept < beginning:
            self.counts.lost += beginning - kept
            logger.error("records were deleted before they were mirrored", topic=at.topic, partition=at.partition)
            return beginning
        if kept > end:
            logger.error("the source is another one than before: all of it is mirrored", topic=at.topic)
            return beginning
        return kept

    async def _kept(self) -> dict[bytes, int]:
        """Read every place that is kept on the other side; the newest of a key counts."""
        at = TopicPartition(self._target.topic(POSITIONS.name), 0)
        reader = AIOKafkaConsumer(
            **self._target.client(f"dharura-mirror-{self.route.system}"), auto_offset_reset="earliest"
        )
        found: dict[bytes, int] = {}
        try:
            await reader.start()
            await _check_there(reader, [at.topic, *self._topics.values()])
            reader.assign([at])
            await reader.seek_to_beginning(at)
            end = (await reader.end_offsets([at]))[at]
            while await reader.position(at) < end:
                for record in (await reader.getmany(at, timeout_ms=WAIT_MS)).get(at, []):
                    found[record.key] = msgspec.json.decode(record.value, type=Place).next
        finally:
            await reader.stop()
        return found

    def _key(self, at: TopicPartition) -> bytes:
        return f"{self._name} {at.topic} {at.partition}".encode()

    # --- copying -------------------------------------------------------------------------------------------------

    async def _copy(
        self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, until: Mapping[TopicPartition, int] | None
    ) -> None:
        loop = asyncio.get_running_loop()
        looked = moved = loop.time()
        while not self._stopping and not self._reached(until):
            async with asyncio.timeout(STILL_S):
                got = await consumer.getmany(timeout_ms=WAIT_MS, max_records=ROUND)
            now = loop.time()
            if got:
                moved = now
                await self._pass_on(producer, got)
            if not got or now - looked > LOOK_S:
                looked = now
                async with asyncio.timeout(START_S):
                    self._ends = await consumer.end_offsets(list(self._places))
                    await self._step_over(consumer, producer)
            self._note_lag()
            if self.counts.lag == 0:
                moved = now
            elif now - moved > STILL_S:
                raise Still(f"nothing came for {STILL_S:.0f} s although {self.counts.lag} records are there")

    async def _pass_on(self, producer: AIOKafkaProducer, got: Mapping[TopicPartition, Sequence[Any]]) -> None:
        acks = [ack for at, records in got.items() for ack in await self._send(producer, at.topic, records)]
        await asyncio.gather(*acks)
        await self._note(producer, {at: records[-1].offset + 1 for at, records in got.items()})
        self.counts.newest_s = max(records[-1].timestamp for records in got.values()) / 1000

    async def _step_over(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        """Go on behind offsets that hold no record: Kafka's own notes of transactions, and what was compacted away."""
        behind = [at for at, end in self._ends.items() if end > self._places[at]]
        found = {at: await consumer.position(at) for at in behind}
        if places := {at: position for at, position in found.items() if position > self._places[at]}:
            await self._note(producer, places)

    async def _note(self, producer: AIOKafkaProducer, places: Mapping[TopicPartition, int]) -> None:
        """Write where it reads on, on the other side."""
        positions = self._target.topic(POSITIONS.name)
        acks = [
            await producer.send(positions, msgspec.json.encode(Place(next_)), self._key(at))
            for at, next_ in places.items()
        ]
        await asyncio.gather(*acks)
        self._places |= places

    async def _send(self, producer: AIOKafkaProducer, topic: str, records: Iterable[Any]) -> list[Any]:
        acks = []
        for record in records:
            headers = {name: data or b"" for name, data in record.headers}  # Kafka allows a null
            try:
                through = self.route.through(passage(headers))
                if through is None:
                    self.counts.passed_over += 1
                    continue
                headers = passed_on(headers, through)
                _check_size(record, headers)
            except Rejected as error:
                self.counts.unreadable += 1
                logger.warning(
                    "a record is not mirrored",
                    topic=topic,
                    partition=record.partition,
                    offset=record.offset,
                    code=error.code,
                    detail=error.detail,
                )
                continue
            acks.append(
                await producer.send(
                    self._topics[topic],
                    record.value,
                    record.key,
                    timestamp_ms=record.timestamp,
                    headers=list(headers.items()),
                )
            )
            self.counts.copied += 1
        return acks

    def _reached(self, until: Mapping[TopicPartition, int] | None) -> bool:
        return until is not None and all(self._places[at] >= end for at, end in until.items())

    def _note_lag(self) -> None:
        self.counts.lag = sum(max(0, end - self._places[at]) for at, end in self._ends.items())


def _check_size(record: Any, headers: Mapping[str, bytes]) -> None:
    """Raise Rejected `too-large` for a record that no topic of ours takes: waiting for it would stop all behind it."""
    size = sum(len(name) + len(data) + 8 for name, data in headers.items())
    size += len(record.key or b"") + len(record.value or b"")
    if size > LARGEST_BATCH:
        raise Rejected("too-large", f"{size} bytes; a topic takes {LARGEST_BATCH}")


async def _check_there(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> None:
    """Raise Rejected `topics-missing` when there is no such topic: a client would wait for it without a word."""
    if missing := sorted(set(topics) - await consumer.topics()):
        raise Rejected("topics-missing", f"there is no topic {', '.join(missing)}; dharura topics apply makes it")


async def _let_go(consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
    for client in (consumer, producer):
        try:
            async with asyncio.timeout(START_S):
                await client.stop()
        except Exception as error:  # noqa: BLE001  what fails here was lost before, and is begun again
            logger.warning("a connection was not closed", error=f"{type(error).__name__}: {error}")
