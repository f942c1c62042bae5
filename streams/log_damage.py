"""Find what happened to the log's file behind our back: rows that are not what was written, writes that were cut off.

You are at the start of a node, before anything is accepted, and in `dharura doctor`, `backup` and `restore`. Each row
of the log carries a hash over its event and the row before (`log_sqlite` writes it); `check_tail` also looks at what a
crash left in SQLite's write-ahead log, before anybody opens the file and SQLite drops what it cannot read.
"""

import sqlite3
from binascii import hexlify
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from streams import write_ahead
from streams.database import Reading, connect
from streams.write_ahead import WriteAhead

GENESIS = b"\0" * 16
"""What stands for the chain before the first row."""
VERIFIED_TOGETHER = 20_000
"""How many rows one read of `verify_chain` takes, so that a running server's write-ahead log is not held back."""


class LogDamaged(Exception):
    """A row of the log is not what was written; `offset` names it."""

    def __init__(self, offset: int, detail: str) -> None:
        super().__init__(f"log row {offset}: {detail}")
        self.offset = offset


def check_tail(path: Path) -> WriteAhead:
    """Look at what a crash left in the write-ahead log of a file that nobody has opened yet.

    Gives what it holds; `dropped` bytes are a last write that was cut off, which nobody was promised. LogDamaged names
    the first row that was committed and can no longer be read.
    """
    found = write_ahead.inspect(path)
    if found.damaged_at is None:
        return found
    with closing(connect(path, read_only=True)) as connection:  # which never folds the damaged part away
        end = _end(connection) if connection.execute("PRAGMA table_info(log)").fetchone() else 0
    detail = f"was committed and cannot be read: {path.name}-wal is damaged at byte {found.damaged_at}"
    raise LogDamaged(end + 1, detail)


def verify_chain(connection: Reading, newest: int | None = None) -> int:
    """Check the chain over the `newest` rows (all when None); give how many, LogDamaged at the first bad one.

    Reads only, so it can run beside a server. Rows that are appended meanwhile are not looked at.
    """
    offset = 0
    try:
        end = _end(connection)
        start = offset = 0 if newest is None else max(0, end - newest)
        chain = _chain_at(connection, start)
        while offset < end:
            rows = connection.execute(
                'SELECT "offset", id, event, chain FROM log WHERE "offset" > ? ORDER BY "offset" LIMIT ?',
                (offset, min(VERIFIED_TOGETHER, end - offset)),
            )
            before = offset
            for row, id_, event, written in rows:
                if row != offset + 1:
                    raise LogDamaged(offset + 1, "is missing")
                if sha256(chain + event).digest()[:16] != written or event[7:43].replace(b"-", b"") != hexlify(id_):
                    raise LogDamaged(row, "does not match its hash: the file was damaged or changed")
                offset, chain = row, written
            if offset == before:
                raise LogDamaged(offset + 1, "is missing")
    except (sqlite3.DatabaseError, TypeError, AttributeError) as error:
        raise LogDamaged(offset + 1, f"cannot be read: {error}") from error
    return offset - start


def _end(connection: Reading) -> int:
    return int(connection.execute('SELECT coalesce(max("offset"), 0) FROM log').fetchone()[0])


def _chain_at(connection: Reading, offset: int) -> bytes:
    if offset == 0:
        return GENESIS
    row = connection.execute('SELECT chain FROM log WHERE "offset" = ?', (offset,)).fetchone()
    if row is None:
        raise LogDamaged(offset, "is missing")
    return bytes(row[0])
