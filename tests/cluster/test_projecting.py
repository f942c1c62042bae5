"""The read model follows the log in order and each event counts once, however many project it for a moment."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from random import Random
from uuid import uuid5

import pytest

from responder_api import view_tables_postgres
from responder_api.audience import Viewer, keys_of
from responder_api.projecting import FEED, Projecting
from responder_api.projector import Projector
from responder_api.views_postgres import ViewsPostgres
from streams import events as e
from streams.cluster import tables
from streams.cluster.postgres import Postgres
from streams.cluster.writing import Writing
from streams.database import Connection, StorageError
from streams.events import NAMESPACE, AnyBody, Event
from streams.log import Stored, line
from tests.cluster.locks import waiting

pytestmark = pytest.mark.system("postgresql")
NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
EVERYTHING = frozenset(keys_of(Viewer(account="a", grants=frozenset({("operator", "KE")}))))


class Cluster:
    """A database with a log, and whoever projects it."""

    def __init__(self, address: str, opened: ExitStack) -> None:
        self.address, self._opened = address, opened
        self.connection = self.connect()
        self.epoch = tables.prepare(self.connection, (*tables.SCHEMA, *view_tables_postgres.SCHEMA))
        self.views = opened.enter_context(closing(ViewsPostgres(address, self.epoch)))

    def connect(self) -> Postgres:
        return self._opened.enter_context(closing(Postgres.connect(self.address)))

    def projecting(self, batch: int = 100) -> Projecting:
        made = Projecting(self.address, batch=batch)
        self._opened.callback(made.end)
        made.begin()
        return made

    def write(self, *bodies: AnyBody, connection: Postgres | None = None) -> None:
        writer = connection or self.connection
        with writer.transaction():
            Writing(writer).write([line(event(body)) for body in bodies], on_kafka=True)

    def numbers(self, after: int = 0) -> list[int]:
        return [frame.offset for frame in self.views.replay(after, 1_000_000)]

    def told(self) -> list[tuple[str, str]]:
        frames = [json.loads(frame.data) for frame in self.views.replay(0, 1_000_000)]
        return [(frame["op"], frame["id"]) for frame in frames]

    def state_of(self, incident: str) -> dict[str, object]:
        document = self.views.get("incident", incident)
        assert document is not None
        found: dict[str, object] = json.loads(document.data)
        return found


@pytest.fixture
def cluster(database: str) -> Iterator[Cluster]:
    with ExitStack() as opened:
        yield Cluster(database, opened)


def event(body: AnyBody) -> Event:
    id_ = str(uuid5(NAMESPACE, f"projecting/{body}"))
    seen_by = e.audience("KE.042", "operator")
    return Event(id=id_, cause=id_, source="s", key="KE.042", at=NOON, seen=NOON, audience=seen_by, body=body)


def opened(incident: str) -> AnyBody:
    return e.IncidentOpened(
        incident=incident,
        reference=incident,
        evidence=0.3,
        hazard="flood",
        severity="Moderate",
        report="",
        ward="KE.042.240.1201",
        ward_name="Nyalenda B",
        lon=34.75,
        lat=-0.13,
    )


def closed(incident: str) -> AnyBody:
    return e.IncidentClosed(incident=incident, by="kisumu", reason="over")


def rescored(incident: str, evidence: float) -> AnyBody:
    return e.IncidentRescored(incident=incident, severity="Severe", evidence=evidence, reports=1)


class Held(Projector):
    """Stops at the end of its batch, before the commit, until it may go on (or something is done to it)."""

    def __init__(self, epoch: str, then: Callable[[Connection], None] = lambda _: None) -> None:
        super().__init__(epoch)
        self.there, self.go, self._then = threading.Event(), threading.Event(), then

    def follow(self, connection: Connection, events: Sequence[Stored]) -> None:
        super().follow(connection, events)
        self.there.set()
        self._then(connection)
        self.go.wait()


def test_the_log_is_projected_batch_by_batch_to_its_end(cluster: Cluster) -> None:
    one = cluster.projecting(batch=3)
    assert one.work() is False
    cluster.write(*(opened(f"i{n}") for n in range(7)), closed("i0"))
    assert [one.work() for _ in range(4)] == [True, True, True, False]
    assert cluster.told() == [("put", f"i{n}") for n in range(7)] + [("put", "i0")]
    assert cluster.state_of("i0")["state"] == "closed"
    again = cluster.projecting()
    assert (again.at, again.work()) == (8, False)


def test_one_that_was_frozen_in_its_transaction_keeps_the_next_waiting_and_neither_repeats(cluster: Cluster) -> None:
    cluster.write(*(opened(f"i{n}") for n in range(5)))
    frozen, other = cluster.projecting(), cluster.projecting()
    frozen._projector = held = Held(cluster.epoch)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(frozen.work)
        held.there.wait()
        second = threads.submit(other.work)
        while not waiting(cluster.connection):
            assert not second.done()
        # What is not committed is seen by nobody, and no number is given above it.
        assert cluster.numbers() == []
        held.go.set()
        assert first.result()
        assert second.result()
    assert cluster.numbers() == [1, 2, 3, 4, 5]
    assert (frozen.at, other.at) == (5, 5)


def test_one_that_was_overtaken_changes_nothing_and_forgets_what_it_knew(cluster: Cluster) -> None:
    cluster.write(opened("i1"))
    late, other = cluster.projecting(), cluster.projecting()
    assert late.work()
    cluster.write(rescored("i1", 0.9))
    assert other.work()  # overtaken itself: it began before
    assert other.work()
    cluster.write(closed("i1"))
    frames = cluster.told()
    assert late.work()
    assert cluster.told() == frames
    assert late.work()
    # The document it makes now holds what the other one made of it.
    assert cluster.state_of("i1") | {"state": "closed", "evidence": 0.9} == cluster.state_of("i1")
    assert cluster.numbers() == [1, 2, 3]


def test_a_transaction_whose_connection_dies_leaves_nothing(cluster: Cluster) -> None:
    cluster.write(*(opened(f"i{n}") for n in range(3)))
    killer = cluster.connect()

    def killed(connection: Connection) -> None:
        assert isinstance(connection, Postgres)
        killer.execute("SELECT pg_terminate_backend(?)", (connection.raw.info.backend_pid,))

    one = cluster.projecting()
    one._projector = held = Held(cluster.epoch, killed)
    held.go.set()
    with pytest.raises(StorageError):
        one.work()
    assert cluster.numbers() == []
    one.end()
    one.begin()
    assert one.work()
    assert cluster.numbers() == [1, 2, 3]


def test_what_cannot_be_shown_becomes_a_dead_letter_and_stops_nobody(cluster: Cluster) -> None:
    poison = opened("no\x00text")
    cluster.write(opened("i1"), opened("i2"), poison, opened("i3"), opened("i4"))
    one = cluster.projecting()
    assert one.work()
    assert [id_ for _, id_ in cluster.told()] == ["i1", "i2", "i3", "i4"]
    ((offset, data),) = cluster.connection.execute(
        'SELECT "offset", event FROM log WHERE topic = ?', ("dharura.deadletters",)
    ).fetchall()
    letter = e.decode(data)
    assert isinstance(letter.body, e.DeadLettered)
    assert (letter.body.step, letter.body.code, letter.body.original_id) == (
        "projector",
        "not-projected",
        event(poison).id,
    )
    assert cluster.connection.execute('SELECT "offset" FROM outbox').fetchall() == [(offset,)]
    assert one.work()
    assert one.work() is False
    assert [each.id for each in cluster.views.find("deadletter", EVERYTHING)] == [letter.id]


def test_what_a_batch_wrote_before_it_failed_is_not_told_twice(cluster: Cluster) -> None:
    cluster.write(opened("i1"), closed("i1"), e.Filed(before=NOON), opened("no\x00text"))
    assert cluster.projecting().work()
    assert cluster.told() == [("put", "i1"), ("gone", "i1")]
    assert [each.id for each in cluster.views.find("incident", EVERYTHING, filed=True)] == ["i1"]


def test_feed_numbers_come_in_the_order_of_commits_whoever_projects(cluster: Cluster) -> None:
    """Three projectors, two writers and a reader, all at once: the reader never sees a hole nor a number too late."""
    random, written, done = Random(5), threading.Event(), threading.Event()
    sizes = [random.randint(1, 12) for _ in range(80)]
    begun = threading.Barrier(6)
    seen: list[int] = []

    def write(part: int) -> None:
        mine = cluster.connect()
        begun.wait()
        for n, size in enumerate(sizes):
            if n % 2 == part:
                cluster.write(*(opened(f"{n}-{m}") for m in range(size)), connection=mine)

    def project(one: Projecting) -> None:
        begun.wait()
        last = False
        while not last:
            last = written.is_set()
            while one.work():
                pass

    def read() -> None:
        begun.wait()
        last = False
        while not last:
            last = done.is_set()
            seen.extend(cluster.numbers(seen[-1] if seen else 0))

    projectors = [cluster.projecting(batch) for batch in (3, 7, 50)]
    with ThreadPoolExecutor(6) as threads:
        reading = threads.submit(read)
        projecting = [threads.submit(project, one) for one in projectors]
        for writing in [threads.submit(write, part) for part in range(2)]:
            writing.result()
        written.set()
        for each in projecting:
            each.result()
        done.set()
        reading.result()
    assert seen == list(range(1, sum(sizes) + 1))
    ids = [id_ for _, id_ in cluster.told()]
    assert sorted(ids) == sorted(f"{n}-{m}" for n, size in enumerate(sizes) for m in range(size))


def test_whoever_listens_is_told_of_each_commit(cluster: Cluster) -> None:
    listener = cluster.connect()
    listener.execute(f"LISTEN {FEED}")
    cluster.write(opened("i1"))
    one = cluster.projecting()
    assert one.work()
    assert [notice.channel for notice in listener.raw.notifies(timeout=60, stop_after=1)] == [FEED]
