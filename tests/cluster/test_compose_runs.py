"""What docker-compose.yml starts really runs: its brokers' settings, its commands, health checks, proxy and alarms.

There is no container here, but the same commands with the same settings, on a root that can only be read; only
addresses and folders are this machine's.
"""

import asyncio
import json
import re
import select
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import websockets
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from fixtures.cluster_processes import PASSWORD, ClusterProcesses
from fixtures.servers.children import LOOPBACK
from streams.cluster.access import Access, bootstrap
from tests.cluster.containers import ROOT, Brokers, Container, Proxy, may_mount

LOOK_S = 0.05


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make secrets` makes, for a site that is this machine."""
    folder = tmp_path_factory.mktemp("site")
    made = {"PATH": "/usr/local/bin:/usr/bin:/bin", "SITE": LOOPBACK}
    subprocess.run([ROOT / "docs/cluster/make-secrets", folder], env=made, check=True, capture_output=True)
    return folder / "secrets"


@pytest.fixture(scope="module")
def broker(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    brokers = Brokers(tmp_path_factory.mktemp("kafka"), ["kafka"], secrets)
    brokers.start()
    yield brokers
    brokers.end()


def access_of(brokers: Brokers, secrets: Path, name: str, password: str) -> Access:
    return Access(
        bootstrap=bootstrap(brokers.bootstrap_of(1)),
        security="sasl_ssl",
        username=name,
        password=password,
        ca=secrets / "kafka_ca.pem",
    )


@pytest.mark.system("kafka", "openssl")
async def test_an_agency_gets_in_by_its_name_over_tls_and_only_to_what_it_may_read(
    broker: Brokers, secrets: Path
) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap_of(0))
    await admin.start()
    await admin.create_topics([NewTopic("kept-from-agencies", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_of(0), acks="all")
    await producer.start()
    await producer.send_and_wait("kept-from-agencies", b"x")
    await producer.stop()

    broker.user("national", "a long one")
    # Who it is was believed, or it would not be told that this topic is not for it.
    agency = AIOKafkaConsumer(
        "kept-from-agencies", **access_of(broker, secrets, "national", "a long one").client("agency")
    )
    with pytest.raises(TopicAuthorizationFailedError):
        await agency.start()
    await agency.stop()
    stranger = AIOKafkaConsumer(**access_of(broker, secrets, "national", "a guess").client("stranger"))
    with pytest.raises(KafkaError):
        await stranger.start()
    await stranger.stop()


@pytest.mark.system("kafka", "openssl")
async def test_three_brokers_take_records_while_one_is_gone(secrets: Path, tmp_path: Path) -> None:
    brokers = Brokers(tmp_path, ["kafka-1", "kafka-2", "kafka-3"], secrets)
    try:
        brokers.start()
        admin = AIOKafkaAdminClient(bootstrap_servers=brokers.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic("kept", 1, 3)])
        await admin.close()
        brokers.kill(2)
        producer = AIOKafkaProducer(bootstrap_servers=brokers.bootstrap, acks="all", enable_idempotence=True)
        await producer.start()
        assert [(await producer.send_and_wait("kept", b"x")).offset for _ in range(10)] == list(range(10))
        await producer.stop()
    finally:
        brokers.end()


# ----------------------------------------------------------------------------------------------------- the whole of it


class Stage:
    """Two nodes, two workers and the proxy."""

    def __init__(self, folder: Path, secrets: Path, brokers: Brokers, database: str) -> None:
        world = folder / "world"  # one volume for all four
        world.mkdir()
        instead = {"DHARURA_KAFKA": brokers.bootstrap_of(0), "DHARURA_DATABASE": database}
        self.nodes = [Container(name, world, secrets, instead, b"Dharura listens") for name in ("node-1", "node-2")]
        self.workers = [
            Container(name, world, secrets, instead, b"reading begins") for name in ("worker-1", "worker-2")
        ]
        self.proxy = Proxy(folder, [f"{LOOPBACK}:{node.port}" for node in self.nodes])
        self.database = database
        self.folder = folder
        self.key = self.nodes[0].environment["DHARURA_INTAKE_KEY"]
        self.url = f"https://localhost:{self.proxy.port}"

    def start(self) -> None:
        for container in (*self.workers, *self.nodes):
            container.begin()
        for container in (*self.workers, *self.nodes):
            container.ready()
        self.proxy.start()

    def end(self) -> None:
        self.proxy.kill()
        for container in (*self.nodes, *self.workers):
            container.kill()

    def trust(self) -> ssl.SSLContext:
        """Trust the proxy's own authority; it makes its certificates in the first moments."""
        while True:
            try:
                context = ssl.create_default_context(cafile=self.proxy.authority)
                with httpx.Client(verify=context) as client:
                    client.get(f"{self.url}/healthz").raise_for_status()
                return context
            except (OSError, httpx.HTTPError):
                assert self.proxy.child.running
                select.select([], [], [], LOOK_S)


@pytest.fixture
def stage(tmp_path: Path, secrets: Path, broker: Brokers, database: str) -> Iterator[Stage]:
    if not may_mount():
        pytest.skip("this system lets nobody mount anything (unshare --map-root-user --mount)")
    made = Stage(tmp_path, secrets, broker, database)
    try:
        yield made
    finally:
        made.end()


async def sms(client: httpx.AsyncClient, key: str, id_: str) -> int:
    """Send a text as a gateway does; give the status."""
    said = "Maji yamejaa nyumbani Ahero, watoto wako juu ya paa"
    form = {"id": id_, "from": "+254711222333", "to": "20880", "text": said}
    return (await client.post("/intake/sms", data=form, headers={"authorization": f"Bearer {key}"})).status_code


@pytest.mark.system("kafka", "postgresql", "unshare", "openssl", "caddy")
async def test_nodes_and_workers_serve_through_the_proxy_and_one_node_is_not_missed(stage: Stage) -> None:
    await asyncio.to_thread(stage.start)
    assert all([await asyncio.to_thread(each.healthy) for each in (*stage.nodes, *stage.workers)])
    context = await asyncio.to_thread(stage.trust)
    await ClusterProcesses(stage.folder, "unused:9092", stage.database, "").account("kisumu", ("operator", "KE.042"))

    async with httpx.AsyncClient(base_url=stage.url, verify=context) as client:
        assert (await client.get("/metrics")).status_code == 404, "figures are not for everybody"
        assert await sms(client, "a guess of the key", "x") == 401
        signed = await client.post("/sessions", json={"name": "kisumu", "password": PASSWORD})
        token = signed.json()["access_token"]
        async with websockets.connect(f"{stage.url.replace('https', 'wss')}/live", ssl=context) as live:
            await live.send(json.dumps({"type": "hello", "token": token}))
            hello = json.loads(await live.recv())
            assert hello["type"] in ("snapshot", "welcome", "resync"), hello
            assert await sms(client, stage.key, "one") == 202
            seen = ""
            while "incident" not in seen:
                seen += str(await live.recv())

        async with httpx.AsyncClient() as prometheus:
            figures = (await prometheus.get(f"http://{LOOPBACK}:{stage.nodes[1].port}/metrics", timeout=60)).text
        told = set(re.findall(r"^(dharura_\w+)", figures, re.MULTILINE))
        alarms = (ROOT / "docs/cluster/alarms.yml").read_text()
        assert set(re.findall(r"\bdharura_\w+", alarms)) <= told, "an alarm on a figure that nobody tells never rings"
        assert set(re.findall(r'dharura_lease\{duty="(\w+)"', alarms)) == set(re.findall(r'duty="(\w+)"', figures))

        stage.nodes[0].kill()
        for n in range(20):
            # A gateway says again what was not answered, under the same id.
            while await sms(client, stage.key, f"n{n}") != 202:
                assert stage.proxy.child.running
        listed = await client.get("/incidents", headers={"authorization": f"Bearer {token}"})
        assert listed.status_code == 200, "a session of one node is the other's too"
