"""What must be done to a cluster's database that was brought back, or has lost its Kafka, before anybody works with it.

A restored log is older than what clients have seen: with a new epoch, and without the feed, each of them loads its
picture anew. An ask that was waiting counts as sent, because it may have left since. Where Kafka is a new one, every
reader begins at its beginning, and what no step had taken of the old one yet is published again; a repeat changes
nothing (`heard`). You are behind `dharura cluster restored`; next on the road: the workers are started.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final
from uuid import uuid4

import msgspec

from geo.places import Rejected
from streams.cluster.heard import heard
from streams.cluster.leases import holders
from streams.cluster.postgres import Postgres
from streams.cluster.tables import end
from streams.events import Event
from streams.handle import Step, hearers
from streams.log import readable

LOOKED_AT: Final = 200_000
"""How many of the newest rows of the log are looked at for what no step has taken: hours of the busiest day."""
BATCH: Final = 5_000


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was done: asks that count as sent, and events that go to the new Kafka."""

    epoch: str
    asks: int
    again: int


def restored(connection: Postgres, steps: Sequence[Step], *, new_kafka: bool) -> Restored:
    """Make a database fit to be begun from, in one transaction; Rejected `cluster-at-work` while a keeper works."""
    with connection.transaction():
        connection.execute('SELECT "offset" FROM log_end FOR UPDATE')
        if at_work := holders(connection):
            duties = ", ".join(f"{holder} does {name}" for name, holder in at_work.items())
            raise Rejected("cluster-at-work", f"stop every node and worker first: {duties}")
        epoch = uuid4().hex[:12]
        connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (epoch,))
        connection.execute("DELETE FROM feed")
        # Counted up: a receipt's id is made of the number of attempts, and one of this number may be there already.
        asks = connection.execute(
            "UPDATE outgoing SET taken = 1, attempts = attempts + 1 WHERE taken = 0 AND ask <> ''"
        ).rowcount
        again = 0
        if new_kafka:
            hear = hearers(steps)
            connection.execute("DELETE FROM partition_cursor")
            for rows in _newest(connection):
                again += connection.execute(
                    'INSERT INTO outbox ("offset") SELECT unnest(?::bigint[]) ON CONFLICT DO NOTHING',
                    (_untaken(connection, rows, hear),),
                ).rowcount
    return Restored(epoch=epoch, asks=asks, again=again)


Row = tuple[int, Event]


def _newest(connection: Postgres) -> Iterator[list[Row]]:
    newest = end(connection)
    for first in range(max(1, newest - LOOKED_AT + 1), newest + 1, BATCH):
        rows = connection.execute(
            'SELECT "offset", event FROM log WHERE "offset" BETWEEN ? AND ?', (first, first + BATCH - 1)
        ).fetchall()
        # What cannot be read was put aside when it was met (`streams.cluster.unreadable`).
        yield [(offset, event) for offset, data in rows if (event := readable(data)) is not None]


def _untaken(connection: Postgres, rows: Iterable[Row], hear: Callable[[Event], Iterable[str]]) -> list[int]:
    """Give the rows that some step hears and has not taken."""
    asked = {(step, event.id): offset for offset, event in rows for step in hear(event)}
    return sorted({asked[pair] for pair in asked.keys() - heard(connection, asked)})
