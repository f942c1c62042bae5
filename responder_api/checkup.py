"""Look a deployment over: each check is a function that gives findings, and a finding says what to do.

You are behind `dharura doctor`. Everything here only reads, beside a running server or without one. These are the
checks of the data folder and of what lies in it; `checkup_world` has those of settings and reference data.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from responder_api.settings import Settings
from streams import write_ahead
from streams.database import FILE, Reading
from streams.events import decode
from streams.log_damage import LogDamaged, verify_chain

Level = Literal["OK", "ATTENTION", "BROKEN"]

SCARCE: Final = 2 << 30
TOO_LITTLE: Final = 200 << 20
"""Bytes free on the disk: below the first it is time to make room, below the second writes will soon be refused."""
LATE_S: Final = 60.0
"""A running server is at most this late with a deadline or a message."""
BEHIND: Final = 5_000
"""A running server's steps are at most this many events behind the log, unless it started just now."""
TRIED: Final = 3
"""A message that failed so often shows that its gateway does."""
_REMOTE: Final = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "ceph", "glusterfs")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check found: `what` was looked at, how it is, and what to do about it."""

    level: Level
    what: str
    says: str
    do: str = ""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks of a file look at: it is open for reading; `running`: a server works in the folder."""

    connection: Reading
    now: datetime
    running: bool


Check = Callable[[Look], Iterable[Finding]]


def folder(settings: Settings) -> Iterator[Finding]:
    """Look at the data folder: is it there, can it be written to, is there room, is it on a disk of this machine?"""
    data = settings.data
    if not data.is_dir():
        yield _attention("data folder", f"there is no folder {data}", "Set DHARURA_DATA, or start dharura serve once.")
        return
    if not os.access(data, os.W_OK | os.X_OK):
        yield _broken("data folder", f"{data} cannot be written to", "Give it to the user who runs the server.")
    else:
        yield _ok("data folder", f"{data} can be written to")
    free = shutil.disk_usage(data).free
    room = f"{free / 1e9:,.1f} GB free"
    if free < TOO_LITTLE:
        yield _broken("disk space", room, "Make room now: intake is refused when the disk is full.")
    elif free < SCARCE:
        yield _attention("disk space", room, "Make room soon.")
    else:
        yield _ok("disk space", room)
    kind = _file_system(data)
    if kind.startswith(_REMOTE):
        yield _attention("disk", f"{data} lies on {kind}", "Move it to a disk of this machine: SQLite needs one.")
    file = data / FILE
    if file.exists() and file.stat().st_mode & 0o077:
        yield _attention("privacy", f"others may read {file}", f"It holds personal data and keys: chmod 600 {file}")


def _file_system(path: Path) -> str:
    try:
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    except OSError:
        return ""
    above = [str(each) for each in (path.resolve(), *path.resolve().parents)]
    found = [(len(mount[1]), mount[2]) for mount in mounts if len(mount) > 2 and mount[1] in above]
    return max(found)[1] if found else ""


def is_running(data: Path) -> bool:
    """Tell whether a server works in a data folder."""
    try:
        with (data / "dharura.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def tail(data: Path) -> Iterator[Finding]:
    """Look at what a crash left; for a folder in which no server works."""
    found = write_ahead.inspect(data / FILE)
    if found.damaged_at is not None:
        lost = f"{FILE}-wal is damaged at byte {found.damaged_at}: events that were accepted after it cannot be read"
        yield _broken("last writes", lost, "Keep both files as they are; restore the last backup: dharura restore FILE")
    elif found.dropped:
        yield _ok("last writes", f"a write of {found.dropped} bytes was cut off; nothing that was accepted is in it")


def structure(look: Look) -> Iterator[Finding]:
    """Have SQLite check the file's pages and indexes."""
    try:
        found = [text for (text,) in look.connection.execute("PRAGMA integrity_check(3)") if text != "ok"]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found:
        do = "Restore the last backup (dharura restore FILE); keep the damaged file."
        yield _broken("database", "; ".join(found).replace("\n", " "), do)
    else:
        yield _ok("database", "SQLite's integrity check passes")


def chain(look: Look) -> Iterator[Finding]:
    """Check every row of the log against its hash."""
    try:
        rows = verify_chain(look.connection)
    except LogDamaged as damage:
        yield _broken("log", str(damage), "Restore the last backup (dharura restore FILE); keep the damaged file.")
    else:
        yield _ok("log", f"{rows:,} events, every one as it was written")


def cursors(look: Look) -> Iterator[Finding]:
    """Hold every reader's cursor against the end of the log."""
    (end,) = look.connection.execute('SELECT coalesce(max("offset"), 0) FROM log').fetchone()
    readers = look.connection.execute("SELECT reader, \"offset\" FROM cursor WHERE reader <> 'probe'").fetchall()
    if ahead := sorted(reader for reader, offset in readers if offset > end):
        says = f"{', '.join(ahead)} went further than the log reaches: events are missing"
        yield _broken("steps", says, "Restore the last backup (dharura restore FILE); keep the damaged file.")
        return
    behind = end - min((offset for _, offset in readers), default=end)
    says = "all have gone to the end of the log" if not behind else f"the slowest is {behind:,} events behind the log"
    if behind > BEHIND and look.running:
        yield _attention("steps", says, "Ask again in a minute; if it does not fall, look at the server's output.")
    else:
        yield _ok("steps", says if look.running or not behind else f"{says}; the next start goes on there")


def deadlines(look: Look) -> Iterator[Finding]:
    """Find deadlines that are over and were not called."""
    late, oldest = look.connection.execute(
        "SELECT count(*), min(due) FROM deadline WHERE due < ?", (look.now.timestamp() - LATE_S,)
    ).fetchone()
    if not late:
        (open_,) = look.connection.execute("SELECT count(*) FROM deadline").fetchone()
        yield _ok("deadlines", f"{open_:,} to come, none overdue")
        return
    says = f"{late:,} overdue, the oldest since {_time(oldest)}"
    if look.running:
        yield _attention("deadlines", says, "The server should have called them: look at its output and at the clock.")
    else:
        yield _attention("deadlines", says, "Nobody is asked while no server works here: dharura serve calls them.")


def outgoing(look: Look) -> Iterator[Finding]:
    """Find messages that do not get out."""
    now = look.now.timestamp()
    waiting, tried, late = look.connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE attempts >= ?), count(*) FILTER (WHERE taken = 0 AND retry_at < ?) "
        "FROM outgoing",
        (TRIED, now - LATE_S),
    ).fetchone()
    if tried:
        says = f"{tried:,} of {waiting:,} waiting failed {TRIED} times or more"
        yield _attention("messages", says, "Look at the gateway and at DHARURA_SMS_URL, _USERNAME and _API_KEY.")
    elif late and not look.running:
        yield _attention("messages", f"{waiting:,} wait to be sent", "Nothing is sent while no server works here.")
    elif late:
        yield _attention("messages", f"{late:,} of {waiting:,} should have gone", "Look at the server's output.")
    else:
        yield _ok("messages", f"{waiting:,} waiting")


def clock(look: Look) -> Iterator[Finding]:
    """Hold this machine's clock against the newest event, which another clock may have dated."""
    row = look.connection.execute('SELECT event FROM log ORDER BY "offset" DESC LIMIT 1').fetchone()
    newest = decode(row[0]).seen if row else None
    if newest is not None and (newest - look.now).total_seconds() > 5:
        says = f"it is {look.now:%Y-%m-%d %H:%M:%S} UTC here, the newest event is of {newest:%Y-%m-%d %H:%M:%S}"
        yield _attention("clock", says, "Set the clock, or find out what dated the event: time goes on from the event.")


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _ok(what: str, says: str) -> Finding:
    return Finding(level="OK", what=what, says=says)


def _attention(what: str, says: str, do: str) -> Finding:
    return Finding(level="ATTENTION", what=what, says=says, do=do)


def _broken(what: str, says: str, do: str) -> Finding:
    return Finding(level="BROKEN", what=what, says=says, do=do)


OF_THE_FILE: Final[tuple[Check, ...]] = (structure, chain, cursors, deadlines, outgoing, clock)
