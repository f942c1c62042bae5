"""One answer for positions and words: what is asserted, what is only offered, what is refused, and the reason."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.answers import Answer, at_point, at_points, far, of_text
from geo.boundaries import Boundaries, version_of
from geo.counties import COUNTIES
from geo.gazetteer import Gazetteer, Place
from geo.labels import settle
from geo.near import read_near
from geo.places import metres_per_degree
from geo.wards import Wards

REAL = Path(__file__).parents[3] / "shared" / "data" / "kenya_wards.fgb"
West, East = shapely.box(34.0, 0.0, 34.5, 0.5), shapely.box(34.5, 0.0, 35.0, 0.5)
KX, KY = metres_per_degree(0.25)


@pytest.fixture(scope="module")
def part(wards_of: Callable[..., Wards]) -> Wards:
    """Two wards of one county: a part of the country; the border is the meridian 34.5."""
    return wards_of([West, East])


@pytest.fixture(scope="module")
def country() -> Wards:
    """A ward in each of the 47 counties, in a row of boxes inland; the first one's west edge is the lake's shore."""
    shapes = np.array([shapely.box(34.5 + n * 0.05, -0.8, 34.55 + n * 0.05, -0.3) for n in range(47)], dtype=object)
    columns, _ = settle(
        {
            "ward": [f"Ward {code}" for code in COUNTIES],
            "county_code": list(COUNTIES),
            "county": list(COUNTIES.values()),
            "constituency_code": list(COUNTIES),
            "ward_code": list(COUNTIES),
        }
    )
    return Wards(Boundaries(geometries=shapes, columns=columns, version=version_of(shapes, columns)))


def names(answer: Answer) -> list[str]:
    return [each.ward.name for each in answer.candidates]


def test_a_position_well_inside_is_asserted(part: Wards) -> None:
    answer = at_point(part, 34.2, 0.25)
    assert (answer.code, answer.ward, names(answer)) == ("inside", part.ward(0), ["Ward 0"])
    assert answer.confidence == answer.candidates[0].confidence > 0.99
    assert answer.version == part.version
    assert not answer.refused


def test_near_a_border_the_neighbour_is_offered_with_its_metres(part: Wards) -> None:
    answer = at_point(part, 34.5 - 12.0 / KX, 0.25)
    assert (answer.code, names(answer)) == ("near-edge", ["Ward 0", "Ward 1"])
    assert answer.edge_m == pytest.approx(12.0, abs=0.01)
    assert answer.candidates[1].metres == pytest.approx(12.0, abs=0.01)
    assert answer.reason == "Ward 1 is 12 m away"
    assert sum(each.confidence for each in answer.candidates) == pytest.approx(1.0)
    assert names(at_point(part, 34.5 - 600.0 / KX, 0.25)) == ["Ward 0"]
    assert names(at_point(part, 34.5 - 600.0 / KX, 0.25, radius_m=700.0)) == ["Ward 0", "Ward 1"]
    assert names(at_point(part, 34.5 - 600.0 / KX, 0.25, accuracy_m=900.0)) == ["Ward 0", "Ward 1"]


def test_the_ward_that_holds_the_position_stands_first_however_unsure(wards_of: Callable[..., Wards]) -> None:
    sliver = shapely.box(34.5, 0.0, 34.5 + 4.0 / KX, 0.5)
    wards = wards_of([West, sliver, shapely.box(34.5 + 4.0 / KX, 0.0, 35.0, 0.5)])
    answer = at_point(wards, 34.5 + 2.0 / KX, 0.25)
    assert names(answer)[0] == "Ward 1"
    assert answer.candidates[0].confidence < answer.candidates[1].confidence


def test_an_edge_and_an_overlap_go_to_the_lowest_row(part: Wards, wards_of: Callable[..., Wards]) -> None:
    assert at_point(part, 34.5, 0.25).ward == part.ward(0)
    overlapping = wards_of([West, shapely.box(34.4, 0.0, 35.0, 0.5)])
    answer = at_point(overlapping, 34.45, 0.25)
    assert (answer.code, names(answer)) == ("overlap", ["Ward 0", "Ward 1"])
    assert "Ward 1" in answer.reason


def test_outside_all_wards_nothing_is_asserted_and_the_nearest_is_named(country: Wards) -> None:
    answer = at_point(country, 34.5 - 2000.0 / KX, -0.5)
    assert (answer.code, answer.ward) == ("nearest", None)
    assert answer.nearest is not None
    assert answer.nearest == answer.candidates[0]
    assert answer.nearest.metres == answer.edge_m == pytest.approx(2000.0, rel=1e-3)
    assert answer.reason == "outside all wards; the nearest ward is Ward 001, Mombasa, 2.0 km away"
    assert answer.confidence == 0.0
    close = at_point(country, 34.5 - 10.0 / KX, -0.5)
    assert (close.code, close.ward) == ("nearest", None)
    assert 0.3 < close.confidence < 0.5


@pytest.mark.parametrize(
    ("where", "lon", "lat"),
    [("on our lake", 34.0, -0.5), ("at Migingo", 33.938, -0.8819), ("on our sea", 40.25, -3.25)],
)
def test_our_waters_are_not_abroad(country: Wards, where: str, lon: float, lat: float) -> None:
    answer = at_point(country, lon, lat)
    assert (answer.code, answer.ward) == ("nearest", None), where
    assert answer.nearest is not None
    assert "; on " in answer.reason


@pytest.mark.parametrize(
    ("where", "lon", "lat"),
    [
        ("Tororo", 34.18, 0.69),
        ("Uganda's lake", 33.85, -0.5),
        ("Moshi", 37.34, -3.35),
        ("Tanzania's lake", 34.0, -1.2),
        ("the ocean", 41.5, -4.0),
        ("Kampala", 32.58, 0.32),
        ("the pole", 36.0, 90.0),
    ],
)
def test_abroad_is_refused_with_how_far(country: Wards, part: Wards, where: str, lon: float, lat: float) -> None:
    answer = at_point(country, lon, lat)
    assert (answer.code, answer.ward, answer.candidates) == ("position-outside", None, ()), where
    assert answer.refused
    assert " km away" in answer.reason
    assert answer.edge_m is not None
    assert answer.edge_m > 5000.0
    # A part of the country does not know what lies beyond it; but what lies far away is abroad for it, too.
    known = at_point(part, lon, lat)
    assert known.code == ("position-outside" if where in ("Kampala", "the pole") else "outside-boundaries")


def test_exchanged_numbers_are_recognised_and_the_other_order_offered(part: Wards) -> None:
    answer = at_point(part, 0.25, 34.2)
    assert (answer.code, answer.ward, names(answer)) == ("position-swapped", None, ["Ward 0"])
    assert answer.refused
    assert "did you mean lon 34.2, lat 0.25? That is in Ward 0, Kisumu" in answer.reason


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (math.nan, 0.2, "position-not-a-number"),
        (34.2, math.inf, "position-not-a-number"),
        ("34.2", 0.2, "position-not-a-number"),
        (None, 0.2, "position-not-a-number"),
        (34.2, 91.0, "position-out-of-range"),
        (0.0, 0.0, "position-null-island"),
    ],
)
def test_what_is_no_position_is_refused_not_raised(part: Wards, lon: object, lat: object, code: str) -> None:
    answer = at_point(part, lon, lat)
    assert (answer.code, answer.ward, answer.candidates, answer.confidence) == (code, None, (), 0.0)
    assert answer.refused
    assert answer.reason


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(33.9, 35.1), st.floats(), st.floats(-1.0, 1.0)),
            st.one_of(st.floats(-0.1, 0.6), st.floats(), st.floats(34.0, 35.0)),
            st.one_of(st.none(), st.floats(0.0, 3000.0)),
        ),
        max_size=12,
    )
)
def test_many_get_what_each_gets_alone(part: Wards, points: list[tuple[float, float, float | None]]) -> None:
    lons, lats, accuracies = ([point[i] for point in points] for i in range(3))
    many = at_points(part, lons, lats, accuracy_m=accuracies)  # type: ignore[arg-type]  # columns of a table of three
    alone = [at_point(part, x, y, accuracy_m=a) for x, y, a in points]
    assert [(each.code, each.ward, each.reason) for each in many] == [
        (each.code, each.ward, each.reason) for each in alone
    ]
    for one, other in zip(many, alone, strict=True):
        assert names(one) == names(other)
        assert [c.confidence for c in one.candidates] == pytest.approx([c.confidence for c in other.candidates])


def test_each_of_many_keeps_its_own_accuracy_also_behind_one_that_is_refused(part: Wards) -> None:
    near = 34.5 - 100.0 / KX
    lons, lats, accuracies = [near, math.nan, near, near], [0.25] * 4, [5.0, 1.0, 900.0, None]
    many = at_points(part, lons, lats, accuracy_m=accuracies)
    alone = [at_point(part, x, y, accuracy_m=a) for x, y, a in zip(lons, lats, accuracies, strict=True)]
    assert [each.confidence for each in many] == [each.confidence for each in alone]
    assert many[0].confidence > many[3].confidence > many[2].confidence > many[1].confidence


@pytest.fixture(scope="module")
def gazetteer(part: Wards) -> Gazetteer:
    return Gazetteer(part, [Place(name="Kibuye", lon=34.5 - 100.0 / KX, lat=0.25, kind="market")])


def test_words_that_name_a_place_are_asserted_with_its_edge(part: Wards, gazetteer: Gazetteer) -> None:
    answer = of_text(part, gazetteer, "moto karibu na kibuye")
    assert (answer.code, answer.ward) == ("named", part.ward(0))
    assert answer.edge_m == pytest.approx(100.0, abs=0.01)
    assert answer.candidates[0].ward == answer.ward
    assert answer.candidates[0].confidence == answer.confidence > 0.5
    assert "kibuye" in answer.reason


@pytest.mark.parametrize(
    ("text", "code"), [("tusaidieni", "place-unknown"), ("", "text-empty"), (" \n\t", "text-empty")]
)
def test_words_that_name_nothing_assert_nothing(part: Wards, gazetteer: Gazetteer, text: str, code: str) -> None:
    answer = of_text(part, gazetteer, text)
    assert (answer.code, answer.ward, answer.candidates, answer.edge_m) == (code, None, (), None)
    assert bool(answer.question) == (code == "place-unknown")


def test_a_link_is_no_name_and_a_short_one_is_said_to_stay_shut(part: Wards, gazetteer: Gazetteer) -> None:
    answer = of_text(part, gazetteer, "msaada goo.gl/maps/kibuye")
    assert (answer.code, answer.ward, answer.candidates) == ("place-unknown", None, ())
    assert answer.reason.endswith("; a short map link cannot be opened here")
    assert answer.question.startswith("The map link cannot be opened here. Where is it?")
    assert answer.question_sw.startswith("Kiungo cha ramani hakifunguki hapa. Ni wapi?")
    assert of_text(part, gazetteer, "https://example.org/kibuye").question.startswith("Where is it?")
    named = of_text(part, gazetteer, "moto karibu na kibuye https://maps.app.goo.gl/abc")
    assert (named.code, named.ward) == ("named", part.ward(0))
    assert "link" not in named.reason


def test_a_position_in_words_that_no_ward_holds_is_answered_as_the_position(country: Wards) -> None:
    gazetteer = Gazetteer(country)
    lake = of_text(country, gazetteer, "tunazama -0.501, 34.451")
    assert (lake.code, lake.ward, names(lake)) == ("nearest", None, ["Ward 001"])
    assert lake.nearest is not None
    assert lake.nearest.metres == lake.edge_m == pytest.approx(0.049 * KX, rel=1e-3)
    assert lake.reason.startswith("“-0.501, 34.451”: outside all wards; on Lake Victoria; the nearest ward is Ward 001")
    assert lake.question
    abroad = of_text(country, gazetteer, "-2.501, 34.901")
    assert (abroad.code, abroad.ward, abroad.candidates) == ("position-outside", None, ())
    assert "outside Kenya" in abroad.reason


def test_where_words_are_about_is_read_as_people_write_it() -> None:
    for text, meant in {
        "34.76, -0.09": (34.76, -0.09),
        "-0.09,34.76": (34.76, -0.09),
        "KE.042": "KE.042",
        " kisumu ": "KE.042",
        "": None,
        "nan,1": None,
        "a,b": None,
        "somewhere": None,
    }.items():
        assert read_near(text) == meant, text


def test_distances_are_written_for_people() -> None:
    assert [far(m) for m in (0.4, 12.3, 994.9, 995.0, 9949.0, 9951.0, 1_234_567.0)] == [
        "0 m", "12 m", "995 m", "1.0 km", "9.9 km", "10 km", "1,235 km"
    ]  # fmt: skip


@pytest.mark.skipif(not REAL.exists(), reason="the real boundaries are not on this machine")
def test_the_real_boundaries_know_home_lake_and_abroad() -> None:
    wards = Wards.load(REAL)
    for (lon, lat), code in {
        (36.95, -1.15): "inside",
        (34.5, -0.25): "nearest",  # the Winam gulf
        (33.935, -0.55): "nearest",  # off Remba island
        (40.22, -3.25): "nearest",  # off Malindi
        (36.1, 3.6): "inside",  # lake Turkana
        (34.18, 0.69): "position-outside",
        (37.34, -3.35): "position-outside",
        (33.85, -0.3): "position-outside",
        (41.5, -4.0): "position-outside",
        (-1.15, 36.95): "position-swapped",
    }.items():
        assert at_point(wards, lon, lat).code == code, (lon, lat)


def test_any_text_gets_an_answer(part: Wards, gazetteer: Gazetteer) -> None:
    for text in ("\x00", "🔥🔥", "\u202e\u0645\u0631\u062d", "x" * 10_240, "0" * 10_240, "\ud800", "," * 500):
        answer = of_text(part, gazetteer, text)
        assert answer.ward is None, text[:10]
        assert answer.reason
