"""The log's way in on Kafka: an event is appended when every broker that must have it has said so.

Where a request's event becomes durable in the cluster (that is its 202); `streams.worker` reads it from there. It is
not the port of `streams.log`: on Kafka an event's number in the log is given later, by the step that takes it
(`streams.cluster.writing`).

aiokafka's idempotent producer never gives up a record once it has begun, and is of no use any more when one failed: the
broker waits for a sequence number that will not come. So waiting is bounded here, and a producer that failed, or that
left a record unacknowledged, is thrown away with all it holds and replaced by a new one, in the background, until one
connects. Until then appends are refused at once. A record given up may still have arrived: the same event appended
again is a second record of the same id, which every reader drops.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from geo.places import Rejected
from streams.cloudevents import Record, to_cloudevent
from streams.cluster.access import Access
from streams.cluster.pacing import paced
from streams.cluster.retry import wait_s
from streams.database import StorageError
from streams.log import Line
from streams.topics import LARGEST_RECORD, MIRRORED, TOPICS, topic_of

ACKNOWLEDGE_S: Final = 15.0
"""How long an append waits for Kafka: longer than the brokers need to choose a new leader when one dies."""
REQUEST_MS: Final = 5000
"""How long one request to a broker may take; a frozen broker is left after that."""
CONNECT_S: Final = 10.0
LOOK_S: Final = 5.0
"""How often it is looked whether Kafka is there and has our topics, so that it is noticed before somebody appends."""
MOST_WAITING: Final = 64 << 20
"""Bytes that may wait for Kafka at once; what would be more is refused."""
BATCH_BYTES: Final = 1 << 20
"""Of one partition, what goes in one request: it arrives whole or not at all, so its order holds."""

logger = structlog.get_logger()


class LogUnavailable(StorageError):
    """Kafka does not take events now. What was given up may still arrive; append it again with its id."""

    code = "log-unavailable"
    retry_after_s = 5


class Placed(NamedTuple):
    """Where an event stands on Kafka. `offset` is -1 when Kafka knew the record already and does not say where."""

    topic: str
    partition: int
    offset: int


class _Send(NamedTuple):
    topic: str
    partition: int
    record: Record


class LogKafka:
    """Appends events to Kafka, each to its topic and by its key to a partition. For one event loop.

    `trouble` says why nothing can be appended just now; None when all is well.
    """

    def __init__(
        self,
        access: Access,
        *,
        name: str = "dharura",
        acknowledge_s: float = ACKNOWLEDGE_S,
        most_waiting: int = MOST_WAITING,
        linger_ms: int = 0,
        look_s: float = LOOK_S,
    ) -> None:
        self.trouble: StorageError | None = LogUnavailable("not connected to Kafka yet")
        self._access, self._name = access, name
        self._acknowledge_s, self._most_waiting, self._linger_ms = acknowledge_s, most_waiting, linger_ms
        self._look_s = look_s
        self._producer: AIOKafkaProducer | None = None
        self._tried, self._connected = asyncio.Event(), asyncio.Event()
        self._waiting = 0
        self._connecting: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._discards: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to connect, and go on trying in the background; on the event loop."""
        self._connecting = asyncio.create_task(self._connect())
        self._looking = asyncio.create_task(self._look())

    async def tried(self) -> None:
        """Wait until the first try to connect is over: `trouble` says how it went."""
        await self._tried.wait()

    async def ready(self) -> None:
        """Wait until Kafka is connected and has our topics."""
        await self._connected.wait()

    async def stop(self) -> None:
        """Let go. What still waits for Kafka is given up, so stop answering before."""
        for task in filter(None, (self._looking, self._connecting)):
            task.cancel()
            await asyncio.wait([task])
        self._connected.clear()
        self.trouble = LogUnavailable("stopped")
        if (producer := self._producer) is not None:
            self._producer = None
            await _discard(producer, self.trouble)
        await asyncio.gather(*self._discards)

    async def append(self, lines: Sequence[Line]) -> list[Placed]:
        """Write events; give where each stands once all are durable. Those of one key stay in the order given.

        Raises Rejected `too-large` before anything is sent, and LogUnavailable at once when Kafka is known to be away
        or too much waits for it already, else after `acknowledge_s`. One append may hold 1 MiB for each partition
        and be kept in order whatever fails; of a larger one, a part may stand before what was refused and is repeated.
        """
        sends = [self._send(line) for line in lines]
        size = sum(size_of(send.record) for send in sends)
        producer = self._producer
        if producer is None:
            raise LogUnavailable(str(self.trouble))
        if self._waiting + size > self._most_waiting:
            raise LogUnavailable(f"{self._waiting} bytes wait for Kafka already")
        self._waiting += size
        try:
            async with asyncio.timeout(self._acknowledge_s):
                return await _write(producer, sends)
        except (TimeoutError, KafkaError) as error:
            said = "Kafka does not acknowledge" if isinstance(error, TimeoutError) else f"Kafka refuses: {error!r}"
            self._replace(producer, LogUnavailable(said))
            raise LogUnavailable(said) from error
        finally:
            self._waiting -= size

    def _send(self, line: Line) -> _Send:
        event = line.event
        topic = topic_of(event.body)
        record = to_cloudevent(event)
        if (size := size_of(record)) > LARGEST_RECORD:
            raise Rejected("too-large", f"event {event.id} is {size:,} bytes, the log takes {LARGEST_RECORD:,}")
        name = self._access.topic((MIRRORED if event.origin else "") + topic.name)
        return _Send(name, partition_of(record.key, topic.partitions), record)

    # --- the producer's life -------------------------------------------------------------------------------------

    def _replace(self, producer: AIOKafkaProducer, why: StorageError) -> None:
        """Throw a producer away, unless that is done already, and begin to connect a new one."""
        if self._producer is producer:
            logger.warning("the log on Kafka is away", detail=str(why))
            self._producer, self.trouble = None, why
            self._connected.clear()
            discard = asyncio.create_task(_discard(producer, why))
            self._discards.add(discard)
            discard.add_done_callback(self._discards.discard)
            self._connecting = asyncio.create_task(self._connect())

    async def _look(self) -> None:
        """Leave a Kafka that does not answer, or has lost our topics, as a failed append would: one request a look."""
        while True:
            await self._connected.wait()
            await asyncio.sleep(self._look_s)
            if (producer := self._producer) is None:
                continue
            try:
                async with asyncio.timeout(self._acknowledge_s):
                    if not await producer.client.force_metadata_update():
                        raise LogUnavailable("Kafka does not answer")
                    await _check_topics(producer, self._access)
            except LogUnavailable as error:
                self._replace(producer, error)
            except (TimeoutError, KafkaError, OSError) as error:
                self._replace(producer, LogUnavailable(f"Kafka does not answer: {error!r}"))

    async def _connect(self) -> None:
        failures = 0
        while True:
            producer = self._make()
            try:
                async with asyncio.timeout(CONNECT_S):
                    await producer.start()
                    await _check_topics(producer, self._access)
            except (TimeoutError, KafkaError, OSError, LogUnavailable) as error:
                said = f"{error}" or "Kafka does not answer"
                if str(self.trouble) != said:
                    logger.warning("the log on Kafka is away", detail=said)
                self.trouble = error if isinstance(error, LogUnavailable) else LogUnavailable(said)
                self._tried.set()
                await _discard(producer, self.trouble)
            except BaseException:
                await _discard(producer, LogUnavailable("stopped"))
                raise
            else:
                self._producer, self.trouble = producer, None
                self._tried.set()
                self._connected.set()
                return
            await asyncio.sleep(wait_s(failures))
            failures += 1

    def _make(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._access.client(self._name),
            acks="all",
            enable_idempotence=True,
            linger_ms=self._linger_ms,
            max_batch_size=BATCH_BYTES,
            max_request_size=2 * LARGEST_RECORD,  # what is too large was refused by our own measure
            request_timeout_ms=REQUEST_MS,
        )
        paced(producer.client)
        return producer


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Give the partition of a key: by the hash that every Kafka client uses, over the number that `topics` says.

    Never over what a broker says at the moment: a topic of which it does not see all partitions would move the keys.
    """
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


async def _write(producer: AIOKafkaProducer, sends: Sequence[_Send]) -> list[Placed]:
    acks: list[asyncio.Future[Any]] = []
    try:
        for topic, partition, record in sends:
            headers = list(record.headers.items())
            acks.append(await producer.send(topic, record.value, record.key, partition, headers=headers))
        return [Placed(done.topic, done.partition, done.offset) for done in await asyncio.gather(*acks)]
    except BaseException:
        for ack in acks:
            # Nobody waits for it any more; one that failed is looked at, lest asyncio complains that nobody did.
            if not ack.cancel() and not ack.cancelled():
                ack.exception()
        raise


async def _check_topics(producer: AIOKafkaProducer, access: Access) -> None:
    """Make sure that the topics are there as they must be; LogUnavailable says what to do."""
    wanted = {access.topic(topic.name): topic.partitions for topic in TOPICS}
    await producer.client.set_topics(list(wanted))
    found = {name: producer.client.cluster.partitions_for_topic(name) for name in wanted}
    if lacking := [name for name, partitions in found.items() if not partitions]:
        raise LogUnavailable(f"Kafka has no topic {', '.join(lacking[:3])}: dharura topics apply")
    for name, partitions in wanted.items():
        if len(found[name]) != partitions:
            raise LogUnavailable(f"topic {name} has {len(found[name])} partitions, not {partitions}")


async def _discard(producer: AIOKafkaProducer, why: StorageError) -> None:
    """Throw a producer away with what it has not delivered; those who wait for that hear why."""
    # `stop` would first wait until everything is delivered, without end while Kafka is away; so nothing is left to wait
    # for. There is no public way, and a batch that is under way then ends in an error of aiokafka's own.
    producer._message_accumulator.fail_all(KafkaError(str(why)))  # noqa: SLF001
    try:
        with suppress(Exception):
            async with asyncio.timeout(2 * REQUEST_MS / 1000):
                await producer.stop()
    finally:
        await producer.client.close()


def size_of(record: Record) -> int:
    """Give about how many bytes a record takes on Kafka, a little more than less."""
    headers = sum(len(name) + len(data) + 8 for name, data in record.headers.items())
    return len(record.value) + len(record.key) + headers + 64
