"""Every story over a cluster in trouble ends with the same events, byte for byte, as over a calm one."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fixtures import path
from fixtures.scenario import START, play, story
from fixtures.servers.postgresql import Postgresql, drop_database
from streams.cluster.postgres import Postgres
from streams.cluster.tables import prepare
from streams.events import encode
from streams.handle import Step
from tests.cluster.played_cluster import Faults, PlayedCluster

pytestmark = pytest.mark.system("postgresql")

STORIES = sorted(file for file in path("scenarios").glob("*.jsonl") if file.stem != "demo_flood")


@pytest.fixture
def calm(database: str, steps: tuple[Step, ...]) -> Iterator[PlayedCluster]:
    with closing(Postgres.connect(database)) as connection:
        prepare(connection)
    with closing(PlayedCluster(database, steps, START)) as cluster:
        yield cluster


@pytest.fixture
def stormy(postgres: Postgresql, steps: tuple[Step, ...], request: pytest.FixtureRequest) -> Iterator[PlayedCluster]:
    database = postgres.database()
    with closing(Postgres.connect(database)) as connection:
        prepare(connection)
    with closing(PlayedCluster(database, steps, START, Faults(), seed=len(request.node.name))) as cluster:
        yield cluster
    drop_database(postgres.address, database)


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_in_trouble_ends_as_a_calm_one_does(file: Path, calm: PlayedCluster, stormy: PlayedCluster) -> None:
    lines = story(file)
    play(lines, calm, file.stem)
    play(lines, stormy, file.stem)
    assert Counter(map(encode, stormy.events())) == Counter(map(encode, calm.events()))
    assert stormy.partitions() == calm.partitions()
    assert stormy.sent == calm.sent
    # A storm in which nothing happened proves nothing.
    assert min(stormy.seen[fault] for fault in ("crash", "overtaken", "gaps", "repeat")) > 0
    assert not any(calm.seen.values())
