import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places import (
    Rejected,
    area_path,
    check_area,
    check_position,
    contains,
    distance_m,
    in_kenya_box,
    metres_per_degree,
    parents,
)


def test_area_paths_are_padded_and_nested() -> None:
    assert area_path(42) == "KE.042"
    assert area_path("42", "238") == "KE.042.238"
    assert area_path("042", 238, "1189") == "KE.042.238.1189"
    assert area_path("0042") == "KE.042"


@pytest.mark.parametrize("codes", [("x",), ("",), (1000,), (-1,), (True,), (42, None, 7), (42, 238, "12345"), ("٤٢",)])
def test_codes_that_make_no_path_are_refused(codes: tuple[object, ...]) -> None:
    with pytest.raises(Rejected) as refusal:
        area_path(*codes)  # type: ignore[arg-type]
    assert refusal.value.code == "area-malformed"


def test_containment_goes_by_whole_segments() -> None:
    assert contains("KE", "KE.042.238.1189")
    assert contains("KE.042", "KE.042")
    assert not contains("KE.04", "KE.042")
    assert not contains("KE.042.238", "KE.042")
    assert parents("KE.042.238.1189") == ("KE.042.238", "KE.042", "KE")
    assert parents("KE") == ()


@pytest.mark.parametrize(
    "text", ["", "ke.042", "KE.42", "KE.042.", "KE.042.238.1189.1", "KE.042\n", 42, None, "KE.٠٤٢"]
)
def test_what_is_no_area_path_is_refused(text: object) -> None:
    with pytest.raises(Rejected) as refusal:
        check_area(text)
    assert refusal.value.code == "area-malformed"


@pytest.mark.parametrize("text", ["KE", "KE.042", "KE.042.238", "KE.042.238.1189"])
def test_area_paths_pass(text: str) -> None:
    assert check_area(text) == text


@pytest.mark.parametrize(
    ("lon", "lat", "code", "says"),
    [
        ("34.7", -0.1, "position-not-a-number", "lon"),
        (34.7, None, "position-not-a-number", "lat"),
        (True, 0.5, "position-not-a-number", "lon"),
        (34.7, math.nan, "position-not-a-number", "lat"),
        (math.inf, 0.0, "position-not-a-number", "lon"),
        (10**400, 0.0, "position-not-a-number", "lon"),
        ([34.7], 0.0, "position-not-a-number", "lon"),
        (np.array([34.7, 1.0]), 0.0, "position-not-a-number", "lon"),
        (181, 0.0, "position-out-of-range", "lon"),
        (34.7, 91, "position-out-of-range", "lat"),
        (0, 0.0, "position-null-island", "0"),
        (-1.3, 36.8, "position-swapped", "lon 36.8, lat -1.3"),
    ],
)
def test_impossible_positions_are_refused_with_the_field(lon: object, lat: object, code: str, says: str) -> None:
    with pytest.raises(Rejected) as refusal:
        check_position(lon, lat)
    assert refusal.value.code == code
    assert says in refusal.value.detail


def test_positions_outside_kenya_pass_and_are_told_apart() -> None:
    point = check_position(32.58, 0.35)
    assert (point.lon, point.lat) == (32.58, 0.35)
    assert not in_kenya_box(point.lon, point.lat)
    assert in_kenya_box(34.7617, -0.0917)
    assert check_position(np.float64(36.8), 1).lat == 1.0


def test_a_refusal_survives_being_sent_to_another_process() -> None:
    copy = pickle.loads(pickle.dumps(Rejected("position-swapped", "why")))  # noqa: S301 - our own bytes
    assert (copy.code, copy.detail) == ("position-swapped", "why")


def test_distances_agree_with_known_lengths() -> None:
    assert distance_m(0, 0, 0, 1) == pytest.approx(111_195, abs=1)
    assert distance_m(34.7617, -0.0917, 36.8219, -1.2921) == pytest.approx(265_000, rel=0.01)  # Kisumu to Nairobi
    assert distance_m(0, 0, 180, 0) == pytest.approx(math.pi * 6_371_008.8)
    kx, ky = metres_per_degree(0.0)
    assert kx == pytest.approx(111_319.49, abs=0.01)
    assert ky == pytest.approx(110_574.28, abs=0.01)


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
def test_distance_is_symmetric_and_never_more_than_half_the_earth(a: float, b: float, c: float, d: float) -> None:
    there = distance_m(a, b, c, d)
    assert there == pytest.approx(distance_m(c, d, a, b), rel=1e-9, abs=1e-6)
    assert 0.0 <= there <= math.pi * 6_371_008.8 + 1e-6
