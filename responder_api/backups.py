"""Copy the data folder's file while the system runs, and put a copy in its place.

A copy is older than what clients have seen. So it holds no epoch and no feed: whoever starts from it makes a new epoch,
and every client is told to load its picture anew (`hub.plan`) instead of being given frames that merely wear the
same numbers. Documents, accounts and the log stay. An ask that was waiting to be sent counts as sent: it may have
left since, and nobody is asked twice. Next: `cli/backup`.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from geo.places import Rejected
from responder_api.boundary_store import FOLDER as BOUNDARIES
from responder_api.enclosed import enclose, put_back, take_out
from responder_api.files import free_name, put_in_place, set_aside, sync_folder
from responder_api.place_store import FOLDER as PLACES
from streams.database import FILE, connect, storage_error
from streams.embedded import lock_folder
from streams.events import decode
from streams.log_damage import check_tail, verify_chain

T = TypeVar("T")

PAGES = 4096
"""Pages copied between two chances to stop."""
INTERRUPTED = b"A restore was interrupted here: run dharura restore again. What stood here is kept as "
"""Stands in the file's place while one takes the other's: SQLite refuses it, so nobody begins on an empty file."""
_TABLES = ("meta", "log", "cursor", "state", "deadline", "outgoing")


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds: rows of the log, when the newest was written, bytes of the file."""

    rows: int
    newest: datetime | None
    size: int


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was put in place, and where the file, boundaries and place names that stood there before are kept."""

    copied: Copied
    before: Path | None
    boundaries_before: Path | None
    places_before: Path | None


def back_up(data: Path, target: Path) -> Copied:
    """Copy a data folder's file to `target`, with all boundaries and names; a server may work in the folder meanwhile.

    The copy is of one moment, checked, readable for its owner only. Rejected `backup-exists` when the target is there,
    LogDamaged or Rejected `backup-unusable` when the copy is not sound: then there is none.
    """
    if target.exists():
        raise Rejected("backup-exists", f"{target} is there already; a backup is never overwritten")
    check_tail(data / FILE)
    with _trial(target) as trial:
        with closing(connect(data / FILE, read_only=True)) as source:
            _copy(source, trial)
        copied = _make_sound(trial, data)
        if target.exists():
            raise Rejected("backup-exists", f"{target} came into being meanwhile")
        trial.replace(target)
    sync_folder(target.parent)
    return copied


def restore(data: Path, backup: Path, now: datetime) -> Restored:
    """Put a backup in place of a data folder's file, under a new epoch; what stood there is kept beside it.

    Takes any sound copy of such a file. AlreadyRunning while a server works in the folder, LogDamaged or Rejected
    `backup-unusable` when the backup is not sound: then nothing was changed.
    """
    if not backup.is_file():
        raise Rejected("backup-unusable", f"there is no file {backup}")
    data.mkdir(parents=True, exist_ok=True)
    with closing(lock_folder(data)), _trial(data / FILE) as trial:
        with closing(_opened(backup)) as source:
            _copy(source, trial)
        copied = _make_sound(trial)
        enclosed = take_out(trial)
        before, kept = _swap(data / FILE, trial, now, lambda: put_back(data, enclosed, now))
    return Restored(
        copied=copied, before=before, boundaries_before=kept.get(BOUNDARIES), places_before=kept.get(PLACES)
    )


@contextmanager
def _trial(target: Path) -> Iterator[Path]:
    """Give a name beside the target, for its owner only, that is gone afterwards unless it was renamed."""
    trial = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield trial
    finally:
        for name in (trial, Path(f"{trial}-journal"), Path(f"{trial}-wal"), Path(f"{trial}-shm")):
            with suppress(FileNotFoundError):
                name.unlink()


def _opened(backup: Path) -> sqlite3.Connection:
    """Open a backup for reading, also on a medium that cannot be written to."""
    check_tail(backup)
    if Path(f"{backup}-wal").exists():
        return connect(backup, read_only=True)
    return sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _copy(source: sqlite3.Connection, trial: Path) -> None:
    try:
        with closing(sqlite3.connect(trial, isolation_level=None)) as copy:
            source.execute("BEGIN")  # one moment for all of it, whatever is written meanwhile
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(copy, pages=PAGES)
            source.execute("COMMIT")
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
    except sqlite3.DatabaseError as error:
        raise _unusable(error) from error


def _unusable(error: sqlite3.Error) -> Exception:
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return Rejected("backup-unusable", str(error))
    return storage_error(error)


def _make_sound(trial: Path, data: Path | None = None) -> Copied:
    """Check a copy from end to end and take out what must not outlive the moment it was made.

    With a data folder, its boundaries and place names go in.
    """
    try:
        with closing(sqlite3.connect(trial, isolation_level=None)) as copy:
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if missing := [name for name in _TABLES if name not in tables]:
                raise Rejected("backup-unusable", f"it is no file of Dharura: no table {', '.join(missing)}")
            if found := [text for (text,) in copy.execute("PRAGMA integrity_check(3)") if text != "ok"]:
                raise Rejected("backup-unusable", f"SQLite finds it damaged: {'; '.join(found)}")
            rows = verify_chain(copy)
            copy.execute("PRAGMA synchronous = FULL")
            copy.execute("BEGIN IMMEDIATE")
            copy.execute("DELETE FROM meta WHERE name = 'epoch'")
            if "feed" in tables:
                copy.execute("DELETE FROM feed")
            # Counted up: a receipt's id is made of the number of attempts, and one of this number may be there already.
            copy.execute("UPDATE outgoing SET taken = 1, attempts = attempts + 1 WHERE taken = 0 AND ask <> ''")
            if data is not None:
                enclose(copy, data)
            newest = copy.execute('SELECT event FROM log ORDER BY "offset" DESC LIMIT 1').fetchone()
            copy.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        raise _unusable(error) from error
    return Copied(rows=rows, newest=decode(newest[0]).seen if newest else None, size=trial.stat().st_size)


def _swap(path: Path, trial: Path, now: datetime, meanwhile: Callable[[], T]) -> tuple[Path | None, T]:
    """Put a file in the other's place, with the other's journals out of the way: they would be played into it.

    At no moment does the name stand for nothing or for half: it is the old file, a text that no start takes, or the new
    one. `meanwhile` is done while it is the text. After an interruption the same again finishes it.
    """
    aside: Path | None
    if (name := _interrupted(path)) is not None:
        aside = path.with_name(name)
    elif (aside := set_aside(path, now)) is not None:
        put_in_place(path, (INTERRUPTED + aside.name.encode() + b"\n").ljust(4096), 0o600)
    for suffix in ("-wal", "-shm"):
        journal = Path(f"{path}{suffix}")
        if journal.exists():
            journal.rename(f"{aside or free_name(path, now)}{suffix}")
    sync_folder(path.parent)
    made = meanwhile()
    trial.replace(path)
    sync_folder(path.parent)
    return aside, made


def _interrupted(path: Path) -> str | None:
    """Give the name under which an interrupted restore keeps the file that stood here; None when there was none."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        head = file.read(4096)
    return head.removeprefix(INTERRUPTED).strip().decode() if head.startswith(INTERRUPTED) else None
