"""The read model in the cluster's database: every node reads what the one projector wrote (the adapter of `views`).

See `views_sql` for the queries, `view_tables_postgres` for the tables.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from responder_api.view_tables_postgres import PHONE
from responder_api.views import Position
from responder_api.views_sql import ViewsSql
from streams.cluster.pool import Pool
from streams.database import Reading


class ViewsPostgres(ViewsSql):
    """Adapter of `views.Views` over a pool of connections, which it closes with itself."""

    phone = PHONE

    def __init__(self, address: str, epoch: str) -> None:
        super().__init__(epoch)
        self._pool = Pool(address, name="dharura views")

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def connection(self) -> Reading:
        """Give the pool, which reads each statement over any of its connections."""
        return self._pool

    @contextmanager
    def moment(self, statement: str, values: tuple[object, ...]) -> Iterator[tuple[Position, Iterable[Any]]]:
        """Give the position and the rows of a query as of one moment, the rows through a cursor of the server."""
        with self._pool.connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield self.position_at(connection), connection.each(statement, values)

    def key_of(self, id_: str) -> UUID:
        """Write an event's id as PostgreSQL's own type."""
        return UUID(id_)
