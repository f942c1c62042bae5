"""A database that was brought back, or has lost its Kafka, goes on: what was in its log is not lost, nor done twice."""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec
import psycopg
import pytest

from fixtures.servers.kafka import Kafka
from geo.places import Rejected
from responder_api import joining
from responder_api.restoring import Restored, restored
from streams.cluster import tables
from streams.cluster.administration import prepare
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres
from streams.cluster.relay import Relay
from streams.handle import Step
from tests.cluster.keeping import keeping
from tests.cluster.ledger import Calm, Ledger, calls, people
from tests.cluster.workers import Worker, end


class OnNewKafka(Ledger):
    """Books whose beginning is on a Kafka that is gone."""

    async def _check_kafka(self, offsets: Mapping[str, int]) -> None:
        pass


def begin_anew(address: str, steps: tuple[Step, ...], *, new_kafka: bool) -> Restored:
    with closing(Postgres.connect(address)) as connection:
        tables.prepare(connection, joining.SCHEMA)
        return restored(connection, steps, new_kafka=new_kafka)


@pytest.mark.system("kafka", "postgresql")
def test_with_a_new_kafka_the_steps_take_what_was_only_on_the_old_one(
    ledger: Ledger, kafka: Kafka, tmp_path: Path
) -> None:
    enrolled, rung = people(), calls("gone", 40)
    first = Worker("first", ledger.access, ledger.database, tmp_path)
    second = None
    try:
        first.start()
        ledger.produce(enrolled + rung)
        ledger.until(f"SELECT count(*) = {len(enrolled) + len(rung)} FROM log WHERE cause = id::text", first.alive)  # noqa: S608  two counts
        first.kill()
        with ledger.connection() as connection:
            connection.execute("DELETE FROM outbox")  # published, and no step has taken it: then the brokers burn

        done = begin_anew(ledger.database, ledger.steps, new_kafka=True)
        assert done.again > 0
        elsewhere = msgspec.structs.replace(ledger.access, prefix=kafka.prefix())
        asyncio.run(prepare(elsewhere))
        books = OnNewKafka(elsewhere, ledger.database, ledger.steps)
        with keeping(ledger.database, Relay(ledger.database, elsewhere)):
            second = Worker("second", elsewhere, ledger.database, tmp_path)
            second.start()
            books.settle(second.alive)
            books.check(Calm(ledger.steps, enrolled + rung), state=False)
    finally:
        end([each for each in (first, second) if each is not None])


@pytest.mark.system("kafka", "postgresql")
def test_an_older_database_takes_again_what_kafka_still_has(ledger: Ledger, tmp_path: Path) -> None:
    enrolled, before, after = people(), calls("before", 20), calls("after", 20)
    workers = []
    older = copy_name(ledger.database)
    try:
        with keeping(ledger.database, Relay(ledger.database, ledger.access)):
            workers.append(Worker("first", ledger.access, ledger.database, tmp_path))
            workers[-1].start()
            ledger.produce(enrolled + before)
            ledger.settle(workers[-1].alive)
            workers[-1].kill()
        copy(ledger.database, older)
        with keeping(ledger.database, Relay(ledger.database, ledger.access)):
            workers.append(Worker("second", ledger.access, ledger.database, tmp_path))
            workers[-1].start()
            ledger.produce(after)
            ledger.settle(workers[-1].alive)
            workers[-1].kill()

        assert begin_anew(older, ledger.steps, new_kafka=False).again == 0
        books = Ledger(ledger.access, older, ledger.steps)
        with keeping(older, Relay(older, ledger.access)):
            workers.append(Worker("third", ledger.access, older, tmp_path))
            workers[-1].start()
            books.settle(workers[-1].alive)
            books.check(Calm(ledger.steps, enrolled + before, after), state=False)
    finally:
        end(workers)
        with psycopg.connect(beside(ledger.database, "postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name_of(older)} WITH (FORCE)".encode())


@pytest.mark.system("postgresql")
def test_clients_load_anew_and_asks_that_waited_count_as_sent(database: str, steps: tuple[Step, ...]) -> None:
    with closing(Postgres.connect(database)) as connection:
        before = tables.prepare(connection, joining.SCHEMA)
        connection.execute("INSERT INTO feed VALUES (1, 'incident', 'public', 'x')")
        for name, ask in (("an ask", "a1"), ("a warning", "")):
            connection.execute("INSERT INTO outgoing VALUES (?, ?, 0, 0, 0, 'x')", (name, ask))
        lease = Lease("relay", "somebody")
        assert lease.take(connection)
        with pytest.raises(Rejected, match="somebody does relay"):
            restored(connection, steps, new_kafka=False)
        assert tables.epoch(connection) == before
        lease.release(connection)

        done = restored(connection, steps, new_kafka=False)
        assert (done.asks, done.again) == (1, 0)
        assert done.epoch == tables.epoch(connection) != before
        assert connection.execute("SELECT count(*) FROM feed").fetchone() == (0,)
        taken = connection.execute("SELECT message, taken, attempts FROM outgoing ORDER BY message").fetchall()
        assert taken == [("a warning", 0, 0), ("an ask", 1, 1)]


def name_of(address: str) -> str:
    return urlsplit(address).path.lstrip("/")


def beside(address: str, name: str) -> str:
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


def copy_name(address: str) -> str:
    return beside(address, f"{name_of(address)}_older")


def copy(address: str, target: str) -> None:
    """Copy a database, as a backup of this moment would."""
    with psycopg.connect(beside(address, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name_of(target)} TEMPLATE {name_of(address)}".encode())
