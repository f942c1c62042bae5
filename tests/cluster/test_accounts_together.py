"""What two nodes change of the accounts in the same moment, one of them changes first and the other sees."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from geo.places import Rejected
from responder_api import accounts_postgres
from responder_api.accounts import Account, Grant, Refreshed, still_administered
from responder_api.accounts_postgres import PostgresAccounts
from streams.cluster import tables
from streams.cluster.postgres import Postgres
from tests.cluster.locks import waiting

pytestmark = pytest.mark.system("postgresql")
NOW = datetime(2026, 4, 26, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class Nodes:
    """Two nodes at one database, and somebody who looks at it."""

    def __init__(self, address: str, opened: ExitStack) -> None:
        self.watch, self.other = (opened.enter_context(closing(Postgres.connect(address))) for _ in range(2))
        tables.prepare(self.watch, (*tables.SCHEMA, *accounts_postgres.SCHEMA))
        self.a, self.b = (opened.enter_context(closing(PostgresAccounts(address))) for _ in range(2))

    def until_one_waits_or(self, over: threading.Event) -> None:
        while not waiting(self.watch) and not over.is_set():
            pass


@pytest.fixture
def nodes(database: str) -> Iterator[Nodes]:
    with ExitStack() as opened:
        yield Nodes(database, opened)


def account(name: str) -> Account:
    roles = (Grant(role="admin", area="KE"),)
    return Account(id=name, name=name, display_name=name, roles=roles, created_at=NOW, changed_at=NOW)


def test_a_rule_is_judged_with_nobody_else_changing_anything(nodes: Nodes) -> None:
    for name in ("a", "b"):
        asyncio.run(nodes.a.change(name, lambda _before, _all, name=name: account(name), "hash"))  # type: ignore[misc]
    inside, go, over = threading.Event(), threading.Event(), threading.Event()

    def leaves(before: Account | None, everybody: list[Account]) -> Account:
        assert before is not None
        if before.id == "a":
            inside.set()
            go.wait()
        after = msgspec.structs.replace(before, disabled=True)
        still_administered(before, after, everybody)
        return after

    def second() -> Account:
        try:
            return asyncio.run(nodes.b.change("b", leaves))
        finally:
            over.set()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: asyncio.run(nodes.a.change("a", leaves)))
        inside.wait()
        other = threads.submit(second)
        nodes.until_one_waits_or(over)
        go.set()
        assert first.result().disabled
        with pytest.raises(Rejected) as refused:
            other.result()
    assert refused.value.code == "last-administrator"


def test_a_session_that_ends_while_it_is_carried_on_has_ended(nodes: Nodes) -> None:
    asyncio.run(nodes.a.change("a", lambda _before, _all: account("a"), "hash"))
    asyncio.run(nodes.a.start("s", "a", "t1", NOW, LATER))
    over = threading.Event()

    def carry_on() -> Refreshed | None:
        try:
            return asyncio.run(nodes.b.carry_on("t1", "t2", NOW, NOW))
        finally:
            over.set()

    with ThreadPoolExecutor(1) as threads:
        with nodes.other.transaction():  # somebody is revoking it
            nodes.other.execute("UPDATE session SET revoked_at = 1 WHERE id = 's'")
            carrying = threads.submit(carry_on)
            nodes.until_one_waits_or(over)
        assert carrying.result() is None
    assert asyncio.run(nodes.a.session_of("t2")) is None
