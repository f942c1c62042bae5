"""Places by what they are for: the nearest of a kind by great circle, and what lies in an area."""

import math
from concurrent.futures import ThreadPoolExecutor

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import areas
from geo.facilities import Facilities
from geo.nearby import nearest
from geo.places import distance_m
from geo.resolution import Place

HOSPITAL = Place(name="Jaramogi Oginga Odinga", kind="S.HSP", lon=34.77, lat=-0.09)
CLINIC = Place(name="Lumumba", kind="dispensary", lon=34.76, lat=-0.11)
SCHOOL = Place(name="Kibuye Primary", kind="SCHOOL", lon=34.78, lat=-0.09)
NOWHERE = Place(name="Nowhere", kind="hospital", lon=math.nan, lat=math.nan)
SWAPPED = Place(name="Swapped", kind="hospital", lon=-0.09, lat=34.77)


def test_places_of_one_kind_are_found_under_all_its_names() -> None:
    known = Facilities([SCHOOL, HOSPITAL, CLINIC, NOWHERE, SWAPPED])
    assert known.kinds == ("hospital", "school")
    found = known.nearest("hospital", 34.76, -0.10, 5)
    assert [place for _, place in found] == [CLINIC, HOSPITAL]
    assert found[0][0].metres == distance_m(34.76, -0.10, CLINIC.lon, CLINIC.lat)
    assert known.nearest("hospital", 34.76, -0.10, 5, within_m=1200.0) == found[:1]
    assert known.nearest("school", 34.76, -0.10, 1)[0][1] is SCHOOL
    assert known.nearest("mosque", 34.76, -0.10, 5) == ()
    assert Facilities().kinds == ()


def test_threads_may_ask_first_together() -> None:
    known = Facilities([SCHOOL, HOSPITAL, CLINIC] * 500)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: known.nearest("hospital", 34.76, -0.10, 3), range(8)))
    assert all(answer == answers[0] for answer in answers)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(34, 35), st.floats(-1, 1), st.sampled_from(["S.MKT", "clinic"])), max_size=60),
    st.floats(34, 35),
    st.floats(-1, 1),
)
def test_it_is_what_looking_at_all_finds(rows: list[tuple[float, float, str]], lon: float, lat: float) -> None:
    places = [Place(name=str(n), kind=kind, lon=x, lat=y) for n, (x, y, kind) in enumerate(rows)]
    markets = [(str(n), x, y) for n, (x, y, kind) in enumerate(rows) if kind == "S.MKT"]
    found = Facilities(places).nearest("market", lon, lat, 4)
    assert tuple(near for near, _ in found) == nearest(markets, lon, lat, 4)


PLACES = (
    Place(name="Ahero Market", lon=34.05, lat=-0.95, kind="market"),
    Place(name="Kogony Primary", lon=34.06, lat=-0.96, kind="S.SCH"),
    Place(name="Awasi School", lon=34.04, lat=-0.94, kind="school"),
    Place(name="Far away", lon=36.0, lat=1.0, kind="market"),
    Place(name="On the edge", lon=34.1, lat=-0.95, kind=""),
)


def test_places_inside_are_counted_by_kind_and_the_first_are_listed() -> None:
    area = areas.polygon([list(shapely.box(34.0, -1.0, 34.1, -0.9).exterior.coords)])
    assert [place.name for place in Facilities(PLACES).within(area).places] == [
        "Ahero Market",
        "Awasi School",
        "Kogony Primary",
        "On the edge",
    ]
    found = Facilities(PLACES).within(area, most=2)
    assert found.total == 4
    assert found.kinds == {"school": 2, "market": 1, "place": 1}
    assert [place.name for place in found.places] == ["Ahero Market", "Awasi School"]


def test_the_corners_of_an_areas_box_are_not_inside() -> None:
    area = areas.circle(34.05, -0.95, 5000.0)
    west, south, _, _ = area.shape.bounds
    assert Facilities([Place(name="corner", lon=west + 1e-4, lat=south + 1e-4)]).within(area).total == 0
    assert Facilities(()).within(area).total == 0
