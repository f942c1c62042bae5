"""Shared connections: reads outlive a restart of the database, writes are never repeated, and nothing leaks."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from fixtures.servers.postgresql import Postgresql
from streams.cluster.pool import Pool
from streams.cluster.postgres import Postgres
from streams.database import StorageError

pytestmark = pytest.mark.system("postgresql")
NAME = "pool under test"


@pytest.fixture
def pool(database: str) -> Iterator[Pool]:
    with closing(Postgres.connect(database)) as connection:
        connection.execute("CREATE TABLE counted (n INTEGER)")
    with closing(Pool(database, most=3, name=NAME)) as made:
        yield made


def backends(database: str) -> int:
    with closing(Postgres.connect(database)) as connection:
        row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?", (NAME,)).fetchone()
    assert row is not None
    return int(row[0])


def test_threads_share_no_more_connections_than_were_allowed(pool: Pool, database: str) -> None:
    together = threading.Barrier(3)

    def read(_: int) -> int:
        with pool.connection() as connection:
            together.wait()
            row = connection.execute("SELECT 1").fetchone()
        assert row is not None
        return int(row[0])

    with ThreadPoolExecutor(9) as threads:
        assert list(threads.map(read, range(9))) == [1] * 9
    assert backends(database) == 3


def test_a_read_goes_on_over_a_restart(pool: Pool, postgres: Postgresql) -> None:
    with pool.connection(), pool.connection():  # two stand idle afterwards, and die
        pass
    for _ in range(2):
        postgres.restart()
        assert pool.execute("SELECT ?::int", (7,)).fetchall() == [(7,)]
        assert pool.execute("SELECT 1").fetchall() == [(1,)]


def test_a_write_after_a_restart_finds_a_connection_that_lives(pool: Pool, postgres: Postgresql) -> None:
    with pool.connection(), pool.connection():
        pass
    postgres.restart()
    with pool.connection() as connection, connection.transaction():
        connection.execute("INSERT INTO counted VALUES (1)")
    assert pool.execute("SELECT n FROM counted").fetchall() == [(1,)]


def test_a_write_that_is_cut_off_is_not_repeated(pool: Pool, postgres: Postgresql) -> None:
    tries = []

    def write() -> None:
        with pool.connection() as connection, connection.transaction():
            tries.append(1)
            connection.execute("INSERT INTO counted VALUES (1)")
            postgres.restart()

    with pytest.raises(StorageError):
        write()
    assert tries == [1]
    assert pool.execute("SELECT n FROM counted").fetchall() == []


def test_while_the_database_is_away_a_read_says_so(pool: Pool, postgres: Postgresql) -> None:
    pool.execute("SELECT 1")
    postgres.stop()
    for _ in range(5):  # more often than there are connections: each one that failed is free again
        with pytest.raises(StorageError):
            pool.execute("SELECT 1")
    postgres.start()
    assert pool.execute("SELECT 1").fetchall() == [(1,)]


def test_a_statement_that_is_wrong_is_nobodys_storage_trouble(pool: Pool) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        pool.execute("SELECT * FROM nothing")
    assert pool.execute("SELECT 1").fetchall() == [(1,)]


def test_a_transaction_that_was_left_open_goes_with_its_connection(pool: Pool, database: str) -> None:
    with pool.connection() as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO counted VALUES (1)")
    assert pool.execute("SELECT n FROM counted").fetchall() == []
    assert backends(database) == 1
