"""The one SQLite file of the embedded system: how it is opened, its tables, and what its errors mean.

Everything that must move together (log, state, cursors, deadlines, outgoing messages, read model) lives in this file so
that one transaction can move it. `Connection` is what a part needs whose SQL both databases read, this one and the
cluster's (`streams.cluster.postgres`).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
    "offset" INTEGER PRIMARY KEY, topic TEXT NOT NULL, "key" TEXT NOT NULL, subject TEXT NOT NULL,
    id BLOB NOT NULL UNIQUE, event BLOB NOT NULL, chain BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS log_subject ON log (subject);
CREATE TABLE IF NOT EXISTS cursor (reader TEXT PRIMARY KEY, "offset" INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (
    step TEXT NOT NULL, "key" TEXT NOT NULL, item TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (step, "key", item)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deadline (id TEXT PRIMARY KEY, due REAL NOT NULL, event BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deadline_due ON deadline (due);
CREATE TABLE IF NOT EXISTS outgoing (
    message TEXT PRIMARY KEY, ask TEXT NOT NULL, taken INTEGER NOT NULL, attempts INTEGER NOT NULL,
    retry_at REAL NOT NULL, event BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outgoing_ready ON outgoing (taken, retry_at);
CREATE TABLE IF NOT EXISTS ended (assignment TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ended_at ON ended (at);
CREATE VIEW IF NOT EXISTS sendable AS
    SELECT * FROM outgoing WHERE taken = 0 AND ask NOT IN (SELECT assignment FROM ended);
"""

FILE = "dharura.sqlite3"
"""Name of the file in the data folder."""


class Rows(Protocol):
    """What a statement gave: tuples, each read once."""

    @property
    def rowcount(self) -> int:
        """How many rows a write changed."""
        ...

    def fetchone(self) -> Any:
        """Give the next row as a tuple, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Go through the rows that are left."""
        ...

    def close(self) -> None:
        """Leave the rows that were not read."""
        ...


class Reading(Protocol):
    """What a part needs that only reads, over either database.

    A statement has `?` marks and is written so that both understand it: quoted "offset" and "key", `count(*) FILTER
    (WHERE ...)`, no function of JSON.
    """

    def execute(self, statement: str, values: Sequence[object] = ..., /) -> Rows:
        """Run one statement."""
        ...


class Connection(Reading, Protocol):
    """One connection to either database, for one thread at a time; whoever holds it owns its transactions.

    Written so that both understand it is `INSERT ... ON CONFLICT`, never `INSERT OR`.
    """

    def executemany(self, statement: str, rows: Iterable[Sequence[object]], /) -> object:
        """Run one statement for many rows; an INSERT that updates on conflict has no row twice among them."""
        ...


class StorageError(Exception):
    """The file cannot take a write now; nothing of it was written. `code` is stable, `retry_after_s` a hint."""

    code = "storage-busy"
    retry_after_s = 2


class StorageFull(StorageError):
    """There is no space left on the disk."""

    code = "storage-full"
    retry_after_s = 30


class StorageBroken(StorageError):
    """The disk refuses to read or write."""

    code = "storage-broken"
    retry_after_s = 60


def storage_error(error: sqlite3.Error) -> StorageError:
    """Say what an SQLite error means for the one who asked."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith("SQLITE_FULL"):
        return StorageFull("no space left on the disk")
    if name.startswith(("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CANTOPEN")):
        return StorageBroken(f"the disk refuses: {error}")
    return StorageError(f"the database is busy: {error}")


def connect(
    path: Path | str, *, read_only: bool = False, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """Open the file (":memory:" is one too) with the settings that the promise rests on, and check that they hold.

    StorageError when it cannot be opened or is no database.
    """
    try:
        name = f"{Path(path).absolute().as_uri()}?mode=ro" if read_only else str(path)
        connection = sqlite3.connect(
            name,
            uri=read_only,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
            factory=factory,
        )
        try:
            connection.execute("PRAGMA busy_timeout = 2000")
            if not read_only:
                _prepare(connection, memory=str(path) == ":memory:")
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise storage_error(error) from error
    return connection


def _prepare(connection: sqlite3.Connection, *, memory: bool) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA cache_size = -65536")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if not memory and (mode != "wal" or synchronous != 2):
        raise StorageBroken(f"this disk does not allow durable writes (journal {mode}, synchronous {synchronous})")
    connection.executescript(SCHEMA)


def noted(connection: Reading, name: str) -> str | None:
    """Give what `meta` holds under a name, in a database of either kind; None when it holds nothing."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def note(connection: Reading, name: str, value: str) -> None:
    """Put a value under a name of `meta`, in place of any before it."""
    connection.execute(
        "INSERT INTO meta VALUES (?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )


def cursor_of(connection: Reading, reader: str) -> int:
    """Give the last offset of the log that a reader has finished with, 0 at first, in a database of either kind."""
    row = connection.execute('SELECT "offset" FROM cursor WHERE reader = ?', (reader,)).fetchone()
    return 0 if row is None else int(row[0])


def has_table(connection: Reading, table: str) -> bool:
    """Tell whether a database of either kind has a table."""
    if isinstance(connection, sqlite3.Connection):
        query = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?"
    else:
        query = "SELECT count(to_regclass(?))"
    return bool(connection.execute(query, (table,)).fetchone()[0])
