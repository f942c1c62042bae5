import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.clusters import SAME_FROM, around, cell, same_incident
from geo.places import distance_m, metres_per_degree

HERE = (34.75, -0.1)
KX, KY = metres_per_degree(-0.1)
FLOOD = {"join_m": 1500.0, "join_s": 10_800.0}


def east(metres: float) -> tuple[float, float]:
    return HERE[0] + metres / KX, HERE[1]


def test_the_same_event_is_the_same_incident_and_says_why() -> None:
    likeness = same_incident(HERE, east(300.0), seconds=1200.0, same_ward=True, **FLOOD)
    assert likeness.same
    assert likeness.metres == pytest.approx(300.0, rel=0.005)
    assert likeness.total == pytest.approx(likeness.distance + likeness.time + likeness.ward, abs=1e-4)


@pytest.mark.parametrize(
    ("metres", "seconds", "same_ward"),
    [(1600.0, 0.0, True), (0.0, 10_801.0, True), (1400.0, 10_000.0, False)],
)
def test_what_is_too_far_or_too_late_is_another(metres: float, seconds: float, same_ward: bool) -> None:
    assert not same_incident(HERE, east(metres), seconds=seconds, same_ward=same_ward, **FLOOD).same


def test_a_position_made_of_words_may_be_as_wrong_as_its_spread() -> None:
    far = east(2800.0)
    assert not same_incident(HERE, far, seconds=60.0, same_ward=True, **FLOOD).same
    assert same_incident(HERE, far, seconds=60.0, same_ward=True, spread_m=1500.0, **FLOOD).same


@given(st.floats(-5000, 5000), st.floats(-20_000, 20_000), st.booleans(), st.floats(0, 4000))
def test_likeness_is_symmetric_and_bounded(metres: float, seconds: float, same_ward: bool, spread: float) -> None:
    there = same_incident(HERE, east(metres), seconds=seconds, same_ward=same_ward, spread_m=spread, **FLOOD)
    back = same_incident(east(metres), HERE, seconds=-seconds, same_ward=same_ward, spread_m=spread, **FLOOD)
    assert there == back
    assert 0.0 <= there.total <= 1.0
    assert not there.same or there.total >= SAME_FROM


@given(
    st.floats(33.8, 42.0),
    st.floats(-4.9, 5.6),
    st.floats(0, 2 * math.pi),
    st.floats(0, 1),
    st.sampled_from([50.0, 400.0, 3000.0]),
)
def test_whatever_is_within_the_size_is_in_the_cells_around(
    lon: float, lat: float, angle: float, share: float, size: float
) -> None:
    kx, ky = metres_per_degree(lat)
    reach = 0.99 * size
    x, y = lon + share * reach * math.cos(angle) / kx, lat + share * reach * math.sin(angle) / ky
    cells = around(lon, lat, size)
    assert len(set(cells)) == 9
    assert cells[0] == cell(lon, lat, size)
    assert cell(x, y, size) in cells
    assert distance_m(lon, lat, x, y) <= size
