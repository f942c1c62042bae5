"""A mirror goes on behind what is odd: records of strangers, very large ones, and offsets that hold none."""

import asyncio
from collections.abc import Sequence
from uuid import uuid5

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from fixtures.scenario import START
from streams.cloudevents import from_cloudevent, to_cloudevent
from streams.cluster.access import Access
from streams.cluster.mirror import Counts, Mirror, Route
from streams.events import NAMESPACE, Event, ReportReceived
from streams.topics import LARGEST_BATCH, LARGEST_RECORD, MIRRORED, REPORTS

pytestmark = pytest.mark.system("kafka")

KEY = "KE.042"
WAY = Route("kisumu", "nation", (REPORTS,), bool)
Sent = tuple[bytes | None, Sequence[tuple[str, bytes | None]]]


def report(name: str, text: str = "fire at the market") -> Event:
    return Event(
        id=str(uuid5(NAMESPACE, f"odd/{name}")),
        cause=name,
        source="intake/reports",
        key=KEY,
        at=START,
        seen=START,
        audience=(f"operator:{KEY}",),
        body=ReportReceived(channel="web", text=text),
    )


def sent(event: Event) -> Sent:
    record = to_cloudevent(event)
    return record.value, list(record.headers.items())


async def write(access: Access, records: Sequence[Sent], *, given_up: bool | None = None, **arguments: str) -> None:
    """Put records on the topic of reports; within a transaction that is given up, or committed, or (None) without."""
    if given_up is not None:
        arguments["transactional_id"] = f"{access.prefix}odd"
    producer = AIOKafkaProducer(**access.client("odd"), max_request_size=2 * LARGEST_RECORD, **arguments)
    await producer.start()
    try:
        if given_up is not None:
            await producer.begin_transaction()
        for value, headers in records:
            await producer.send_and_wait(access.topic(REPORTS.name), value, KEY.encode(), headers=headers)
        if given_up is not None:
            await (producer.abort_transaction() if given_up else producer.commit_transaction())
    finally:
        await producer.stop()


async def brought(access: Access) -> list[Event]:
    """Read all that was mirrored."""
    consumer = AIOKafkaConsumer(**access.client("look"))
    await consumer.start()
    try:
        at = [TopicPartition(access.topic(MIRRORED + REPORTS.name), n) for n in range(REPORTS.partitions)]
        ends = {where: end for where, end in (await consumer.end_offsets(at)).items() if end}
        consumer.assign(list(ends))
        await consumer.seek_to_beginning()
        found: list[Event] = []
        while len(found) < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [from_cloudevent(dict(r.headers), r.value, r.key) for r in records]
        return found
    finally:
        await consumer.stop()


def mirrored(source: Access, target: Access) -> Counts:
    counts = Counts()
    asyncio.run(Mirror(source, target, WAY, counts).run(once=True))
    return counts


def test_headers_that_are_null_stop_nobody(kisumu: Access, nation: Access) -> None:
    before, after = report("before"), report("after")
    nulls: Sent = (b"{}", [("ce_audience", None), ("ce_origin", None)])
    value, headers = sent(after)
    asyncio.run(write(kisumu, [sent(before), nulls, (value, [*headers, ("x-theirs", None)])]))
    counts = mirrored(kisumu, nation)
    assert (counts.copied, counts.unreadable, counts.lag) == (2, 1, 0)
    assert [event.id for event in asyncio.run(brought(nation))] == [before.id, after.id]


def test_the_largest_record_that_a_topic_takes_goes_over(kisumu: Access, nation: Access) -> None:
    large, after = report("large", "x" * (LARGEST_RECORD - 2000)), report("behind it")
    asyncio.run(write(kisumu, [sent(large), sent(after)]))
    counts = mirrored(kisumu, nation)
    assert (counts.copied, counts.unreadable, counts.lag) == (2, 0, 0)
    assert [event.id for event in asyncio.run(brought(nation))] == [large.id, after.id]


def test_what_the_other_side_would_not_take_is_counted_and_left(kisumu: Access, nation: Access) -> None:
    after = report("behind what is too large")
    # Compressed it fits into the topic; Kafka counts bytes as they come.
    asyncio.run(write(kisumu, [sent(report("too large", "x" * LARGEST_BATCH)), sent(after)], compression_type="gzip"))
    counts = mirrored(kisumu, nation)
    assert (counts.copied, counts.unreadable, counts.lag) == (1, 1, 0)
    assert [event.id for event in asyncio.run(brought(nation))] == [after.id]


@pytest.mark.parametrize("given_up", [False, True])
def test_offsets_without_a_record_are_not_waited_for(kisumu: Access, nation: Access, given_up: bool) -> None:
    asyncio.run(write(kisumu, [sent(report("in a transaction"))], given_up=given_up))
    counts = mirrored(kisumu, nation)  # the last offset is Kafka's own note of how the transaction ended
    assert (counts.copied, counts.lag) == (1, 0)
    assert mirrored(kisumu, nation).copied == 0
