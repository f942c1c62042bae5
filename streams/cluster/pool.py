"""A few connections to PostgreSQL, shared by the threads of one process that read it or write small things.

A read that fails because its connection died under it is read once more over a new one, so that a restart of
PostgreSQL that is over shows to nobody. A write is never repeated: whoever asked for it says it again, or not.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from streams.cluster.postgres import Postgres, postgres_error
from streams.database import StorageError

MOST: Final = 8
"""How many connections one process opens for what goes through here."""
WAIT_S: Final = 30.0
"""How long a free connection is waited for."""
_OF_THE_SERVER: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)
"""Errors that say something about the server, not about the statement."""


class Pool:
    """Connections by need, at most so many. Safe from any thread; a `streams.database.Reading`."""

    def __init__(self, address: str, *, most: int = MOST, name: str = "dharura") -> None:
        self._address, self._name = address, name
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[Postgres] = []
        self._closed = False

    def close(self) -> None:
        """Close every connection; those in use when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def connection(self) -> Iterator[Postgres]:
        """Lend one connection that answers, outside any transaction; psycopg's errors come out as StorageError."""
        with self._lent(self._answering) as connection:
            yield connection

    def execute(self, statement: str, values: Sequence[object] = (), /) -> "psycopg.Cursor[tuple[Any, ...]]":
        """Read: run one statement that changes nothing and bring all its rows; raises StorageError."""
        try:
            with self._lent(self._any) as connection:
                return connection.execute(statement, values)
        except _Died:
            with self._lent(self._new) as connection:
                return connection.execute(statement, values)

    # --- lending -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _lent(self, take: Callable[[], Postgres]) -> Iterator[Postgres]:
        if not self._free.acquire(timeout=WAIT_S):
            raise StorageError("the database is busy: every connection is in use")
        try:
            connection = take()
            try:
                yield connection
            except _OF_THE_SERVER as error:
                trouble = postgres_error(error)
                raise (_Died(str(trouble)) if connection.raw.closed else trouble) from error
            finally:
                self._back(connection)
        finally:
            self._free.release()

    def _any(self) -> Postgres:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._new()

    def _answering(self) -> Postgres:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._new()
            try:
                connection.execute("SELECT 1")
            except psycopg.Error:
                connection.close()
                continue
            return connection

    def _new(self) -> Postgres:
        return Postgres.connect(self._address, name=self._name)

    def _back(self, connection: Postgres) -> None:
        with self._lock:
            keep = not (self._closed or connection.raw.closed or connection.in_transaction)
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()


class _Died(StorageError):
    """The connection is no more; what was asked may be asked over another one."""
