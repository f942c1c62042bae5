"""A county moves from one machine to a cluster, is cut off on the way, and goes on as if it had never moved."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from fixtures.clustered import Clustered, Worker
from fixtures.flood import play_flood
from fixtures.scenario import START
from fixtures.servers.postgresql import Postgresql
from fixtures.stepped import Stepped
from fixtures.told import early, told
from geo.places import Rejected
from responder_api import view_tables
from responder_api.__main__ import main
from responder_api.accounts import Account, Grant
from responder_api.accounts_postgres import PostgresAccounts
from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.moved import check_not_moved
from responder_api.moving import Differs, Moved, move
from responder_api.projector import Projector
from streams.cloudevents import from_cloudevent
from streams.cluster import lag, tables
from streams.cluster.access import Access, Cluster
from streams.cluster.postgres import Postgres
from streams.cluster.turn import readers
from streams.database import FILE, connect
from streams.embedded import AlreadyRunning, lock_folder
from streams.events import NAMESPACE, AssignmentExpired, AssignmentOffered, Event, IncidentGrew, ReportReceived, encode
from streams.handle import Step
from streams.log import line
from streams.log_damage import LogDamaged
from streams.log_sqlite import LogSqlite
from streams.topics import TOPICS, topic_of

pytestmark = pytest.mark.system("kafka", "postgresql")

MINUTES = 10
NOW = datetime(2026, 4, 26, 7, tzinfo=UTC)
KILLS = (
    ("UPDATE log_end", 2),  # some rows of the log are there
    ("UPDATE log_end", 3),
    ("INSERT INTO meta", 5),  # Kafka has acknowledged a round, and nobody has noted it
    ("INSERT INTO meta", 7),
    ("DELETE FROM account", 1),  # half of what is owed
    ("UPDATE cursor", 3),  # some of the read model
    ("DELETE FROM meta", 1),  # all but the last word
)
"""Before which statement to PostgreSQL each run dies: the n-th of a kind."""
OWED = ("state", "deadline", "outgoing", "ended")


def report(name: str, seen: datetime, text: str) -> Event:
    id_ = str(uuid5(NAMESPACE, f"migrate/{name}"))
    body = ReportReceived(channel="web", text=text, lon=34.77, lat=-0.11)
    return Event(
        id=id_, cause=id_, source="door", key="KE.042", at=seen, seen=seen, audience=("operator:KE.042",), body=body
    )


@pytest.fixture(scope="module")
def played(steps: tuple[Step, ...], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """A folder ten minutes into the flood, cut off before the steps took a last report; and that moment."""
    folder = tmp_path_factory.mktemp("played")
    accounts = SqliteAccounts(folder / FILE)
    made = Account(
        id="a1",
        name="atieno",
        display_name="Atieno",
        roles=(Grant(role="operator", area="KE.042"),),
        created_at=START,
        changed_at=START,
    )
    asyncio.run(accounts.change("a1", lambda _before, _all: made, "hash"))
    accounts.close()
    connection = connect(folder / FILE)
    view_tables.prepare(connection)
    epoch = LogSqlite(connection).epoch
    host = Stepped(folder, steps, START, lambda: [Projector(epoch)])
    play_flood(host, 60.0 * MINUTES)
    now = host.now
    host.close()
    log = LogSqlite(connection)
    connection.execute("BEGIN")
    log.append([line(report("last", now, "flooding at Ring Road, people on rooftops"))])
    log.flush()
    connection.execute("COMMIT")
    connection.close()
    return folder, now


@pytest.fixture
def folder(played: tuple[Path, datetime], tmp_path: Path) -> Path:
    return Path(shutil.copytree(played[0], tmp_path / "folder"))


@pytest.fixture
def cluster(access: Access, database: str) -> Cluster:
    return Cluster(kafka=access, database=database, worker="moved")


@pytest.fixture
def database_rows(database: str) -> Iterator[Postgres]:
    with closing(Postgres.connect(database, name="a look")) as connection:
        yield connection


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
        for table in ("log", *OWED, "account", "session", "signing_key"):
            if table != "signing_key":
                assert rows(here, table) == rows(there, table), table
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


def test_a_move_that_is_killed_again_and_again_is_finished_by_the_next_run(
    folder: Path, cluster: Cluster, steps: tuple[Step, ...], database_rows: Postgres
) -> None:
    for statement, n in KILLS:
        run = killed(folder, cluster, statement, n)
        assert run.returncode == -signal.SIGKILL, run.stderr
    moves(folder, cluster)
    check_all_is_there(folder, cluster, steps, database_rows)
    assert tables.prepare(database_rows) != ""


def test_it_goes_on_as_if_it_had_never_moved(
    played: tuple[Path, datetime], folder: Path, cluster: Cluster, steps: tuple[Step, ...], tmp_path: Path
) -> None:
    stayed = Stepped(Path(shutil.copytree(folder, tmp_path / "stayed")), steps, played[1])
    moved = moves(folder, cluster)
    assert (moved.unanswered, moved.counts["account"]) == (1, 1)
    worker = Worker(cluster, tmp_path)
    worker.start()
    host = Clustered(cluster, steps, worker)
    host.go_on(played[1])
    try:
        for each in (host, stayed):
            each.settle()
            each.feed([report("next", each.now, "water is rising at Ring Road")])
            each.settle()
            each.advance(300)
        events = host.events()
        assert told(events) == told(stayed.events())
        assert early(events[moved.events :]) == []
    finally:
        host.close()
        worker.kill()
        stayed.close()
    before, after = events[: moved.events], events[moved.events :]
    # The reports joined what was open before, one of them never taken by a step there; who was silent is followed.
    grew = {event.body.report for event in after if isinstance(event.body, IncidentGrew)}
    assert grew >= {report("last", START, "").id, report("next", START, "").id}
    asked = {event.body.assignment for event in before if isinstance(event.body, AssignmentOffered)}
    assert any(isinstance(event.body, AssignmentExpired) and event.body.assignment in asked for event in after)
    people = [(e.body.incident, e.body.responder) for e in events if isinstance(e.body, AssignmentOffered)]
    assert len(people) == len(set(people)) > len(asked)


async def test_who_could_sign_in_still_can(folder: Path, cluster: Cluster) -> None:
    await asyncio.to_thread(moves, folder, cluster)
    accounts = PostgresAccounts(cluster.database)
    assert [(account.name, account.roles) for account in await accounts.all()] == [
        ("atieno", (Grant(role="operator", area="KE.042"),))
    ]
    accounts.close()


def test_a_folder_that_was_moved_is_not_served_again(
    folder: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DHARURA_TOPIC_PREFIX", cluster.kafka.prefix)
    monkeypatch.delenv("DHARURA_KAFKA", raising=False)
    monkeypatch.delenv("DHARURA_DATABASE", raising=False)
    kafka = f"kafka://{','.join(cluster.kafka.bootstrap)}"
    words = ["migrate", "--from", f"sqlite:{folder}", "--to", kafka, "--database", cluster.database]
    assert main(words) == 0
    assert "documents, equal in both" in capsys.readouterr().out
    assert main(words) == 0  # it says the same again, and does nothing
    assert main(["serve", "--data", str(folder)]) == 2
    assert "data-moved" in capsys.readouterr().err
    with pytest.raises(Rejected, match=cluster.kafka.bootstrap[0]):
        check_not_moved(folder)


def test_a_folder_in_use_or_damaged_is_left_alone(folder: Path, cluster: Cluster, database_rows: Postgres) -> None:
    with closing(lock_folder(folder)), pytest.raises(AlreadyRunning):
        moves(folder, cluster)
    with closing(connect(folder / FILE)) as connection:
        connection.execute("UPDATE log SET event = CAST(event || ' ' AS BLOB) WHERE \"offset\" = 200")
    with pytest.raises(LogDamaged, match="row 200"):
        moves(folder, cluster)
    assert database_rows.execute("SELECT to_regclass('log')").fetchone() == (None,)


def test_a_database_or_topics_with_another_log_are_left_alone(
    folder: Path, cluster: Cluster, database_rows: Postgres, postgres: Postgresql
) -> None:
    moves(folder, cluster)
    before = rows(database_rows, "log")
    other = Path(shutil.copytree(folder, folder.with_name("other")))
    with closing(connect(other / FILE)) as connection:
        connection.execute("UPDATE meta SET value = 'another' WHERE name = 'epoch'")
        connection.execute("DELETE FROM meta WHERE name = 'moved'")
    with pytest.raises(Rejected, match="holds a log that was moved there before"):
        moves(other, cluster)
    with pytest.raises(Rejected, match="the topics hold another log"):
        moves(other, msgspec.structs.replace(cluster, database=postgres.database()))
    with pytest.raises(Rejected, match="was moved to"):
        moves(folder, msgspec.structs.replace(cluster, database=postgres.database()))
    assert rows(database_rows, "log") == before


def test_nobody_works_in_the_cluster_until_the_move_is_done(
    folder: Path, cluster: Cluster, database_rows: Postgres
) -> None:
    for name, said in (("dharura keeper: relay", "dharura keeper: relay"), ("steps-1 turns", "worker steps-1")):
        with (
            closing(Postgres.connect(cluster.database, name=name)),
            pytest.raises(Rejected, match=f"1 x {said}: stop"),
        ):
            moves(folder, cluster)
    assert killed(folder, cluster, "UPDATE cursor").returncode == -signal.SIGKILL
    with pytest.raises(Rejected, match="move-unfinished"):
        tables.prepare(database_rows)
    moves(folder, cluster)
    tables.prepare(database_rows)


def test_a_read_model_that_differs_is_named_and_not_taken_unasked(
    folder: Path, cluster: Cluster, database_rows: Postgres
) -> None:
    with closing(connect(folder / FILE)) as connection:
        connection.execute("UPDATE view SET audience = 'public' WHERE kind = 'incident'")
        count = connection.execute("SELECT count(*) FROM view WHERE kind = 'incident'").fetchone()[0]
        connection.execute("INSERT INTO part_of VALUES ('nobody', 'knows')")
    with pytest.raises(Differs, match="view incident") as differs:
        moves(folder, cluster)
    assert differs.value.count == count + 1
    with pytest.raises(Rejected, match="move-unfinished"):
        tables.prepare(database_rows)
    check_not_moved(folder)
    move(folder, cluster, NOW, lambda _: None, anyway=True)
    tables.prepare(database_rows)
    with pytest.raises(Rejected, match="data-moved"):
        check_not_moved(folder)
