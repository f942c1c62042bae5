"""F24: whatever the wall clock does, ours keeps its pace, never goes back, and comes slowly back to the wall clock."""

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.clock import SLEW, SteadyClock

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
MICRO = timedelta(microseconds=2)
"""Rounding of a float of seconds to a datetime."""


class Clocks:
    """A wall clock that anybody can set, and a running one that nobody can."""

    def __init__(self) -> None:
        self.wall, self.running = NOON.timestamp(), 1000.0

    def passes(self, seconds: float, jump: float = 0.0) -> None:
        self.running += seconds
        self.wall += seconds + jump

    def steady(self, floor: datetime | None = None) -> SteadyClock:
        return SteadyClock(floor, wall=lambda: self.wall, monotonic=lambda: self.running)


steps = st.lists(
    st.tuples(
        st.floats(0, 7200),
        st.sampled_from([0.0, 0.0, 3600.0, -3600.0, 86_400.0, -86_400.0, 0.5, -0.5, 10_800.0]),
    ),
    min_size=1,
    max_size=60,
)


@settings(deadline=None)
@given(steps)
def test_it_keeps_the_pace_whatever_the_wall_clock_does(moves: list[tuple[float, float]]) -> None:
    clocks = Clocks()
    clock = clocks.steady()
    before = clock()
    for seconds, jump in moves:
        clocks.passes(seconds, jump)
        now = clock()
        assert now >= before
        assert abs((now - before).total_seconds() - seconds) <= SLEW * seconds + 1e-5
        before = now


@settings(deadline=None)
@given(steps, st.integers(1, 7))
def test_how_often_it_is_read_changes_nothing_of_the_pace(moves: list[tuple[float, float]], parts: int) -> None:
    clocks = Clocks()
    clock = clocks.steady()
    start, passed = clock(), 0.0
    for seconds, jump in moves:
        clocks.wall += jump
        for _ in range(parts):
            clocks.passes(seconds / parts)
            clock()
        passed += seconds
    assert abs((clock() - start).total_seconds() - passed) <= SLEW * passed + 1e-3


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 10_800.0])
def test_it_finds_its_way_back_and_says_how_far_it_is(jump: float) -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.passes(0.0, jump)
    assert abs(clock.offset() - timedelta(seconds=jump)) <= MICRO
    needed = abs(jump) / SLEW
    clocks.passes(needed / 2)
    # Asked without having been read in between: it must not look at an old reading.
    assert abs(clock.offset() - timedelta(seconds=jump / 2)) <= timedelta(seconds=0.01)
    clocks.passes(needed / 2 + 1)
    assert abs(clock.offset()) <= timedelta(milliseconds=1)
    assert abs(clock() - datetime.fromtimestamp(clocks.wall, UTC)) <= timedelta(milliseconds=1)


def test_it_is_not_ahead_for_having_been_silent() -> None:
    clocks = Clocks()
    clock = clocks.steady()
    clocks.passes(5000.0)
    assert abs(clock.offset()) <= MICRO


@pytest.mark.parametrize(("ahead", "expected"), [(3600, 3600), (-3600, 0)])
def test_it_starts_no_earlier_than_the_newest_time_in_the_log(ahead: int, expected: int) -> None:
    clock = Clocks().steady(floor=NOON + timedelta(seconds=ahead))
    assert clock() == NOON + timedelta(seconds=expected)


def test_threads_that_read_at_once_count_no_moment_twice() -> None:
    ticks: Iterator[int] = count(1)
    clock = SteadyClock(wall=NOON.timestamp, monotonic=lambda: next(ticks) * 0.001)
    reads, threads = 4000, 4

    def read() -> None:
        before = clock()
        for _ in range(reads):
            now = clock()
            assert now >= before
            before = now

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        readers = [threading.Thread(target=read) for _ in range(threads)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    finally:
        sys.setswitchinterval(interval)
    # Each read lets a millisecond pass; the wall clock stands still, so ours is held back by half a percent.
    passed = (threads * (reads + 1) + 1) * 0.001
    assert abs((clock() - NOON).total_seconds() - passed * (1 - SLEW)) < 0.002


def test_the_real_clocks_agree() -> None:
    clock = SteadyClock()
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(clock.offset()) < timedelta(seconds=5)
