"""F8: what is restored is another feed; every client is told so, and nothing of it wears an old position."""

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import msgspec
import pytest

from geo.places import Rejected
from responder_api import backups, view_tables
from responder_api.backups import back_up, restore
from responder_api.hub import Replay, Snapshot, plan
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.views import Position
from responder_api.views_sqlite import ViewsSqlite
from streams.database import FILE, StorageBroken, connect
from streams.embedded import AlreadyRunning, Embedded
from streams.events import NAMESPACE, Event, MessageAsked, MessageFailed, ReportReceived, decode
from streams.log import line
from streams.log_damage import LogDamaged
from streams.log_sqlite import LogSqlite
from streams.pipeline import pipeline
from streams.world import World

WIRE = Path(__file__).parents[2] / "fixtures" / "wire"
NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
EVERYTHING = frozenset({"operator:KE.042"})


@pytest.fixture(scope="module")
def world() -> World:
    return load_world(Settings())


def report(number: int) -> Event:
    golden = decode((WIRE / "ReportReceived.json").read_bytes())
    assert isinstance(golden.body, ReportReceived)
    id_ = str(uuid5(NAMESPACE, f"backup/{number}"))
    body = msgspec.structs.replace(golden.body, text=f"water {number}", lon=34.7617, lat=-0.0917)
    at = NOW + timedelta(seconds=number)
    return msgspec.structs.replace(golden, id=id_, at=at, seen=at, body=body)


class Running:
    """A host with its read model on a data folder."""

    def __init__(self, data: Path, world: World) -> None:
        with closing(connect(data / FILE)) as connection:
            view_tables.prepare(connection)
            epoch = LogSqlite(connection).epoch
        self.host = Embedded(data, pipeline(world), [Projector(epoch)], clock=lambda: NOW)
        self.views = ViewsSqlite(data, self.host.epoch)

    def take_in(self, *numbers: int) -> None:
        offsets = asyncio.run(self.host.append([line(report(number)) for number in numbers]))
        assert None not in offsets
        self.settle()

    def settle(self) -> None:
        moved = asyncio.Event()

        async def wait() -> None:
            loop = asyncio.get_running_loop()

            def tell() -> None:
                with suppress(RuntimeError):  # of a loop that was before this one
                    loop.call_soon_threadsafe(moved.set)

            self.host.listen(tell)
            while self.host.done() < self.host.end():
                moved.clear()
                if self.host.done() < self.host.end():
                    await moved.wait()

        asyncio.run(wait())

    def reports(self) -> set[str]:
        return {document.id for document in self.views.find("report", EVERYTHING, limit=1000)}

    def positions(self) -> list[str]:
        return [msgspec.json.decode(frame.data)["position"] for frame in self.views.replay(0, 100_000)]

    def planned(self, position: Position | None) -> Any:
        return plan(position, epoch=self.host.epoch, oldest=self.views.oldest(), newest=self.views.position().offset)


@contextmanager
def running(data: Path, world: World) -> Iterator[Running]:
    data.mkdir(exist_ok=True)
    made = Running(data, world)
    made.host.start()
    try:
        yield made
    finally:
        made.views.close()
        made.host.stop()


@pytest.mark.parametrize("how", ["restore", "plain copy"])
def test_a_restored_backup_is_another_feed(tmp_path: Path, world: World, how: str) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.sqlite3"
    with running(data, world) as before:
        before.take_in(*range(20))
        back_up(data, file)
        at_backup = before.views.position()
        before.take_in(*range(20, 30))
        known = [Position.parse(text) for text in before.positions()]
        old_epoch, all_reports = before.host.epoch, before.reports()
    assert known[-1].offset > at_backup.offset
    if how == "restore":
        restore(data, file, NOW)
    else:
        (data / FILE).unlink()
        shutil.copyfile(file, data / FILE)
    with running(data, world) as after:
        assert after.host.epoch != old_epoch
        assert all(after.planned(position) == Snapshot("epoch-changed") for position in known)
        assert after.planned(None) == Snapshot("fresh")
        position, documents = after.views.snapshot(EVERYTHING, None, None)
        assert position == Position(after.host.epoch, 0)
        kept = {str(uuid5(NAMESPACE, f"backup/{number}")) for number in range(20)}
        assert {d.id for d in documents if d.kind == "report"} == kept == after.reports()
        after.take_in(*range(20, 30))  # what came after the backup may come again, as gateways and people repeat
        again = [Position.parse(text) for text in after.positions()]
        assert after.reports() == all_reports
        assert [each.offset for each in again] == list(range(1, len(again) + 1))
        assert {each.epoch for each in again} == {after.host.epoch}
        assert not set(again) & set(known)
        assert after.planned(again[0]) == Replay(1)
        assert after.host.engine.log.verify() == after.host.end()


def test_a_backup_is_of_one_moment_while_the_server_writes(tmp_path: Path, world: World, monkeypatch: Any) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.sqlite3"
    monkeypatch.setattr(backups, "PAGES", 3)
    with running(data, world) as node:
        node.take_in(*range(40))
        end, written = node.host.end(), 40
        opened = connect

        class Busy(sqlite3.Connection):
            """Between two pieces of the copy the server takes in another report."""

            def backup(self, target: sqlite3.Connection, *, pages: int = -1, **_: Any) -> None:
                def meanwhile(_status: int, _remaining: int, _total: int) -> None:
                    nonlocal written
                    if written < 44:
                        node.take_in(written)
                        written += 1

                super().backup(target, pages=pages, progress=meanwhile)

        def busy(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
            opened(path, read_only=read_only).close()
            return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, factory=Busy)

        monkeypatch.setattr(backups, "connect", busy)
        copied = back_up(data, file)
    assert written == 44
    assert copied.rows == end
    assert copied.newest is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["data", "backup.sqlite3"] or len(
        list(tmp_path.iterdir())
    ) == 2


def test_a_backup_never_overwrites(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "there"
    with running(data, world):
        pass
    file.write_text("precious")
    with pytest.raises(Rejected, match="backup-exists"):
        back_up(data, file)
    assert file.read_text() == "precious"


def test_a_damaged_file_gives_no_backup(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world) as node:
        node.take_in(1, 2, 3)
    with closing(connect(data / FILE)) as connection:
        connection.execute("UPDATE log SET event = x'00' WHERE \"offset\" = 2")
    with pytest.raises(LogDamaged, match="log row 2"):
        back_up(data, file)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_restore_keeps_what_stood_there_with_its_journals(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world) as node:
        node.take_in(1, 2, 3)
        back_up(data, file)
        node.take_in(4)
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):  # as a crash would leave them
            shutil.copyfile(data / name, tmp_path / name)
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        shutil.copyfile(tmp_path / name, data / name)
    done = restore(data, file, NOW)
    assert done.before == data / "dharura.20260426T120000Z.sqlite3"
    with closing(connect(done.before, read_only=True)) as connection:
        assert connection.execute("SELECT count(*) FROM view WHERE kind = 'report'").fetchone() == (4,)
    with running(data, world) as node:
        assert len(node.reports()) == 3


def test_restore_refuses_while_a_server_works_there(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world) as node:
        node.take_in(1)
        back_up(data, file)
        with pytest.raises(AlreadyRunning):
            restore(data, file, NOW)
        assert node.reports()


@pytest.mark.parametrize("how", ["text", "another database", "flipped row", "cut short", "missing"])
def test_an_unsound_backup_changes_nothing(tmp_path: Path, world: World, how: str) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world) as node:
        node.take_in(*range(30))
        back_up(data, file)
        epoch = node.host.epoch
    if how == "text":
        file.write_text("nothing of the kind " * 500)
    elif how == "another database":
        file.unlink()
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE t (a)")
    elif how == "flipped row":
        with closing(sqlite3.connect(file, isolation_level=None)) as copy:
            copy.execute("UPDATE log SET event = replace(event, 'KE.042', 'KE.044') WHERE \"offset\" = 5")
    elif how == "cut short":
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2 // 4096 * 4096])
    else:
        file.unlink()
    there = sorted(path.name for path in data.iterdir())
    with pytest.raises((Rejected, LogDamaged)):
        restore(data, file, NOW)
    assert sorted(path.name for path in data.iterdir()) == there
    with running(data, world) as node:
        assert node.host.epoch == epoch
        assert len(node.reports()) == 30


@pytest.mark.parametrize(("stop_at", "starts"), [(1, False), (2, False), (3, True)])
def test_an_interrupted_restore_lets_nobody_start_on_half_and_can_be_finished(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch, stop_at: int, starts: bool
) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world) as node:
        node.take_in(1, 2, 3)
        back_up(data, file)
        node.take_in(4)
    steps = 0

    class PowerCut(BaseException):
        pass

    def cut(folder: Path) -> None:
        nonlocal steps
        steps += 1
        if steps == stop_at:
            raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(backups, "sync_folder", cut)
        patched.setattr("responder_api.files.sync_folder", cut)
        with pytest.raises(PowerCut):
            restore(data, file, NOW)
    if starts:
        with running(data, world) as node:
            assert len(node.reports()) == 3
    else:
        with pytest.raises(StorageBroken, match="not a database"), running(data, world):
            pass
        done = restore(data, file, NOW)
        assert done.before is not None
        with closing(connect(done.before, read_only=True)) as connection:
            assert connection.execute("SELECT count(*) FROM view WHERE kind = 'report'").fetchone() == (4,)
        with running(data, world) as node:
            assert len(node.reports()) == 3


def test_nobody_is_asked_twice_because_a_backup_was_restored(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    data.mkdir()
    asked = decode((WIRE / "MessageAsked.json").read_bytes())
    assert isinstance(asked.body, MessageAsked)
    kinds = {}
    for number, kind in enumerate(("ask", "warning")):
        body = msgspec.structs.replace(asked.body, message=f"m-{kind}", kind=kind, expires=None)
        kinds[kind] = msgspec.structs.replace(asked, id=str(uuid5(NAMESPACE, f"asked/{number}")), body=body)
    host = Embedded(data, (), clock=lambda: NOW)
    host.start()
    asyncio.run(host.append([line(event) for event in kinds.values()]))
    back_up(data, file)
    host.stop()
    restore(data, file, NOW)
    host = Embedded(data, (), clock=lambda: NOW)
    host.start()
    try:
        waiting = [event.body.message for event in asyncio.run(host.outgoing()) if isinstance(event.body, MessageAsked)]
        written = [stored.event.body for stored in host.engine.log.read(2, 10)]
    finally:
        host.stop()
    assert waiting == ["m-warning"]
    assert [(body.message, body.code, body.retry) for body in written if isinstance(body, MessageFailed)] == [
        ("m-ask", "unsure", False)
    ]
