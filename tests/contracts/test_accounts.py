"""What every store of accounts promises (`responder_api.accounts`), one body of tests over every adapter.

Each is opened twice, as two processes do that share it: two nodes, or a node and a command.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from geo.places import Rejected
from responder_api import accounts_postgres
from responder_api.accounts import Account, AccountStore, Grant, Rule, SigningKey, Standing, still_administered
from responder_api.accounts_postgres import PostgresAccounts
from responder_api.accounts_sqlite import SqliteAccounts
from streams.cluster import tables
from streams.cluster.postgres import Postgres
from tests.contracts.adapters import ADAPTERS

NOW = datetime(2026, 4, 26, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Two(NamedTuple):
    """Two processes at one store."""

    here: AccountStore
    there: AccountStore


@pytest.fixture(params=ADAPTERS)
async def two(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Two]:
    both: Two
    if request.param == "sqlite":
        both = Two(SqliteAccounts(tmp_path / "a.sqlite3"), SqliteAccounts(tmp_path / "a.sqlite3"))
    else:
        address = request.getfixturevalue("address")
        with closing(Postgres.connect(address)) as connection:
            tables.prepare(connection, (*tables.SCHEMA, *accounts_postgres.SCHEMA))
            connection.execute("TRUNCATE account, session, refresh_token, setup, signing_key")
        both = Two(PostgresAccounts(address), PostgresAccounts(address))
    yield both
    for store in both:
        store.close()


def account(name: str, *roles: Grant, person: str | None = None) -> Account:
    return Account(
        id=f"id-{name}",
        name=name,
        display_name=name.title(),
        roles=roles,
        person=person,
        created_at=NOW,
        changed_at=NOW,
    )


def made(after: Account) -> Rule:
    return lambda _before, _everybody: after


def disabled(before: Account | None, _: list[Account]) -> Account:
    assert before is not None
    return msgspec.structs.replace(before, disabled=True)


ADMIN = Grant(role="admin", area="KE")
OPERATOR = Grant(role="operator", area="KE.042")


async def signed_in(store: AccountStore, name: str, session: str, token: str) -> None:
    await store.start(session, f"id-{name}", token, NOW, NOW + HOUR)


async def rejected(code: str, doing: "asyncio.Future[Account]") -> None:
    with pytest.raises(Rejected) as refused:
        await doing
    assert refused.value.code == code


# --- accounts --------------------------------------------------------------------------------------------------------


async def test_what_one_wrote_the_other_finds(two: Two) -> None:
    assert await two.there.get("id-asha") is None
    assert await two.there.find("asha") is None
    asha = await two.here.change("id-asha", made(account("asha", ADMIN, OPERATOR, person="r1")), "hash")
    assert asha == account("asha", ADMIN, OPERATOR, person="r1")
    assert await two.there.get("id-asha") == asha
    assert await two.there.find("asha") == (asha, "hash")
    again = await two.there.change("id-asha", made(account("asha", OPERATOR)))
    assert again == msgspec.structs.replace(account("asha", OPERATOR), version=2)
    assert await two.here.find("asha") == (again, "hash")


async def test_everybody_is_listed_by_the_bytes_of_their_names(two: Two) -> None:
    names = ["b", "a-z", "a.b", "ab", "+254", "a_b", "Z"]
    for name in names:
        await two.here.change(f"id-{name}", made(account(name)), "hash")
    assert [each.name for each in await two.there.all()] == sorted(names)


async def test_a_name_and_a_person_are_one_accounts(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha", person="r1")), "hash")
    other = msgspec.structs.replace(account("asha"), id="id-other")
    await rejected("name-taken", asyncio.ensure_future(two.there.change("id-other", made(other), "hash")))
    second = account("juma", person="r1")
    await rejected("person-taken", asyncio.ensure_future(two.there.change("id-juma", made(second), "hash")))
    assert [each.name for each in await two.here.all()] == ["asha"]
    await two.here.change("id-asha", disabled)
    await two.there.change("id-juma", made(second), "hash")
    again = made(account("asha", person="r1"))
    await rejected("person-taken", asyncio.ensure_future(two.here.change("id-asha", again)))


async def test_a_rule_that_refuses_changes_nothing(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha", ADMIN)), "hash")

    def never(before: Account | None, everybody: list[Account]) -> Account:
        raise Rejected("no", "never")

    await rejected("no", asyncio.ensure_future(two.there.change("id-asha", never, "other")))
    assert await two.here.find("asha") == (account("asha", ADMIN), "hash")


async def test_of_two_administrators_who_leave_at_once_one_stays(two: Two) -> None:
    await two.here.change("id-a", made(account("a", ADMIN)), "hash")
    await two.here.change("id-b", made(account("b", ADMIN)), "hash")

    def leaves(before: Account | None, everybody: list[Account]) -> Account:
        assert before is not None
        after = msgspec.structs.replace(before, disabled=True)
        still_administered(before, after, everybody)
        return after

    leaving = (two.here.change("id-a", leaves), two.there.change("id-b", leaves))
    done = await asyncio.gather(*leaving, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Account", "Rejected"]
    assert sorted(each.disabled for each in await two.here.all()) == [False, True]


async def test_a_setup_link_is_spent_once(two: Two) -> None:
    await two.here.open_setup("older", NOW + HOUR)
    await two.here.open_setup("token", NOW + HOUR)
    root = made(account("root", ADMIN))
    await rejected("setup-link-spent", asyncio.ensure_future(two.there.claim_setup("older", NOW, root, "hash")))
    await rejected("setup-link-spent", asyncio.ensure_future(two.there.claim_setup("token", NOW + HOUR, root, "hash")))
    claims = (
        store.claim_setup("token", NOW, made(account(name, ADMIN)), "hash")
        for store, name in ((two.here, "root"), (two.there, "thief"))
    )
    done = await asyncio.gather(*claims, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Account", "Rejected"]
    assert len(await two.here.all()) == 1


async def test_a_rule_that_refuses_leaves_the_setup_link(two: Two) -> None:
    await two.here.change("id-root", made(account("root")), "hash")
    await two.here.open_setup("token", NOW + HOUR)
    same = made(msgspec.structs.replace(account("root"), id="id-new"))
    await rejected("name-taken", asyncio.ensure_future(two.here.claim_setup("token", NOW, same, "hash")))
    await two.there.claim_setup("token", NOW, made(account("other")), "hash")


# --- sessions --------------------------------------------------------------------------------------------------------


async def test_a_session_stands_for_both_until_it_is_revoked(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha")), "hash")
    await signed_in(two.here, "asha", "s1", "t1")
    standing = Standing(version=1, disabled=False, expires_at=NOW + HOUR, revoked=False)
    assert await two.there.standing("s1", "id-asha") == standing
    assert await two.there.standing("s1", "id-juma") is None
    assert await two.there.session_of("t1") == "s1"
    assert await two.there.session_of("t2") is None
    await two.there.revoke("s1", NOW)
    assert await two.here.standing("s1", "id-asha") == msgspec.structs.replace(standing, revoked=True)
    assert await two.here.carry_on("t1", "t2", NOW, NOW) is None


async def test_a_changed_password_and_a_disabled_account_end_every_session_everywhere(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha")), "hash")
    for n in range(2):
        await signed_in(two.here, "asha", f"s{n}", f"t{n}")
    await two.there.change("id-asha", made(account("asha", OPERATOR)))
    standing = await two.here.standing("s1", "id-asha")
    assert standing is not None
    assert standing.version == 2
    await two.there.change("id-asha", made(account("asha")), "other")
    assert await two.here.standing("s0", "id-asha") is None
    assert await two.here.carry_on("t1", "t9", NOW, NOW) is None
    await signed_in(two.here, "asha", "s3", "t3")
    await two.there.change("id-asha", disabled)
    assert await two.here.standing("s3", "id-asha") is None
    assert await two.here.session_of("t3") is None


async def test_a_refresh_token_works_once_and_again_within_its_grace(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha", OPERATOR)), "hash")
    await signed_in(two.here, "asha", "s1", "t1")
    first = await two.here.carry_on("t1", "t2", NOW, NOW - HOUR)
    assert first is not None
    assert (first.session, first.account, first.expires_at) == ("s1", account("asha", OPERATOR), NOW + HOUR)
    # The answer was lost: the same token again, at another node, and both answers count.
    assert await two.there.carry_on("t1", "t3", NOW + HOUR / 2, NOW) is not None
    assert await two.here.carry_on("t2", "t4", NOW + HOUR / 2, NOW) is not None
    # Long after its exchange it is a copy in other hands: nobody goes on.
    late = NOW + HOUR * 0.9
    assert await two.there.carry_on("t1", "t5", late, NOW + timedelta(seconds=1)) is None
    standing = await two.here.standing("s1", "id-asha")
    assert standing is not None
    assert standing.revoked
    assert await two.here.carry_on("t4", "t6", late, NOW) is None
    assert await two.here.carry_on("t3", "t6", NOW + HOUR, NOW) is None


async def test_many_who_refresh_at_once_all_go_on(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha")), "hash")
    await signed_in(two.here, "asha", "s1", "t1")
    answers = [two[n % 2].carry_on("t1", f"n{n}", NOW, NOW - HOUR) for n in range(20)]
    assert all(await asyncio.gather(*answers))
    assert all(await asyncio.gather(*(two.there.carry_on(f"n{n}", f"m{n}", NOW, NOW) for n in range(20))))


async def test_sessions_that_are_over_are_cleared_away(two: Two) -> None:
    await two.here.change("id-asha", made(account("asha")), "hash")
    await signed_in(two.here, "asha", "s1", "t1")
    later = NOW + 2 * HOUR
    await asyncio.gather(*(two[n % 2].start(f"n{n}", "id-asha", f"k{n}", later, later + HOUR) for n in range(8)))
    assert await two.there.session_of("t1") is None
    assert await two.there.session_of("k7") == "n7"


# --- keys ------------------------------------------------------------------------------------------------------------


def key(kid: str, at: datetime = NOW) -> SigningKey:
    return SigningKey(kid=kid, jwk={"kty": "OKP", "d": kid}, created_at=at)


async def test_the_newest_key_signs_and_the_others_end(two: Two) -> None:
    assert await two.there.keys(NOW) == []
    await two.here.add_key(key("k1"), NOW + HOUR)
    await two.there.add_key(key("k2"), NOW + HOUR)
    await two.here.add_key(key("k3"), NOW + 2 * HOUR)
    ended = [msgspec.structs.replace(key(kid), ends_at=NOW + HOUR * n) for kid, n in (("k2", 2), ("k1", 1))]
    assert await two.there.keys(NOW) == [key("k3"), *ended]
    assert await two.there.keys(NOW + HOUR) == [key("k3"), ended[0]]
    # One leaked: the others end now and are forgotten.
    await two.here.add_key(key("k4", NOW + HOUR), NOW + HOUR)
    assert [each.kid for each in await two.there.keys(NOW)] == ["k4"]
