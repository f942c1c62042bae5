"""The log in SQLite: dense offsets, ids once, and a hash chain that shows any changed or missing row.

The caller owns the transaction (the engine puts outputs, state and cursor into the same one). Each row's `chain` is
SHA-256 over the row before and this event's bytes, cut to 16 bytes, so that a flipped bit or an edited row is found by
`log_damage`, which names the row.
"""

import sqlite3
from collections.abc import Sequence
from hashlib import sha256
from uuid import uuid4

from streams.database import note, noted
from streams.events import decode
from streams.log import Line, Stored
from streams.log_damage import GENESIS, verify_chain
from streams.log_damage import LogDamaged as LogDamaged
from streams.subject import subject_of
from streams.topics import topic_of


class LogSqlite:
    """Adapter of `streams.log.Log` over an open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._epoch = self._read_epoch()
        self._end, self._chain = self._read_end()
        self._waiting: dict[bytes, tuple[int, str, str, str, bytes, bytes, bytes]] = {}

    @property
    def epoch(self) -> str:
        """Identity of this sequence of offsets."""
        return self._epoch

    def append(self, lines: Sequence[Line], *, check: bool = True) -> list[int | None]:
        """Add events in order inside the open transaction; None where an id is there already.

        They reach the file with `flush`. Without `check` the ids are known to be new (outputs of a step whose cursor
        moves in the same transaction); should one not be, `flush` fails and nothing is written.
        """
        offsets: list[int | None] = []
        for event, data in lines:
            id_ = bytes.fromhex(event.id.replace("-", ""))
            if id_ in self._waiting or (check and self._known(id_)):
                offsets.append(None)
                continue
            self._end += 1
            self._chain = sha256(self._chain + data).digest()[:16]
            topic = topic_of(event.body).name
            self._waiting[id_] = (self._end, topic, event.key, subject_of(event), id_, data, self._chain)
            offsets.append(self._end)
        return offsets

    def flush(self) -> None:
        """Write what was appended into the open transaction; raises sqlite3.IntegrityError on an id that is there."""
        if self._waiting:
            self._connection.executemany("INSERT INTO log VALUES (?,?,?,?,?,?,?)", self._waiting.values())
            self._waiting.clear()

    def _known(self, id_: bytes) -> bool:
        return self._connection.execute("SELECT 1 FROM log WHERE id = ?", (id_,)).fetchone() is not None

    def read(self, after: int, limit: int) -> list[Stored]:
        """Give up to `limit` events after an offset, in order, also those of the open transaction."""
        self.flush()
        rows = self._connection.execute(
            'SELECT "offset", event FROM log WHERE "offset" > ? ORDER BY "offset" LIMIT ?', (after, limit)
        )
        return [Stored(offset, decode(data)) for offset, data in rows]

    def end(self) -> int:
        """Give the newest offset."""
        return self._end

    def forget_uncommitted(self) -> None:
        """Take up the committed end again after a rollback."""
        self._waiting.clear()
        self._end, self._chain = self._read_end()

    def verify(self, newest: int | None = None) -> int:
        """Check the `newest` rows (all when None) as `verify_chain` does."""
        return verify_chain(self._connection, newest)

    def _read_epoch(self) -> str:
        epoch = noted(self._connection, "epoch")
        if epoch is None:
            epoch = uuid4().hex[:12]
            note(self._connection, "epoch", epoch)
        return epoch

    def _read_end(self) -> tuple[int, bytes]:
        row = self._connection.execute('SELECT "offset", chain FROM log ORDER BY "offset" DESC LIMIT 1').fetchone()
        return (0, GENESIS) if row is None else (int(row[0]), bytes(row[1]))
