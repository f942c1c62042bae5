"""The log in SQLite: dense offsets, ids once, and a hash chain that shows any changed or missing row.

The caller owns the transaction (the engine puts outputs, state and cursor into the same one). Each row's `chain` is
SHA-256 over the row before and this event's bytes, cut to 16 bytes, so that a flipped bit or an edited row is found by
`verify`, which names the row.
"""

import sqlite3
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID, uuid4

from streams.events import decode
from streams.log import Line, Stored
from streams.topics import topic_of

GENESIS = b"\0" * 16


class LogDamaged(Exception):
    """A row of the log is not what was written; `offset` names it."""

    def __init__(self, offset: int, detail: str) -> None:
        super().__init__(f"log row {offset}: {detail}")
        self.offset = offset


class LogSqlite:
    """Adapter of `streams.log.Log` over an open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._epoch = self._read_epoch()
        self._end, self._chain = self._read_end()

    @property
    def epoch(self) -> str:
        """Identity of this sequence of offsets."""
        return self._epoch

    def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Add events in order inside the open transaction; None where an id is there already."""
        offsets: list[int | None] = []
        execute = self._connection.execute
        for event, data in lines:
            chain = sha256(self._chain + data).digest()[:16]
            done = execute(
                "INSERT OR IGNORE INTO log VALUES (?,?,?,?,?,?)",
                (self._end + 1, topic_of(event.body).name, event.key, UUID(event.id).bytes, data, chain),
            )
            if done.rowcount:
                self._end += 1
                self._chain = chain
                offsets.append(self._end)
            else:
                offsets.append(None)
        return offsets

    def read(self, after: int, limit: int) -> list[Stored]:
        """Give up to `limit` events after an offset, in order."""
        rows = self._connection.execute(
            'SELECT "offset", event FROM log WHERE "offset" > ? ORDER BY "offset" LIMIT ?', (after, limit)
        )
        return [Stored(offset, decode(data)) for offset, data in rows]

    def end(self) -> int:
        """Give the newest offset."""
        return self._end

    def forget_uncommitted(self) -> None:
        """Take up the committed end again after a rollback."""
        self._end, self._chain = self._read_end()

    def verify(self, newest: int | None = None) -> int:
        """Check the chain of the `newest` rows (None: all); give how many, raise LogDamaged at the first bad one."""
        start = 0 if newest is None else max(0, self._end - newest)
        chain, expected, checked = GENESIS, start + 1, 0
        if start:
            row = self._connection.execute('SELECT chain FROM log WHERE "offset" = ?', (start,)).fetchone()
            if row is None:
                raise LogDamaged(start, "is missing")
            chain = row[0]
        rows = self._connection.execute(
            'SELECT "offset", event, chain FROM log WHERE "offset" > ? ORDER BY "offset"', (start,)
        )
        for offset, data, written in rows:
            if offset != expected:
                raise LogDamaged(expected, "is missing")
            chain = sha256(chain + data).digest()[:16]
            if chain != written:
                raise LogDamaged(offset, "does not match its hash: the file was damaged or changed")
            expected, checked = offset + 1, checked + 1
        return checked

    def _read_epoch(self) -> str:
        row = self._connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        if row is not None:
            return str(row[0])
        epoch = uuid4().hex[:12]
        self._connection.execute("INSERT INTO meta VALUES ('epoch', ?)", (epoch,))
        return epoch

    def _read_end(self) -> tuple[int, bytes]:
        row = self._connection.execute('SELECT "offset", chain FROM log ORDER BY "offset" DESC LIMIT 1').fetchone()
        return (0, GENESIS) if row is None else (int(row[0]), bytes(row[1]))
