"""The tables of the cluster in PostgreSQL. They mirror those of the embedded file (`streams.database`).

`log` is everything that was ever accepted or decided, in the order of commits: offsets are dense, from 1, because each
transaction takes its numbers under one lock, as the last thing before it commits (`writing`). A door's event is on
Kafka first and comes into `log` with the first step that takes it; a step's outputs are in `log` first and wait in
`outbox` until the relay has published them.
"""

import re
from typing import Final
from uuid import uuid4

from geo.places import Rejected
from streams.cluster.postgres import Postgres
from streams.database import Reading, noted
from streams.shelf_sqlite import check_form

SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # One row, whose lock is what makes the log's numbers visible in order.
    'CREATE TABLE IF NOT EXISTS log_end (one BOOLEAN PRIMARY KEY CHECK (one), "offset" BIGINT NOT NULL)',
    """
    CREATE TABLE IF NOT EXISTS log (
        "offset" BIGINT PRIMARY KEY, topic TEXT NOT NULL, "key" TEXT NOT NULL, subject TEXT NOT NULL,
        id UUID NOT NULL UNIQUE, cause TEXT NOT NULL, event BYTEA NOT NULL
    )
    """,
    'CREATE INDEX IF NOT EXISTS log_subject ON log (subject, "offset")',
    "CREATE INDEX IF NOT EXISTS log_cause ON log (cause)",
    # What is written and not yet on Kafka.
    'CREATE TABLE IF NOT EXISTS outbox ("offset" BIGINT PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now())',
    # How far a reader has come in one partition number of all its topics: {topic: next offset}. `version` goes up with
    # each commit: who holds an older one has been overtaken, and so has what it remembers of the state.
    """
    CREATE TABLE IF NOT EXISTS partition_cursor (
        reader TEXT NOT NULL, partition INTEGER NOT NULL, version BIGINT NOT NULL, offsets JSONB NOT NULL,
        moved TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (reader, partition)
    )
    """,
    # Which step has taken which event: a repeat under another Kafka offset changes nothing.
    """
    CREATE TABLE IF NOT EXISTS heard (
        step TEXT NOT NULL, id UUID NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (step, id)
    )
    """,
    "CREATE INDEX IF NOT EXISTS heard_at ON heard USING brin (at)",
    # A delivery that hung a worker: it becomes a dead letter instead of hanging the next one.
    """
    CREATE TABLE IF NOT EXISTS suspect (
        step TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, "offset" BIGINT NOT NULL,
        at TIMESTAMPTZ NOT NULL DEFAULT now(), PRIMARY KEY (step, topic, partition, "offset")
    )
    """,
    'CREATE TABLE IF NOT EXISTS cursor (reader TEXT PRIMARY KEY, "offset" BIGINT NOT NULL)',
    """
    CREATE TABLE IF NOT EXISTS state (
        step TEXT NOT NULL, "key" TEXT NOT NULL, item TEXT COLLATE "C" NOT NULL, value BYTEA NOT NULL,
        PRIMARY KEY (step, "key", item)
    )
    """,
    # Text that is sorted or compared is so by its bytes (COLLATE "C"), as SQLite does it and Python.
    """
    CREATE TABLE IF NOT EXISTS deadline (
        id TEXT COLLATE "C" PRIMARY KEY, due DOUBLE PRECISION NOT NULL, event BYTEA NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS deadline_due ON deadline (due)",
    """
    CREATE TABLE IF NOT EXISTS outgoing (
        message TEXT COLLATE "C" PRIMARY KEY, ask TEXT NOT NULL, taken INTEGER NOT NULL, attempts INTEGER NOT NULL,
        retry_at DOUBLE PRECISION NOT NULL, event BYTEA NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS outgoing_ready ON outgoing (taken, retry_at)",
    "CREATE TABLE IF NOT EXISTS ended (assignment TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL)",
    "CREATE INDEX IF NOT EXISTS ended_at ON ended (at)",
    """
    CREATE OR REPLACE VIEW sendable AS
        SELECT * FROM outgoing WHERE taken = 0 AND ask NOT IN (SELECT assignment FROM ended)
    """,
    # Who does what only one may do at a time; PostgreSQL's clock says until when.
    "CREATE TABLE IF NOT EXISTS lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until TIMESTAMPTZ NOT NULL)",
)

_INDEX: Final = re.compile(r"CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+) ON")
_LOCK: Final = 0x64686172
"""Advisory lock under which tables are made, so that many nodes may start at once."""


MOVING: Final = "moving"
"""Row of `meta` that stands while an embedded log is being moved into this database (`moving`)."""


def prepare(connection: Postgres, schema: tuple[str, ...] = SCHEMA, *, moving: bool = False) -> str:
    """Make the tables that are missing; give the epoch (identity of this log and its offsets).

    Rejected `move-unfinished` while a log is being moved here, but for those who are `moving` it; `data-older` where
    the steps' items are kept in a form that this version does not read.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
        for statement in schema:
            if not _made(connection, statement):
                connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('epoch', ?) ON CONFLICT DO NOTHING", (uuid4().hex[:12],))
        connection.execute("INSERT INTO log_end VALUES (TRUE, 0) ON CONFLICT DO NOTHING")
        if not moving and noted(connection, MOVING) is not None:
            raise Rejected("move-unfinished", "a log is being moved here; run dharura migrate again until it is done")
        check_form(connection)
        return epoch(connection)


def _made(connection: Postgres, statement: str) -> bool:
    """Tell whether a statement makes an index that is there.

    PostgreSQL itself looks only once it has locked the table against everybody who writes, and keeps it so until the
    end: a worker that starts would stop those that work, and they would stop it.
    """
    index = _INDEX.match(statement)
    return index is not None and connection.execute("SELECT to_regclass(?)", index.groups()).fetchone() != (None,)


def epoch(connection: Reading) -> str:
    """Give the identity of this log."""
    return noted(connection, "epoch") or ""


def end(connection: Reading) -> int:
    """Give the newest offset of the log, 0 when there is none."""
    row = connection.execute('SELECT "offset" FROM log_end').fetchone()
    return 0 if row is None else int(row[0])
