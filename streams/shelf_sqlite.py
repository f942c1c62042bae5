"""Where the embedded and the simulated host keep steps' items and everybody's cursors, in the log's own file.

Reads are cached (also that an item is not there); writes collect and go out with the transaction. After a rollback the
cache is dropped: what was read next comes from the file.
"""

import sqlite3
from typing import TypeVar, cast

import msgspec

from geo.places import Rejected
from streams.database import Reading, cursor_of, note, noted
from streams.state import State

T = TypeVar("T", bound=msgspec.Struct)

FORM = "2"
"""The form in which steps keep their items: another one whenever an item of an older file could not be read rightly."""

ITEMS = "items"
"""Name of the form in `meta`."""

CACHED_ITEMS = 200_000
"""How many items the cache holds before it starts anew."""


def check_form(connection: Reading) -> None:
    """Note in a new database, of either kind, in which form it keeps its items; Rejected `data-older` for another."""
    form = noted(connection, ITEMS)
    if form is None and connection.execute("SELECT 1 FROM state LIMIT 1").fetchone() is None:
        note(connection, ITEMS, FORM)
    elif form != FORM:
        raise Rejected(
            "data-older",
            f"what is kept here is in form {form or '1'}, this version of Dharura keeps its work in {FORM}",
        )


class ShelfSqlite:
    """All steps' items and the cursors, over an open connection whose transactions the caller owns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cache: dict[tuple[str, str, str], msgspec.Struct | None] = {}
        self._changed: set[tuple[str, str, str]] = set()

    def state(self, step: str, key: str) -> State:
        """Give the state of one step and key, to be looked at by one event."""
        return State(_OneShelf(self, step, key))

    def load(self, where: tuple[str, str, str], kind: type[T]) -> T | None:
        """Give one item, or None."""
        try:
            return cast("T | None", self._cache[where])
        except KeyError:
            row = self._connection.execute(
                'SELECT value FROM state WHERE step = ? AND "key" = ? AND item = ?', where
            ).fetchone()
            value = None if row is None else msgspec.json.decode(row[0], type=kind)
            self._cache[where] = value
            return value

    def keep(self, step: str, key: str, state: State) -> None:
        """Take over what a step wrote; it reaches the file with `flush`."""
        for item, value in state.changes.items():
            where = (step, key, item)
            self._cache[where] = value
            self._changed.add(where)

    def flush(self) -> None:
        """Write the collected changes into the open transaction."""
        puts, drops = [], []
        for where in sorted(self._changed):
            value = self._cache[where]
            if value is None:
                drops.append(where)
            else:
                puts.append((*where, msgspec.json.encode(value)))
        if puts:
            self._connection.executemany("INSERT OR REPLACE INTO state VALUES (?,?,?,?)", puts)
        if drops:
            self._connection.executemany('DELETE FROM state WHERE step = ? AND "key" = ? AND item = ?', drops)
        self._changed.clear()
        if len(self._cache) > CACHED_ITEMS:
            self._cache.clear()

    def forget_uncommitted(self) -> None:
        """Drop everything that is not in the file."""
        self._cache.clear()
        self._changed.clear()

    def cursor(self, reader: str) -> int:
        """Give the last offset that a reader has finished with, 0 at first."""
        return cursor_of(self._connection, reader)

    def has_read(self, reader: str) -> bool:
        """Tell whether a reader has ever finished with anything here."""
        return self._connection.execute("SELECT 1 FROM cursor WHERE reader = ?", (reader,)).fetchone() is not None

    def move(self, reader: str, offset: int) -> None:
        """Set a reader's cursor inside the open transaction."""
        self._connection.execute("INSERT OR REPLACE INTO cursor VALUES (?,?)", (reader, offset))


class _OneShelf:
    __slots__ = ("_key", "_shelf", "_step")

    def __init__(self, shelf: ShelfSqlite, step: str, key: str) -> None:
        self._shelf, self._step, self._key = shelf, step, key

    def load(self, item: str, kind: type[T]) -> T | None:
        return self._shelf.load((self._step, self._key, item), kind)


class Committed:
    """One step's items for one key as they were last committed, for whoever looks on; a `Shelf`, and nothing is kept.

    The connection, to either database, may be read-only; nobody else may use it meanwhile.
    """

    __slots__ = ("_connection", "_key", "_step")

    def __init__(self, connection: Reading, step: str, key: str) -> None:
        self._connection, self._step, self._key = connection, step, key

    def load(self, item: str, kind: type[T]) -> T | None:
        """Give one item, or None."""
        row = self._connection.execute(
            'SELECT value FROM state WHERE step = ? AND "key" = ? AND item = ?', (self._step, self._key, item)
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=kind)

    def under(self, folder: str, kind: type[T]) -> list[T]:
        """Give every item whose name is `folder/...`, by name."""
        decoder = msgspec.json.Decoder(kind)
        rows = self._connection.execute(
            'SELECT value FROM state WHERE step = ? AND "key" = ? AND item > ? AND item < ? ORDER BY item',
            (self._step, self._key, f"{folder}/", f"{folder}0"),  # "0" is the character after "/"
        )
        return [decoder.decode(value) for (value,) in rows]
