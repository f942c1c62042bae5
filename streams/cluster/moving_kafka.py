"""Brings a moved log's events to Kafka: each to its topic, in the log's order, once.

You are in `dharura migrate`, after `moving.copy_log`. Kafka itself says how far an interrupted run came: the newest
record of each partition is an event of the log, and whatever stands before it in the log and belongs to that partition
is there. So nothing is sent twice, however often the run was cut off. Next: `moving.begin_at` has every reader begin
behind what is there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from geo.places import Rejected
from streams.cloudevents import to_cloudevent
from streams.events import decode

ROUND: Final = 5000
"""How many events are on their way before their acknowledgements are waited for and progress is noted."""

Row = tuple[int, str, bytes]
"""Offset in the log, topic, the event's bytes."""

_partition_of = DefaultPartitioner()


class Pouring:
    """One run: where each partition stands, and what is sent."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str, partitions: Mapping[str, Sequence[int]]) -> None:
        self._producer, self._prefix = producer, prefix
        self._partitions = {topic: list(numbers) for topic, numbers in partitions.items()}
        self._there: Mapping[tuple[str, int], int] = {}
        self.sent = 0

    def go_on_from(self, there: Mapping[tuple[str, int], int]) -> None:
        """Skip, in each (topic, partition), what stands in the log up to this offset: it is there."""
        self._there = there

    async def pour(self, rows: Iterable[Row]) -> None:
        """Send rows in order and wait until Kafka has acknowledged them all; raises KafkaError."""
        acks: list[Awaitable[Any]] = []
        for offset, topic, data in rows:
            event = decode(data)
            key = event.key.encode()
            partition = int(_partition_of(key, self._partitions[topic], self._partitions[topic]))
            if offset <= self._there.get((topic, partition), 0):
                continue
            record = to_cloudevent(event)
            acks.append(
                await self._producer.send(
                    self._prefix + topic,
                    record.value,
                    record.key,
                    partition=partition,
                    timestamp_ms=int(event.seen.timestamp() * 1000),
                    headers=list(record.headers.items()),
                )
            )
        await asyncio.gather(*acks)
        self.sent += len(acks)


async def newest(
    consumer: AIOKafkaConsumer, prefix: str, partitions: Mapping[str, Sequence[int]]
) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], UUID]]:
    """Give each (topic, partition)'s end, and the id of its newest record where Kafka still has it; raises KafkaError.

    Rejected `target-in-use` for a record that carries no id of ours.
    """
    wanted = {TopicPartition(prefix + topic, n): (topic, n) for topic, numbers in partitions.items() for n in numbers}
    ends = await consumer.end_offsets(list(wanted))
    begins = await consumer.beginning_offsets(list(wanted))
    waiting = [at for at in wanted if begins[at] < ends[at]]
    consumer.assign(waiting)
    for at in waiting:
        consumer.seek(at, ends[at] - 1)
    found: dict[tuple[str, int], UUID] = {}
    while len(found) < len(waiting):
        for at, records in (await consumer.getmany(timeout_ms=1000)).items():
            found[wanted[at]] = _id_of(at, records[-1].headers)
    return {wanted[at]: end for at, end in ends.items()}, found


def _id_of(at: TopicPartition, headers: Sequence[tuple[str, bytes]]) -> UUID:
    try:
        return UUID(dict(headers)["ce_id"].decode())
    except (KeyError, ValueError):
        raise Rejected("target-in-use", f"{at.topic} holds records that are none of Dharura's") from None


def check_empty(ends: Mapping[tuple[str, int], int], begun: Callable[[], bool]) -> None:
    """Raise Rejected `target-in-use` when topics hold records although nothing was sent there yet."""
    held = sorted({topic for (topic, _), end in ends.items() if end})
    if held and not begun():
        raise Rejected("target-in-use", f"there are records already on {', '.join(held[:3])}: another log is there")
