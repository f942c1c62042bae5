"""The read model in the embedded file: each thread reads over its own connection (the adapter of `views`).

See `views_sql` for the queries. WAL means that readers never wait for the writer or for each other.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from responder_api.views import Position
from responder_api.views_sql import ViewsSql
from streams.database import FILE, connect


class ViewsSqlite(ViewsSql):
    """Adapter of `views.Views` over the file in a data folder."""

    phone = "json_extract(CAST(value AS TEXT), '$.phone')"

    def __init__(self, data: Path, epoch: str) -> None:
        super().__init__(epoch)
        self._path = data / FILE
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._open:
            connection.close()

    def connection(self) -> sqlite3.Connection:
        """Give this thread's connection to the file, read-only."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path, read_only=True)
            self._local.connection = connection
            self._open.append(connection)
        return connection

    @contextmanager
    def moment(self, statement: str, values: tuple[object, ...]) -> Iterator[tuple[Position, Iterable[Any]]]:
        """Give the position and the rows of a query as of one moment: a transaction sees the file as it found it."""
        connection = self.connection()
        connection.execute("BEGIN")
        try:
            yield self.position_at(connection), connection.execute(statement, values)
        finally:
            connection.execute("COMMIT")

    def key_of(self, id_: str) -> bytes:
        """Write an event's id as its 16 bytes."""
        return UUID(id_).bytes
