"""Two systems see what the other does, neither acts on it, nothing comes back, and a killed mirror goes on."""

import asyncio
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid5

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

import fixtures
from fixtures.clustered import Clustered, Worker
from fixtures.scenario import START, play, story
from fixtures.servers.children import LOOPBACK, free_port
from responder_api.audience import Viewer, keys_of
from responder_api.joining import SCHEMA
from responder_api.projecting import Projecting
from responder_api.views_postgres import ViewsPostgres
from streams.cloudevents import from_cloudevent
from streams.cluster import tables
from streams.cluster.access import Access, Cluster
from streams.cluster.mirror import Counts, Mirror, Route
from streams.cluster.postgres import Postgres
from streams.events import NAMESPACE, AssignmentOffered, Event, ReportReceived
from streams.handle import Step
from streams.log import Line, line
from streams.log_kafka import LogKafka
from streams.simulated import Simulated
from streams.topics import ALERTS, ASSIGNMENTS, INCIDENTS, MIRRORABLE, MIRRORED, REPORTS, Topic, topic_of

pytestmark = pytest.mark.system("kafka", "postgresql")

STORY = "sms_to_acceptance"
MANY = 6000


@pytest.fixture
def centre(
    nation: Access, database: str, steps: tuple[Step, ...], tmp_path: Path
) -> Iterator[tuple[Clustered, Cluster]]:
    """The nation's cluster at work."""
    cluster = Cluster(kafka=nation, database=database, worker="centre")
    with closing(Postgres.connect(cluster.database)) as connection:
        tables.prepare(connection, SCHEMA)
    worker = Worker(cluster, tmp_path)
    worker.start()
    host = Clustered(cluster, steps, worker)
    host.begin(START)
    yield host, cluster
    host.close()
    worker.kill()


async def written(access: Access, lines: list[Line]) -> None:
    log = LogKafka(access)
    log.start()
    await log.ready()
    for n in range(0, len(lines), 500):
        await log.append(lines[n : n + 500])
    await log.stop()


def mirrored(source: Access, target: Access, route: Route) -> Counts:
    counts = Counts()
    asyncio.run(Mirror(source, target, route, counts).run(once=True))
    return counts


async def there(access: Access, *topics: Topic) -> list[Event]:
    """Read all that was mirrored to some topics."""
    consumer = AIOKafkaConsumer(**access.client("look"))
    await consumer.start()
    try:
        at = [TopicPartition(access.topic(MIRRORED + t.name), n) for t in topics for n in range(t.partitions)]
        ends = {where: end for where, end in (await consumer.end_offsets(at)).items() if end}
        consumer.assign(list(ends))
        await consumer.seek_to_beginning()
        found: list[Event] = []
        while len(found) < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [from_cloudevent(dict(r.headers), r.value, r.key) for r in records]
        return found
    finally:
        await consumer.stop()


def report(n: int, text: str = "fire at the market") -> Event:
    id_ = str(uuid5(NAMESPACE, f"mirror/{n}"))
    key = f"KE.{n % 47 + 1:03}"
    return Event(
        id=id_,
        cause=id_,
        source="intake/reports",
        key=key,
        at=START,
        seen=START,
        audience=(f"operator:{key}", "person:r031"),
        body=ReportReceived(channel="web", text=text, lon=34.76, lat=-0.1),
    )


def everything(system: str, target: str) -> Route:
    return Route(system, target, MIRRORABLE, bool)


def test_each_sees_what_the_other_does_and_acts_on_its_own_alone(
    kisumu: Access, nation: Access, centre: tuple[Clustered, Cluster], steps: tuple[Step, ...]
) -> None:
    host, cluster = centre
    # Kisumu has had its story, with an ask that was accepted.
    lines = [each for each in story(fixtures.path(f"scenarios/{STORY}.jsonl")) if not each.count]
    county = Simulated(steps, START)
    play(lines, county, STORY)
    facts = county.events()
    asyncio.run(written(kisumu, [line(event) for event in facts]))
    shown = [event for event in facts if topic_of(event.body) in MIRRORABLE]

    counts = mirrored(kisumu, nation, everything("kisumu", "nation"))
    assert (counts.copied, counts.lag, counts.unreadable) == (len(shown), 0, 0)
    # The nation has a story of its own meanwhile.
    host.settle()
    play(lines, host, "at the centre")
    host.advance(3600)
    events = host.events()
    received = [event for event in events if event.origin]
    assert {event.id: event.body for event in received} == {event.id: event.body for event in shown}
    assert {event.origin for event in received} == {"kisumu"}
    assert not any(entry.startswith("person:") for event in received for entry in event.audience)
    # Of what came from Kisumu nothing was made, nothing is owed, nobody was asked.
    ours = {event.id for event in events if not event.origin}
    assert [event for event in events if not event.origin and event.cause not in ours | {event.id}] == []
    alone = Simulated(steps, START)
    play(lines, alone, "at the centre")
    alone.advance(3600)
    assert {event.id for event in alone.events()} == ours
    assert [message.id for message in host.carrier.sent] == [message.message for message in alone.sent]
    assert sum(isinstance(event.body, AssignmentOffered) for event in received) > 0

    # Back goes what the nation wrote, and nothing of Kisumu's.
    back = everything("nation", "kisumu")
    assert mirrored(nation, kisumu, back._replace(onward=True)).passed_over >= len(shown)
    came = asyncio.run(there(kisumu, *MIRRORABLE))
    assert {event.origin for event in came} == {"nation"}
    assert {event.id for event in came} == {e.id for e in alone.events() if topic_of(e.body) in MIRRORABLE}
    for one, other, route in ((kisumu, nation, everything("kisumu", "nation")), (nation, kisumu, back)):
        again = mirrored(one, other, route._replace(onward=True))
        assert (again.copied, again.lag) == (0, 0)

    # Whoever looks on at the centre sees Kisumu's incident, with its history.
    projecting = Projecting(cluster.database)
    projecting.begin()
    while projecting.work():
        pass
    projecting.end()
    views = ViewsPostgres(cluster.database, "")
    agency = Viewer(account="a", grants=frozenset({("operator", "KE")}))
    seen = {document.id for document in views.find("incident", frozenset(keys_of(agency)))}
    opened = {event.body.incident for event in shown if isinstance(event.body, AssignmentOffered)}
    assert opened < seen
    assert {event.origin for incident in opened for event in views.history(incident)} == {"kisumu"}
    views.close()


def test_topics_and_audience_choose_what_goes(kisumu: Access, nation: Access) -> None:
    events = [report(n) for n in range(94)]
    asyncio.run(written(kisumu, [line(event) for event in events]))
    only = Route("kisumu", "nation", (REPORTS, ALERTS), lambda audience: "operator:KE.042" in audience)
    counts = mirrored(kisumu, nation, only)
    assert (counts.copied, counts.passed_over) == (2, 92)
    assert mirrored(kisumu, nation, only._replace(topics=(INCIDENTS, ASSIGNMENTS))).copied == 0
    came = asyncio.run(there(nation, REPORTS))
    assert {event.key for event in came} == {"KE.042"}


def test_a_mirror_that_is_killed_goes_on_and_loses_nothing(kisumu: Access, nation: Access, tmp_path: Path) -> None:
    events = [report(n) for n in range(MANY)]
    asyncio.run(written(kisumu, [line(event) for event in events]))
    sides: list[str] = []
    for access in (kisumu, nation):
        file = tmp_path / f"{len(sides)}.env"
        file.write_text(f"DHARURA_KAFKA={','.join(access.bootstrap)}\nDHARURA_TOPIC_PREFIX={access.prefix}\n")
        sides.append(str(file))
    port = free_port()
    command = [sys.executable, "-m", "responder_api", "mirror", "--from", sides[0], "--to", sides[1]]
    command += ["--system", "kisumu", "--target", "nation", "--topic", "reports", "--metrics", str(port)]
    killed = 0
    for part in (1, MANY // 3):
        process = subprocess.Popen(command)
        while asyncio.run(count(nation)) < part:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed == 2

    process = subprocess.Popen(command)
    while lag(port) != 0:
        assert process.poll() is None
    asyncio.run(written(kisumu, [line(report(MANY))]))
    while asyncio.run(count(nation, report(MANY).id)) == 0:
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0
    came = asyncio.run(there(nation, REPORTS))
    first = list({event.id: event for event in came}.values())
    assert len(first) == MANY + 1
    for key in {event.key for event in events}:
        assert [e.id for e in first if e.key == key] == [e.id for e in (*events, report(MANY)) if e.key == key]
    # What came twice is at most what was on its way when it was killed.
    assert len(came) - len(first) <= 2 * 2000


async def count(access: Access, id_: str = "") -> int:
    """Count what stands on the mirrored topic, or a record's copies."""
    if id_:
        return sum(event.id == id_ for event in await there(access, REPORTS))
    consumer = AIOKafkaConsumer(**access.client("look"))
    await consumer.start()
    ends = await consumer.end_offsets([TopicPartition(access.topic(MIRRORED + REPORTS.name), n) for n in range(12)])
    await consumer.stop()
    return sum(ends.values())


def lag(port: int) -> float:
    """Read what Prometheus is shown; -1 before it is."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    except OSError:
        return -1
    newest = re.search(r"^dharura_mirror_newest_seconds\S* (\S+)$", text, re.MULTILINE)
    found = re.search(r'^dharura_mirror_lag\{system="kisumu",target="nation"\} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found and newest and float(newest[1]) > 0 else -1
