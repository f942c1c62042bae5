"""A node's way in: durable on Kafka or refused, and who says the same again is told so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from streams.cluster.access import Access
from streams.cluster.host import LOOK_S, Clustered
from streams.cluster.postgres import Postgres
from streams.cluster.tables import epoch, prepare
from streams.cluster.writing import Writing
from streams.database import Reading, StorageError
from streams.events import CONTRACT, Event, SmsReceived
from streams.log import LATER, Line, line
from streams.log_kafka import LogKafka, LogUnavailable

pytestmark = pytest.mark.system("kafka", "postgresql")

AT = datetime(2026, 4, 26, 11, 5, tzinfo=UTC)


def text(id_: str | None = None) -> Line:
    body = SmsReceived(sender="+254700000001", to="", text="maji mengi", gateway="test", gateway_id=uuid4().hex)
    id_ = id_ or str(uuid4())
    event = Event(
        id=id_, cause=id_, source="sms", key="KE.042", at=AT, seen=AT, audience=(), body=body, contract=CONTRACT
    )
    return line(event)


class Made:
    """A host, and the words with which it said that it must begin again."""

    def __init__(self, topics: Access, database: str) -> None:
        connection = Postgres.connect(database)
        prepare(connection)
        self.epoch = epoch(connection)
        connection.close()
        self.changed: asyncio.Queue[str] = asyncio.Queue()
        self.log = LogKafka(topics)
        self.host = Clustered(
            database,
            self.epoch,
            self.log,
            clock=lambda: AT,
            why_changed=self._why_changed,
            changed=self.changed.put_nowait,
        )

    def _why_changed(self, reading: Reading) -> str | None:
        row = reading.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        return None if row is not None and row[0] == self.epoch else "another log"


@pytest.fixture
async def made(topics: Access, database: str) -> AsyncIterator[Made]:
    one = Made(topics, database)
    one.host.start()
    await one.log.ready()
    yield one
    await one.host.close()


async def test_what_is_new_is_numbered_later_and_what_was_said_before_is_known(made: Made, database: str) -> None:
    first, second = text(), text()
    assert await made.host.append([first, second, first]) == [LATER, LATER, None]
    assert await made.host.append([second]) == [None], "said to this node a moment ago"
    archived = text()
    connection = Postgres.connect(database)
    with connection.transaction():
        Writing(connection).write([archived], on_kafka=True)
    connection.close()
    fresh = text()
    assert await made.host.append([archived, fresh]) == [None, LATER], "in the log by way of another node"
    assert await asyncio.to_thread(made.host.end) == 1
    assert made.host.trouble is None


async def test_many_who_ask_at_once_get_each_their_own_answer(made: Made) -> None:
    lines = [text() for _ in range(50)]
    first = await asyncio.gather(*(made.host.append([each]) for each in lines))
    again = await asyncio.gather(*(made.host.append([each, text()]) for each in lines))
    assert first == [[LATER]] * 50
    assert again == [[None, LATER]] * 50


async def test_without_kafka_an_append_is_refused_and_goes_again_by_itself(made: Made, kafka: Kafka) -> None:
    await asyncio.to_thread(kafka.stop)
    refused = text()
    with pytest.raises(LogUnavailable):
        await made.host.append([refused])
    assert isinstance(made.host.trouble, LogUnavailable)
    await asyncio.to_thread(kafka.start)
    await made.log.ready()
    assert await made.host.append([refused]) == [LATER], "what was refused is not taken for known"
    assert made.host.trouble is None


async def test_without_the_database_an_append_is_refused_and_goes_again_by_itself(
    made: Made, postgres: Postgresql
) -> None:
    await asyncio.to_thread(postgres.stop)
    refused = text()
    with pytest.raises(StorageError):
        await made.host.append([refused])
    assert made.host.trouble is not None
    await asyncio.to_thread(postgres.start)
    assert await made.host.append([refused]) == [LATER]
    assert made.host.trouble is None


async def test_a_database_that_hangs_is_not_waited_for(made: Made, database: str) -> None:
    connection = Postgres.connect(database)
    began = asyncio.get_running_loop().time()
    with connection.transaction():
        connection.execute("LOCK TABLE log IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StorageError, match="did not answer"):
            await made.host.append([text()])
    assert asyncio.get_running_loop().time() - began < 4 * LOOK_S
    connection.close()
    assert await made.host.append([text()]) == [LATER]


async def test_a_restored_database_makes_the_node_begin_again(made: Made, database: str) -> None:
    connection = Postgres.connect(database)
    connection.execute("UPDATE meta SET value = 'restored' WHERE name = 'epoch'")
    connection.close()
    assert await made.changed.get() == "another log"
