"""Say what a node needs of the machinery behind it: the port between the door and the log.

Adapters: `streams.embedded.Embedded` (log, steps and read model in this process) and `streams.cluster.host.Clustered`
(Kafka and PostgreSQL, the steps in workers elsewhere). How long a request waits for its consequences differs between
the two as well, and stands beside it (`Shown`): an embedded log numbers an event when it is appended, the cluster's
later. `wiring` chooses. Next: `door` writes through it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from streams.database import StorageError
from streams.log import Line


class Host(Protocol):
    """Takes facts in durably and knows how far they have come. `start` before use, on the event loop."""

    clock: Callable[[], datetime]
    """Gives the time, UTC."""

    @property
    def trouble(self) -> StorageError | None:
        """Why nothing can be written just now; None when all is well."""
        ...

    @property
    def epoch(self) -> str:
        """Identity of the log and its offsets: another one after a restore."""
        ...

    async def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Write events; returns when they are durable. Raises StorageError within a bounded time.

        Gives for each its offset, or `LATER` where it gets one later; None where the id was there already.
        """
        ...

    def end(self) -> int:
        """Give the newest offset of the log. May ask a database: not on the event loop."""
        ...

    def done(self) -> int:
        """Give the offset up to which everything is worked off and shown. May ask a database."""
        ...

    def start(self) -> None:
        """Begin to work; never waits for another server."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go."""
        ...


class Written(msgspec.Struct, frozen=True):
    """What became of one event: its id, whether it was new to the log, and its offset where that is known yet."""

    id: str
    new: bool
    offset: int | None = None


class Shown(Protocol):
    """Knows when what follows from an event can be read on this node."""

    async def reached(self, written: Written, seconds: float) -> bool:
        """Wait until the direct and indirect consequences of an event can be read; False when the time is over."""
        ...
