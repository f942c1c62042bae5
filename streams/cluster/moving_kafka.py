"""Brings a moved log's events to Kafka: each to its topic, in the log's order, once.

You are in `dharura migrate`, after `moving.copy_log`. Kafka itself says how far an interrupted run came: the newest
record of each partition is an event of the log, and whatever stands before it in the log and belongs to that partition
is there. So nothing is sent twice, however often the run was cut off. Next: `moving.begin_at` has every reader begin
behind what is there.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from geo.places import Rejected
from streams.cloudevents import to_cloudevent
from streams.cluster import administration, moving
from streams.cluster.access import Access
from streams.cluster.lag import PARTITIONS, Partition
from streams.cluster.postgres import Postgres
from streams.database import note
from streams.events import decode
from streams.log_kafka import partition_of, size_of
from streams.topics import LARGEST_RECORD, TOPICS

ROUND: Final = 5000
"""Events that are on their way before their acknowledgements are waited for and progress is noted."""
ANSWER_S: Final = 60.0
"""How long Kafka may take to answer, or to acknowledge a round."""
BEGUN: Final = "moved_begun"
SENT: Final = "moved_sent"
"""Names under which is noted that Kafka was found empty, and the newest offset of the log that is surely there."""


class Poured(NamedTuple):
    """What came of it: how many this run sent, the offsets of the log that Kafka does not take, where all ends."""

    sent: int
    too_large: tuple[int, ...]
    ends: Mapping[Partition, int]


async def pour(
    access: Access,
    source: sqlite3.Connection,
    target: Postgres,
    done: int,
    *,
    copies: int = 0,
    told: Callable[[int], None],
) -> Poured:
    """Send what Kafka lacks of the log up to offset `done`; `told` hears how far it is surely there.

    Raises KafkaError and TimeoutError (run it again), LogUnavailable, Rejected `target-in-use` for topics that hold
    another log.
    """
    await administration.prepare(access, copies=copies)
    producer = AIOKafkaProducer(
        **access.client("dharura-migrate"),
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        max_request_size=2 * LARGEST_RECORD,
    )
    consumer = AIOKafkaConsumer(**access.client("dharura-migrate"), auto_offset_reset="none")
    try:
        async with asyncio.timeout(ANSWER_S):
            await producer.start()
            await consumer.start()
            ends, ids = await newest(consumer, access.prefix)
        _check_ours(target, ends)
        there = {at: _offset_of(target, at, id_) for at, id_ in ids.items()}
        sent, too_large = 0, list[int]()
        while rows := _rows(source, moving.progress(target, SENT), done):
            async with asyncio.timeout(ANSWER_S):
                new, large = await _send(producer, access.prefix, rows, there)
            sent += new
            too_large += large
            note(target, SENT, str(rows[-1][0]))
            told(rows[-1][0])
        async with asyncio.timeout(ANSWER_S):
            ends = await _ends(consumer, access.prefix)
    finally:
        await asyncio.wait_for(asyncio.gather(producer.stop(), consumer.stop()), ANSWER_S)
    return Poured(sent, tuple(too_large), ends)


def _rows(source: sqlite3.Connection, after: int, until: int) -> list[tuple[int, str, bytes]]:
    return source.execute(
        'SELECT "offset", topic, event FROM log WHERE "offset" > ? AND "offset" <= ? ORDER BY "offset" LIMIT ?',
        (after, until, ROUND),
    ).fetchall()


async def _send(
    producer: AIOKafkaProducer, prefix: str, rows: Iterable[tuple[int, str, bytes]], there: Mapping[Partition, int]
) -> tuple[int, list[int]]:
    acks: list[Any] = []
    too_large = []
    for offset, topic, data in rows:
        record = to_cloudevent(decode(data))
        partition = partition_of(record.key, PARTITIONS[topic])
        if offset <= there.get((topic, partition), 0):
            continue
        if size_of(record) > LARGEST_RECORD:
            too_large.append(offset)
            continue
        headers = list(record.headers.items())
        acks.append(await producer.send(prefix + topic, record.value, record.key, partition, headers=headers))
    await asyncio.gather(*acks)
    return len(acks), too_large


# --- what is there already ---------------------------------------------------------------------------------------


async def newest(consumer: AIOKafkaConsumer, prefix: str) -> tuple[dict[Partition, int], dict[Partition, UUID]]:
    """Give every partition's end, and the id of its newest record where Kafka still has it; raises KafkaError.

    Rejected `target-in-use` for a record that carries no id of ours.
    """
    wanted = _wanted(prefix)
    ends = await consumer.end_offsets(list(wanted))
    beginnings = await consumer.beginning_offsets(list(wanted))
    waiting = [at for at in wanted if beginnings[at] < ends[at]]
    consumer.assign(waiting)
    for at in waiting:
        consumer.seek(at, ends[at] - 1)
    found: dict[Partition, UUID] = {}
    while len(found) < len(waiting):
        for at, records in (await consumer.getmany(timeout_ms=1000)).items():
            found[wanted[at]] = _id_of(at.topic, records[-1].headers)
    return {wanted[at]: end for at, end in ends.items()}, found


async def _ends(consumer: AIOKafkaConsumer, prefix: str) -> dict[Partition, int]:
    wanted = _wanted(prefix)
    return {wanted[at]: end for at, end in (await consumer.end_offsets(list(wanted))).items()}


def _wanted(prefix: str) -> dict[TopicPartition, Partition]:
    every = [(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
    return {TopicPartition(prefix + topic, number): (topic, number) for topic, number in every}


def _id_of(topic: str, headers: Sequence[tuple[str, bytes]]) -> UUID:
    try:
        return UUID(dict(headers)["ce_id"].decode())
    except (KeyError, ValueError):
        raise Rejected("target-in-use", f"{topic} holds records that are none of Dharura's") from None


def _check_ours(target: Postgres, ends: Mapping[Partition, int]) -> None:
    held = sorted({topic for (topic, _), end in ends.items() if end})
    if held and not moving.progress(target, BEGUN):
        raise Rejected("target-in-use", f"there are records on {', '.join(held[:3])}: the topics hold another log")
    note(target, BEGUN, "1")


def _offset_of(target: Postgres, at: Partition, id_: UUID) -> int:
    row = target.execute('SELECT "offset" FROM log WHERE id = ?', (id_,)).fetchone()
    if row is None:
        raise Rejected("target-in-use", f"{at[0]} holds a record that is not of this log: {id_}")
    return int(row[0])
