"""Nodes, steps and keeper cut off from Kafka for a minute, one way or both, with every socket open (F11).

What was not acknowledged is not answered 202. What comes late, or again at another node, is the same and counts once.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import uuid4

import pytest

from fixtures.cluster_processes import ClusterProcesses
from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from fixtures.servers.wire import WAYS, Way, Wire
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.pipeline import pipeline
from tests.cluster.ledger import Ledger
from tests.cluster.nodes.conftest import AT, Whole
from tests.cluster.nodes.phones import listening
from tests.cluster.topic_contents import everything

pytestmark = pytest.mark.system("kafka", "postgresql")

CUT_S = 60.0
CUT: dict[int, Sequence[Way]] = {1: WAYS, 2: ("there",), 3: ("back",)}
"""Which way each node loses what is said. The fourth loses nothing."""
WORKER: Sequence[Way] = ("back",)


@pytest.fixture(scope="module")
def wires() -> Iterator[list[Wire]]:
    made = [Wire() for _ in (*CUT, WORKER)]
    yield made
    for wire in made:
        wire.end()


@pytest.fixture(scope="module")
def kafka(wires: list[Wire]) -> Iterator[Kafka]:
    server = Kafka.begin(wires=wires)
    yield server
    server.end()


@pytest.fixture(scope="module")
def processes(
    kafka: Kafka, postgres: Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClusterProcesses]:
    made = ClusterProcesses(tmp_path_factory.mktemp("cut"), kafka.bootstrap, postgres.database(), kafka.prefix())
    for n in CUT:
        made.node(n, DHARURA_KAFKA=kafka.bootstrap_of(n))
    made.worker(1, DHARURA_KAFKA=kafka.bootstrap_of(len(CUT) + 1))
    try:
        yield made.start(nodes=len(CUT) + 1, workers=1)
    finally:
        made.end()


async def test_nodes_and_worker_are_cut_off_for_a_minute(whole: Whole, wires: list[Wire]) -> None:
    name = await whole.person("amina", ("operator", "KE.042"))
    phones = [whole.phone(name, first=n) for n in (1, 2)]
    async with listening(phones):
        ids = [await whole.report([n]) for n in (*CUT, 4)]
        await whole.settled(ids)
        for wire, ways in zip(wires, (*CUT.values(), WORKER), strict=True):
            wire.cut(*ways)
        since = time.monotonic()
        # Five clients of each node that say the same until they are heard; of the one that hears and cannot answer,
        # five more that go to another node then.
        waiting = [asyncio.create_task(whole.report([n])) for n in CUT for _ in range(5)]
        moved = [uuid4().hex for _ in range(5)]
        ids += await asyncio.gather(*(whole.report([3, 4], key) for key in moved))
        refused = {n: await whole.ask(n, "POST", "/intake/reports", json={"text": "flood", **AT}) for n in CUT}
        assert {answer.json()["code"] for answer in refused.values()} == {"log-unavailable"}
        while time.monotonic() - since < CUT_S:
            ids.append(await whole.report([4]))
            for n in CUT:
                assert (await whole.ask(n, "GET", "/healthz")).status_code == 200
                assert (await whole.ask(n, "GET", f"/reports/{ids[0]}", name)).status_code == 200
        assert not any(task.done() for task in waiting), "accepted though nobody acknowledged it"
        for wire in wires:
            wire.heal()
        ids += await asyncio.gather(*waiting)
        await whole.settled(ids)
        await whole.all_heard(name, phones)
        assert [phone.resyncs for phone in phones] == [["fresh"], ["fresh"]]
        assert [phone.closed for phone in phones] == [[], []]
    access = whole.processes.access
    came = Counter(event.id for event in await everything(access, "dharura.reports"))
    assert len(set(ids)) == len(ids)
    assert set(ids) <= came.keys()
    await asyncio.to_thread(_count, Ledger(access, whole.processes.database, pipeline(load_world(Settings()))), ids)


def _count(ledger: Ledger, ids: Sequence[str]) -> None:
    ledger.settle()
    with ledger.connection() as connection:
        logged = Counter(id_ for (id_,) in connection.execute("SELECT id::text FROM log").fetchall())
        rows = connection.execute("SELECT id::text FROM heard WHERE step = 'reports'").fetchall()
    assert set(logged.values()) == {1}
    heard = Counter(id_ for (id_,) in rows)
    assert set(ids) <= heard.keys() <= logged.keys()
    assert set(heard.values()) == {1}
    assert ledger.one('SELECT max("offset") FROM log') == len(logged)
