import asyncio
import threading

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from responder_api.errors import Refused
from responder_api.passwords import Passwords
from responder_api.throttle import Buckets, Throttle, network_of

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_bucket_empties_and_fills() -> None:
    buckets = Buckets(burst=2, per_second=0.5)
    assert buckets.wait("a", 0) == 0
    buckets.take("a", 0)
    buckets.take("a", 0)
    assert buckets.wait("a", 0) == 2
    assert buckets.wait("b", 0) == 0
    assert buckets.wait("a", 1) == 1
    assert buckets.wait("a", 2) == 0
    buckets.take("a", 2)
    assert buckets.wait("a", 1000) == 0


def test_a_clock_that_goes_back_fills_nothing() -> None:
    buckets = Buckets(burst=1, per_second=1)
    buckets.take("a", 100)
    assert buckets.wait("a", 50) == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 10))))
def test_no_more_passes_than_the_burst_and_the_rate_allow(steps: list[tuple[str, float]]) -> None:
    buckets = Buckets(burst=3, per_second=0.5)
    now, passed = 0.0, dict.fromkeys("abc", 0)
    for key, later in steps:
        now += later
        if buckets.wait(key, now) == 0:
            buckets.take(key, now)
            passed[key] += 1
    assert all(count <= 3 + 0.5 * now + 1e-6 for count in passed.values())


def test_memory_is_bounded_whatever_is_tried() -> None:
    throttle = Throttle(most=100)
    for n in range(5000):
        throttle.attempt(f"name{n}", f"10.0.{n >> 8}.{n & 255}", float(n))
    assert all(len(buckets) <= 100 for buckets in throttle._buckets.values())


def test_one_address_cannot_try_many_names() -> None:
    throttle = Throttle()
    assert sum(throttle.attempt(f"name{n}", "10.0.0.1", 0) == 0 for n in range(100)) == 30
    assert throttle.attempt("name", "10.0.0.2", 0) == 0


def test_many_addresses_cannot_try_one_name_for_ever() -> None:
    throttle = Throttle()
    assert sum(throttle.attempt("root", f"10.0.{n >> 8}.{n & 255}", 0) == 0 for n in range(1000)) == 50


def test_a_refused_attempt_costs_nothing_more() -> None:
    throttle = Throttle()
    for _ in range(5):
        assert throttle.attempt("root", "10.0.0.1", 0) == 0
    waits = {throttle.attempt("root", "10.0.0.1", 0) for _ in range(50)}
    assert waits == {12.0}
    assert throttle.attempt("root", "10.0.0.1", 12.0) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("unknown", "unknown", True),
    ],
)
def test_who_counts_as_one_subscriber(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) == same


async def test_passwords_are_hashed_off_the_loop_and_told_apart() -> None:
    passwords = Passwords(CHEAP)
    kept = await passwords.hash("kiboko")
    assert kept.startswith("$argon2id$")
    assert kept != await passwords.hash("kiboko")
    assert await passwords.matches("kiboko", kept)
    assert not await passwords.matches("Kiboko", kept)
    assert not await passwords.matches("nobody's password", None)
    assert not await passwords.matches("kiboko", "not a hash")
    passwords.close()


async def test_a_flood_of_sign_ins_is_bounded() -> None:
    release = threading.Event()

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
            release.wait()
            return True

    passwords = Passwords(Slow(time_cost=1, memory_cost=8, parallelism=1), most_waiting=3)
    under_way = [asyncio.create_task(passwords.matches("x", "y")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refused:
        await passwords.matches("x", "y")
    assert refused.value.code == "too-many-requests"
    release.set()
    assert await asyncio.gather(*under_way) == [True, True, True]
    assert await passwords.matches("x", "y")
    passwords.close()


def test_the_default_cost_is_not_below_what_rfc_9106_advises() -> None:
    hasher = PasswordHasher()
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.time_cost >= 3
