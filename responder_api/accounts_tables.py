"""The tables of accounts, sessions and signing keys, and how a file of an earlier version gets them.

You are beneath `accounts_sqlite`, which reads and writes them.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Final

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS account (
        id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, roles TEXT NOT NULL, person TEXT,
        disabled INTEGER NOT NULL, version INTEGER NOT NULL, created_at REAL NOT NULL, changed_at REAL NOT NULL,
        password_hash TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS account_person ON account (person) WHERE disabled = 0",
    """
    CREATE TABLE IF NOT EXISTS session (
        id TEXT PRIMARY KEY, account TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL NOT NULL, revoked_at REAL
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS session_account ON session (account)",
    """
    CREATE TABLE IF NOT EXISTS refresh_token (
        hash TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE, exchanged_at REAL
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS refresh_token_session ON refresh_token (session)",
    """
    CREATE TABLE IF NOT EXISTS setup (
        one INTEGER PRIMARY KEY CHECK (one = 1), token_hash TEXT NOT NULL, expires_at REAL NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS signing_key (
        kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, created_at REAL NOT NULL, ends_at REAL
    ) STRICT
    """,
)
_CARRIED_OVER: Final = (
    "INSERT INTO session SELECT id, account, created_at, expires_at, revoked_at FROM session_before",
    "INSERT INTO refresh_token SELECT token_hash, id, NULL FROM session_before",
    """
    INSERT OR IGNORE INTO refresh_token
    SELECT previous_hash, id, exchanged_at FROM session_before WHERE previous_hash IS NOT NULL
    """,
    "DROP TABLE session_before",
)


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables that are missing, in one transaction.

    In a file of 0.1.0 a session knew two of its refresh tokens, in columns of its own; they move into the table that
    knows them all, so that an upgrade signs nobody out.
    """
    with transaction(db):
        before = any(column[1] == "token_hash" for column in db.execute("PRAGMA table_info(session)"))
        if before:
            db.execute("ALTER TABLE session RENAME TO session_before")
            db.execute("DROP INDEX session_account")
        for statement in (*SCHEMA, *(_CARRIED_OVER if before else ())):
            db.execute(statement)


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Do everything inside or nothing, as the only writer."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
