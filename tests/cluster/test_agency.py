"""The sample subscriber that agencies are shown, as they would run it: killed half-way, it misses nothing."""

import asyncio
import os
import select
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from fixtures import agency
from fixtures.servers.children import Child
from geo.places import Rejected
from streams.cluster import agencies
from streams.cluster.access import Access
from streams.events import Event
from streams.log import line
from streams.log_kafka import LogKafka, partition_of
from tests.cluster.keeping import report

DOCS = Path(__file__).parents[2] / "docs" / "agencies.md"
GROUP = "redcross.situation-room"
REPORTS = "dharura.reports"


class Subscriber:
    """The sample in a process of its own."""

    def __init__(self, access: Access, keep: Path) -> None:
        options = {"kafka": access.bootstrap[0], "group": GROUP + access.prefix, "area": "KE.042", "keep": str(keep)}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        command = [sys.executable, agency.__file__, *words, access.topic(REPORTS)]
        self._keep = keep
        self._child = Child(command, keep.with_suffix(".log"), environment={"PATH": os.environ["PATH"]})

    def start(self) -> None:
        self._child.begin()

    def kill(self) -> None:
        self._child.end(signal.SIGKILL)

    def until(self, rows: int) -> list[tuple[str, str]]:
        """Wait until it has kept so many; give them in its order."""
        while len(found := self.kept()) < rows:
            assert self._child.running, self._keep.with_suffix(".log").read_text()
            select.select([], [], [], 0.05)
        return found

    def kept(self) -> list[tuple[str, str]]:
        if not self._keep.exists():
            return []
        with closing(sqlite3.connect(f"{self._keep.as_uri()}?mode=ro", uri=True)) as connection:
            try:
                rows: list[tuple[str, str]] = connection.execute("SELECT id, type FROM fact ORDER BY n").fetchall()
            except sqlite3.OperationalError:  # it is making its table
                return []
        return rows


@pytest.fixture
def subscriber(topics: Access, tmp_path: Path) -> Iterator[Subscriber]:
    made = Subscriber(topics, tmp_path / "alerts.sqlite3")
    yield made
    made.kill()


def told(n: int) -> Event:
    """Give the n-th report: one in five is for operators alone, one in seven for an agency elsewhere."""
    event = report(f"{n:04}", key=f"KE.{n % 5 + 1:03}")
    audience = ("operator:KE.042",) if n % 5 == 0 else ("agency:KE.001",) if n % 7 == 0 else ("agency:KE.042.238",)
    return msgspec.structs.replace(event, audience=audience)


@pytest.mark.system("kafka")
async def test_killed_half_way_it_keeps_each_fact_once_and_in_order(topics: Access, subscriber: Subscriber) -> None:
    events = [told(n) for n in range(3000)]
    log = LogKafka(topics)
    log.start()
    await log.ready()
    await log.append([line(event) for event in events[:1500]])
    subscriber.start()
    before = await asyncio.to_thread(subscriber.until, 300)
    subscriber.kill()
    # What comes meanwhile, and what was written twice.
    await log.append([line(event) for event in events[1400:]])
    await log.append([line(event) for event in events[::3]])
    await log.stop()
    wanted = [event for event in events if event.audience == ("agency:KE.042.238",)]
    subscriber.start()
    after = await asyncio.to_thread(subscriber.until, len(wanted))
    assert after[: len(before)] == before
    ids = [kept for kept, _ in after]
    assert sorted(ids) == sorted(event.id for event in wanted)
    for key in sorted({event.key for event in wanted}):
        mine = [event.id for event in wanted if event.key == key]
        assert [kept for kept in ids if kept in set(mine)] == mine
    # It goes on where it was: what it has read is noted on the brokers.
    at = TopicPartition(topics.topic(REPORTS), partition_of(b"KE.002", 12))
    admin = AIOKafkaAdminClient(**topics.client("looks"))
    await admin.start()
    committed = 0
    while committed < len(events) // 5:
        committed = (await admin.list_consumer_group_offsets(GROUP + topics.prefix))[at].offset
    await admin.close()


def test_what_agencies_are_shown_is_what_runs_here() -> None:
    shown = DOCS.read_text(encoding="utf-8").split("```python\n")[1].partition("```")[0]
    assert shown == Path(agency.__file__).read_text(encoding="utf-8")


def test_the_file_that_the_ict_officer_is_shown_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "agencies.toml"
    file.write_text(DOCS.read_text(encoding="utf-8").split("```toml\n")[1].partition("```")[0], encoding="utf-8")
    read = agencies.read(file)
    assert [said.principal for said in read.agency] == ["redcross"]
    names = {rule.principal for rule in agencies.rules(read, Access(bootstrap=("localhost:9092",)))}
    assert names == {"User:redcross", "User:dharura-node", "User:dharura-worker", "User:nairobi-mirror"}


@pytest.mark.parametrize(
    ("audience", "shown"),
    [
        (["public"], True),
        (["agency:KE.042"], True),
        (["operator:KE.042", "agency:KE.042.238.1189"], True),
        (["agency:KE.0421"], False),
        (["agency:KE"], False),
        (["operator:KE.042"], False),
        (["person:redcross"], False),
        ([], False),
    ],
)
def test_it_shows_what_is_public_or_in_its_area(audience: list[str], shown: bool) -> None:
    assert agency.may_show(audience, "KE.042") is shown


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ('{"agency": [{"name": "A", "principal": "a", "topics": ["dharura.inbound"], "groups": "a.x"}]}', "inbound"),
        ('{"agency": [{"name": "A", "principal": "a", "topics": ["dharura.alert"], "groups": "a.x"}]}', "alert"),
        ('{"agency": [{"name": "A", "principal": "*", "topics": [], "groups": "a.x"}]}', "principal"),
        ('{"agency": [{"name": "A", "principal": "a", "topics": [], "groups": "*"}]}', "groups"),
        ('{"agency": [{"name": "A", "principal": "a", "topics": [], "group": "a.x"}]}', "group"),
        ('{"agencies": []}', "agencies"),
        ("[agency", "malformed"),
    ],
)
def test_a_file_that_would_give_too_much_is_refused(tmp_path: Path, said: str, wrong: str) -> None:
    file = tmp_path / "agencies.json"
    file.write_text(said, encoding="utf-8")
    with pytest.raises(Rejected, match=wrong) as refused:
        agencies.read(file)
    assert refused.value.code == "agencies-invalid"


@pytest.mark.parametrize("groups", ["dha", "dharura", "t1.dhar"])
def test_no_agency_is_let_into_the_workers_group(groups: str) -> None:
    said = agencies.Agencies(agency=(agencies.Agency(name="A", principal="a", topics=(), groups=groups),))
    prefix = "t1." if groups.startswith("t1") else ""
    with pytest.raises(Rejected, match="workers"):
        agencies.rules(said, Access(bootstrap=("localhost:9092",), prefix=prefix))
