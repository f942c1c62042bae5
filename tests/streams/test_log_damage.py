"""F7: what a crash cut off is dropped and said; what was accepted and cannot be read stops the start and is named."""

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid5

import msgspec
import pytest
from structlog.testing import capture_logs

from streams import write_ahead
from streams.database import FILE, StorageBroken, connect
from streams.embedded import Embedded
from streams.events import NAMESPACE, Event, decode
from streams.log import Line, line
from streams.log_damage import VERIFIED_TOGETHER, LogDamaged, verify_chain
from streams.log_sqlite import LogSqlite

GOLDEN = Path(__file__).parents[2] / "fixtures" / "wire" / "ReportReceived.json"
PAGE = 4096
FRAME = write_ahead.FRAME + PAGE


def lines(first: int, count: int = 1) -> list[Line]:
    """Reports numbered from `first`, each an event of its own."""
    report = decode(GOLDEN.read_bytes())
    made = (
        msgspec.structs.replace(report, id=str(uuid5(NAMESPACE, f"damage/{n}"))) for n in range(first, first + count)
    )
    return [line(event) for event in made]


def commit(connection: sqlite3.Connection, log: LogSqlite, first: int, count: int = 1) -> None:
    connection.execute("BEGIN IMMEDIATE")
    log.append(lines(first, count))
    log.flush()
    connection.execute("COMMIT")


@pytest.fixture
def crashed(tmp_path: Path) -> Callable[..., Path]:
    """Write commits of rows and give a folder as the machine would find it after the power went: nothing was closed."""

    def after(*commits: int, folded: bool = False) -> Path:
        source, image = tmp_path / "source", tmp_path / "image"
        source.mkdir()
        image.mkdir()
        with closing(connect(source / FILE)) as connection:
            log = LogSqlite(connection)
            for count in commits:
                commit(connection, log, log.end() + 1, count)
            if folded:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for name in (FILE, f"{FILE}-wal"):
                shutil.copyfile(source / name, image / name)
        return image

    return after


def read_wal(folder: Path) -> bytearray:
    return bytearray((folder / f"{FILE}-wal").read_bytes())


def write_wal(folder: Path, data: bytes | bytearray) -> None:
    (folder / f"{FILE}-wal").write_bytes(data)


def commits_of(wal: bytes | bytearray) -> list[int]:
    """Give the byte at which each commit ends."""
    ends = range(write_ahead.HEADER + FRAME, len(wal) + 1, FRAME)
    return [end for end in ends if any(wal[end - FRAME + 4 : end - FRAME + 8])]


@contextmanager
def started(folder: Path) -> Iterator[Embedded]:
    host = Embedded(folder, ())
    host.start()
    try:
        yield host
    finally:
        host.stop()


def reported(logs: Sequence[Mapping[str, Any]]) -> list[int]:
    return [entry["dropped_bytes"] for entry in logs if "dropped_bytes" in entry]


def events_of(folder: Path) -> list[Event]:
    with closing(connect(folder / FILE, read_only=True)) as connection:
        return [decode(data) for (data,) in connection.execute('SELECT event FROM log ORDER BY "offset"')]


# --- a write that was cut off


def test_a_crash_between_writes_loses_nothing_and_reports_nothing(crashed: Callable[..., Path]) -> None:
    folder = crashed(3, 2, 4)
    with capture_logs() as logs, started(folder) as host:
        assert host.end() == 9
    assert reported(logs) == []


def _cut_short(wal: bytearray, at: int) -> bytes:
    return bytes(wal[:at])


def _zeroed(wal: bytearray, at: int) -> bytes:
    return bytes(wal[:at]) + bytes(len(wal) - at)


def _garbled(wal: bytearray, at: int) -> bytes:
    return bytes(wal[:at]) + random.Random(at).randbytes(len(wal) - at)


def _one_page_missing(wal: bytearray, at: int) -> bytes:
    """Leave out what reached the disk last: the pages after it may have been quicker."""
    start = at - (at - write_ahead.HEADER) % FRAME
    return bytes(wal[:start]) + bytes(FRAME) + bytes(wal[start + FRAME :])


@pytest.mark.parametrize("tear", [_cut_short, _zeroed, _garbled, _one_page_missing])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.77, 0.999])
def test_a_torn_last_write_is_dropped_and_said(
    crashed: Callable[..., Path], tear: Callable[[bytearray, int], bytes], share: float
) -> None:
    folder = crashed(3, 2, 40)
    wal = read_wal(folder)
    *_, before, last = commits_of(wal)
    at = before + 1 + int(share * (last - before - 2))
    write_wal(folder, tear(wal, at))
    with capture_logs() as logs, started(folder) as host:
        assert host.end() == 5
        written = asyncio.run(host.append(lines(100)))
    assert written == [6]
    (dropped,) = reported(logs)
    assert 0 < dropped <= last - before
    with capture_logs() as logs, started(folder) as host:
        assert host.end() == 6
        assert host.engine.log.verify() == 6
    assert reported(logs) == []


def test_what_was_written_before_the_log_began_anew_is_no_torn_write(tmp_path: Path) -> None:
    source, image = tmp_path / "source", tmp_path / "image"
    source.mkdir()
    image.mkdir()
    with closing(connect(source / FILE)) as connection:
        log = LogSqlite(connection)
        commit(connection, log, 1, 200)
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        commit(connection, log, 201, 2)
        for name in (FILE, f"{FILE}-wal"):
            shutil.copyfile(source / name, image / name)
    found = write_ahead.inspect(image / FILE)
    assert 0 < found.committed < len(commits_of(read_wal(image))) + 100
    assert (found.dropped, found.damaged_at) == (0, None)
    with started(image) as host:
        assert host.end() == 202


def test_an_unfinished_transaction_is_dropped_and_said(tmp_path: Path) -> None:
    source, image = tmp_path / "source", tmp_path / "image"
    source.mkdir()
    image.mkdir()
    with closing(connect(source / FILE)) as connection:
        log = LogSqlite(connection)
        commit(connection, log, 1, 3)
        connection.execute("PRAGMA cache_size = 10")  # so that pages reach the file before the commit does
        connection.execute("BEGIN IMMEDIATE")
        log.append(lines(4, 500))
        log.flush()
        for name in (FILE, f"{FILE}-wal"):
            shutil.copyfile(source / name, image / name)
    with capture_logs() as logs, started(image) as host:
        assert host.end() == 3
    assert len(reported(logs)) == 1


# --- what was accepted and is lost


FLIPS = {"page": 24 + 400, "page number": 3, "commit mark": 7, "salt": 9, "checksum": 17}
"""Where in a frame."""


@pytest.mark.parametrize("where", [*FLIPS, "file header"])
def test_a_flip_before_later_commits_stops_every_start_and_names_the_row(
    crashed: Callable[..., Path], where: str
) -> None:
    folder = crashed(2, 2, 2, 2, 2)
    wal = read_wal(folder)
    third = commits_of(wal)[-3]
    wal[13 if where == "file header" else third - FRAME + FLIPS[where]] ^= 4
    write_wal(folder, wal)
    rows = {"file header": 1}.get(where, 5)
    for _ in range(2):  # a refusal that ends in a start that works would only have waited
        with pytest.raises(LogDamaged, match=f"log row {rows}: was committed and cannot be read") as caught:
            Embedded(folder, ())
        assert caught.value.offset == rows
    assert read_wal(folder) == wal


def test_a_flip_in_a_row_stops_the_start_and_names_it(crashed: Callable[..., Path]) -> None:
    folder = crashed(40, folded=True)
    wanted = lines(1, 40)[22].event.id.encode()
    data = bytearray((folder / FILE).read_bytes())
    data[data.rindex(wanted) + 3] ^= 1
    (folder / FILE).write_bytes(data)
    with pytest.raises(LogDamaged, match="log row 23") as caught:
        Embedded(folder, ())
    assert caught.value.offset == 23


def test_no_flipped_bit_changes_what_the_log_says(crashed: Callable[..., Path]) -> None:
    folder = crashed(60, folded=True)
    sound = (folder / FILE).read_bytes()
    written = events_of(folder)
    chance = random.Random(7)
    refused = 0
    for _ in range(150):
        flipped = bytearray(sound)
        at = chance.randrange(len(flipped))
        flipped[at] ^= 1 << chance.randrange(8)
        for name in (f"{FILE}-wal", f"{FILE}-shm"):
            (folder / name).unlink(missing_ok=True)
        (folder / FILE).write_bytes(flipped)
        try:
            with started(folder):
                pass
        except (LogDamaged, StorageBroken):
            refused += 1
        else:
            assert events_of(folder) == written, f"byte {at}"
    assert refused > 15


@pytest.mark.parametrize(
    ("change", "row", "said"),
    [
        ('DELETE FROM log WHERE "offset" = 12', 12, "is missing"),
        ('DELETE FROM log WHERE "offset" = 1', 1, "is missing"),
        (
            "UPDATE log SET event = CAST(replace(event, 'KE.042', 'KE.044') AS BLOB) WHERE \"offset\" = 7",
            7,
            "does not match its hash",
        ),
        ('UPDATE log SET id = zeroblob(16) WHERE "offset" = 9', 9, "does not match its hash"),
        ('UPDATE log SET chain = zeroblob(16) WHERE "offset" = 20', 20, "does not match its hash"),
        ('UPDATE log SET event = 5 WHERE "offset" = 3', 3, "cannot be read"),
    ],
)
def test_a_row_that_somebody_changed_is_named(crashed: Callable[..., Path], change: str, row: int, said: str) -> None:
    folder = crashed(20)
    with closing(connect(folder / FILE)) as connection:
        assert connection.execute(change).rowcount == 1
    with pytest.raises(LogDamaged, match=said) as caught:
        Embedded(folder, ())
    assert caught.value.offset == row


@pytest.mark.parametrize("row", [1, VERIFIED_TOGETHER, VERIFIED_TOGETHER + 1, 2 * VERIFIED_TOGETHER + 7])
def test_a_long_log_is_checked_from_end_to_end(crashed: Callable[..., Path], row: int) -> None:
    rows = 2 * VERIFIED_TOGETHER + 7
    folder = crashed(rows)
    with started(folder) as host:
        assert host.engine.log.verify() == host.end() == rows
        assert asyncio.run(host.append(lines(rows + 1))) == [rows + 1]
    with closing(connect(folder / FILE)) as connection:
        connection.execute('UPDATE log SET chain = zeroblob(16) WHERE "offset" = ?', (row,))
    with pytest.raises(LogDamaged) as caught:
        Embedded(folder, ())
    assert caught.value.offset == row


def test_only_the_newest_rows_are_looked_at_when_asked_for_those(crashed: Callable[..., Path]) -> None:
    folder = crashed(50)
    with closing(connect(folder / FILE)) as connection:
        connection.execute("UPDATE log SET event = x'00' WHERE \"offset\" = 10")
        assert verify_chain(connection, 40) == 40
        with pytest.raises(LogDamaged):
            verify_chain(connection, 41)
        assert verify_chain(connection, 0) == 0


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database at all" * 50)
    with pytest.raises(StorageBroken, match="not a database"):
        Embedded(tmp_path, ())
