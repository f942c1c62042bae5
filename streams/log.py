"""The log: every fact in the order it was written, and the only thing a 202 stands on.

This is the port; `log_sqlite` is the embedded adapter. The guarantees below hold for every adapter and are tested by
one body of tests over all of them (`tests/contracts/test_log.py`).
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from streams.events import Event, decode, encode

LATER = 0
"""Stands for the offset of an event that is durable and gets its place in the log later (in the cluster)."""


class Line(NamedTuple):
    """An event and its bytes, encoded before anything is written, so that what cannot be encoded is found in time."""

    event: Event
    data: bytes


def line(event: Event) -> Line:
    """Encode an event for the log; raises ValueError when it could not be read back from there."""
    data = encode(event)
    if b"null" in data:
        # JSON has no NaN and no infinity: they are written as null, which a number that must be there cannot be.
        decode(data)
    return Line(event, data)


def readable(data: bytes) -> Event | None:
    """Read a row of the log for somebody who looks on; None for one that is damaged or of a newer release.

    Whoever follows the log says so of such a row (`streams.cluster.unreadable`); a look at others must not fail by it.
    """
    try:
        return decode(data)
    except ValueError:
        return None


class Stored(NamedTuple):
    """An event and where it stands in the log (offsets are dense, from 1)."""

    offset: int
    event: Event


class Log(Protocol):
    """An append-only, ordered, durable sequence of events; an id is in it at most once."""

    @property
    def epoch(self) -> str:
        """Identity of this sequence of offsets; a restored copy gets a new one."""
        ...

    def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Add events in order; give each one's offset, or None where its id is there already.

        Part of the surrounding transaction: durable once that is committed.
        """
        ...

    def read(self, after: int, limit: int) -> list[Stored]:
        """Give up to `limit` events with offsets greater than `after`, in order."""
        ...

    def end(self) -> int:
        """Give the newest offset, 0 when there is none."""
        ...
