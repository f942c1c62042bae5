"""The relay: everything that stands in the outbox is on Kafka, in the log's order for each key, whatever happens."""

import asyncio
import itertools
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from random import Random
from typing import Any

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError

from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from streams.cluster.access import Access
from streams.cluster.administration import administrator, apply, survey, wanted
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres
from streams.cluster.publishing import Packed
from streams.cluster.relay import Relay
from streams.events import DeadLettered, Event, ReportDismissed
from streams.topics import LARGEST_RECORD
from tests.cluster.keeping import Plan, Process, event, in_order, keeping, logged, report, write
from tests.cluster.topic_contents import everything

pytestmark = pytest.mark.system("kafka", "postgresql")
REPORTS = "dharura.reports"
KEYS = [f"KE.{n:03}" for n in range(1, 8)]


def first_copies(events: Sequence[Event]) -> list[Event]:
    """Drop repeats, as every reader does."""
    return list({each.id: each for each in events}.values())


def published(access: Access, connection: Postgres, topic: str = REPORTS) -> list[Event]:
    """Wait until the outbox is empty, and give what is on a topic then, repeats too."""
    while connection.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
        for _ in connection.raw.notifies(timeout=0.05):
            pass
    return asyncio.run(everything(access, topic))


def plan(database: str, topics: Access, point: str = "", **rest: Any) -> Plan:
    return Plan(
        database=database,
        duties=("relay",),
        bootstrap=",".join(topics.bootstrap),
        prefix=topics.prefix,
        point=point,
        **rest,
    )


def test_many_writers_keep_the_order_of_the_log_for_each_key(
    topics: Access, database: str, connection: Postgres
) -> None:
    def writer(name: int) -> None:
        mine = Postgres.connect(database)
        for n in range(60):
            write(mine, [report(f"{name}/{n}/{i}", KEYS[(n + i) % len(KEYS)]) for i in range(name + 1)])
        mine.close()

    with keeping(database, Relay(database, topics)):
        threads = [threading.Thread(target=writer, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = published(topics, connection)
    assert in_order(found) == in_order(logged(connection))
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


@pytest.mark.parametrize("seed", range(3))
def test_a_relay_that_is_killed_anywhere_loses_nothing_and_turns_nothing_round(
    topics: Access, database: str, connection: Postgres, seed: int
) -> None:
    random, names = Random(seed), itertools.count()
    for _ in range(5):
        point = random.choice(["packed", "handed to Kafka", "acknowledged", "forgotten"])
        with Process(plan(database, topics, point, at=random.randint(1, 3), ttl_s=0.3)) as relay:
            relay.says("a duty begins")
            while not relay.dead:  # it passes the point again with what is written next
                write(connection, [report(f"{next(names)}", random.choice(KEYS)) for _ in range(5)])
            assert relay.dies() == -9
    with Process(plan(database, topics, ttl_s=0.3)) as relay:
        relay.says("a duty begins")
        found = published(topics, connection)
        assert relay.stop() == 0
    assert in_order(first_copies(found)) == in_order(logged(connection))
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_what_was_acknowledged_and_not_forgotten_is_published_again_under_the_same_id(
    topics: Access, database: str, connection: Postgres
) -> None:
    write(connection, [report(f"{n}") for n in range(10)])
    with Process(plan(database, topics, "acknowledged", ttl_s=0.3)) as relay:
        assert relay.dies() == -9
    assert len(asyncio.run(everything(topics, REPORTS))) == 10
    with keeping(database, Relay(database, topics)):
        write(connection, [report("10")])
        found = published(topics, connection)
    assert [each.body.text for each in found] == [*map(str, range(10)), *map(str, range(11))]  # type: ignore[union-attr]
    assert first_copies(found) == logged(connection)


@pytest.mark.parametrize("point", ["packed", "handed to Kafka", "acknowledged", "forgotten"])
def test_a_frozen_relay_is_succeeded_and_changes_nothing_when_it_comes_back(
    topics: Access, database: str, connection: Postgres, point: str
) -> None:
    with Process(plan(database, topics, point, at=2, fault="STOP")) as frozen:
        frozen.says("a duty begins")
        written: list[Event] = []
        while not frozen.frozen:
            written.append(report(f"{len(written)}", KEYS[len(written) % 3]))
            write(connection, written[-1:])
        with keeping(database, Relay(database, topics), ttl_s=1.0):
            published(topics, connection)
            frozen.thaw()
            for n in range(30):
                written.append(report(f"late {n}", KEYS[n % 3]))
                write(connection, written[-1:])
            published(topics, connection)
            assert frozen.stop() == 0
    found = asyncio.run(everything(topics, REPORTS))
    assert in_order(first_copies(found)) == in_order(written) == in_order(logged(connection))
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_the_broker_may_go_and_come_back(kafka: Kafka, topics: Access, database: str, connection: Postgres) -> None:
    with keeping(database, Relay(database, topics)):
        write(connection, [report("before")])
        published(topics, connection)
        kafka.kill()
        for n in range(20):
            write(connection, [report(f"while it was away {n}")])
        kafka.start()
        write(connection, [report("after")])
        found = published(topics, connection)
    assert in_order(first_copies(found)) == in_order(logged(connection))


def test_the_database_may_go_and_come_back(
    postgres: Postgresql, topics: Access, database: str, connection: Postgres
) -> None:
    with keeping(database, Relay(database, topics)):
        write(connection, [report("before")])
        published(topics, connection)
        postgres.kill()
        postgres.start()
        again = Postgres.connect(database)
        write(again, [report(f"after {n}") for n in range(5)])
        found = published(topics, again)
        assert in_order(first_copies(found)) == in_order(logged(again))
        again.close()


def test_what_kafka_will_never_take_is_set_aside_and_the_rest_goes_on(
    topics: Access, database: str, connection: Postgres
) -> None:
    large = report("large", text="x" * (LARGEST_RECORD + 1))
    write(connection, [report("before"), large, report("after")])
    relay = Relay(database, topics)
    with keeping(database, relay):
        found = published(topics, connection)
        (letter,) = published(topics, connection, "dharura.deadletters")
    assert [each.id for each in found] == [report("before").id, report("after").id]
    assert isinstance(letter.body, DeadLettered)
    assert (letter.body.code, letter.body.step, letter.body.original_id) == ("record-too-large", "relay", large.id)
    assert relay.set_aside == 1


async def make_topics(access: Access, largest: int) -> None:
    """Make the topics, of which the one of reports takes no more than `largest` bytes in a batch."""
    plan = [
        msgspec.structs.replace(topic, settings=topic.settings | {"max.message.bytes": str(largest)})
        if topic.name == access.topic(REPORTS)
        else topic
        for topic in wanted(access, brokers=1)
    ]
    async with administrator(access) as admin:
        await apply(admin, plan, await survey(admin, plan))


def test_what_the_broker_finds_too_large_is_found_among_the_rest_and_set_aside(
    access: Access, database: str, connection: Postgres
) -> None:
    topics = access
    asyncio.run(make_topics(topics, 20_000))
    noise = Random(1).randbytes(30_000).hex()
    written = [report(f"{n}", text=noise if n == 2 else "") for n in range(5)]
    write(connection, written)
    with keeping(database, relay := Relay(database, topics)):
        found = published(topics, connection)
        (letter,) = published(topics, connection, "dharura.deadletters")
    assert first_copies(found) == [each for n, each in enumerate(written) if n != 2]
    assert isinstance(letter.body, DeadLettered)
    assert (letter.body.code, letter.body.original_id) == ("record-too-large", written[2].id)
    assert relay.set_aside == 1


def test_a_large_round_leaves_in_parts(topics: Access, database: str, connection: Postgres) -> None:
    written = [report(f"{n}", KEYS[n % 2], text="x" * 300_000) for n in range(12)]
    write(connection, written)
    with keeping(database, Relay(database, topics)):
        found = published(topics, connection)
    assert in_order(found) == in_order(written)


def test_each_event_goes_to_its_topic_and_what_was_mirrored_beside_it(
    topics: Access, database: str, connection: Postgres
) -> None:
    own = event("own", ReportDismissed(report="r", reason="hoax", by="x"))
    theirs = msgspec.structs.replace(report("theirs"), origin="kisumu")
    write(connection, [own, theirs])
    relay, lease = Relay(database, topics), Lease("relay", "me")
    relay.begin(lease)
    while relay.work():
        pass
    relay.end()
    assert asyncio.run(everything(topics, REPORTS)) == [own]
    assert asyncio.run(everything(topics, f"mirrored.{REPORTS}")) == [theirs]


class Unlucky(Relay):
    """A relay whose first round is lost on the way."""

    lost = 0

    def _send(self, packed: Sequence[Packed]) -> "Future[None]":
        if self.lost:
            return super()._send(packed)
        self.lost = 1
        failed: Future[None] = Future()
        failed.set_exception(KafkaConnectionError("the line broke"))
        return failed


def test_a_round_that_is_lost_is_sent_again_before_what_stands_behind_it(
    topics: Access, database: str, connection: Postgres
) -> None:
    written = [report(f"{n}") for n in range(5)]
    relay = Unlucky(database, topics)
    write(connection, written[:3])
    with keeping(database, relay):
        write(connection, written[3:])
        found = published(topics, connection)
    assert relay.lost
    assert found == written
