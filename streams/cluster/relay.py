"""The relay: what the steps wrote goes from the outbox to Kafka, in the order of the log.

A row is forgotten when Kafka has acknowledged its record. A relay that dies between the two leaves it to be published
again: the same id, which every reader drops (`heard`). Two relays at once do no more harm: each begins at the outbox's
head and publishes every row that it sees, in order, so before the first copy of a record there is always the first
copy of each that stands before it in the log. Next on the road: `streams.worker` of the steps that hear it.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple, TypeVar

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from streams.cloudevents import Record, to_cloudevent
from streams.cluster.access import Access
from streams.cluster.leases import Lease
from streams.cluster.loop_thread import LoopThread
from streams.cluster.pacing import paced
from streams.cluster.postgres import Postgres
from streams.cluster.publishing import ROUND_BYTES, STOP_S, Packed, Publisher
from streams.cluster.unreadable import Unreadable
from streams.cluster.writing import OUTBOX, Writing
from streams.database import StorageError
from streams.events import DeadLettered, Event, Fact, stamp
from streams.handle import operators_of
from streams.log import line
from streams.log_kafka import partition_of, size_of
from streams.topics import LARGEST_RECORD, MIRRORED, topic_of

ROUND: Final = 2000
"""How many rows are read at once."""
START_S: Final = 10.0
"""How long Kafka may take to be found."""
REQUEST_MS: Final = 5000
"""How long one request to a broker may take; a frozen broker is left after that."""
ACK_S: Final = 30.0
"""How long a round's acknowledgement is waited for before it is begun again with a new producer."""

T = TypeVar("T")

logger = structlog.get_logger()

_READ: Final = """
SELECT o."offset", l.event
FROM outbox o CROSS JOIN LATERAL (SELECT event FROM log WHERE log."offset" = o."offset" LIMIT 1) l
WHERE o."offset" > %s ORDER BY o."offset" LIMIT %s
"""


class _Row(NamedTuple):
    offset: int
    topic: str
    partition: int
    record: Record
    size: int
    event: Event


class _Round(NamedTuple):
    rows: Sequence[_Row]
    acknowledged: "Future[None]"


class Relay:
    """The duty."""

    name = "relay"
    channels = (OUTBOX,)

    def __init__(self, address: str, kafka: Access) -> None:
        self._address, self._kafka = address, kafka
        self._connection: Postgres | None = None
        self._loop: LoopThread | None = None
        self._publisher: Publisher | None = None
        self._read = 0
        self._waiting: deque[_Row] = deque()
        self._flying: _Round | None = None
        self._round_bytes = ROUND_BYTES
        self._unreadable = Unreadable()
        self.published = self.set_aside = 0

    def begin(self, lease: Lease) -> None:  # noqa: ARG002  safe without it
        """Begin at the outbox's head."""
        self._read, self._flying = 0, None
        self._waiting.clear()
        self._connection = Postgres.connect(self._address, name="dharura keeper: relay")
        # What is deleted and comes back after a power cut is published again, which is no harm; waiting for it is.
        self._connection.execute("SET synchronous_commit = off")
        # The outbox is empty one moment and full the next; the planner knows neither, and its guess would read it all.
        self._connection.execute("SET enable_seqscan = off")
        self._loop = LoopThread("relay-kafka")
        with _kafka_away():
            self._publisher = self._loop.run(Publisher.start(self._producer), START_S)

    def work(self) -> bool:
        """Send the next round when the one before it has arrived; while it flies, the next is read and packed."""
        rows = self._next_rows()
        if not rows:
            self._land()
            return False
        publisher = _there(self._publisher)
        packed = publisher.pack((row.topic, row.partition, row.record) for row in rows)
        self._land()
        self._flying = _Round(rows, self._send(packed))
        return True

    def end(self) -> None:
        """Wait a little for the round that flies, so that the next relay need not repeat it; then close all."""
        loop, publisher, connection = self._loop, self._publisher, self._connection
        try:
            if self._flying is not None and not self._flying.acknowledged.done():
                wait([self._flying.acknowledged], STOP_S)
            if self._flying is not None and self._flying.acknowledged.done():
                with suppress(Exception):  # it was said before, or the next begin finds it
                    self._land()
        finally:
            self._loop = self._publisher = self._connection = self._flying = None
            if loop is not None:
                if publisher is not None:
                    with suppress(TimeoutError, KafkaError):
                        loop.run(publisher.stop(), 2 * STOP_S)
                loop.close()
            if connection is not None:
                connection.close()

    def _producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            **self._kafka.client("dharura-relay"),
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=REQUEST_MS,
            max_batch_size=2 * LARGEST_RECORD,  # a round fills no batch; what is too large is set aside before
        )
        paced(producer.client)
        return producer

    def _next_rows(self) -> list[_Row]:
        """Give the rows of the next round: as many as fit, one at least."""
        if not self._waiting:
            self._fetch()
        rows: list[_Row] = []
        room = self._round_bytes
        while self._waiting and (not rows or room >= self._waiting[0].size):
            rows.append(self._waiting.popleft())
            room -= rows[-1].size
        return rows

    def _fetch(self) -> None:
        found = _there(self._connection).raw.execute(_READ, (self._read, ROUND), binary=True).fetchall()
        rows = self._unreadable.sort(found)
        if rows.passed:
            with self._instead_of([offset for offset, _ in rows.passed]) as writing:
                writing.write(self._unreadable.put_aside(_there(self._connection), rows.passed))
            self._read = rows.end
        for offset, event in rows.events:
            self._read = max(offset, self._read)
            record, carrier = to_cloudevent(event), topic_of(event.body)
            name = self._kafka.topic((MIRRORED if event.origin else "") + carrier.name)
            row = _Row(offset, name, partition_of(record.key, carrier.partitions), record, size_of(record), event)
            if row.size > LARGEST_RECORD:
                self._set_aside(row, f"the log on Kafka takes {LARGEST_RECORD} bytes")
            else:
                self._waiting.append(row)

    def _send(self, packed: Sequence[Packed]) -> "Future[None]":
        return _there(self._loop).submit(_there(self._publisher).send(packed))

    def _land(self) -> None:
        """Wait until the round that flies has arrived, and forget its rows."""
        flying, self._flying = self._flying, None
        if flying is None:
            return
        try:
            with _kafka_away():
                flying.acknowledged.result(ACK_S)
        except MessageSizeTooLargeError as error:
            self._too_large(flying.rows, error)
            raise StorageError("Kafka found a round too large; it is sent again in parts") from error
        self._forget([row.offset for row in flying.rows])
        self.published += len(flying.rows)
        self._round_bytes = ROUND_BYTES

    def _forget(self, offsets: Sequence[int]) -> None:
        _there(self._connection).execute('DELETE FROM outbox WHERE "offset" = ANY(?)', (list(offsets),))

    def _too_large(self, rows: Sequence[_Row], error: MessageSizeTooLargeError) -> None:
        """Make the next rounds smaller, until the row is alone that is too large."""
        if len(rows) > 1:
            self._round_bytes = sum(row.size for row in rows) // 2
        else:
            self._set_aside(rows[0], f"Kafka says: {error}")

    def _set_aside(self, row: _Row, why: str) -> None:
        """Write a dead letter in place of a row that Kafka will never take: the rows behind it must go on."""
        with self._instead_of([row.offset]) as writing:
            writing.write([line(_not_published(row, why))])
        self.set_aside += 1
        logger.error("an event is too large for Kafka", id=row.event.id, topic=row.topic, bytes=row.size)

    @contextmanager
    def _instead_of(self, offsets: Sequence[int]) -> Iterator[Writing]:
        """Forget rows and write what stands in their place, durably, or neither."""
        connection = _there(self._connection)
        with connection.transaction():
            connection.execute("SET LOCAL synchronous_commit = on")
            self._forget(offsets)
            yield Writing(connection)


def _not_published(row: _Row, why: str) -> Event:
    """Give the dead letter of an event that Kafka does not take: without its original, or it would be too large too."""
    body = DeadLettered(
        topic=topic_of(row.event.body).name,
        step=Relay.name,
        code="record-too-large",
        detail=f"{row.size} bytes; the event stands in the log, row {row.offset}; {why}"[:2000],
        original="",
        original_id=row.event.id,
    )
    return stamp(Fact(body=body, audience=operators_of(row.event)), row.event, f"{Relay.name}!", 0)


@contextmanager
def _kafka_away() -> Iterator[None]:
    """Say of Kafka's failures that they pass, but for the one that something can be done about."""
    try:
        yield
    except MessageSizeTooLargeError:
        raise
    except KafkaError as error:
        raise StorageError(f"Kafka: {type(error).__name__} {error}") from error
    except TimeoutError as error:
        raise StorageError("Kafka does not answer") from error


def _there(thing: T | None) -> T:
    if thing is None:
        raise RuntimeError("the duty has not begun")
    return thing
