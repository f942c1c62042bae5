"""The databases that contracts are tested over, and how one writer commits to the embedded one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streams.log_sqlite import LogSqlite

ADAPTERS = ("sqlite", pytest.param("postgres", marks=pytest.mark.system("postgresql")))


@contextmanager
def sqlite_transaction(connection: sqlite3.Connection, log: LogSqlite) -> Iterator[None]:
    """Commit what is written and the log's rows with it, or nothing of either."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        log.flush()
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        log.forget_uncommitted()
        raise
