"""Tables that are made while others work on them: what is there is left alone, and nobody waits for anybody."""

import pytest

from responder_api.view_tables_postgres import SCHEMA
from streams.cluster import tables
from streams.cluster.postgres import Postgres

pytestmark = pytest.mark.system("postgresql")


def test_who_starts_stops_nobody_who_writes(database: str) -> None:
    writer, starts = Postgres.connect(database), Postgres.connect(database)
    schema = tables.SCHEMA + SCHEMA
    epoch = tables.prepare(starts, schema)
    named = writer.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
    starts.execute("SET lock_timeout = 1")  # who would wait for a lock is refused it
    with writer.transaction():
        for (table,) in named:
            if table != "meta":
                writer.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
        assert tables.prepare(starts, schema) == epoch
    writer.close()
    starts.close()


def test_an_index_that_is_missing_is_made(database: str) -> None:
    connection = Postgres.connect(database)
    tables.prepare(connection)
    connection.execute("DROP INDEX log_cause")
    tables.prepare(connection)
    assert connection.execute("SELECT to_regclass('log_cause')").fetchone() != (None,)
    connection.close()
