"""The log in PostgreSQL: dense offsets in the order of commits, each id once, written by any number at a time.

There is no hash chain here: PostgreSQL has checksums of its own pages, and Kafka holds the same events.
"""

from collections.abc import Sequence

from streams.cluster.postgres import Postgres
from streams.cluster.tables import end, epoch
from streams.cluster.writing import Writing
from streams.events import decode
from streams.log import Line, Stored


class LogPostgres:
    """Adapter of `streams.log.Log` over a connection whose transactions the caller owns.

    What is appended waits in the outbox for Kafka. An append is the last thing of its transaction: it holds the lock
    under which numbers are given.
    """

    def __init__(self, connection: Postgres) -> None:
        self._connection = connection
        self._writing = Writing(connection)
        self._epoch = epoch(connection)

    @property
    def epoch(self) -> str:
        """Identity of this sequence of offsets."""
        return self._epoch

    def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Add events in order inside the open transaction; None where an id is there already."""
        return self._writing.write(lines)

    def read(self, after: int, limit: int) -> list[Stored]:
        """Give up to `limit` events after an offset, in order, also those of the open transaction."""
        return [Stored(offset, decode(data)) for offset, data in self.rows(after, limit)]

    def rows(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Give them as they are stored, for whoever goes on behind one that cannot be read (`unreadable`)."""
        return self._connection.execute(
            'SELECT "offset", event FROM log WHERE "offset" > ? ORDER BY "offset" LIMIT ?', (after, limit)
        ).fetchall()

    def end(self) -> int:
        """Give the newest offset, 0 when there is none."""
        return end(self._connection)
