"""Keep accounts, sessions and signing keys in the SQLite file (an adapter of `accounts`; see `accounts_sql`).

Writes run in a thread, one at a time, each in its own IMMEDIATE transaction with synchronous=FULL: what returned is on
the disk. Reads are by key, take microseconds and never wait for a writer (WAL), so they run where they are asked for.
The file holds private keys and is made readable for its owner alone.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from responder_api.accounts_sql import AccountsSql, Result
from responder_api.accounts_tables import prepare, transaction
from streams.database import Connection, connect


class SqliteAccounts(AccountsSql):
    """Accounts, Sessions and Keys over one SQLite file, which others may use too."""

    session_lock = ""

    def __init__(self, path: Path) -> None:
        """Open the file, made when missing; raises StorageError or sqlite3.Error when it cannot be used."""
        path.touch(mode=0o600)
        with contextlib.suppress(PermissionError):  # another owner's file is another owner's care
            path.chmod(0o600)
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._writer = connect(path)
        prepare(self._writer)
        self._writer.execute("PRAGMA foreign_keys = ON")  # a session takes its refresh tokens with it
        self._reader = connect(path, read_only=True)

    def close(self) -> None:
        """Close the file, after a write that is under way."""
        with self._writing, self._reading:
            # Who closes last folds the write-ahead log into the file, which a reader cannot.
            self._reader.close()
            self._writer.close()

    async def read(self, query: str, *values: object) -> list[Any]:
        """Give the rows of a query, at once."""
        with self._reading:
            return self._reader.execute(query, values).fetchall()

    async def write(self, work: Callable[[Connection], Result], *, alone: bool = False) -> Result:  # noqa: ARG002
        """Do work in one transaction, in a thread; every write is alone here."""

        def run() -> Result:
            with self._writing, transaction(self._writer):
                return work(self._writer)

        return await asyncio.to_thread(run)
