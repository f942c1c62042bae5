"""The wards that other people's warnings are about."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

import fixtures
from alerts.cap import WARD_SCHEME, Alert, Area, Circle, Info, Named
from alerts.cap_areas import reach
from alerts.cap_outlines import areas_of
from alerts.cap_reading import read, read_all
from alerts.cap_xml import write
from geo.places import metres_per_degree
from geo.wards import Wards

SHARED = Path(__file__).parents[3] / "shared" / "data" / "interop"
INDEX = SHARED / "cap" / "index.csv"
SENT = datetime(2026, 4, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def wards() -> Wards:
    return Wards.load(fixtures.path("demo/wards.geojson"))


def message(*areas: Area, languages: int = 1) -> Alert:
    info: dict[str, Any] = {
        "categories": ("Met",),
        "event": "Flood",
        "urgency": "Immediate",
        "severity": "Severe",
        "certainty": "Observed",
        "expires": SENT.replace(hour=20),
        "response_types": ("Prepare",),
    }
    return Alert(
        identifier="KMD-1",
        sender="kmd@example.org",
        sent=SENT,
        status="Actual",
        msg_type="Alert",
        scope="Public",
        infos=tuple(Info(areas=areas, language=("en", "sw", "luo")[n], **info) for n in range(languages)),
    )


def ring_of(shape: Any) -> tuple[tuple[float, float], ...]:
    return tuple((lon, lat) for lon, lat in shapely.get_coordinates(shape.exterior).tolist())


def square(wards: Wards, row: int, side_m: float = 200.0) -> Any:
    ward = wards.ward(row)
    kx, ky = metres_per_degree(ward.lat)
    half = side_m / 2
    return shapely.box(ward.lon - half / kx, ward.lat - half / ky, ward.lon + half / kx, ward.lat + half / ky)


def codes(found: Any) -> list[str]:
    return [flag.code for flag in found.flags]


def test_our_own_warning_comes_back_to_the_wards_it_was_for(wards: Wards) -> None:
    paths = [wards.ward(row).path for row in wards.rows_in("KE.042")[:5]]
    drawn, _ = areas_of(wards, paths)
    found = reach(wards, read(write(message(*drawn, languages=3))).alert)
    assert sorted(ward.path for ward in found.wards) == sorted(paths)
    assert {(ward.by, ward.share) for ward in found.wards} == {("geocode", 1.0)}
    assert (found.flags, found.drawn, found.version) == ((), None, wards.version)


def test_a_county_as_a_geocode_means_its_wards(wards: Wards) -> None:
    found = reach(wards, message(Area(description="Kisumu", geocodes=(Named(WARD_SCHEME, "KE.042"),))))
    assert sorted(ward.row for ward in found.wards) == list(wards.rows_in("KE.042"))


def test_without_geocodes_of_ours_what_is_drawn_counts(wards: Wards) -> None:
    shape = wards.geometry(3)
    alert = message(Area(description="There", polygons=(ring_of(shape),), geocodes=(Named("EMMA_ID", "KE001"),)))
    found = reach(wards, alert)
    assert (found.wards[0].row, found.wards[0].by) == (3, "drawing")
    assert found.wards[0].share == pytest.approx(1.0)
    assert found.flags == ()
    assert reach(wards, alert, min_share=0.5).wards == found.wards[:1]


def test_polygons_and_circles_of_all_areas_count_together_and_languages_once(wards: Wards) -> None:
    one = Area(description="One", polygons=(ring_of(square(wards, 0)),))
    ward = wards.ward(40)
    other = Area(description="Two", circles=(Circle(lon=ward.lon, lat=ward.lat, radius_km=0.1),))
    found = reach(wards, message(one, other, languages=3))
    assert {ward.row for ward in found.wards} == {0, 40}
    assert found.drawn is not None
    assert found.drawn.km2 == pytest.approx(0.04 + 0.0314, rel=0.01)
    assert found.uncovered_km2 == 0.0


def test_a_ward_we_do_not_have_is_said_and_its_outline_counts(wards: Wards) -> None:
    codes_of_ours = (Named(WARD_SCHEME, wards.ward(7).path), Named(WARD_SCHEME, "KE.042.999.9999"))
    area = Area(description="There", polygons=(ring_of(square(wards, 5)),), geocodes=codes_of_ours)
    found = reach(wards, message(area))
    assert codes(found) == ["geocode-unknown"]
    assert {(ward.row, ward.by) for ward in found.wards} == {(7, "geocode"), (5, "drawing")}


def test_exchanged_coordinates_and_open_rings_are_set_right_and_said(wards: Wards) -> None:
    ring = ring_of(square(wards, 5))
    swapped = Area(description="There", polygons=(tuple((lat, lon) for lon, lat in ring),))
    found = reach(wards, message(swapped))
    assert [ward.row for ward in found.wards] == [5]
    assert codes(found) == ["swapped"]
    ward = wards.ward(5)
    circle = Area(description="There", circles=(Circle(lon=ward.lat, lat=ward.lon, radius_km=0.1),))
    assert [each.row for each in reach(wards, message(circle)).wards] == [5]
    opened = Area(description="There", polygons=(ring[:-1],))
    assert codes(reach(wards, message(opened))) == ["ring-open"]


def test_what_cannot_be_used_is_said_and_the_rest_counts(wards: Wards) -> None:
    ward = wards.ward(5)
    found = reach(
        wards,
        message(
            Area(description="Europe", polygons=(((10.0, 50.0), (11.0, 50.0), (11.0, 51.0), (10.0, 50.0)),)),
            Area(description="Nowhere"),
            Area(description="By code", geocodes=(Named("UGC", "KEZ001"),)),
            Area(description="A dot", circles=(Circle(lon=ward.lon, lat=ward.lat, radius_km=0.0),)),
            Area(description="There", circles=(Circle(lon=ward.lon, lat=ward.lat, radius_km=0.1),)),
        ),
    )
    assert [each.row for each in found.wards] == [5]
    assert codes(found) == ["area-outside", "area-not-placed", "area-not-placed", "area-empty"]
    assert found.flags[2].detail == "'By code' has no polygon or circle, and UGC"


def test_drawings_that_are_one_tangle_are_said_and_reach_nobody(wards: Wards) -> None:
    steps = [number / 100 for number in range(100)]
    lying = [((34.0, s), (35.0, s), (35.0, s + 0.003), (34.0, s)) for s in steps]
    standing = [((34.0 + s, 0.0), (34.0 + s, 1.0), (34.003 + s, 1.0), (34.0 + s, 0.0)) for s in steps]
    found = reach(wards, message(Area(description="There", polygons=(*lying, *standing))))
    assert (found.wards, found.drawn, codes(found)) == ((), None, ["area-self-crossing"])


def test_real_messages_from_abroad_reach_nobody_here_and_say_so(wards: Wards) -> None:
    if not INDEX.exists():
        pytest.skip("the real CAP messages are not beside the repository (shared/data)")
    with INDEX.open(encoding="utf-8") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    said = set()
    for path in paths:
        for reading in read_all((SHARED / path).read_bytes()):
            found = reach(wards, reading.alert)
            assert found.wards == ()
            said |= set(codes(found))
    assert "area-outside" in said


def test_a_message_without_areas_reaches_nobody(wards: Wards) -> None:
    found = reach(wards, message())
    assert (found.wards, found.flags, found.uncovered_km2) == ((), (), 0.0)


def test_a_warning_over_the_lake_reaches_no_ward_and_says_how_much_is_left(wards: Wards) -> None:
    found = reach(wards, message(Area(description="Lake", circles=(Circle(lon=33.9, lat=-0.9, radius_km=1.0),))))
    assert found.wards == ()
    assert found.drawn is not None
    assert found.uncovered_km2 == found.drawn.km2 > 3.0
