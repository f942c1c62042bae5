"""Enter, dwell and exit alternate and close; jitter, inexact and late fixes move nobody; the index misses nothing."""

import itertools
import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.fence_index import Fences, cells_of
from geo.fences import Change, Circle, Fence, Fix, Outline, Presence, end, judge
from geo.places import Rejected, distance_m, metres_per_degree

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
LON, LAT = 34.75, -0.1
EAST_M = metres_per_degree(LAT)[0]


def fix(metres_east: float, second: float, accuracy_m: float = 0.0) -> Fix:
    """Make a fix so many metres east of the middle."""
    at = NOON + timedelta(seconds=second)
    return Fix(lon=LON + metres_east / EAST_M, lat=LAT, at=at, accuracy_m=accuracy_m)


def circle(
    id_: str = "f", radius_m: float = 500.0, *, enter_m: float = 0.0, exit_m: float = 50.0, dwell_s: float = math.inf
) -> Fence:
    shape = Circle(lon=LON, lat=LAT, radius_m=radius_m)
    return Fence(id=id_, shape=shape, enter_m=enter_m, exit_m=exit_m, dwell_s=dwell_s)


def said(fence: Fence, *fixes: Fix) -> list[tuple[str, float]]:
    """Judge fixes in their order; give what was said and when."""
    presence: Presence | None = None
    heard: list[tuple[str, float]] = []
    for each in fixes:
        presence, changes = judge(fence, presence, "r1", each)
        heard += [(change.kind, (change.at - NOON).total_seconds()) for change in changes]
    return heard


def test_one_comes_in_stays_and_leaves() -> None:
    fence = circle(exit_m=100.0, dwell_s=600.0)
    fixes = [fix(2000, 0), fix(400, 60), fix(300, 600), fix(0, 660), fix(100, 900), fix(550, 1000), fix(700, 1200)]
    assert said(fence, *fixes) == [("enter", 60), ("dwell", 660), ("exit", 1200)]


def test_the_edge_at_which_one_enters_is_not_the_one_at_which_one_leaves() -> None:
    fence = circle(enter_m=50.0, exit_m=100.0)
    assert said(fence, fix(460, 0), fix(440, 1), fix(460, 2), fix(590, 3), fix(605, 4), fix(460, 5)) == [
        ("enter", 1),
        ("exit", 4),
    ]


def test_a_fix_whose_error_circle_lies_across_the_edge_changes_nothing() -> None:
    fence = circle(exit_m=100.0)
    assert said(fence, fix(480, 0, 30.0)) == []
    assert said(fence, fix(460, 0, 30.0), fix(625, 1, 30.0), fix(640, 2, 30.0)) == [("enter", 0), ("exit", 2)]
    # Neither does one from a cell tower far away, whose circle holds the whole fence.
    assert said(fence, fix(0, 0), fix(3000, 1, 5000.0)) == [("enter", 0)]


def test_to_dwell_one_must_be_there_for_certain_when_the_time_is_over() -> None:
    fence = circle(exit_m=100.0, dwell_s=60.0)
    assert said(fence, fix(0, 0), fix(550, 70), fix(490, 80, 30.0), fix(0, 90), fix(0, 200)) == [
        ("enter", 0),
        ("dwell", 90),
    ]
    assert said(circle(dwell_s=0.0), fix(0, 0), fix(0, 1)) == [("enter", 0), ("dwell", 0)]


def test_a_late_fix_changes_nothing_and_the_first_of_one_time_counts() -> None:
    fence = circle(exit_m=100.0)
    assert said(fence, fix(5000, 100), fix(0, 50), fix(0, 100), fix(0, 101)) == [("enter", 101)]
    assert said(fence, fix(0, 100), fix(5000, 50), fix(5000, 100)) == [("enter", 100)]
    # A buffer that a phone sends when it is back, oldest first, is judged at the times of its fixes.
    assert said(fence, fix(0, 10), fix(0, 20), fix(900, 30), fix(0, 40)) == [("enter", 10), ("exit", 30), ("enter", 40)]


def test_the_end_closes_every_open_entry_once_and_never_before_it_began() -> None:
    fence = circle()
    early, _ = judge(fence, None, "b", fix(0, 10))
    late, _ = judge(fence, None, "a", fix(0, 90))
    outside, _ = judge(fence, None, "c", fix(5000, 0))
    closes = end([early, late, outside], NOON + timedelta(seconds=60))
    assert [(each.who, (each.at - NOON).total_seconds(), each.reason) for each in closes] == [
        ("a", 90, "ended"),
        ("b", 60, "ended"),
    ]


def test_an_outline_has_holes_and_parts_and_its_distance_is_in_metres() -> None:
    hole = shapely.box(34.74, -0.16, 34.76, -0.14).exterior.coords
    square = shapely.Polygon(shapely.box(34.7, -0.2, 34.8, -0.1).exterior.coords, [hole])
    outline = Outline(shapely.MultiPolygon([square, shapely.box(34.9, -0.2, 34.95, -0.1)]))
    metres = distance_m(34.8, -0.15, 34.83, -0.15)
    assert outline.beyond_m(34.83, -0.15) == pytest.approx(metres, rel=0.006)
    assert outline.beyond_m(34.75, -0.15) == pytest.approx(distance_m(34.75, -0.15, 34.76, -0.15), rel=0.006)
    assert outline.beyond_m(34.72, -0.15) == pytest.approx(-distance_m(34.7, -0.15, 34.72, -0.15), rel=0.006)
    assert outline.beyond_m(34.92, -0.15) < 0
    assert outline.beyond_m(34.7, -0.15) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("shape", [shapely.Polygon(), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
def test_an_outline_that_is_none_is_refused(shape: shapely.Polygon) -> None:
    with pytest.raises(Rejected, match="geometry-invalid"):
        Outline(shape)


@pytest.mark.parametrize(("enter_m", "exit_m", "dwell_s"), [(-1, 0, 0), (0, -1, 0), (0, 0, -1), (0, math.nan, 0)])
def test_edges_that_overlap_are_refused(enter_m: float, exit_m: float, dwell_s: float) -> None:
    with pytest.raises(Rejected, match="fence-invalid"):
        circle(enter_m=enter_m, exit_m=exit_m, dwell_s=dwell_s)


# --- laws -------------------------------------------------------------------------------------------------------------

FIXES = st.lists(
    st.tuples(st.sampled_from("ab"), st.floats(-1500, 1500), st.integers(0, 40), st.sampled_from([0.0, 20.0, 300.0])),
    max_size=40,
)
FENCES = st.lists(
    st.tuples(st.floats(-800, 800), st.floats(50, 900), st.sampled_from([0.0, 60.0]), st.sampled_from([0.0, 80.0])),
    min_size=1,
    max_size=6,
)


def drawn(fences: list[tuple[float, float, float, float]]) -> list[Fence]:
    return [
        Fence(
            id=f"f{n}",
            shape=Circle(lon=LON + middle / EAST_M, lat=LAT, radius_m=radius),
            enter_m=enter,
            exit_m=leave,
            dwell_s=5.0,
        )
        for n, (middle, radius, enter, leave) in enumerate(fences)
    ]


def played(index: Fences, fixes: list[tuple[str, float, int, float]]) -> list[Change]:
    return [change for who, east, at, accuracy in fixes for change in index.fix(who, fix(east, at, accuracy))]


@settings(max_examples=300, deadline=None)
@given(FENCES, FIXES)
def test_entries_and_exits_alternate_with_a_dwell_between_and_every_entry_is_closed_once(
    fences: list[tuple[float, float, float, float]], fixes: list[tuple[str, float, int, float]]
) -> None:
    index = Fences(drawn(fences))
    changes = played(index, fixes)
    ended = NOON + timedelta(seconds=20)
    for each in drawn(fences):
        changes += index.drop(each.id, ended)
        assert (index.drop(each.id, ended), index.inside(each.id)) == ((), ())
    visits: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        visits[change.fence, change.who].append(change)
    for story in visits.values():
        assert [each.kind for each in story if each.kind != "dwell"] == ["enter", "exit"] * (
            sum(each.kind != "dwell" for each in story) // 2
        )
        for before, after in itertools.pairwise(story):
            assert after.kind != "dwell" or before.kind == "enter"
            assert before.at <= after.at
        assert story[-1].kind == "exit"
        assert all(each.since <= each.at for each in story)


@settings(max_examples=300, deadline=None)
@given(FENCES, FIXES)
def test_the_same_fixes_make_the_same_changes_and_repeats_make_none(
    fences: list[tuple[float, float, float, float]], fixes: list[tuple[str, float, int, float]]
) -> None:
    once = played(Fences(drawn(fences)), fixes)
    assert played(Fences(reversed(drawn(fences))), fixes) == once
    assert played(Fences(drawn(fences)), [each for each in fixes for _ in range(2)]) == once
    # What comes late out of a buffer changes nothing of what was said.
    newest: dict[str, int] = {}
    in_time = []
    for each in fixes:
        if each[2] > newest.get(each[0], -1):
            newest[each[0]] = each[2]
            in_time.append(each)
    assert played(Fences(drawn(fences)), in_time) == once


@settings(max_examples=300, deadline=None)
@given(FENCES, FIXES)
def test_the_index_says_what_judging_every_fence_says(
    fences: list[tuple[float, float, float, float]], fixes: list[tuple[str, float, int, float]]
) -> None:
    every, index = drawn(fences), Fences(drawn(fences))
    known: dict[tuple[str, str], Presence] = {}
    for who, east, at, accuracy in fixes:
        expected: list[Change] = []
        for fence in every:
            before = known.get((fence.id, who))
            known[fence.id, who], changes = judge(fence, before, who, fix(east, at, accuracy))
            expected += changes
        expected.sort(key=lambda change: (change.kind != "exit", change.fence))
        assert list(index.fix(who, fix(east, at, accuracy))) == expected
    for fence in every:
        inside = [each for (id_, _), each in known.items() if id_ == fence.id and each.inside]
        assert {each.who: each.since for each in index.inside(fence.id)} == {each.who: each.since for each in inside}


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.floats(441.0, 609.0), st.sampled_from([0.0, 5.0, 60.0])), max_size=30),
    st.sampled_from([0.0, 2000.0]),
)
def test_jitter_within_the_band_makes_at_most_one_change(jitter: list[tuple[float, float]], begin: float) -> None:
    fence = circle(enter_m=60.0, exit_m=110.0)
    fixes = [fix(begin, 0)] + [fix(east, 1 + n, accuracy) for n, (east, accuracy) in enumerate(jitter)]
    assert said(fence, *fixes) == ([("enter", 0)] if begin == 0.0 else [])


@settings(max_examples=300, deadline=None)
@given(
    st.floats(33.9, 41.9), st.floats(-4.7, 5.4), st.floats(1.0, 50_000.0), st.floats(0, 2000), st.floats(-1, 1),
    st.floats(-1, 1),
)  # fmt: skip
def test_no_fix_outside_the_box_can_be_anything_but_outside(
    lon: float, lat: float, radius: float, leave: float, x: float, y: float
) -> None:
    fence = Fence(id="f", shape=Circle(lon=lon, lat=lat, radius_m=radius), exit_m=leave)
    west, south, east, north = fence.box()
    assert len(cells_of(fence.box())) <= 4
    for at in ((west, lat), (east, lat), (lon, south), (lon, north)):
        assert fence.shape.beyond_m(*at) >= leave
    around = Fix(lon=lon + x * (east - lon) * 1.5, lat=lat + y * (north - lat) * 1.5, at=NOON)
    within = west <= around.lon <= east and south <= around.lat <= north
    assert within or fence.side(around) == "outside"


def test_who_is_watched_no_more_is_closed_everywhere_and_may_begin_anew() -> None:
    index = Fences([circle("near"), circle("wide", 5000.0), circle("far", 10.0)])
    index.fix("r1", fix(300, 10))
    closes = index.leave("r1", NOON + timedelta(seconds=20), "off-shift")
    assert [(each.kind, each.fence, each.reason) for each in closes] == [
        ("exit", "near", "off-shift"),
        ("exit", "wide", "off-shift"),
    ]
    assert index.leave("r1", NOON) == ()
    assert [each.kind for each in index.fix("r1", fix(300, 5))] == ["enter", "enter"]


def test_a_fence_drawn_anew_is_looked_for_where_it_now_is() -> None:
    index = Fences([circle("f")])
    index.fix("r1", fix(0, 0))
    moved = msgspec.structs.replace(circle("f"), shape=Circle(lon=LON + 1.0, lat=LAT, radius_m=500.0))
    index.put(moved)
    assert len(index) == 1
    assert [each.who for each in index.inside("f")] == ["r1"]
    assert [each.kind for each in index.fix("r1", fix(0, 1))] == ["exit"]
    assert [each.kind for each in index.fix("r1", fix(EAST_M, 2))] == ["enter"]
