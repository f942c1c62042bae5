"""The projector in the cluster: follows the log and keeps the read model in step with it, one batch a transaction.

A duty of the keeper (`streams.cluster.keeper`). Two may do it at once for a moment, when one was frozen and comes back:
the cursor moves by compare-and-set from where this one believes it to stand, as the first thing in the transaction, so
that the later one waits for the earlier one's commit, finds the cursor moved and changes nothing. Whatever is
remembered of documents counts as long as nobody else moved the cursor. Next: `tail` on each node, woken by `FEED`.
"""

from typing import Final

import psycopg
import structlog

from responder_api.projector import Projector
from streams.cluster.leases import Lease
from streams.cluster.log_postgres import LogPostgres
from streams.cluster.postgres import Postgres, postgres_error
from streams.cluster.unreadable import Unreadable
from streams.cluster.writing import LOG
from streams.database import cursor_of
from streams.following import follow
from streams.log import line

FEED: Final = "dharura_feed"
"""Channel that says that the feed grew, or the projector came further in the log."""
BATCH: Final = 1000
"""How many events one transaction takes at most."""
NEVER: Final = (1 << 63) - 1
"""Offset that no log comes to: where a projector stops that does not."""

_TROUBLE: Final = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, psycopg.ProgrammingError)
"""What the database says of itself or of us; psycopg.DataError and IntegrityError say something of an event."""

logger = structlog.get_logger()


class Projecting:
    """The duty; between `begin` and `end` it has one connection. It goes up to offset `until` of the log."""

    name = "projector"
    channels = (LOG,)

    def __init__(self, address: str, *, batch: int = BATCH, until: int = NEVER) -> None:
        self._address, self._batch, self._until = address, batch, until
        self._unreadable = Unreadable()
        self._connection: Postgres | None = None

    def begin(self, lease: Lease | None = None) -> None:  # noqa: ARG002 (a duty gets its lease)
        """Begin where the log was last projected; the compare-and-set is what protects it, not the lease."""
        self.end()
        connection = self._connection = Postgres.connect(self._address, name="dharura projector")
        self._log = LogPostgres(connection)
        self._projector = Projector(self._log.epoch)
        connection.execute("INSERT INTO cursor VALUES (?, 0) ON CONFLICT DO NOTHING", (self.name,))
        self.at = cursor_of(connection, self.name)

    def work(self) -> bool:
        """Project the next batch; False when nothing was there. Raises StorageError."""
        if self._connection is None:
            raise RuntimeError("a duty is begun before it works")
        try:
            return self._next(self._connection)
        except psycopg.Error as error:
            raise postgres_error(error) from error

    def end(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _next(self, connection: Postgres) -> bool:
        rows = self._log.rows(self.at, min(self._batch, self._until - self.at))  # its offsets are dense
        if not rows:
            return False
        found = self._unreadable.sort(rows)
        try:
            with connection.transaction():
                if self._move(connection, found.end):
                    letters = follow(self._projector, connection, found.events, _TROUBLE)
                    connection.execute(f"NOTIFY {FEED}")
                    lines = [*self._unreadable.put_aside(connection, found.passed), *map(line, letters)]
                    if lines:  # the log's own lock comes last
                        self._log.append(lines)
                    at = found.end
                else:
                    self._projector.forget_uncommitted()
                    at = cursor_of(connection, self.name)
                    logger.warning("somebody else projected the log", from_=self.at, to=at)
        except BaseException:
            self._projector.forget_uncommitted()
            raise
        self.at = at
        return True

    def _move(self, connection: Postgres, to: int) -> bool:
        moved = connection.execute(
            'UPDATE cursor SET "offset" = ? WHERE reader = ? AND "offset" = ?', (to, self.name, self.at)
        )
        return moved.rowcount == 1
