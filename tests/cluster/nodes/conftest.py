"""One whole cluster for all tests of nodes: two nodes and a worker, the commands that an operator starts."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fixtures.cluster_processes import PASSWORD, ClusterProcesses
from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from responder_api.audience import Viewer, keys, keys_of
from responder_api.host import Written
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.shown_cluster import ByConsequence
from responder_api.views import Frame
from responder_api.views_postgres import ViewsPostgres
from streams.clock import SteadyClock
from streams.cluster.postgres import Postgres
from streams.cluster.tables import epoch
from streams.pipeline import pipeline
from tests.cluster.nodes.phones import Phone, offset_of

AT = {"lon": 34.7617, "lat": -0.0917}
LONG = httpx.Timeout(120.0)


class Whole:
    """The cluster, whoever is signed in, and the truth as the database has it."""

    def __init__(self, processes: ClusterProcesses) -> None:
        self.processes = processes
        connection = Postgres.connect(processes.database)
        self.epoch = epoch(connection)
        connection.close()
        self.views = ViewsPostgres(processes.database, self.epoch)
        self._steps = pipeline(load_world(Settings()))
        self._tokens: dict[str, str] = {}
        self._viewers: dict[str, Viewer] = {}

    def url(self, n: int) -> str:
        return self.processes.node(n).url

    @property
    def urls(self) -> tuple[str, str]:
        return self.url(1), self.url(2)

    async def person(self, name: str, *grants: tuple[str, str], person: str | None = None) -> str:
        """Make an account and sign it in; give its name."""
        await self.processes.account(name, *grants, person=person)
        # At the one node that is sure to be there; it counts at all.
        async with httpx.AsyncClient(base_url=self.url(1), timeout=LONG, trust_env=False) as client:
            answer = await client.post("/sessions", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self._tokens[name] = answer.json()["access_token"]
        self._viewers[name] = Viewer(account=f"id-{name}", person=person, grants=frozenset(grants))  # type: ignore[arg-type]  # roles by name
        return name

    def token(self, name: str) -> str:
        return self._tokens[name]

    def phone(self, name: str, *, first: int = 1, position: str | None = None) -> Phone:
        """Give a client that begins at a node and comes back to the other."""
        urls = self.urls if first == 1 else self.urls[::-1]
        return Phone(urls, self._tokens[name], position=position)

    async def ask(self, node: int, method: str, path: str, name: str | None = None, **sent: Any) -> httpx.Response:
        """Ask a node as somebody."""
        headers = {} if name is None else {"authorization": f"Bearer {self._tokens[name]}"}
        async with httpx.AsyncClient(base_url=self.url(node), timeout=LONG, trust_env=False) as client:
            return await client.request(method, path, headers=headers, **sent)

    async def report(self, nodes: Sequence[int], key: str | None = None) -> str:
        """Report a flood to the first of the nodes that takes it, saying the same until one does; give its id."""
        key = key or uuid4().hex
        body = {"text": f"flood, people on roofs, {key}", "hazard": "flood", "idempotency_key": key, **AT}
        turn = 0
        while True:
            node = nodes[turn % len(nodes)]
            turn += 1
            try:
                answer = await self.ask(node, "POST", "/intake/reports", json=body)
            except httpx.TransportError:
                await asyncio.sleep(0.05)  # the node is gone: its client tries the next one
                continue
            if answer.status_code == 202:
                return str(answer.json()["id"])
            assert answer.status_code == 503, answer.text
            assert int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(0.2)

    async def settled(self, ids: Sequence[str]) -> None:
        """Wait until all that follows from events can be read."""
        clock = SteadyClock()
        shown = ByConsequence(self.processes.database, self._steps, clock)
        try:
            await asyncio.gather(*(shown.reached(Written(id_, new=True), 3600.0) for id_ in ids))
        finally:
            await shown.close()

    def feed(self, name: str) -> list[Frame]:
        """Give every frame that somebody may see, in order, as the database has it."""
        mine = frozenset(keys_of(self._viewers[name]))
        return [frame for frame in self.views.replay(0, 10_000_000) if mine & keys(frame.audience)]

    async def all_heard(self, name: str, phones: Sequence[Phone]) -> None:
        """Make sure that somebody's clients get every frame of theirs once, in order, since where each began."""
        truth = [frame.offset for frame in self.feed(name)]
        for phone in phones:
            await phone.heard(truth[-1])
            now = offset_of(str(phone.position))
            # What came after the truth was read is not in it.
            assert [n for n in phone.got if n <= truth[-1]] == [n for n in truth if phone.base < n <= now]


@pytest.fixture(scope="session")
def processes(
    kafka: Kafka, postgres: Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClusterProcesses]:
    folder: Path = tmp_path_factory.mktemp("cluster")
    made = ClusterProcesses(folder, kafka.bootstrap, postgres.database(), kafka.prefix())
    try:
        yield made.start(nodes=2, workers=1)
    finally:
        made.end()


@pytest.fixture
def whole(processes: ClusterProcesses, kafka: Kafka, postgres: Postgresql) -> Iterator[Whole]:
    """The cluster with everything running, whatever the test before did to it."""
    kafka.start()
    postgres.start()
    for process in processes:
        process.thaw()
        process.begin()
    for process in processes:
        process.ready()
    made = Whole(processes)
    yield made
    made.views.close()
