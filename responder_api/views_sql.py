"""The read model's queries, written once for both databases.

You are between the port (`views`) and its adapters: `views_sqlite` over the embedded file, `views_postgres` over the
cluster's database. An adapter says only how one reads there: the connection, what is seen as of one moment, and how an
id and a responder's number are written.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from responder_api import audience
from responder_api.hub import EVERYTHING, Scope, areas_of
from responder_api.views import Document, Frame, Position
from streams.database import Reading
from streams.events import Event
from streams.log import readable
from streams.shelf_sqlite import Committed

PAGE = 1000
"""How many documents are looked through at once when few are asked for."""
MOST_KEYS = 16
"""Whoever has more keys than this (roles over many areas) is not looked for by them."""


class _AtHome(msgspec.Struct):
    home: str


class ViewsSql(ABC):
    """`views.Views`, and what only a node with the log itself can answer (history, people by phone)."""

    phone: ClassVar[str]
    """The number in a responder's document, as its index has it."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch

    @abstractmethod
    def connection(self) -> Reading:
        """Give a connection that only reads, for this thread, each statement as of its own moment."""

    @abstractmethod
    def moment(
        self, statement: str, values: tuple[object, ...]
    ) -> AbstractContextManager[tuple[Position, Iterable[Any]]]:
        """Give the position and the rows of a query as of one moment, the rows a few at a time."""

    @abstractmethod
    def key_of(self, id_: str) -> object:
        """Write an event's id as the log's table has it."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""

    def position(self) -> Position:
        """Give the position of the newest frame."""
        return self.position_at(self.connection())

    def position_at(self, connection: Reading) -> Position:
        """Give the position as a connection sees it."""
        row = connection.execute('SELECT max("offset") FROM feed').fetchone()
        return Position(self._epoch, row[0] or 0)

    def oldest(self) -> int:
        """Give the smallest offset that can be replayed; newest + 1 when none can."""
        row = self.connection().execute('SELECT min("offset") FROM feed').fetchone()
        return row[0] or 1

    def replay(self, after: int, limit: int) -> list[Frame]:
        """Give the frames after an offset, whoever they are for."""
        rows = self.connection().execute(
            'SELECT "offset", kind, audience, frame FROM feed WHERE "offset" > ? ORDER BY "offset" LIMIT ?',
            (after, limit),
        )
        return [Frame(offset, kind, tuple(text.split()), data) for offset, kind, text, data in rows]

    def snapshot(
        self, keys: frozenset[str], kinds: frozenset[str] | None, areas: frozenset[str] | None
    ) -> tuple[Position, list[Document]]:
        """Give every document these keys may see, and the position at which they are so."""
        theirs, values = _perhaps_theirs(keys)
        of_kinds = "TRUE" if kinds is None else f"kind IN ({_marks(kinds)})"
        query = f"SELECT kind, id, audience, value FROM view WHERE {of_kinds} AND {theirs} ORDER BY kind, id"  # noqa: S608
        with self.moment(query, (*sorted(kinds or ()), *values)) as (position, rows):
            return position, list(_visible(rows, keys, Scope(kinds=kinds, areas=areas)))

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
        scope = Scope(areas=areas) if areas else EVERYTHING
        found: list[Document] = []
        for document in _visible(
            self._of_kind("filed" if filed else "view", kind, keys, after or "", limit), keys, scope
        ):
            found.append(document)
            if len(found) == limit:
                break
        return found

    def _of_kind(
        self, table: str, kind: str, keys: frozenset[str], after: str, limit: int
    ) -> Iterator[tuple[str, str, str, bytes]]:
        theirs, values = _perhaps_theirs(keys)
        query = (
            f"SELECT kind, id, audience, value FROM {table} "  # noqa: S608 (ours)
            f"WHERE kind = ? AND id > ? AND {theirs} ORDER BY id LIMIT ?"
        )
        page = min(max(limit, 1), PAGE)
        while True:
            rows = self.connection().execute(query, (kind, after, *values, page)).fetchall()
            yield from rows
            if len(rows) < page:
                return
            after, page = rows[-1][1], PAGE

    def get(self, kind: str, id_: str) -> Document | None:
        """Give one document, live or filed away, whoever it is for."""
        row = (
            self.connection()
            .execute(
                "SELECT kind, id, audience, value FROM view WHERE kind = ? AND id = ? "
                "UNION ALL SELECT kind, id, audience, value FROM filed WHERE kind = ? AND id = ?",
                (kind, id_, kind, id_),
            )
            .fetchone()
        )
        return None if row is None else Document(row[0], row[1], tuple(row[2].split()), row[3])

    def history(self, about: str, limit: int = 1000) -> list[Event]:
        """Give the events about something, about its parts, and what caused them; in order, whoever they are for."""
        # The ids first, in a query of their own: how many there are decides how PostgreSQL looks for them.
        parts = f"{_PARTS} SELECT id FROM parts"  # noqa: S608 (ours)
        within = [id_ for (id_,) in self.connection().execute(parts, (about,))]
        rows = self.connection().execute(
            f'SELECT "offset", event FROM log WHERE subject IN ({_marks(within)}) ORDER BY "offset" LIMIT ?',  # noqa: S608
            (*within, limit),
        )
        found = {offset: event for offset, data in rows if (event := readable(data)) is not None}
        known = {event.id for event in found.values()}
        # A request at the door is a cause too, and is no event: nothing is found for it.
        causes = [self.key_of(cause) for cause in {event.cause for event in found.values()} - known]
        rows = self.connection().execute(
            f'SELECT "offset", event FROM log WHERE id IN ({_marks(causes)})',  # noqa: S608 (marks only)
            causes,
        )
        found |= {offset: event for offset, data in rows if (event := readable(data)) is not None}
        return [found[offset] for offset in sorted(found)]

    def readings(self, station: str, seen_from: datetime, limit: int) -> list[Event]:
        """Give the facts about a station that arrived since a moment, the newest `limit`, in the order of the log."""
        rows = self.connection().execute(
            'SELECT event FROM log WHERE subject = ? ORDER BY "offset" DESC LIMIT ?', (station, limit)
        )
        found: list[Event] = []
        for (data,) in rows:
            event = readable(data)
            if event is None:
                continue
            if event.seen < seen_from:
                break
            found.append(event)
        rows.close()
        return found[::-1]

    def event(self, id_: str) -> Event | None:
        """Give one event of the log by its id."""
        row = self.connection().execute("SELECT event FROM log WHERE id = ?", (self.key_of(id_),)).fetchone()
        return None if row is None else readable(row[0])

    def home_of_phone(self, phone: str) -> str | None:
        """Give the home area of the responder with this number (E.164), or None."""
        row = (
            self.connection()
            .execute(
                f"SELECT value FROM view WHERE kind = 'responder' AND {self.phone} = ?",  # noqa: S608 (ours)
                (phone,),
            )
            .fetchone()
        )
        return None if row is None else msgspec.json.decode(row[0], type=_AtHome).home

    def state(self, step: str, key: str) -> Committed:
        """Give what a step knows of a topic key, as last committed; for use in this thread."""
        return Committed(self.connection(), step, key)

    def parts(self, whole: str, kind: str) -> list[Document]:
        """Give the documents of one kind, live or filed, that are part of something or of one of its parts."""
        rows = self.connection().execute(
            f"""
            {_PARTS}
            SELECT view.id, audience, value FROM parts JOIN view ON view.kind = ? AND view.id = parts.id
            UNION ALL SELECT filed.id, audience, value FROM parts JOIN filed ON filed.kind = ? AND filed.id = parts.id
            """,  # noqa: S608 (ours)
            (whole, kind, kind),
        )
        return [Document(kind, id_, tuple(text.split()), data) for id_, text, data in rows]

    def counts(self) -> dict[str, int]:
        """Count documents by kind."""
        return dict(self.connection().execute("SELECT kind, count(*) FROM view GROUP BY kind").fetchall())


_PARTS = """
WITH RECURSIVE parts (id) AS (
    SELECT CAST(? AS TEXT) UNION SELECT part FROM part_of JOIN parts ON whole = parts.id
)
"""


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values)) or "NULL"


def _perhaps_theirs(keys: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """Narrow a query to what these keys may see and some more: each stands at the beginning of an entry's text.

    The rule itself is `audience`'s; this only spares bringing what is surely not theirs.
    """
    if len(keys) > MOST_KEYS:
        return "TRUE", ()
    either = " OR ".join(["audience LIKE ?"] * len(keys)) or "FALSE"
    # PostgreSQL takes a backslash for an escape; an underscore stands for any character.
    return f"({either})", tuple(f"%{key.replace(chr(92), '_')}%" for key in sorted(keys))


def _visible(rows: Iterable[Any], keys: frozenset[str], scope: Scope) -> Iterator[Document]:
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
