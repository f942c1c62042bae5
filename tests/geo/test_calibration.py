from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.calibration import OF_PLACES, OF_WARDS, confidences, sharpened


@st.composite
def shares(draw: st.DrawFn) -> list[float]:
    raw = draw(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12))
    nothing = draw(st.floats(0.0, 5.0))
    return sorted((each / (sum(raw) + nothing) for each in raw), reverse=True)


@given(shares(), st.booleans())
def test_confidences_are_chances_in_the_same_order(given_shares: Sequence[float], by_ward: bool) -> None:
    sure = confidences(given_shares, by_ward=by_ward)
    assert all(0.0 <= each < 1.0 for each in sure)
    assert sure == sorted(sure, reverse=True)
    assert sum(sure) <= 1.0 + 1e-9


@given(shares())
def test_sharpening_leaves_room_for_none_of_these(given_shares: Sequence[float]) -> None:
    assert sum(sharpened(given_shares)) <= 1.0 + 1e-9


@pytest.mark.parametrize("knots", [OF_WARDS, OF_PLACES])
def test_a_larger_share_is_never_less_sure(knots: Sequence[tuple[float, float]]) -> None:
    assert list(knots) == sorted(knots)
    assert [y for _, y in knots] == sorted(y for _, y in knots)


def test_one_alone_is_surer_than_one_of_two() -> None:
    assert confidences([0.6], by_ward=True)[0] > confidences([0.6, 0.35], by_ward=True)[0]
    assert confidences([], by_ward=True) == []
    assert confidences([1.0], by_ward=False)[0] == pytest.approx(0.998)
