"""The clock of the cluster: deadlines that have come become `DeadlineReached` events.

A deadline is a row that was written with the fact that set it, so it outlives everybody; whoever holds the lease next
finds it. Two clocks at once write the same events, for their ids are derived from the deadlines', and the log takes
an id once. Next on the road: `relay` publishes them to the steps that set them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from streams.clock import SteadyClock
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres
from streams.cluster.writing import Writing
from streams.log import line, readable
from streams.pending import Pending

MOST: Final = 500
"""How many deadlines one transaction takes."""
_LOOKED_BACK: Final = 100
"""How many events are looked at for one that can be read."""


class Deadlines:
    """The duty. `clock` makes the clock of a begin, from the newest time that the log knows."""

    name = "deadlines"
    channels = ()  # a deadline comes without a sign: it is looked for every half second

    def __init__(self, address: str, clock: Callable[[datetime], Callable[[], datetime]] = SteadyClock) -> None:
        self._address, self._make_clock = address, clock
        self._connection: Postgres | None = None
        self._clock: Callable[[], datetime] | None = None
        self.reached = 0

    def begin(self, lease: Lease) -> None:  # noqa: ARG002  safe without it
        """Set the clock: not before anything that was seen already, whatever this machine's own clock says."""
        self._connection = Postgres.connect(self._address, name="dharura keeper: deadlines")
        self._clock = self._make_clock(newest_seen(self._connection))

    def work(self) -> bool:
        """Write what has come."""
        if self._connection is None or self._clock is None:
            raise RuntimeError("the duty has not begun")
        due = Pending(self._connection).due(self._clock(), MOST)
        if not due:
            return False
        with self._connection.transaction():
            offsets = Writing(self._connection).write([line(event) for event in due])
        self.reached += sum(offset is not None for offset in offsets)
        return len(due) == MOST

    def end(self) -> None:
        """Close the connection."""
        connection, self._connection, self._clock = self._connection, None, None
        if connection is not None:
            connection.close()


def newest_seen(connection: Postgres) -> datetime:
    """Give when the newest event of the log that can be read was first seen; long ago when there is none."""
    rows = connection.execute('SELECT event FROM log ORDER BY "offset" DESC LIMIT ?', (_LOOKED_BACK,))
    found = (readable(data) for (data,) in rows)
    return next((event.seen for event in found if event is not None), datetime.fromtimestamp(0, UTC))
