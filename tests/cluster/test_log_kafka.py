"""What LogKafka acknowledged is on Kafka, once and in order, whatever the brokers do; what it could not, it says."""

import asyncio
import select
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import pytest
from aiokafka.structs import TopicPartition

from fixtures.servers.kafka import Kafka
from geo.places import Rejected
from streams.cluster.access import Access, bootstrap
from streams.cluster.administration import administrator, prepare
from streams.log import line
from streams.log_kafka import ACKNOWLEDGE_S, LogKafka, LogUnavailable, partition_of
from streams.topics import LARGEST_RECORD, TOPICS
from tests.cluster.keeping import report
from tests.cluster.topic_contents import everything, reports

pytestmark = pytest.mark.system("kafka")
REPORTS = "dharura.reports"


@pytest.fixture
async def log(topics: Access) -> AsyncIterator[LogKafka]:
    made = LogKafka(topics)
    made.start()
    await made.ready()
    yield made
    await made.stop()


async def test_an_event_stands_where_its_key_and_its_kind_say(log: LogKafka, topics: Access) -> None:
    events = [report("one", "KE.042"), report("two", "KE.001"), report("three", "KE.042")]
    placed = await log.append([line(event) for event in events])
    assert [at.topic for at in placed] == [topics.topic(REPORTS)] * 3
    assert [at.partition for at in placed] == [partition_of(event.key.encode(), 12) for event in events]
    assert [at.offset for at in placed] == [0, 0, 1]
    assert sorted(await everything(topics, REPORTS), key=str) == sorted(events, key=str)
    assert log.trouble is None


async def test_what_one_says_after_the_other_stands_in_that_order(log: LogKafka, topics: Access) -> None:
    names = [f"{n:04}" for n in range(3000)]
    await asyncio.gather(*(log.append(reports(*names[at::3])) for at in range(3)))
    found = [event.cause for event in await everything(topics, REPORTS)]
    assert sorted(found) == names
    for at in range(3):
        assert [name for name in found if int(name) % 3 == at] == names[at::3]


async def test_what_no_topic_takes_is_refused_before_anything_is_sent(log: LogKafka, topics: Access) -> None:
    large = line(report("large", text="x" * LARGEST_RECORD))
    with pytest.raises(Rejected) as refused:
        await log.append([*reports("small"), large])
    assert refused.value.code == "too-large"
    assert await everything(topics, REPORTS) == []
    # The largest that is let through is one that the brokers take.
    await log.append([line(report("fits", text="x" * (LARGEST_RECORD - 2000)))])
    assert [event.cause for event in await everything(topics, REPORTS)] == ["fits"]


async def test_without_a_broker_it_refuses_and_goes_on_by_itself_when_there_is_one_again(
    log: LogKafka, topics: Access, kafka: Kafka
) -> None:
    await log.append(reports("before"))
    kafka.kill()
    log._acknowledge_s = 2
    with pytest.raises(LogUnavailable) as unanswered:
        await log.append(reports("during"))
    log._acknowledge_s = ACKNOWLEDGE_S
    assert unanswered.value.code == "log-unavailable"
    # From here on nobody waits.
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with pytest.raises(LogUnavailable):
        await log.append(reports("at once"))
    assert loop.time() - begun < 0.5
    assert log.trouble is not None
    await asyncio.to_thread(kafka.start)
    await log.ready()
    await log.append(reports("during", "after"))
    found = [event.cause for event in await everything(topics, REPORTS)]
    assert list(dict.fromkeys(found)) == ["before", "during", "after"]


async def test_a_frozen_broker_is_left_within_the_time_and_taken_again(
    log: LogKafka, topics: Access, kafka: Kafka
) -> None:
    await log.append(reports("before"))
    kafka.freeze()
    log._acknowledge_s = 2
    outcomes = await asyncio.gather(*(log.append(reports(str(n))) for n in range(20)), return_exceptions=True)
    log._acknowledge_s = ACKNOWLEDGE_S
    assert {type(outcome) for outcome in outcomes} == {LogUnavailable}
    kafka.thaw()
    taken = False
    while not taken:  # as a client does that is told to come back
        await log.ready()
        with suppress(LogUnavailable):
            await log.append(reports(*map(str, range(20))))
            taken = True
    found = [event.cause for event in await everything(topics, REPORTS)]
    assert found[0] == "before"
    assert set(found) == {"before", *map(str, range(20))}


async def test_it_can_be_started_before_the_broker(topics: Access, kafka: Kafka) -> None:
    kafka.kill()
    early = LogKafka(topics)
    early.start()
    with pytest.raises(LogUnavailable):
        await early.append(reports("early"))
    await asyncio.to_thread(kafka.start)
    await early.ready()
    await early.append(reports("late"))
    await early.stop()
    assert [event.cause for event in await everything(topics, REPORTS)] == ["late"]


async def test_without_its_topics_it_says_what_to_do_and_goes_on_when_they_are_there(access: Access) -> None:
    log = LogKafka(access)
    log.start()
    await log.tried()
    assert "dharura topics apply" in str(log.trouble)
    await prepare(access, topics=TOPICS)
    await log.ready()
    await log.append(reports("one"))
    await log.stop()


@pytest.mark.parametrize("how", ["stop", "freeze"])
async def test_that_kafka_is_away_is_noticed_though_nobody_appends(topics: Access, kafka: Kafka, how: str) -> None:
    log = LogKafka(topics, look_s=0.1)
    log.start()
    await log.ready()
    await asyncio.to_thread(getattr(kafka, how))
    try:
        await changed(log, lambda trouble: trouble is not None)
    finally:
        await asyncio.to_thread(kafka.start)
    await log.ready()
    await log.append(reports("after"))
    await log.stop()


async def test_topics_that_somebody_deleted_are_missed_and_found_again(topics: Access) -> None:
    log = LogKafka(topics, look_s=0.1)
    log.start()
    await log.ready()
    async with administrator(topics) as admin:
        await admin.delete_topics([topics.topic(REPORTS)])
    await changed(log, lambda trouble: f"no topic {topics.topic(REPORTS)}" in str(trouble))
    await prepare(topics, topics=TOPICS)
    await log.ready()
    await log.append(reports("after"))
    assert [event.cause for event in await everything(topics, REPORTS)] == ["after"]
    await log.stop()


async def changed(log: LogKafka, enough: Callable[[object], bool]) -> None:
    """Wait, as a node does that is asked now and then, until the trouble is such."""
    while not enough(log.trouble):
        await asyncio.to_thread(select.select, [], [], [], 0.01)


async def test_a_producer_that_lost_its_place_is_replaced(log: LogKafka, topics: Access) -> None:
    await log.append(reports("one"))
    broken = log._producer
    assert broken is not None
    # As after a batch that expired: the broker waits for a number that will not come.
    at = TopicPartition(topics.topic(REPORTS), partition_of(b"KE.042", 12))
    broken._txn_manager.increment_sequence_number(at, 5)
    with pytest.raises(LogUnavailable, match="OutOfOrderSequenceNumber"):
        await log.append(reports("two"))
    await log.ready()
    await log.append(reports("two"))
    assert [event.cause for event in await everything(topics, REPORTS)] == ["one", "two"]


async def test_a_producer_whose_sender_died_of_a_bug_is_replaced(log: LogKafka, topics: Access) -> None:
    assert log._producer is not None
    accumulator = log._producer._message_accumulator

    def fail(**_: object) -> None:
        raise AttributeError("a bug of the client")

    accumulator.drain_by_nodes = fail
    for name in ("first", "second"):  # the one that it dies of, and one that comes when it is dead
        with pytest.raises(LogUnavailable):
            await log.append(reports(name))
    await log.ready()
    await log.append(reports("third"))
    assert "third" in [event.cause for event in await everything(topics, REPORTS)]


async def test_more_than_may_wait_is_refused_at_once(topics: Access, kafka: Kafka) -> None:
    log = LogKafka(topics, acknowledge_s=3, most_waiting=10_000)
    log.start()
    await log.ready()
    kafka.freeze()
    first = asyncio.create_task(log.append([line(report("first", text="x" * 6000))]))
    await asyncio.sleep(0)
    with pytest.raises(LogUnavailable, match="wait for Kafka already"):
        await log.append([line(report("second", text="x" * 6000))])
    with pytest.raises(LogUnavailable):
        await first
    assert log._waiting == 0
    kafka.thaw()
    await log.stop()


async def test_one_who_stops_waiting_harms_nobody(log: LogKafka, topics: Access) -> None:
    gone = asyncio.create_task(log.append(reports("gone")))
    stays = asyncio.create_task(log.append(reports("stays")))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert log.trouble is None
    assert log._waiting == 0
    assert "stays" in [event.cause for event in await everything(topics, REPORTS)]


@pytest.mark.parametrize("lose", [Kafka.kill, Kafka.freeze])
async def test_every_acknowledged_event_survives_the_loss_of_its_leader(
    brokers: Kafka, lose: Callable[[Kafka, int], None]
) -> None:
    brokers.start()
    access = Access(bootstrap=bootstrap(brokers.bootstrap), prefix=brokers.prefix())
    await prepare(access, topics=TOPICS)
    log = LogKafka(access)
    log.start()
    await log.ready()
    names = [str(n) for n in range(400)]
    acknowledged: list[str] = []

    async def tell(name: str) -> None:
        while name not in acknowledged:
            try:
                await log.append(reports(name, key=f"KE.{int(name) % 47 + 1:03}"))
                acknowledged.append(name)
            except LogUnavailable:
                await log.ready()

    before = [asyncio.create_task(tell(name)) for name in names[:200]]
    await asyncio.gather(*before[:100])
    async with administrator(access) as admin:
        topic = (await admin.describe_topics([access.topic(REPORTS)]))[0]
    lose(brokers, topic["partitions"][0]["leader"])
    await asyncio.gather(*before[100:], *(tell(name) for name in names[200:]))
    await log.stop()
    brokers.start()
    found = {event.cause for event in await everything(access, REPORTS)}
    assert set(acknowledged) == set(names) == found


async def test_what_only_one_broker_has_is_never_acknowledged(brokers: Kafka) -> None:
    brokers.start()
    access = Access(bootstrap=bootstrap(brokers.bootstrap), prefix=brokers.prefix())
    await prepare(access, topics=TOPICS)
    log = LogKafka(access)
    log.start()
    await log.ready()
    await log.append(reports("three brokers"))
    brokers.kill(1)
    brokers.kill(2)
    log._acknowledge_s = 3
    with pytest.raises(LogUnavailable):
        await log.append(reports("one broker"))
    log._acknowledge_s = ACKNOWLEDGE_S
    await asyncio.to_thread(brokers.start)
    await log.ready()
    while True:
        try:
            await log.append(reports("three again"))
            break
        except LogUnavailable:  # the brokers are still finding each other
            await log.ready()
    await log.stop()
    found = [event.cause for event in await everything(access, REPORTS)]
    assert {"three brokers", "three again"} <= set(found)
