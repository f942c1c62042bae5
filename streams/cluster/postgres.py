"""A connection to PostgreSQL that takes the same statements as SQLite's, so that both read one body of SQL.

Marks are `?`, rows are tuples, nothing begins a transaction by itself. What differs between the two databases (types,
tables) stands in `streams.cluster.tables` and `streams.database`; statements that both understand stand once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, Self

import psycopg
from psycopg.pq import TransactionStatus

from streams.cluster.arrays import Arrays
from streams.database import StorageBroken, StorageError, StorageFull

CONNECT_S: Final = 5
"""How long a connection is waited for."""
STATEMENT_MS: Final = 30_000
"""How long one statement may take; what takes longer is given up and nothing of it stays."""
IDLE_MS: Final = 15_000
"""How long a transaction may wait for its own process: one that is frozen must not keep its locks, which others need.
Its session ends, and nothing of it stays."""
TOGETHER: Final = 64
"""How many rows of an INSERT one statement takes at most."""
_VALUES: Final = re.compile(r"(?<=VALUES )(\((?:\?,)*\?\))")


class Postgres:
    """One connection, for one thread at a time."""

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self.raw = connection

    @classmethod
    def connect(cls, address: str, *, name: str = "dharura") -> Self:
        """Open `postgresql://...` (or any libpq string); StorageError when the server cannot be reached."""
        try:
            connection = psycopg.connect(
                address,
                autocommit=True,
                connect_timeout=CONNECT_S,
                client_encoding="utf8",
                application_name=name,
                options=(
                    f"-c statement_timeout={STATEMENT_MS} -c idle_in_transaction_session_timeout={IDLE_MS}"
                    " -c timezone=UTC -c synchronous_commit=on"
                ),
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
                tcp_user_timeout=15_000,
            )
        except psycopg.Error as error:
            raise postgres_error(error) from error
        connection.adapters.register_dumper(list, Arrays)
        return cls(connection)

    def execute(self, statement: str, values: Sequence[object] = ()) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Run one statement with `?` marks; raises psycopg.Error (`postgres_error` says what it means)."""
        return self.raw.execute(_marked(statement), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows: those of an INSERT go many together, others in one round trip."""
        if _VALUES.search(statement):
            left = list(rows)
            while left:
                # By powers of two: of so few texts PostgreSQL has each prepared; planning them anew cost seconds.
                together = min(TOGETHER, 1 << len(left).bit_length() - 1)
                some, left = left[:together], left[together:]
                self.raw.execute(_widened(statement, len(some)), [value for row in some for value in row])
            return
        with self.raw.cursor() as cursor:
            cursor.executemany(_marked(statement), rows)
        if self.in_transaction:
            # That was a pipeline, and after one PostgreSQL does not count how long it waits for us (`IDLE_MS`).
            self.raw.execute("SELECT 1")

    def each(self, statement: str, values: Sequence[object] = (), at_once: int = 2000) -> Iterator[tuple[Any, ...]]:
        """Go through many rows inside the open transaction, so many brought at once: they need not fit in memory."""
        with self.raw.cursor(name="each") as cursor:
            cursor.itersize = at_once
            cursor.execute(_marked(statement), values)
            yield from cursor

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open (or failed and not yet rolled back)."""
        return self.raw.info.transaction_status != TransactionStatus.IDLE

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all of it or none of it; raises StorageError when the server cannot take it."""
        try:
            with self.raw.transaction():
                yield
        except psycopg.Error as error:
            raise postgres_error(error) from error

    def close(self) -> None:
        """Let the connection go."""
        self.raw.close()


@lru_cache(maxsize=512)
def _marked(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()


@lru_cache(maxsize=512)
def _widened(statement: str, rows: int) -> bytes:
    """Give an INSERT of one row as one of many: PostgreSQL sets out once for all of them."""
    return _marked(_VALUES.sub(lambda found: found[0] + f",{found[1]}" * (rows - 1), statement))


def postgres_error(error: psycopg.Error) -> StorageError:
    """Say what a PostgreSQL error means for the one who asked."""
    state = error.sqlstate or ""
    if state == "53100":
        return StorageFull("no space left on the database's disk")
    if state.startswith(("58", "XX")):
        return StorageBroken(f"the database's disk refuses: {error}")
    return StorageError(f"the database is not there or busy: {error}")
