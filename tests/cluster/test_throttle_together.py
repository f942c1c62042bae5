"""Whoever guesses passwords gets no more tries for there being many nodes, and whoever knows theirs loses none."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from responder_api import accounts_postgres, throttle_postgres
from responder_api.accounts_postgres import PostgresAccounts
from responder_api.throttle import ADDRESS, NAME, PAIR, Bound
from responder_api.throttle_postgres import FULL_S, SharedThrottle
from streams.cluster import tables
from streams.cluster.postgres import Postgres

pytestmark = pytest.mark.system("postgresql")

NODES = 4


class Nodes:
    """Some nodes at one database, and the database."""

    def __init__(self, address: str, opened: ExitStack) -> None:
        self.database = opened.enter_context(closing(Postgres.connect(address)))
        tables.prepare(self.database, (*tables.SCHEMA, *accounts_postgres.SCHEMA, *throttle_postgres.SCHEMA))
        stores = [opened.enter_context(closing(PostgresAccounts(address))) for _ in range(NODES)]
        self.throttles = [SharedThrottle(store) for store in stores]

    async def tried(self, attempts: int, name: str = "root", address: str = "10.0.0.1") -> int:
        """Try at all nodes at once; give how often it was let through. `{n}` is the number of the attempt."""
        asked = (self.throttles[n % NODES].attempt(name.format(n=n), address.format(n=n)) for n in range(attempts))
        return (await asyncio.gather(*asked)).count(0.0)

    def later(self, seconds: float) -> None:
        """Let time pass for what is remembered."""
        self.database.execute("UPDATE sign_in SET at = at - make_interval(secs => ?)", (seconds,))


@pytest.fixture
def nodes(database: str) -> Iterator[Nodes]:
    with ExitStack() as opened:
        yield Nodes(database, opened)


@pytest.mark.parametrize(
    ("name", "address", "bound"),
    [("root", "10.0.0.1", PAIR), ("root{n}", "10.0.0.1", ADDRESS), ("root", "10.0.0.{n}", NAME)],
)
async def test_all_nodes_together_let_through_what_one_would(
    nodes: Nodes, name: str, address: str, bound: Bound
) -> None:
    burst = bound.burst
    assert await nodes.tried(burst + 40, name, address) in (burst, burst + 1)  # some time passes meanwhile


async def test_a_bucket_fills_again_and_says_how_long_to_wait(nodes: Nodes) -> None:
    assert await nodes.tried(40) == PAIR.burst
    assert 0 < await nodes.throttles[1].attempt("root", "10.0.0.1") <= 1 / PAIR.per_second
    nodes.later(1 / PAIR.per_second)
    assert await nodes.tried(40) == 1
    nodes.later(3600)
    assert await nodes.tried(40) == PAIR.burst


async def test_who_knows_the_password_loses_nothing(nodes: Nodes) -> None:
    for n in range(PAIR.burst * 4):
        assert await nodes.throttles[n % NODES].attempt("amina", "10.0.0.1") == 0.0
        await nodes.throttles[n % NODES].succeeded("amina", "10.0.0.1")
    (level,) = nodes.database.execute("SELECT max(level) FROM sign_in").fetchone() or (None,)
    assert level == NAME.burst


async def test_nodes_that_meet_at_the_same_buckets_do_not_lock_each_other_out(nodes: Nodes) -> None:
    async def one(n: int) -> None:
        name, address = f"user{n % 3}", f"10.0.0.{n % 2}"
        if await nodes.throttles[n % NODES].attempt(name, address) == 0.0:
            await nodes.throttles[(n + 1) % NODES].succeeded(name, address)

    await asyncio.gather(*(one(n) for n in range(200)))


async def test_what_is_remembered_is_bounded_and_names_nobody(nodes: Nodes) -> None:
    await nodes.tried(60, "kiboko-{n}", "10.0.{n}.1")
    rows = nodes.database.execute("SELECT bucket FROM sign_in").fetchall()
    assert len(rows) == 180
    assert not any("kiboko" in bucket or "10.0" in bucket for (bucket,) in rows)
    nodes.later(FULL_S + 1)
    await nodes.tried(30, "mamba-{n}", "10.1.{n}.1")
    (left,) = nodes.database.execute("SELECT count(*) FROM sign_in").fetchone() or (None,)
    assert left == 90
