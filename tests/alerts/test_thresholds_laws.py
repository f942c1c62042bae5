"""Sensor judgement: hysteresis, dwell, rise, quality, and readings that come late, twice or out of order."""

import math
from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.stations import Dwell, Mark, Station
from tests.alerts.series import NYANDO, Told

LEVELS = st.lists(st.sampled_from([1.0, 2.6, 2.7, 2.8, 3.0, 3.4, 3.6, 3.9, 4.0, 4.2]), min_size=1, max_size=24)
DWELLS = st.builds(Dwell, readings=st.integers(1, 3), seconds=st.sampled_from([0.0, 150.0]))


@st.composite
def shuffled_series(draw: st.DrawFn) -> tuple[Station, list[float], list[list[int]]]:
    """Draw a station, levels a minute apart, and batches of indices, none overtaken by 10 minutes."""
    levels = draw(LEVELS)
    marks = (
        *(msgspec.structs.replace(mark, on_delay=draw(DWELLS), off_delay=draw(DWELLS)) for mark in NYANDO.marks),
        Mark(name="fast", raise_at=20.0, clear_at=5.0, severity="Severe", measure="rise", over_s=180),
    )
    station = msgspec.structs.replace(
        NYANDO, marks=marks, jump=draw(st.sampled_from([None, 1.0])), stuck_after_s=draw(st.sampled_from([None, 240.0]))
    )
    delays = [draw(st.integers(0, 9)) for _ in levels]
    order = sorted(range(len(levels)), key=lambda i: (i + delays[i], i))
    cuts = sorted(draw(st.sets(st.integers(1, len(levels)), max_size=len(levels))) | {len(levels)})
    return station, levels, [order[a:b] for a, b in pairwise([0, *cuts]) if a < b]


@settings(max_examples=300)
@given(shuffled_series())
def test_readings_shuffled_within_ten_minutes_tell_what_they_tell_in_order(
    case: tuple[Station, list[float], list[list[int]]],
) -> None:
    station, levels, batches = case
    ordered, shuffled = Told(station), Told(station)
    for i, level in enumerate(levels):
        ordered.hear([(i, level)])
    for indices in batches:
        shuffled.hear([(i, levels[i]) for i in indices])
    assert shuffled.crossings() == ordered.crossings()
    assert shuffled.state.head == ordered.state.head
    assert not any(j.counts.get("late") for j in shuffled.judgements)


@settings(max_examples=200)
@given(shuffled_series(), st.randoms(use_true_random=False))
def test_repeats_change_nothing(case: tuple[Station, list[float], list[list[int]]], random: object) -> None:
    station, levels, batches = case
    once, twice = Told(station), Told(station)
    for number, indices in enumerate(batches):
        rows: list[tuple[float, float | None]] = [(i, levels[i]) for i in indices]
        once.hear(rows)
        twice.hear(rows + rows[::-1])
        if number:
            twice.hear([(i, levels[i]) for i in batches[number - 1]], arrived=float(max(indices)))
    assert twice.crossings() == once.crossings()
    assert twice.state == once.state


@settings(max_examples=200)
@given(st.lists(st.floats(2.700001, 2.999999), min_size=2, max_size=60), st.booleans())
def test_nothing_oscillates_inside_the_deadband(levels: list[float], raised_before: bool) -> None:
    told = Told(NYANDO)
    told.hear([(-1, 3.1 if raised_before else 2.0)])
    before = told.crossings()
    told.hear([(float(i), level) for i, level in enumerate(levels)])
    assert told.crossings() == before


@settings(max_examples=100)
@given(LEVELS, st.integers(1, 5))
def test_batches_of_any_size_tell_the_same(levels: list[float], size: int) -> None:
    single, batched = Told(NYANDO), Told(NYANDO)
    rows: list[tuple[float, float | None]] = [(7.0 * i, level) for i, level in enumerate(levels)]
    for row in rows:
        single.hear([row])
    for i in range(0, len(rows), size):
        batched.hear(rows[i : i + size])
    assert batched.crossings() == single.crossings()
    assert batched.state.head == single.state.head


@given(st.integers(1, 120), st.sampled_from([1.0, 2.5]))
def test_a_state_of_single_readings_stays_small_and_equal_to_one_of_a_batch(count: int, hours: float) -> None:
    rows: list[tuple[float, float | None]] = [(60.0 * hours * i, 2 + 1.5 * math.sin(i / 5)) for i in range(count)]
    station = msgspec.structs.replace(NYANDO, lateness_s=1e9)
    single, batched = Told(station), Told(station)
    for row in rows:
        single.hear([row])
    batched.hear(rows)
    assert single.crossings() == batched.crossings()
    assert single.state.head == batched.state.head
    assert len(single.state.times) <= 40


@st.composite
def series_with_late_readings(draw: st.DrawFn) -> tuple[list[float], list[list[int]], list[tuple[int, float]]]:
    """Draw levels a minute apart, their batches with stragglers, and readings of long ago to come in between."""
    levels = draw(st.lists(st.sampled_from([1.0, 2.6, 2.8, 3.0, 3.6, 3.9, 4.2]), min_size=30, max_size=80))
    delays = [draw(st.sampled_from([0, 0, 0, 3, 9])) for _ in levels]
    order = sorted(range(len(levels)), key=lambda i: (i + delays[i], i))
    cuts = sorted(draw(st.sets(st.integers(1, len(levels)), min_size=10, max_size=len(levels))) | {len(levels)})
    late = draw(st.lists(st.tuples(st.integers(0, len(cuts) - 1), st.floats(11, 60)), max_size=12))
    return levels, [order[a:b] for a, b in pairwise([0, *cuts]) if a < b], late


@settings(max_examples=200)
@given(series_with_late_readings())
def test_late_readings_in_between_change_no_crossing(
    case: tuple[list[float], list[list[int]], list[tuple[int, float]]],
) -> None:
    levels, batches, late = case
    marks = tuple(msgspec.structs.replace(mark, on_delay=Dwell(readings=2)) for mark in NYANDO.marks)
    # Late by overtaking alone: a batch of an hour is on time here.
    station = msgspec.structs.replace(NYANDO, marks=marks, lateness_s=1e9)
    ordered, disturbed = Told(station), Told(station)
    for i, level in enumerate(levels):
        ordered.hear([(i, level)])
    for number, indices in enumerate(batches):
        disturbed.hear([(i, levels[i]) for i in indices])
        newest = max(i for batch_ in batches[: number + 1] for i in batch_)
        for when, age in late:
            if when == number:
                told = disturbed.hear([(newest - age + 0.001, 8.0)], arrived=newest)
                assert (told.crossings, told.moved, told.withdrawn) == ((), (), ())
    assert disturbed.crossings() == ordered.crossings()
    assert {name: kept[0] for name, kept in disturbed.state.head.marks.items()} == {
        name: kept[0] for name, kept in ordered.state.head.marks.items()
    }
