"""Compares two read models document by document: the folder's and the one that the cluster made of the same log.

Both were made by the same projector of the same events, so each document must say the same, to the same people. (A
whole number may stand as `2` in one and as `2.0` in the other: one was shown as it was made, the other as it was read
back.) Feeds are not compared: each has its own epoch. Part of `moving`.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from streams.cluster.postgres import Postgres

PAGE: Final = 2000
"""Documents that are held side by side."""
_TABLES: Final = {"view": ("kind", "id"), "filed": ("kind", "id"), "part_of": ("whole", "part")}
_REST: Final = {"view": ', audience, value, "key", over', "filed": ', audience, value, "key", over', "part_of": ""}

_Name = tuple[str, str]


def count(source: sqlite3.Connection) -> int:
    """Count the documents of a read model, live and filed."""
    return sum(
        int(source.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  ours
        for table in ("view", "filed")
    )


def differences(source: sqlite3.Connection, target: Postgres) -> Iterator[str]:
    """Name each document that is not the same in both, or is in one of them alone."""
    for table in _TABLES:
        seen = 0
        for here in _pages(source, table):
            there = _same(target, table, list(here))
            yield from (_said(table, name) for name, rest in here.items() if there.get(name) != rest)
            seen += len(here)
        row = target.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  ours
        if row is not None and row[0] != seen:
            yield from (_said(table, name) for name in sorted(_names(target, table) - _names(source, table)))


def _pages(source: sqlite3.Connection, table: str) -> Iterator[dict[_Name, tuple[object, ...]]]:
    a, b = _TABLES[table]
    last: _Name = ("", "")
    while rows := source.execute(
        f"SELECT {a}, {b}{_REST[table]} FROM {table} WHERE ({a}, {b}) > (?, ?) ORDER BY {a}, {b} LIMIT ?",  # noqa: S608
        (*last, PAGE),
    ).fetchall():
        last = rows[-1][0], rows[-1][1]
        yield _read(rows)


def _same(target: Postgres, table: str, names: list[_Name]) -> dict[_Name, tuple[object, ...]]:
    a, b = _TABLES[table]
    rows: Any = target.execute(
        f"SELECT {a}, {b}{_REST[table]} FROM {table} "  # noqa: S608  ours
        f"JOIN unnest(?::text[], ?::text[]) AS wanted (one, two) ON {a} = one AND {b} = two",
        ([one for one, _ in names], [two for _, two in names]),
    )
    return _read(rows)


def _read(rows: Iterable[tuple[Any, ...]]) -> dict[_Name, tuple[object, ...]]:
    return {
        (one, two): tuple(msgspec.json.decode(each) if isinstance(each, bytes) else each for each in rest)
        for one, two, *rest in rows
    }


def _names(connection: sqlite3.Connection | Postgres, table: str) -> set[_Name]:
    a, b = _TABLES[table]
    rows: Any = connection.execute(f"SELECT {a}, {b} FROM {table}")  # noqa: S608  ours
    return {(one, two) for one, two in rows}


def _said(table: str, name: _Name) -> str:
    return " ".join((table, *name))
