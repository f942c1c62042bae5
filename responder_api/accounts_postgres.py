"""Keep accounts, sessions and signing keys in the cluster's database (an adapter of `accounts`; see `accounts_sql`).

Every node asks the database each time and remembers nothing, so that what one node changed counts on all of them from
the next request on. Everything runs in threads, over a few connections.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from responder_api.accounts_sql import AccountsSql, Result
from streams.cluster.pool import Pool
from streams.database import Connection, StorageError

SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS account (
        id TEXT COLLATE "C" PRIMARY KEY, name TEXT COLLATE "C" NOT NULL UNIQUE, display_name TEXT NOT NULL,
        roles TEXT NOT NULL, person TEXT, disabled INTEGER NOT NULL, version INTEGER NOT NULL,
        created_at DOUBLE PRECISION NOT NULL, changed_at DOUBLE PRECISION NOT NULL, password_hash TEXT NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX IF NOT EXISTS account_person ON account (person) WHERE disabled = 0",
    """
    CREATE TABLE IF NOT EXISTS session (
        id TEXT PRIMARY KEY, account TEXT NOT NULL, created_at DOUBLE PRECISION NOT NULL,
        expires_at DOUBLE PRECISION NOT NULL, revoked_at DOUBLE PRECISION
    )
    """,
    "CREATE INDEX IF NOT EXISTS session_account ON session (account)",
    "CREATE INDEX IF NOT EXISTS session_expires ON session (expires_at)",
    """
    CREATE TABLE IF NOT EXISTS refresh_token (
        hash TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        exchanged_at DOUBLE PRECISION
    )
    """,
    "CREATE INDEX IF NOT EXISTS refresh_token_session ON refresh_token (session)",
    """
    CREATE TABLE IF NOT EXISTS setup (
        one INTEGER PRIMARY KEY CHECK (one = 1), token_hash TEXT NOT NULL, expires_at DOUBLE PRECISION NOT NULL
    )
    """,
    # `rowid`: the order in which keys came; SQLite has a column of that name by itself.
    """
    CREATE TABLE IF NOT EXISTS signing_key (
        kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, created_at DOUBLE PRECISION NOT NULL, ends_at DOUBLE PRECISION,
        rowid BIGINT GENERATED ALWAYS AS IDENTITY
    )
    """,
)
_LOCK: Final = 0x61636374
"""Advisory lock of whoever changes accounts or keys, or clears sessions away: rules look at every account."""
_AT_ONCE: Final = 4
ANSWER_S: Final = 10.0
"""How long the database is waited for. One that hangs without a word would hold every request for as long as it does;
what was written then is not known, as when a connection breaks, and whoever signs in does so again."""


class PostgresAccounts(AccountsSql):
    """Accounts, Sessions and Keys over PostgreSQL; the tables are made by `streams.cluster.tables.prepare`."""

    session_lock = " FOR UPDATE OF s"

    def __init__(self, address: str) -> None:
        self._pool = Pool(address, most=_AT_ONCE, name="dharura accounts")
        # Threads of its own: signing in must not wait behind slow reads, nor for a pool that has no connection left.
        self._threads = ThreadPoolExecutor(_AT_ONCE, "dharura-accounts")

    def close(self) -> None:
        """Close the connections, after what is under way."""
        self._threads.shutdown()
        self._pool.close()

    async def read(self, query: str, *values: object) -> list[Any]:
        """Give the rows of a query, in a thread."""
        return await self._in_thread(lambda: self._pool.execute(query, values).fetchall())

    async def write(self, work: Callable[[Connection], Result], *, alone: bool = False) -> Result:
        """Do work in one transaction, in a thread."""

        def run() -> Result:
            with self._pool.connection() as connection, connection.transaction():
                if alone:
                    connection.execute("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
                return work(connection)

        return await self._in_thread(run)

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except TimeoutError:
            raise StorageError(f"the database did not answer within {ANSWER_S:.0f} s") from None
