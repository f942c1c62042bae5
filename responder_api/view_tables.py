"""The tables of the read model, and how a file of an earlier version gets them.

You are beneath `projector`, which writes them, and `views_sqlite`, which reads them. What is live and what is filed
away are two tables alike, so that looking at everything live never touches what is filed, however much that is.
"""

import sqlite3
from typing import Final

import msgspec

from responder_api.projection.change import told
from responder_api.projection.over import county_of, is_over

_DOCUMENT: Final = """
    kind TEXT NOT NULL, id TEXT NOT NULL, audience TEXT NOT NULL, value BLOB NOT NULL, "key" TEXT, over REAL,
    PRIMARY KEY (kind, id)
"""
SCHEMA: Final = (
    # `over`: since when (POSIX seconds) nothing is left to do about it; `key`: with which county it is filed.
    f"CREATE TABLE IF NOT EXISTS view ({_DOCUMENT}) WITHOUT ROWID",
    f"CREATE TABLE IF NOT EXISTS filed ({_DOCUMENT}) WITHOUT ROWID",
    'CREATE INDEX IF NOT EXISTS view_over ON view ("key", over) WHERE over IS NOT NULL',
    """
    CREATE INDEX IF NOT EXISTS view_phone ON view (json_extract(CAST(value AS TEXT), '$.phone'))
    WHERE kind = 'responder'
    """,
    """
    CREATE TABLE IF NOT EXISTS feed (
        "offset" INTEGER PRIMARY KEY, kind TEXT NOT NULL, audience TEXT NOT NULL, frame BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS part_of (
        whole TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (whole, part)
    ) WITHOUT ROWID
    """,
    "DROP TABLE IF EXISTS trail",  # of 0.1.0: histories are found in the log itself
)

_LEFT_OUT: Final[dict[str, dict[str, object]]] = {
    "report": {"position_of": "unknown", "source_kind": "citizen"},
    "responder": {"has_app": False, "active": True},
    "message": {"pages": 1},
}
"""What 0.1.0 did not write of a document because it was the default."""


def prepare(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing, in one transaction.

    A file of 0.1.0 did not know what is over: it is noted for the documents that stand, which leave with the next
    filing of their county. Fields that say nothing, which were written then, are taken out of them, and those that were
    left out because they held their default are put in.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        columns = {column[1] for column in connection.execute("PRAGMA table_info(view)")}
        if columns and "over" not in columns:
            _carry_over(connection)
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _carry_over(connection: sqlite3.Connection) -> None:
    connection.execute('ALTER TABLE view ADD COLUMN "key" TEXT')
    connection.execute("ALTER TABLE view ADD COLUMN over REAL")
    rows = connection.execute("SELECT kind, id, audience, value FROM view").fetchall()
    carried = []
    for kind, id_, audience, data in rows:
        value = _LEFT_OUT.get(kind, {}) | told(msgspec.json.decode(data))
        noted = (county_of("", audience.split()), 0.0) if is_over(kind, value) else (None, None)
        carried.append((msgspec.json.encode(value), *noted, kind, id_))
    connection.executemany('UPDATE view SET value = ?, "key" = ?, over = ? WHERE kind = ? AND id = ?', carried)
