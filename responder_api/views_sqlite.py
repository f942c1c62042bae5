"""The read model in SQLite: the port `views` over the tables that `projector` writes.

Each thread reads over a connection of its own, so that readers never wait for the writer or for each other (WAL).
"""

import sqlite3
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from responder_api import audience
from responder_api.hub import EVERYTHING, Scope, areas_of
from responder_api.views import Document, Frame, Position
from streams.database import FILE, connect
from streams.events import Event, decode
from streams.shelf_sqlite import Committed


class ViewsSqlite:
    """Adapter of `views.Views`, and what only a node with the log itself can answer (history, people by phone)."""

    def __init__(self, data: Path, epoch: str) -> None:
        self._path, self._epoch = data / FILE, epoch
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close every thread's connection."""
        for connection in self._open:
            connection.close()

    def position(self) -> Position:
        """Give the position of the newest frame."""
        row = self._connection().execute('SELECT max("offset") FROM feed').fetchone()
        return Position(self._epoch, row[0] or 0)

    def oldest(self) -> int:
        """Give the smallest offset that can be replayed; newest + 1 when none can."""
        row = self._connection().execute('SELECT min("offset") FROM feed').fetchone()
        return row[0] or 1

    def replay(self, after: int, limit: int) -> list[Frame]:
        """Give the frames after an offset, whoever they are for."""
        rows = self._connection().execute(
            'SELECT "offset", kind, audience, frame FROM feed WHERE "offset" > ? ORDER BY "offset" LIMIT ?',
            (after, limit),
        )
        return [Frame(offset, kind, tuple(text.split()), data) for offset, kind, text, data in rows]

    def snapshot(
        self, keys: frozenset[str], kinds: frozenset[str] | None, areas: frozenset[str] | None
    ) -> tuple[Position, list[Document]]:
        """Give every document these keys may see, and the position at which they are so."""
        connection = self._connection()
        connection.execute("BEGIN")
        try:
            position = self.position()
            narrow = "" if kinds is None else f"WHERE kind IN ({','.join('?' * len(kinds))})"
            rows = connection.execute(
                f"SELECT kind, id, audience, value FROM view {narrow} ORDER BY kind, id",  # noqa: S608 (marks only)
                sorted(kinds or ()),
            )
            return position, list(_visible(rows, keys, Scope(kinds=kinds, areas=areas)))
        finally:
            connection.execute("COMMIT")

    def find(
        self,
        kind: str,
        keys: frozenset[str],
        *,
        areas: frozenset[str] | None = None,
        after: str | None = None,
        limit: int = 100,
        filed: bool = False,
    ) -> list[Document]:
        """List live (or filed) documents of one kind that these keys may see, by id, after an id."""
        rows = self._connection().execute(
            f"SELECT kind, id, audience, value FROM {'filed' if filed else 'view'} "  # noqa: S608 (ours)
            "WHERE kind = ? AND id > ? ORDER BY id",
            (kind, after or ""),
        )
        found: list[Document] = []
        for document in _visible(rows, keys, Scope(areas=areas) if areas else EVERYTHING):
            found.append(document)
            if len(found) == limit:
                break
        return found

    def get(self, kind: str, id_: str) -> Document | None:
        """Give one document, live or filed away, whoever it is for."""
        row = (
            self._connection()
            .execute(
                "SELECT kind, id, audience, value FROM view WHERE kind = ?1 AND id = ?2 "
                "UNION ALL SELECT kind, id, audience, value FROM filed WHERE kind = ?1 AND id = ?2",
                (kind, id_),
            )
            .fetchone()
        )
        return None if row is None else Document(row[0], row[1], tuple(row[2].split()), row[3])

    def history(self, about: str, limit: int = 1000) -> list[Event]:
        """Give the events about something, about its parts, and what caused them; in order, whoever they are for."""
        rows = self._connection().execute(
            """
            WITH RECURSIVE parts (id) AS (SELECT ?1 UNION SELECT part FROM part_of JOIN parts ON whole = parts.id)
            SELECT "offset", event FROM log WHERE subject IN (SELECT id FROM parts) ORDER BY "offset" LIMIT ?2
            """,
            (about, limit),
        )
        found = {offset: decode(data) for offset, data in rows}
        known = {event.id for event in found.values()}
        for cause in {event.cause for event in found.values()} - known:
            # A request at the door is a cause too, and is no event: nothing is found for it.
            row = self._connection().execute('SELECT "offset", event FROM log WHERE id = ?', (UUID(cause).bytes,))
            found |= {offset: decode(data) for offset, data in row}
        return [found[offset] for offset in sorted(found)]

    def readings(self, station: str, seen_from: datetime, limit: int) -> list[Event]:
        """Give the facts about a station that arrived since a moment, the newest `limit`, in the order of the log."""
        rows = self._connection().execute(
            'SELECT event FROM log WHERE subject = ? ORDER BY "offset" DESC LIMIT ?', (station, limit)
        )
        found: list[Event] = []
        for (data,) in rows:
            event = decode(data)
            if event.seen < seen_from:
                break
            found.append(event)
        rows.close()
        return found[::-1]

    def event(self, id_: str) -> Event | None:
        """Give one event of the log by its id."""
        row = self._connection().execute("SELECT event FROM log WHERE id = ?", (UUID(id_).bytes,)).fetchone()
        return None if row is None else decode(row[0])

    def home_of_phone(self, phone: str) -> str | None:
        """Give the home area of the responder with this number (E.164), or None."""
        row = (
            self._connection()
            .execute(
                "SELECT json_extract(CAST(value AS TEXT), '$.home') FROM view WHERE kind = 'responder' "
                "AND json_extract(CAST(value AS TEXT), '$.phone') = ?",
                (phone,),
            )
            .fetchone()
        )
        return None if row is None else str(row[0])

    def state(self, step: str, key: str) -> Committed:
        """Give what a step knows of a topic key, as last committed; for use in this thread."""
        return Committed(self._connection(), step, key)

    def parts(self, whole: str, kind: str) -> list[Document]:
        """Give the documents of one kind, live or filed, that are part of something or of one of its parts."""
        rows = self._connection().execute(
            """
            WITH RECURSIVE parts (id) AS (SELECT ?1 UNION SELECT part FROM part_of JOIN parts ON whole = parts.id)
            SELECT view.id, audience, value FROM parts JOIN view ON view.kind = ?2 AND view.id = parts.id
            UNION ALL SELECT filed.id, audience, value FROM parts JOIN filed ON filed.kind = ?2 AND filed.id = parts.id
            """,
            (whole, kind),
        )
        return [Document(kind, id_, tuple(text.split()), data) for id_, text, data in rows]

    def connection(self) -> sqlite3.Connection:
        """Give this thread's connection to the file, read-only: for what is no document."""
        return self._connection()

    def counts(self) -> dict[str, int]:
        """Count documents by kind."""
        return dict(self._connection().execute("SELECT kind, count(*) FROM view GROUP BY kind").fetchall())

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path, read_only=True)
            self._local.connection = connection
            self._open.append(connection)
        return connection


def _visible(rows: Iterable[tuple[str, str, str, bytes]], keys: frozenset[str], scope: Scope) -> Iterable[Document]:
    seen: dict[str, tuple[tuple[str, ...], bool, tuple[str, ...], bool]] = {}
    for kind, id_, text, data in rows:
        if text not in seen:
            entries = tuple(text.split())
            held = audience.keys(entries) & keys
            own = any(key.startswith("person:") for key in held)
            seen[text] = (entries, bool(held), areas_of(entries), own)
        entries, may, areas, own = seen[text]
        if may and scope.admits(kind, areas, own):
            yield Document(kind, id_, entries, data)
