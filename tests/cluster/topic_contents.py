"""Reports to put on Kafka, and what stands on a topic."""

from aiokafka import AIOKafkaConsumer

from streams.cloudevents import from_cloudevent
from streams.cluster.access import Access
from streams.events import Event
from streams.log import Line, line
from tests.cluster.keeping import report


def reports(*names: str, key: str = "KE.042") -> list[Line]:
    """Give reports as lines for the log."""
    return [line(report(name, key)) for name in names]


async def everything(access: Access, topic: str) -> list[Event]:
    """Give what stands on a topic now: partition by partition, in order."""
    consumer = AIOKafkaConsumer(
        access.topic(topic), **access.client("reader"), auto_offset_reset="earliest", group_id=None
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: dict[int, list[Event]] = {}
        while any([await consumer.position(at) < end for at, end in ends.items()]):
            for at, records in (await consumer.getmany(timeout_ms=200)).items():
                found.setdefault(at.partition, []).extend(
                    from_cloudevent(dict(record.headers), record.value, record.key) for record in records
                )
    finally:
        await consumer.stop()
    return [event for partition in sorted(found) for event in found[partition]]
