from collections.abc import Callable, Sequence
from typing import Any

import pytest
import shapely

from geo.entries import ROUNDED_ERROR_M, county_code, entries_of
from geo.resolution import Place, kind_of
from geo.wards import Wards


@pytest.fixture(scope="module")
def pair(wards_of: Callable[[Sequence[Any]], Wards]) -> Wards:
    return wards_of([shapely.box(34.0, 0.0, 34.2, 0.2), shapely.box(34.2, 0.0, 34.4, 0.2)])


def place(lon: float, lat: float, kind: str = "P.PPL", **more: Any) -> Place:
    return Place(name=more.pop("name", "Ombeyi"), lon=lon, lat=lat, kind=kind, **more)


def shares(wards: Wards, *places: Place) -> list[dict[int, float]]:
    return [dict(entry.shares) if entry is not None else {} for entry in entries_of(wards, places, {"kisumu"})]


def test_a_place_well_inside_a_ward_is_all_in_it(pair: Wards) -> None:
    assert shares(pair, place(34.1123, 0.1123)) == [{0: 1.0}]


def test_a_place_by_an_edge_is_shared_by_its_error(pair: Wards) -> None:
    degree = 111_200.0
    exact, rounded = shares(pair, place(34.2 - 700.0 / degree, 0.1123), place(34.2 - 1.0 / 60.0 / 3.0, 6.0 / 60.0))
    assert exact == {0: 1.0}
    on_minute = shares(pair, place(34.2, 6.0 / 60.0))[0]
    assert set(on_minute) == {0, 1}
    assert 0.3 < on_minute[0] < 0.7
    assert ROUNDED_ERROR_M > 600.0
    assert sum(rounded.values()) == pytest.approx(1.0)


def test_a_listed_county_doubts_a_position_in_another(pair: Wards) -> None:
    right, wrong, unknown = shares(
        pair, *(place(34.1123, 0.1123, "SCHOOL", county=county) for county in ("Kisumu", "Turkana", "Nowhere"))
    )
    assert right == unknown == {0: 1.0}
    assert sum(wrong.values()) < 0.5


def test_what_is_said_of_its_ward_goes_before_the_position(pair: Wards) -> None:
    assert shares(pair, place(34.201, 0.1123, ward="0001")) == [{0: 1.0}]


def test_a_long_river_says_little_and_the_far_sea_nothing(pair: Wards) -> None:
    nzoia, out = shares(pair, place(34.1123, 0.1123, "H.STM", name="Nzoia"), place(41.9, -4.5))
    assert 0.0 < nzoia[0] < 0.5
    assert out == {}


def test_a_county_is_known_by_name_and_by_code() -> None:
    assert county_code("Kisumu") == county_code("42") == county_code("kisumu county") == "042"
    assert county_code("Murang'a") == county_code("Muranga") == "021"
    assert county_code("Elsewhere") == county_code("99") == county_code("") == ""


@pytest.mark.parametrize(
    ("kind", "plain"),
    [("SCHOOL", "school"), ("S.SCH", "school"), ("P.PPL", "town"), ("H.STM", "river"), ("T.HLL", "hill"), ("", "place"),
     ("S.MKT", "market"), ("A.ADMD", "location"), ("health", "hospital"), ("X.YZ", "place")],
)  # fmt: skip
def test_kinds_of_any_file_are_ours(kind: str, plain: str) -> None:
    assert kind_of(kind) == plain
