"""Forgets what is long past, a little at a time: which step has heard which event, and which delivery hung a worker.

Both keep a repeat from being taken for news, and nobody repeats after so long: a cursor never goes back by itself. Two
at once delete the same rows, and one of them finds them gone.
"""

from collections.abc import Callable
from typing import Final

from streams.clock import running
from streams.cluster.leases import Lease
from streams.cluster.postgres import Postgres

KEPT_DAYS: Final = 14
"""How long it is remembered."""
BATCH: Final = 2000
"""How many rows one transaction forgets, so that nobody waits for it."""
EVERY_S: Final = 600.0
"""How often it is looked whether there is something to forget."""

_FORGET: Final = tuple(
    f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608  two names of ours
    f"SELECT ctid FROM {table} WHERE at < now() - make_interval(days => ?) LIMIT ?))"
    for table in ("heard", "suspect")
)


class Pruning:
    """The duty."""

    name = "pruning"
    channels = ()

    def __init__(self, address: str, seconds: Callable[[], float] = running) -> None:
        self._address, self._seconds = address, seconds
        self._connection: Postgres | None = None
        self._next = 0.0
        self.forgotten = 0

    def begin(self, lease: Lease) -> None:  # noqa: ARG002  safe without it
        """Look at once."""
        self._connection = Postgres.connect(self._address, name="dharura keeper: pruning")
        self._next = 0.0

    def work(self) -> bool:
        """Forget one batch of each, when it is time to look."""
        if self._connection is None:
            raise RuntimeError("the duty has not begun")
        if self._seconds() < self._next:
            return False
        gone = [self._connection.execute(statement, (KEPT_DAYS, BATCH)).rowcount for statement in _FORGET]
        self.forgotten += sum(gone)
        if max(gone) == BATCH:
            return True
        self._next = self._seconds() + EVERY_S
        return False

    def end(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
