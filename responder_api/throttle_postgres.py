"""The bounds of `throttle`, shared by all nodes of a cluster: whoever guesses gets no more tries for there being more.

The buckets are rows; their time is PostgreSQL's. What they are of is kept as a hash, for people type passwords into the
box for names. The table outlives no crash of the database, and need not.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from responder_api.accounts_postgres import PostgresAccounts
from responder_api.throttle import Bound, bounds_of
from streams.database import Connection

SCHEMA: Final = (
    """
    CREATE UNLOGGED TABLE IF NOT EXISTS sign_in (
        bucket TEXT COLLATE "C" PRIMARY KEY, level DOUBLE PRECISION NOT NULL, at TIMESTAMPTZ NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS sign_in_at ON sign_in (at)",
)
FULL_S: Final = 600
"""After so many seconds without an attempt any bucket is full again, and as good as none."""
_FORGOTTEN: Final = 10
"""How many of those an attempt takes away: more than the three that it may leave."""

# Rows are locked in the order given, the same for everybody, so nobody waits for one who waits for them.
_FILL: Final = """
INSERT INTO sign_in AS s (bucket, level, at) VALUES (?, ?, clock_timestamp()) ON CONFLICT (bucket) DO UPDATE
SET level = least(
    excluded.level, s.level + ? * greatest(0, extract(epoch FROM clock_timestamp() - s.at)::double precision)
), at = greatest(s.at, clock_timestamp())
RETURNING level
"""
_TAKE: Final = "UPDATE sign_in SET level = level - 1 WHERE bucket = ANY(?)"
_GIVE: Final = "UPDATE sign_in SET level = least(?, level + 1) WHERE bucket = ?"
_FORGET: Final = """
DELETE FROM sign_in WHERE bucket = ANY(ARRAY(
    SELECT bucket FROM sign_in WHERE at < now() - make_interval(secs => ?) LIMIT ? FOR UPDATE SKIP LOCKED
))
"""


class SharedThrottle:
    """Bounds on guessing in the accounts' database. Raises StorageError when that is away: nobody signs in then."""

    def __init__(self, accounts: PostgresAccounts) -> None:
        self._accounts = accounts

    async def attempt(self, name: str, address: str) -> float:
        """See `throttle.Guesses.attempt`."""
        held = _held(name, address)

        def take(db: Connection) -> float:
            wait = 0.0
            for bucket, bound in held:
                row = db.execute(_FILL, (bucket, float(bound.burst), bound.per_second)).fetchone()
                wait = max(wait, (1.0 - row[0]) / bound.per_second)
            if wait == 0.0:
                db.execute(_TAKE, ([bucket for bucket, _ in held],))
                db.execute(_FORGET, (FULL_S, _FORGOTTEN))
            return wait

        return await self._accounts.write(take)

    async def succeeded(self, name: str, address: str) -> None:
        """See `throttle.Guesses.succeeded`."""
        held = _held(name, address)

        def give_back(db: Connection) -> None:
            for bucket, bound in held:
                db.execute(_GIVE, (float(bound.burst), bucket))

        await self._accounts.write(give_back)


def _held(name: str, address: str) -> Sequence[tuple[str, Bound]]:
    """Give whose tokens an attempt takes, always in the same order of what they are of."""
    return [(sha256(f"{bound.of}\n{key}".encode()).hexdigest(), bound) for bound, key in bounds_of(name, address)]
