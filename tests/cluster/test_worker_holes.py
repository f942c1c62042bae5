"""What Faust and aiokafka are known to do wrong, done to a worker on purpose: nothing is lost, and nobody need act."""

import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import OffsetAndMetadata

from streams.cluster.lag import PARTITIONS
from streams.cluster.watchdog import EXIT
from streams.events import Event, ShiftChanged
from streams.topics import MIRRORS, TOPICS
from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, Sent, calls, event, people

pytestmark = pytest.mark.system("kafka", "postgresql")


def test_what_the_group_committed_past_is_taken_all_the_same(relayed: Ledger, worker: Start) -> None:
    enrolled, rung = people(), calls("past", 40)
    relayed.produce(enrolled)
    relayed.produce(rung)
    asyncio.run(_commit_ends(relayed))  # as Faust does when it acknowledges out of turn
    one = worker()
    one.start()
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, [*enrolled, *rung]), state=False)


def test_what_faust_loses_is_fetched_again(relayed: Ledger, worker: Start) -> None:
    # An agent that raises loses its event, in Faust's own words "acknowledged"; one that is lost last leaves no gap.
    one = worker(
        faults={"lost": {"incidents": [3, 4, 40], "dispatch": [2], "archive": [5]}, "raised": {"reports": [7]}}
    )
    one.start()
    enrolled, rung = people(), calls("lost", 40)
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    relayed.produce(rung)
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))
    assert "records were not delivered and are fetched" in one.said()


def test_a_worker_that_faust_brings_nothing_any_more_is_fed_and_then_ended(relayed: Ledger, worker: Start) -> None:
    one = worker(faults={"lost_after": {"incidents": 10}, "patience": {"held_s": 4, "look_s": 0.5}})
    one.start()
    enrolled = people()
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    fed: list[Event] = []
    while one.running:  # as long as more comes, it is fetched; but it is not let go on like that
        fed += calls("fed", 5, first=len(fed))
        relayed.produce(fed[-5:])
        relayed.wait()
    assert one.wait() == EXIT
    assert "Faust has brought nothing of incidents" in one.said()
    two = worker()
    two.start()
    relayed.settle(two.alive)
    assert relayed.one("SELECT count(*) FROM heard WHERE step = 'reports'") == len(fed)


def test_poison_in_every_topic_is_put_aside_once_and_the_next_is_taken(relayed: Ledger, worker: Start) -> None:
    one = worker()
    one.start()
    enrolled, rung = people(), calls("poison", 20)
    relayed.produce(enrolled)
    topics = [topic.name for topic in (*TOPICS, *MIRRORS)]
    headers: dict[str, bytes] = {"ce_type": b"\xff", "ce_id": b"none", "content-type": b"text/plain"}
    poison: list[Sent] = [
        (topic, b"KE.042", value, headers) for topic in topics for value in (b"\xff\xfe", b"{", b"null")
    ]
    poison += [(topic, key, value, {}) for topic in topics for key, value in ((None, b""), (b"\xff", None))]
    nulls = dict.fromkeys(("ce_type", "ce_id", "ce_source", "content-type"))  # Kafka allows it
    poison += [(topic, b"KE.042", b"null headers", nulls) for topic in topics]
    asyncio.run(relayed.send([*poison, *poison]))
    relayed.produce(rung)
    relayed.settle(one.alive)
    letters = relayed.one("SELECT count(*) FROM log WHERE topic = 'dharura.deadletters'")
    assert letters == len(poison)  # the same bytes again are the same letter
    with relayed.connection() as connection:
        connection.execute("DELETE FROM log WHERE topic = 'dharura.deadletters'")
        left = {id_ for (id_,) in connection.execute("SELECT id::text FROM log")}
    assert left == set(Calm(relayed.steps, enrolled, rung).events)


def test_what_comes_twice_and_out_of_turn_is_taken_once(relayed: Ledger, worker: Start) -> None:
    one = worker()
    one.start()
    enrolled, rung = people(), calls("twice", 40)
    relayed.produce([*enrolled, *enrolled])
    relayed.settle(one.alive)
    again = [*rung, *rung[:30], *rung[5:]]
    relayed.produce(again)
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))


def test_what_kafka_deleted_is_said_and_the_line_goes_on(relayed: Ledger, worker: Start) -> None:
    enrolled, gone, rung = people(), calls("gone", 30), calls("there", 10, first=30)
    one = worker()
    one.start()
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    assert one.stop() == 0
    relayed.produce(gone)
    asyncio.run(_delete_all(relayed, "dharura.reports"))
    relayed.produce(rung)
    one.start()
    relayed.settle(one.alive)
    assert "Kafka deleted records that nobody had taken" in one.said()
    relayed.check(Calm(relayed.steps, enrolled, rung), state=False)


async def _commit_ends(ledger: Ledger) -> None:
    consumer = ledger.consumer(group_id=ledger.access.group, auto_offset_reset="none")
    partitions = [
        TopicPartition(ledger.access.topic(topic), n) for topic, count in PARTITIONS.items() for n in range(count)
    ]
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.commit({at: OffsetAndMetadata(end, "") for at, end in ends.items()})
    finally:
        await consumer.stop()


async def _delete_all(ledger: Ledger, topic: str) -> None:
    admin = AIOKafkaAdminClient(**ledger.access.client("ledger"))
    await admin.start()
    try:
        name = ledger.access.topic(topic)
        await admin.delete_records(
            {TopicPartition(name, n): RecordsToDelete(before_offset=-1) for n in range(PARTITIONS[topic])}
        )
    finally:
        await admin.close()


def test_an_offset_that_holds_no_record_is_passed_though_nothing_comes_behind_it(
    relayed: Ledger, worker: Start
) -> None:
    one = worker()
    one.start()
    enrolled = people()
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    off = event("off shift", ShiftChanged(responder="r031", on=False), enrolled[0].key)  # nothing comes of it
    asyncio.run(relayed.send_within_a_transaction([off]))  # the offset behind it is Kafka's own note of its end
    relayed.settle(one.alive)
    assert relayed.one("SELECT count(*) FROM log WHERE id = ?::uuid", (off.id,)) == 1
    assert "to be started again" not in one.said()
