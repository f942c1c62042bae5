"""A move, also one that is killed, and what must be there afterwards."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

from aiokafka import AIOKafkaConsumer, TopicPartition

from responder_api.moving import Moved, move
from streams.cloudevents import from_cloudevent
from streams.cluster import lag
from streams.cluster.access import Access, Cluster
from streams.cluster.postgres import Postgres
from streams.cluster.turn import readers
from streams.database import FILE, connect
from streams.events import NAMESPACE, AnyBody, Event, MessageAsked, ReportReceived, encode
from streams.handle import Step
from streams.log_sqlite import LogSqlite
from streams.topics import TOPICS, topic_of

NOW = datetime(2026, 4, 26, 7, tzinfo=UTC)
OWED = ("state", "deadline", "outgoing", "ended")
ACCOUNTS = ("account", "session", "refresh_token", "setup", "signing_key")


def report(name: str, seen: datetime, text: str) -> Event:
    return event(name, seen, ReportReceived(channel="web", text=text, lon=34.77, lat=-0.11))


def unsent(seen: datetime) -> Event:
    """Give a warning that had not left yet."""
    return event(
        "unsent",
        seen,
        MessageAsked(
            message="m1",
            kind="warning",
            channel="sms",
            to="+254700000001",
            recipient="r1",
            text="Move to higher ground",
            language="en",
            about="a1",
        ),
    )


def event(name: str, seen: datetime, body: AnyBody) -> Event:
    id_ = str(uuid5(NAMESPACE, f"migrate/{name}"))
    return Event(
        id=id_, cause=id_, source="door", key="KE.042", at=seen, seen=seen, audience=("operator:KE.042",), body=body
    )


def moves(folder: Path, cluster: Cluster) -> Moved:
    return move(folder, cluster, NOW, lambda _: None)


def killed(folder: Path, cluster: Cluster, statement: str, n: int = 1) -> subprocess.CompletedProcess[str]:
    script = Path(__file__).with_name("moving_killed.py")
    kafka = cluster.kafka
    words = [str(folder), ",".join(kafka.bootstrap), kafka.prefix, cluster.database, statement, str(n)]
    return subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False)


def rows(connection: sqlite3.Connection | Postgres, table: str) -> list[tuple[object, ...]]:
    names = {
        "log": '"offset", topic, "key", subject, event',
        "state": 'step, "key", item, value',
        "account": "id, name, display_name, roles, version, password_hash",
        "signing_key": "kid, jwk, created_at, ends_at",
    }
    return sorted(connection.execute(f"SELECT {names.get(table, '*')} FROM {table}").fetchall(), key=str)  # noqa: S608


async def on_kafka(access: Access) -> dict[tuple[str, int], list[Event]]:
    """Read every record there is, by topic and partition."""
    consumer = AIOKafkaConsumer(**access.client("look"))
    await consumer.start()
    try:
        at = {
            TopicPartition(access.topic(topic.name), n): (topic.name, n)
            for topic in TOPICS
            for n in range(topic.partitions)
        }
        ends = {partition: end for partition, end in (await consumer.end_offsets(list(at))).items() if end}
        consumer.assign(list(ends))
        await consumer.seek_to_beginning()
        found: dict[tuple[str, int], list[Event]] = {at[partition]: [] for partition in ends}
        while any(len(found[at[partition]]) < end for partition, end in ends.items()):
            for partition, records in (await consumer.getmany(timeout_ms=200)).items():
                found[at[partition]] += [from_cloudevent(dict(r.headers), r.value, r.key) for r in records]
    finally:
        await consumer.stop()
    return found


def check_all_is_there(folder: Path, cluster: Cluster, steps: tuple[Step, ...], there: Postgres) -> None:
    """Compare the folder with the database and Kafka: every row, every record, and where everybody begins."""
    with closing(connect(folder / FILE, read_only=True)) as here:
        for table in ("log", *OWED, *ACCOUNTS):
            kept = rows(here, table)
            assert kept == rows(there, table), table
            assert kept, f"nothing in {table} was moved"
        events = LogSqlite(here).read(0, 1_000_000)
        done = here.execute("SELECT min(\"offset\") FROM cursor WHERE reader = 'dispatch'").fetchone()[0]
    assert there.execute('SELECT "offset" FROM log_end').fetchone() == (len(events),)
    # Each event is on its topic once, in the log's order; but for the one that no step has taken, which the relay has.
    assert done == len(events) - 1
    assert there.execute('SELECT "offset" FROM outbox').fetchall() == [(done + 1,)]
    found = asyncio.run(on_kafka(cluster.kafka))
    offsets = {event.id: offset for offset, event in events}
    assert sum(map(len, found.values())) == done
    for (topic, _), records in found.items():
        assert [offsets[each.id] for each in records] == sorted(offsets[each.id] for each in records)
        assert {topic_of(each.body).name for each in records} == {topic}
    by_id = {event.id: encode(event) for offset, event in events if offset <= done}
    assert {each.id: encode(each) for records in found.values() for each in records} == by_id
    # Every reader begins behind all of it.
    at = lag.cursors(there)
    for reader, topics in readers(steps).items():
        for topic, n in found:
            if topic in topics:
                assert at[lag.Source(reader, topic, n)] == len(found[topic, n])
    heard = {(step, UUID(str(id_))) for step, id_ in there.execute("SELECT step, id FROM heard").fetchall()}
    assert heard == {
        (step.name, UUID(event.id))
        for offset, event in events
        if offset <= done
        for step in steps
        if type(event.body) in step.hears
    }
