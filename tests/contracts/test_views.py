"""What every read model promises (`responder_api.views.Views`), one body of tests over every adapter."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from threading import Event as Signal
from typing import Any, NamedTuple
from uuid import uuid5

import msgspec
import pytest

from fixtures.servers.postgresql import Postgresql
from responder_api import projector as projecting_documents
from responder_api import view_tables, view_tables_postgres
from responder_api.audience import Viewer, keys_of
from responder_api.projector import Projector
from responder_api.views import Document, Position
from responder_api.views_postgres import ViewsPostgres
from responder_api.views_sql import ViewsSql
from responder_api.views_sqlite import ViewsSqlite
from streams import events as e
from streams.cluster import tables
from streams.cluster.postgres import Postgres
from streams.cluster.writing import Writing
from streams.database import FILE, Connection, connect
from streams.events import NAMESPACE, AnyBody, Event, Filed, audience
from streams.log import Line, Stored, line
from streams.log_sqlite import LogSqlite
from streams.state import State

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
COUNTY = "KE.042"
WARD = "KE.042.240.1201"
ELSEWHERE = "KE.047.280.1401"
LOCATED: dict[str, Any] = {"ward": WARD, "ward_name": "Nyalenda B", "lon": 34.75, "lat": -0.13}
JUDGED: dict[str, Any] = {"hazard": "flood", "severity": "Moderate"}


def keys(role: str, area: str, person: str | None = None) -> frozenset[str]:
    grants: Any = frozenset({(role, area)})
    return frozenset(keys_of(Viewer(account="a", person=person, grants=grants)))


OPERATOR = keys("operator", COUNTY)


class Item(msgspec.Struct, frozen=True):
    ward: str


class Kept(NamedTuple):
    """A read model, its log, and how its one writer writes both in one transaction."""

    views: ViewsSql
    epoch: str
    writer: Connection
    transaction: Callable[[], AbstractContextManager[object]]
    log: Callable[[Sequence[Line]], object]


@contextmanager
def sqlite_kept(folder: Path) -> Iterator[Kept]:
    with ExitStack() as opened:
        writer = opened.enter_context(closing(connect(folder / FILE)))
        view_tables.prepare(writer)
        log = LogSqlite(writer)
        views = opened.enter_context(closing(ViewsSqlite(folder, log.epoch)))

        @contextmanager
        def transaction() -> Iterator[None]:
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield
                log.flush()
                writer.execute("COMMIT")
            except BaseException:
                writer.execute("ROLLBACK")
                log.forget_uncommitted()
                raise

        yield Kept(views, log.epoch, writer, transaction, log.append)


@pytest.fixture(scope="module")
def address(postgres: Postgresql) -> str:
    """Address of a database that each test finds empty."""
    postgres.start()
    return postgres.database()


@contextmanager
def postgres_kept(address: str) -> Iterator[Kept]:
    with ExitStack() as opened:
        writer = opened.enter_context(closing(Postgres.connect(address)))
        epoch = tables.prepare(writer, (*tables.SCHEMA, *view_tables_postgres.SCHEMA))
        writer.execute("TRUNCATE view, filed, feed, part_of, log, outbox, state")
        writer.execute('UPDATE log_end SET "offset" = 0')
        views = opened.enter_context(closing(ViewsPostgres(address, epoch)))
        yield Kept(views, epoch, writer, writer.transaction, Writing(writer).write)


ADAPTERS = ("sqlite", pytest.param("postgres", marks=pytest.mark.system("postgresql")))


@pytest.fixture(params=ADAPTERS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    made = sqlite_kept(tmp_path) if request.param == "sqlite" else postgres_kept(request.getfixturevalue("address"))
    with made as opened:
        yield opened


class Teller:
    """Tells facts to a read model, each call one batch in one transaction."""

    def __init__(self, kept: Kept) -> None:
        self.kept, self.n, self.named = kept, 0, 0
        self.projector = Projector(kept.epoch)

    def tell(self, *bodies: AnyBody | Event, at: datetime = NOON) -> list[Event]:
        events = [body if isinstance(body, Event) else self.event(body, at=at) for body in bodies]
        with self.kept.transaction():
            batch = [Stored(self.n + n, event) for n, event in enumerate(events, start=1)]
            self.projector.follow(self.kept.writer, batch)
            self.kept.log([line(event) for event in events])
        self.n += len(events)
        return events

    def event(
        self, body: AnyBody, *, name: str = "", cause: str = "", area: str = COUNTY, at: datetime = NOON
    ) -> Event:
        self.named += 1
        id_ = uuid_of(name or f"{type(body).__name__}/{self.named}")
        seen_by = audience(area, "operator")
        return Event(id=id_, cause=cause or id_, source="s", key=area[:6], at=at, seen=at, audience=seen_by, body=body)


@pytest.fixture
def teller(kept: Kept) -> Teller:
    return Teller(kept)


def uuid_of(name: str) -> str:
    return str(uuid5(NAMESPACE, f"views/{name}"))


def opened(incident: str, *, ward: str = WARD, report: str = "") -> AnyBody:
    about = LOCATED | JUDGED | {"ward": ward, "report": report}
    return e.IncidentOpened(incident=incident, reference=incident, evidence=0.3, **about)


def closed(incident: str) -> AnyBody:
    return e.IncidentClosed(incident=incident, by="kisumu", reason="over")


def reopened(incident: str) -> AnyBody:
    return e.IncidentReopened(incident=incident, severity="Moderate", evidence=0.3, reports=1, by="kisumu")


def enrolled(responder: str, phone: str, home: str = WARD, name: str = "Amina") -> AnyBody:
    return e.ResponderEnrolled(
        responder=responder, name=name, title="Officer", organisation="KRCS", phone=phone, skills=("boat",), home=home
    )


def ids(documents: Sequence[Document]) -> list[str]:
    return [document.id for document in documents]


def folded(frames: Sequence[tuple[str, str, str, Any]]) -> dict[tuple[str, str], Any]:
    """Give what stands after frames (op, kind, id, value)."""
    standing: dict[tuple[str, str], Any] = {}
    for op, kind, id_, value in frames:
        if op == "put":
            standing[kind, id_] = value
        else:
            standing.pop((kind, id_), None)
    return standing


def told(views: ViewsSql, until: int) -> dict[tuple[str, str], Any]:
    """Give what a client knows who has had every frame up to an offset."""
    frames = [json.loads(frame.data) for frame in views.replay(0, 1_000_000) if frame.offset <= until]
    return folded([(each["op"], each["kind"], each["id"], each.get("value")) for each in frames])


def snapshot(views: ViewsSql) -> tuple[int, dict[tuple[str, str], Any]]:
    everything = keys("operator", "KE") | {"public"}
    position, documents = views.snapshot(everything, None, None)
    return position.offset, {(each.kind, each.id): json.loads(each.data) for each in documents}


# --- the feed ------------------------------------------------------------------------------------------------------


def test_an_empty_read_model_stands_at_nothing(kept: Kept) -> None:
    assert kept.views.position() == Position(kept.epoch, 0)
    assert kept.views.oldest() == 1
    assert kept.views.replay(0, 10) == []
    assert kept.views.snapshot(OPERATOR, None, None) == (Position(kept.epoch, 0), [])
    assert kept.views.find("incident", OPERATOR) == []
    assert kept.views.get("incident", "i1") is None
    assert kept.views.counts() == {}


def test_frames_are_numbered_without_a_gap_and_carry_their_position(kept: Kept, teller: Teller) -> None:
    teller.tell(opened("i1"), opened("i2"))
    teller.tell(closed("i1"))
    teller.tell(opened("i3"))
    frames = kept.views.replay(0, 100)
    assert [frame.offset for frame in frames] == list(range(1, len(frames) + 1))
    assert [json.loads(frame.data)["position"] for frame in frames] == [
        f"{kept.epoch}:{frame.offset}" for frame in frames
    ]
    assert kept.views.position() == Position(kept.epoch, len(frames))
    assert kept.views.replay(1, 2) == frames[1:3]
    assert kept.views.replay(len(frames), 10) == []
    assert kept.views.oldest() == 1


def test_a_document_that_leaves_somebodys_sight_is_gone_for_them(kept: Kept, teller: Teller) -> None:
    teller.tell(teller.event(enrolled("r1", "+254700000001", home=ELSEWHERE), area=ELSEWHERE))
    before = kept.views.position().offset
    teller.tell(teller.event(enrolled("r1", "+254700000001"), area=COUNTY))
    gone, put = [(json.loads(frame.data), frame.audience) for frame in kept.views.replay(before, 10)]
    assert (gone[0]["op"], gone[1]) == ("gone", audience(ELSEWHERE, "operator"))
    assert (put[0]["op"], put[1]) == ("put", audience(COUNTY, "operator"))
    assert "value" not in gone[0]


def test_only_so_many_frames_are_kept(kept: Kept, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projecting_documents, "KEEP_FRAMES", 100)
    for start in range(0, 1100, 100):
        teller.tell(*(opened(f"i{start + n:04}") for n in range(100)))
    newest, oldest = kept.views.position().offset, kept.views.oldest()
    assert newest == 1100
    assert 900 < oldest <= newest - 99
    assert [frame.offset for frame in kept.views.replay(0, 10_000)] == list(range(oldest, newest + 1))
    assert len(snapshot(kept.views)[1]) == 1100


# --- documents -----------------------------------------------------------------------------------------------------


def test_a_snapshot_is_what_the_frames_up_to_it_make(kept: Kept, teller: Teller) -> None:
    teller.tell(*(opened(f"i{n}") for n in range(5)), closed("i2"))
    teller.tell(closed("i3"), Filed(before=NOON))
    position, standing = snapshot(kept.views)
    assert position == kept.views.position().offset
    assert standing == told(kept.views, position)
    assert {id_ for _, id_ in standing} == {"i0", "i1", "i4"}


def test_everybody_sees_what_is_theirs(kept: Kept, teller: Teller) -> None:
    teller.tell(
        opened("i1"), teller.event(opened("i2", ward=ELSEWHERE), area=ELSEWHERE), enrolled("r1", "+254700000001")
    )
    for viewer, seen in (
        (OPERATOR, ["i1"]),
        (keys("operator", "KE.047"), ["i2"]),
        (keys("operator", "KE"), ["i1", "i2"]),
        (keys("responder", COUNTY), []),
    ):
        assert ids(kept.views.find("incident", viewer)) == seen
        assert ids(kept.views.snapshot(viewer, frozenset({"incident"}), None)[1]) == seen
    everywhere = keys("operator", "KE")
    assert ids(kept.views.snapshot(everywhere, None, frozenset({"KE.047"}))[1]) == ["i2"]
    assert ids(kept.views.find("incident", everywhere, areas=frozenset({COUNTY}))) == ["i1"]
    assert kept.views.snapshot(everywhere, frozenset(), None)[1] == []


def test_documents_are_listed_by_the_bytes_of_their_ids_page_by_page(kept: Kept, teller: Teller) -> None:
    names = ["a", "B", "-c", "a-b", "ab", "é", "Z", "_", "1", "a/b"]
    teller.tell(*(opened(name) for name in names))
    by_bytes = sorted(names, key=str.encode)
    assert ids(kept.views.find("incident", OPERATOR)) == by_bytes
    paged: list[str] = []
    while page := kept.views.find("incident", OPERATOR, after=paged[-1] if paged else None, limit=3):
        assert len(page) <= 3
        paged += ids(page)
    assert paged == by_bytes
    assert ids(kept.views.snapshot(OPERATOR, None, None)[1]) == by_bytes


def test_few_are_found_among_many_that_are_not_theirs(kept: Kept, teller: Teller) -> None:
    teller.tell(*(teller.event(opened(f"x{n:04}"), area=ELSEWHERE) for n in range(2500)))
    teller.tell(opened("x0999a"), opened("x2400a"))
    assert ids(kept.views.find("incident", OPERATOR)) == ["x0999a", "x2400a"]
    assert ids(kept.views.find("incident", OPERATOR, limit=1, after="x0999a")) == ["x2400a"]


def test_what_is_filed_leaves_the_view_stays_readable_and_comes_back(kept: Kept, teller: Teller) -> None:
    received = teller.event(e.ReportReceived(channel="web", text="maji", reporter="+254711000001"), name="r1")
    teller.tell(received, opened("i1", report=received.id), opened("i2"))
    teller.tell(closed("i1"), Filed(before=NOON))
    assert ids(kept.views.find("incident", OPERATOR)) == ["i2"]
    assert ids(kept.views.find("incident", OPERATOR, filed=True)) == ["i1"]
    assert ids(kept.views.find("report", OPERATOR, filed=True)) == [received.id]
    assert kept.views.counts() == {"incident": 1}
    found = kept.views.get("incident", "i1")
    assert found is not None
    assert json.loads(found.data)["state"] == "closed"
    assert ids(kept.views.parts("i1", "report")) == [received.id]
    teller.tell(reopened("i1"))
    assert ids(kept.views.find("incident", OPERATOR)) == ["i1", "i2"]
    assert kept.views.find("incident", OPERATOR, filed=True) == []
    assert ids(kept.views.find("report", OPERATOR)) == [received.id]
    position, standing = snapshot(kept.views)
    assert standing == told(kept.views, position)


def test_a_projector_that_begins_anew_goes_on_where_the_documents_stand(kept: Kept, teller: Teller) -> None:
    teller.tell(opened("i1"), opened("i2"))
    teller.projector = Projector(kept.epoch)
    teller.tell(closed("i1"))
    found = kept.views.get("incident", "i1")
    assert found is not None
    assert json.loads(found.data) | {"state": "closed", "ward": WARD} == json.loads(found.data)
    assert kept.views.position().offset == 3


def test_whoever_looks_while_it_is_written_sees_it_grow_in_order_and_whole(kept: Kept, teller: Teller) -> None:
    begun, over = Barrier(2), Signal()
    seen: list[tuple[int, dict[tuple[str, str], Any]]] = []
    numbers: list[int] = []

    def look() -> None:
        begun.wait()
        last = False
        while not last:
            last = over.is_set()  # once more after the writer has ended
            numbers.extend(frame.offset for frame in kept.views.replay(numbers[-1] if numbers else 0, 1000))
            seen.append(snapshot(kept.views))

    reader = Thread(target=look)
    reader.start()
    begun.wait()
    for n in range(60):
        teller.tell(*(opened(f"i{n:03}-{m}") for m in range(5)), closed(f"i{max(0, n - 1):03}-0"))
    over.set()
    reader.join()
    assert numbers == list(range(1, kept.views.position().offset + 1))
    positions = [position for position, _ in seen]
    assert positions == sorted(positions)
    assert positions[-1] == numbers[-1]
    for position, standing in (seen[0], seen[len(seen) // 2], seen[-1]):
        assert standing == told(kept.views, position)


# --- what the log itself answers -----------------------------------------------------------------------------------


def test_a_history_is_of_the_thing_its_parts_and_what_caused_them(kept: Kept, teller: Teller) -> None:
    text = teller.event(
        e.SmsReceived(gateway="at", gateway_id="1", sender="+254711000001", to="40404", text="maji"), name="sms"
    )
    received = teller.event(
        e.ReportReceived(channel="sms", text="maji", reporter="+254711000001"), name="r1", cause=text.id
    )
    of_r1 = teller.event(opened("i1", report=received.id), cause=received.id)
    other = teller.event(opened("i2"))
    over = teller.event(closed("i1"), cause=uuid_of("a request that is no event"))
    teller.tell(text, received, of_r1, other)
    teller.tell(over)
    assert kept.views.history("i1") == [text, received, of_r1, over]
    assert kept.views.history("i1", limit=1) == [text, received]
    assert kept.views.history("nothing") == []
    assert kept.views.event(other.id) == other
    assert kept.views.event(uuid_of("nothing")) is None


def test_the_newest_facts_about_a_station_are_read_back_to_a_moment(kept: Kept, teller: Teller) -> None:
    def judged(n: int) -> Event:
        body = e.ReadingsJudged(station="nyando", accepted=n)
        return teller.event(body, at=NOON + timedelta(minutes=n))

    facts = [judged(n) for n in range(6)]
    teller.tell(*facts)
    assert kept.views.readings("nyando", NOON, 100) == facts
    assert kept.views.readings("nyando", NOON + timedelta(minutes=2), 100) == facts[2:]
    assert kept.views.readings("nyando", NOON, 2) == facts[4:]
    assert kept.views.readings("ahero", NOON, 100) == []


def test_a_number_finds_its_responders_home(kept: Kept, teller: Teller) -> None:
    teller.tell(
        enrolled("r1", "+254700000001"),
        enrolled("r2", "+254700000002", home=ELSEWHERE, name='Otieno "phone":"+254700000009" \x00 é'),
    )
    assert kept.views.home_of_phone("+254700000001") == WARD
    assert kept.views.home_of_phone("+254700000002") == ELSEWHERE
    assert kept.views.home_of_phone("+254700000009") is None
    teller.tell(enrolled("r1", "+254700000003"))
    assert kept.views.home_of_phone("+254700000001") is None
    assert kept.views.home_of_phone("+254700000003") == WARD


def test_what_a_step_knows_can_be_looked_at(kept: Kept) -> None:
    statement = "INSERT INTO state VALUES (?,?,?,?)"
    with kept.transaction():
        for item in ("asks", "asks/2", "asks/10", "asks-x", "asksx/1", "other/1"):
            kept.writer.execute(statement, ("dispatch", COUNTY, item, json.dumps({"ward": item}).encode()))
        kept.writer.execute(statement, ("dispatch", "KE.047", "asks/1", b'{"ward":"elsewhere"}'))
    known = kept.views.state("dispatch", COUNTY)
    assert [each.ward for each in known.under("asks", Item)] == ["asks/10", "asks/2"]
    assert State(known).get("asks/2", Item) == Item(ward="asks/2")
    assert State(known).get("asks/1", Item) is None
