import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from geo.nearby import Nearby, nearest
from geo.places import Rejected, distance_m

LON = st.one_of(st.floats(34.6, 34.9), st.floats(33.9, 41.9), st.floats(-180, 180))
LAT = st.one_of(st.floats(-0.2, 0.1), st.floats(-4.7, 5.4), st.floats(-90, 90))


def known(lon: float, lat: float) -> bool:
    """Tell whether a position is one that `check_position` lets pass."""
    swapped = 33.8 <= lat <= 42.0 and -4.9 <= lon <= 5.6
    return not swapped and not (abs(lon) < 1e-5 and abs(lat) < 1e-5)


POINTS = st.dictionaries(st.text("abc", max_size=3), st.tuples(LON, LAT).filter(lambda p: known(*p)), max_size=40)


def test_the_nearest_come_first_and_ties_go_by_id() -> None:
    points = [("c", 34.7, 0.01), ("b", 34.7, -0.01), ("a", 34.8, 0.0), ("d", 34.7, 0.001)]
    assert [n.id for n in nearest(points, 34.7, 0.0, 3)] == ["d", "b", "c"]
    assert [n.id for n in Nearby(points).nearest(34.7, 0.0, 3)] == ["d", "b", "c"]
    assert nearest(points, 34.7, 0.0, 1)[0].metres == pytest.approx(distance_m(34.7, 0.0, 34.7, 0.001))


@settings(max_examples=300, deadline=None)
@given(POINTS, LON, LAT, st.integers(0, 8), st.sampled_from([0.0, 500.0, 50_000.0, 1e6, float("inf")]))
def test_the_index_finds_what_looking_at_all_finds(
    points: dict[str, tuple[float, float]], lon: float, lat: float, k: int, within_m: float
) -> None:
    every = [(name, x, y) for name, (x, y) in points.items()]
    expected = tuple(n for n in nearest(every, lon, lat, len(every)) if n.metres <= within_m)[:k]
    assert Nearby(every).nearest(lon, lat, k, within_m) == expected


@settings(max_examples=200, deadline=None)
@given(POINTS, LON, LAT, st.integers(1, 5), st.sampled_from([50_000.0, float("inf")]))
def test_only_those_that_count_are_found(
    points: dict[str, tuple[float, float]], lon: float, lat: float, k: int, within_m: float
) -> None:
    every = [(name, x, y) for name, (x, y) in points.items()]
    ambulances = [point for point in every if "a" in point[0]]
    expected = tuple(n for n in nearest(ambulances, lon, lat, k) if n.metres <= within_m)
    assert Nearby(every).nearest(lon, lat, k, within_m, only=lambda name: "a" in name) == expected


def test_many_move_at_once() -> None:
    index = Nearby([("a", 34.7, 0.0)])
    assert index.move_many([("a", 34.8, 0.0), ("b", 34.7, 0.0)]) == 2
    assert [n.id for n in index.nearest(34.7, 0.0, 2)] == ["b", "a"]
    with pytest.raises(Rejected):
        index.move_many([("c", 34.9, 0.0), ("d", 0.0, 0.0), ("e", 34.9, 0.0)])
    assert ("c" in index, "d" in index, "e" in index) == (True, False, False)


@pytest.mark.parametrize(("lon", "lat"), [(34.75, -0.1), (36.8, 0.0), (179.995, 10.0), (20.0, 80.0), (10.0, 89.99)])
def test_among_many_points_close_together_none_nearer_is_missed(lon: float, lat: float) -> None:
    rng = np.random.default_rng(9)
    around = rng.normal((lon, lat), (0.05, 0.03), (400, 2))
    every = [(f"p{i}", (x + 180.0) % 360.0 - 180.0, min(y, 90.0)) for i, (x, y) in enumerate(around.tolist())]
    index = Nearby(every)
    for x, y in rng.normal((lon, lat), (0.05, 0.03), (60, 2)).tolist():
        at = (x + 180.0) % 360.0 - 180.0, min(y, 90.0)
        for k in (1, 3, 40):
            assert index.nearest(*at, k) == nearest(every, *at, k)


class Moves(RuleBasedStateMachine):
    """Points come, move and go; the index is always the same as one built anew."""

    def __init__(self) -> None:
        super().__init__()
        self.index, self.points = Nearby(), dict[str, tuple[float, float]]()

    @rule(name=st.sampled_from("abcd"), lon=st.floats(34.6, 34.9), lat=st.floats(-0.2, -0.1))
    def move(self, name: str, lon: float, lat: float) -> None:
        self.index.move(name, lon, lat)
        self.points[name] = (lon, lat)

    @rule(name=st.sampled_from("abcd"))
    def drop(self, name: str) -> None:
        assert self.index.drop(name) is (self.points.pop(name, None) is not None)

    @invariant()
    def same_as_anew(self) -> None:
        assert len(self.index) == len(self.points)
        anew = [(name, x, y) for name, (x, y) in self.points.items()]
        assert self.index.nearest(34.7, -0.15, 10) == nearest(anew, 34.7, -0.15, 10)
        for name in "abcd":
            at = self.index.position(name)
            assert (name in self.index) is (at is not None)
            assert (None if at is None else (at.lon, at.lat)) == self.points.get(name)


TestMoves = Moves.TestCase
TestMoves.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_impossible_positions_do_not_enter() -> None:
    index = Nearby()
    with pytest.raises(Rejected) as refusal:
        index.move("a", -1.3, 36.8)
    assert refusal.value.code == "position-swapped"
    assert len(index) == 0
