"""Rows of the log that cannot be read: put aside as dead letters, so that whoever follows the log goes on behind them.

Two kinds. One that is damaged is passed over at once. One that a newer release wrote is left to that release's keeper,
which gets the lease when ours has failed often enough; only when none comes for long (the release was taken back) is
it passed over too. The relay and the projector both find it, and write the same letter. Next on the road: an operator
reads it.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple, get_args

import msgspec
import structlog

from streams.clock import running
from streams.cluster.postgres import Postgres
from streams.cluster.quarantine import letter_of
from streams.cluster.records import Record
from streams.events import CONTRACT, AnyBody, decode
from streams.log import Line, Stored

PATIENCE_S: Final = 600.0
"""How long a keeper of the release that wrote a row is waited for."""
LOG: Final = "log"
"""What the letters name where others name a step."""

_KINDS: Final = frozenset(kind.__name__ for kind in get_args(AnyBody))

logger = structlog.get_logger()


class NewerRow(ValueError):
    """The next row is of a newer release, which may yet come to read it."""


class Passed(NamedTuple):
    """A row that is passed over, and why."""

    offset: int
    why: str


class Sorted(NamedTuple):
    """Rows of the log, up to the first that is still waited for."""

    events: list[Stored]
    passed: list[Passed]

    @property
    def end(self) -> int:
        """The last offset of them."""
        return max(each[-1].offset for each in (self.events, self.passed) if each)


class Unreadable:
    """What one duty makes of the rows that it cannot read; it remembers since when it waits for which."""

    def __init__(self, seconds: Callable[[], float] = running) -> None:
        self._seconds = seconds
        self._since: dict[int, float] = {}

    def sort(self, rows: Iterable[tuple[int, bytes]]) -> Sorted:
        """Read rows in their order; raises NewerRow when the first of them is waited for."""
        found = Sorted([], [])
        for offset, data in rows:
            try:
                found.events.append(Stored(offset, decode(data)))
            except ValueError as error:
                if self._waits(offset, data):
                    if found.events or found.passed:
                        return found
                    raise NewerRow(f"row {offset} of the log is of a newer release: {error}") from error
                found.passed.append(Passed(offset, str(error)))
        return found

    def put_aside(
        self, connection: Postgres, passed: Iterable[Passed], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> list[Line]:
        """Give the dead letters of rows that are passed over; raises psycopg.Error."""
        letters = []
        for offset, why in passed:
            row = connection.execute('SELECT id::text, topic, "key", event FROM log WHERE "offset" = ?', (offset,))
            id_, topic, key, data = row.fetchone() or ("", "", "", b"")
            headers = {"ce_id": id_.encode(), "row": str(offset).encode()}
            letters.append(
                letter_of(
                    Record(topic, 0, offset, key.encode(), bytes(data), headers),
                    LOG,
                    "row-unreadable",
                    f"row {offset} of the log, event {id_}: {why}",
                    now(),
                )
            )
            logger.error("a row of the log cannot be read and is put aside", offset=offset, id=id_, why=why)
        return letters

    def _waits(self, offset: int, data: bytes) -> bool:
        if not is_newer(data):
            return False
        return self._seconds() - self._since.setdefault(offset, self._seconds()) < PATIENCE_S


class _Named(msgspec.Struct):
    type: str


class _Outline(msgspec.Struct):
    body: _Named
    contract: int = 1


_outline: Final = msgspec.json.Decoder(_Outline)


def is_newer(data: bytes) -> bool:
    """Say whether a row that cannot be read looks like one that a newer release wrote."""
    try:
        outline = _outline.decode(data)
    except ValueError:
        return False
    return outline.contract > CONTRACT or outline.body.type not in _KINDS
