"""A database with its tables, turns over played partitions, two systems, and a cluster with its books."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.cluster import administration
from streams.cluster.access import Access, bootstrap
from streams.cluster.postgres import Postgres
from streams.cluster.relay import Relay
from streams.cluster.tables import prepare
from streams.handle import Step
from streams.pipeline import pipeline
from tests.cluster.keeping import keeping
from tests.cluster.ledger import Ledger
from tests.cluster.turning import Turning
from tests.cluster.workers import Worker, end

Start = Callable[..., Worker]


@pytest.fixture(scope="session")
def steps() -> tuple[Step, ...]:
    return pipeline(load_world(Settings()))


@pytest.fixture
def connection(database: str) -> Iterator[Postgres]:
    """A database of its own, its tables made."""
    made = Postgres.connect(database)
    prepare(made)
    yield made
    made.close()


@pytest.fixture
def turning(database: str) -> Iterator[Turning]:
    """Workers' turns over one partition number, in a database of its own."""
    with ExitStack() as opened:
        yield Turning(database, opened)


@pytest.fixture
def kisumu(topics: Access) -> Access:
    """Kafka of one system."""
    return topics


@pytest.fixture
def nation(access: Access) -> Access:
    """Kafka of another: the same brokers under another prefix."""
    there = msgspec.structs.replace(access, prefix=f"{access.prefix}nation.")
    asyncio.run(administration.prepare(there))
    return there


@pytest.fixture
def ledger(topics: Access, database: str, steps: tuple[Step, ...]) -> Ledger:
    """The books of one test, over topics and tables of its own."""
    connection = Postgres.connect(database)
    prepare(connection)
    connection.close()
    return Ledger(topics, database, steps)


@pytest.fixture
def relayed(ledger: Ledger) -> Iterator[Ledger]:
    """The same, with a keeper that relays."""
    with keeping(ledger.database, Relay(ledger.database, ledger.access)):
        yield ledger


@pytest.fixture
def worker(topics: Access, database: str, tmp_path: Path) -> Iterator[Start]:
    """Make workers over the test's topics and database, by other addresses if need be; they are killed at the end."""
    made: list[Worker] = []

    def make(
        name: str = "one", faults: Mapping[str, Any] | None = None, *, kafka: str = "", postgres: str = ""
    ) -> Worker:
        access = msgspec.structs.replace(topics, bootstrap=bootstrap(kafka)) if kafka else topics
        made.append(Worker(name, access, postgres or database, tmp_path, faults))
        return made[-1]

    yield make
    end(made)
