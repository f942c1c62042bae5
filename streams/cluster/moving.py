"""Moves an embedded log into a cluster's database: every row with its offset, and all that is owed.

You are in `dharura migrate`, with the folder locked and its log verified. A move can be cut off anywhere and be run
again: what is in the database already says how far it came. Until it is finished the database refuses everybody else
(`tables.prepare`), so nothing is done twice. Next: `moving_kafka` brings the same events to Kafka.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg

from geo.places import Rejected
from streams.cluster.postgres import Postgres, postgres_error
from streams.cluster.tables import MOVING, end
from streams.cluster.turn import readers
from streams.cluster.writing import plain
from streams.database import noted
from streams.events import Event, decode
from streams.handle import Step, hearers

AT_ONCE: Final = 10_000
"""Rows that one transaction takes over."""

_LOG: Final = 'COPY log ("offset", topic, "key", subject, id, cause, event) FROM STDIN'
_HEARD: Final = "COPY heard (step, id) FROM STDIN"
_OWED: Final = {
    "state": ("step", "key", "item", "value"),
    "deadline": ("id", "due", "event"),
    "outgoing": ("message", "ask", "taken", "attempts", "retry_at", "event"),
    "ended": ("assignment", "at"),
}
"""What stands beside the log and has the same columns in both databases."""


def claim(target: Postgres, moved: str) -> bool:
    """Take an empty database for the log of one epoch; tell whether its move is finished already.

    Raises Rejected `target-in-use` for a database that holds another log, or in which somebody works.
    """
    with target.transaction():
        target.execute("SELECT value FROM meta WHERE name = 'epoch' FOR UPDATE")
        before = held(target)
        if before == moved:
            if noted(target, MOVING) is None:
                return True
        elif before is not None or end(target):
            what = "a log that was moved there before" if before else f"a log of its own ({end(target):,} events)"
            raise Rejected("target-in-use", f"the database holds {what}; choose an empty one")
        if busy := _at_work(target):
            raise Rejected("target-in-use", f"{busy}: stop the cluster's nodes and workers until this is done")
        for name, value in (("moved_from", moved), (MOVING, "log")):
            target.execute("INSERT INTO meta VALUES (?,?) ON CONFLICT DO NOTHING", (name, value))
    return False


def held(target: Postgres) -> str | None:
    """Give the epoch of the log that was moved, or is being moved, into this database; None when there is none."""
    return noted(target, "moved_from")


def _at_work(target: Postgres) -> str:
    rows = target.execute(
        "SELECT application_name, count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND application_name LIKE 'dharura%' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return ", ".join(f"{count} x {name}" for name, count in rows)


def copy_log(
    source: sqlite3.Connection, target: Postgres, steps: Sequence[Step], done: int, told: Callable[[int], None]
) -> int:
    """Copy what the database lacks of the log, in order; give how many rows this run brought.

    What the steps have taken, up to offset `done`, is noted as heard: what the door or a mirror gets a second time is
    not taken again, under whatever Kafka offset it comes. `told` hears the newest offset after each transaction.
    Rejected `target-in-use` when the rows there are not ours.
    """
    hear = hearers(steps)
    begun = end(target)
    _check_same(source, target, begun)
    at = begun
    newest = int(source.execute('SELECT coalesce(max("offset"), 0) FROM log').fetchone()[0])
    while at < newest:
        rows = source.execute(
            'SELECT "offset", topic, "key", subject, id, event FROM log WHERE "offset" > ? ORDER BY "offset" LIMIT ?',
            (at, AT_ONCE),
        ).fetchall()
        heard: list[tuple[str, UUID]] = []
        with target.transaction():
            _copy(target, _LOG, (_row(row, hear if row[0] <= done else None, heard) for row in rows))
            _copy(target, _HEARD, heard)
            target.execute('UPDATE log_end SET "offset" = ?', (rows[-1][0],))
        at = int(rows[-1][0])
        told(at)
    return at - begun


def _row(
    row: Sequence[Any], hear: Callable[[Event], Iterable[str]] | None, heard: list[tuple[str, UUID]]
) -> tuple[int, str, str, str, UUID, str, bytes]:
    offset, topic, key, subject, raw, event = row
    id_, read = UUID(bytes=bytes(raw)), decode(event)
    if hear is not None:
        heard += [(step, id_) for step in hear(read)]
    return offset, topic, key, subject, id_, read.cause, event


def _check_same(source: sqlite3.Connection, target: Postgres, end: int) -> None:
    if not end:
        return
    there = target.execute('SELECT id FROM log WHERE "offset" = ?', (end,)).fetchone()
    here = source.execute('SELECT id FROM log WHERE "offset" = ?', (end,)).fetchone()
    if there is None or here is None or UUID(str(there[0])).bytes != bytes(here[0]):
        raise Rejected("target-in-use", f"row {end} of the database's log is not that of the folder")


def copy_owed(source: sqlite3.Connection, target: Postgres) -> dict[str, int]:
    """Copy steps' items, deadlines, outgoing messages and ended asks inside the open transaction; count them."""
    counted = {}
    for table, columns in _OWED.items():
        names = ", ".join(f'"{name}"' for name in columns)
        rows = source.execute(f"SELECT {names} FROM {table}")  # noqa: S608  names of ours
        counted[table] = replace(target, table, columns, rows)
    return counted


def replace(target: Postgres, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Put rows in place of all that a table holds, inside the open transaction; give how many."""
    target.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours
    names = ", ".join(f'"{name}"' for name in columns)
    return _copy(target, f"COPY {table} ({names}) FROM STDIN", rows)


def _copy(target: Postgres, statement: str, rows: Iterable[Sequence[object]]) -> int:
    count = 0
    try:
        with target.raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([plain(value) if isinstance(value, str) else value for value in row])
                count += 1
    except psycopg.Error as error:
        raise postgres_error(error) from error
    return count


def begin_at(target: Postgres, steps: Sequence[Step], ends: Mapping[tuple[str, int], int]) -> None:
    """Let every reader begin at these offsets (topic, partition → next), inside the open transaction."""
    target.execute("DELETE FROM partition_cursor")
    partitions = sorted({partition for _, partition in ends})
    rows = []
    for reader, topics in readers(steps).items():
        for partition in partitions:
            # Of a topic with fewer partitions nothing ever comes under this number.
            offsets = {topic: ends.get((topic, partition), 0) for topic in topics}
            rows.append((reader, partition, msgspec.json.encode(offsets).decode()))
    target.executemany(
        "INSERT INTO partition_cursor (reader, partition, version, offsets) VALUES (?,?,1,?::jsonb)", rows
    )


def publish_rest(target: Postgres, done: int) -> int:
    """Leave the rows after offset `done` to the relay, inside the open transaction; give how many they are.

    No step has taken them yet, so they come to the topics behind the offsets at which the readers begin.
    """
    target.execute("DELETE FROM outbox")
    rows = target.execute('INSERT INTO outbox ("offset") SELECT "offset" FROM log WHERE "offset" > ?', (done,))
    return int(rows.rowcount)


def progress(target: Postgres, name: str) -> int:
    """Give what was noted of the move by this name, 0 at first."""
    return int(noted(target, name) or 0)


def finish(target: Postgres) -> None:
    """Open the database for its nodes and workers."""
    with target.transaction():
        target.execute("DELETE FROM meta WHERE name = ?", (MOVING,))
