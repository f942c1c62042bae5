"""The demo's world, built once, and the hosts: two that need no server, and a cluster that tells all stories."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.clustered import Clustered, Worker
from fixtures.scenario import START
from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql, drop_database
from fixtures.stepped import Stepped
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.cluster import administration, tables
from streams.cluster.access import Access, Cluster, bootstrap
from streams.cluster.postgres import Postgres
from streams.handle import Step
from streams.pipeline import pipeline
from streams.simulated import Simulated


@pytest.fixture(scope="session")
def steps() -> tuple[Step, ...]:
    return pipeline(load_world(Settings()))


@pytest.fixture
def simulated(steps: tuple[Step, ...]) -> Callable[[], Simulated]:
    return lambda: Simulated(steps, START)


@pytest.fixture
def embedded(steps: tuple[Step, ...], tmp_path: Path) -> Iterator[Callable[[], Stepped]]:
    opened: list[Stepped] = []

    def start() -> Stepped:
        data = tmp_path / f"node{len(opened)}"
        data.mkdir()
        opened.append(Stepped(data, steps, START))
        return opened[-1]

    yield start
    for host in opened:
        host.close()


@pytest.fixture(scope="session")
def cluster(
    kafka: Kafka, postgres: Postgresql, steps: tuple[Step, ...], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clustered]:
    """One broker, one database and one worker for all stories; each begins with nothing."""
    access = Access(bootstrap=bootstrap(kafka.bootstrap), prefix=kafka.prefix())
    made = Cluster(kafka=access, database=postgres.database(), worker="stories")
    asyncio.run(administration.prepare(access))
    connection = Postgres.connect(made.database)
    tables.prepare(connection)
    connection.close()
    worker = Worker(made, tmp_path_factory.mktemp("worker"))
    worker.start()
    host = Clustered(made, steps, worker)
    yield host
    host.close()
    worker.kill()
    drop_database(postgres.address, made.database)
    asyncio.run(_forget(access))


async def _forget(access: Access) -> None:
    async with administration.administrator(access) as admin:
        await admin.delete_topics([access.topic(topic.name) for topic in administration.EVERY])


@pytest.fixture
def clustered(cluster: Clustered) -> Clustered:
    cluster.begin(START)
    return cluster
