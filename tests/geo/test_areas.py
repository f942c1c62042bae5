"""Areas that somebody drew: what is taken, what is set right and said, what is refused."""

import math
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import areas
from geo.measure import around, km2
from geo.places import Rejected

GEOD = pyproj.Geod(ellps="WGS84")
SQUARE = [(34.0, -1.0), (35.0, -1.0), (35.0, 0.0), (34.0, 0.0), (34.0, -1.0)]
HOLE = [(34.4, -0.6), (34.6, -0.6), (34.6, -0.4), (34.4, -0.4), (34.4, -0.6)]
BOW_TIE = [(34.0, -1.0), (35.0, 0.0), (35.0, -1.0), (34.0, 0.0), (34.0, -1.0)]


def mended(area: areas.Area) -> list[str]:
    return [note.code for note in area.mended]


def test_square_kilometres_are_those_of_the_ellipsoid() -> None:
    for box in (shapely.box(34, -1, 35, 0), shapely.box(36, 4, 36.01, 4.01), shapely.box(33.8, -4.9, 42, 5.6)):
        true = abs(GEOD.geometry_area_perimeter(shapely.segmentize(box, 0.001))[0]) / 1e6
        assert km2(box) == pytest.approx(true, rel=1e-9)


@given(
    lon=st.floats(33.8, 42.0),
    lat=st.floats(-4.9, 5.6),
    metres=st.floats(1.0, 1_500_000.0),
)
def test_positions_around_a_point_stand_at_the_distance(lon: float, lat: float, metres: float) -> None:
    corners = around(lon, lat, metres, 16)
    _, _, far = GEOD.inv([lon] * 16, [lat] * 16, corners[:, 0], corners[:, 1])
    assert np.abs(np.array(far) - metres).max() < 0.001


@given(lon=st.floats(33.9, 41.9), lat=st.floats(-4.8, 5.5), metres=st.floats(10.0, 100_000.0))
def test_a_circle_is_drawn_around_everybody_in_it_and_little_more(lon: float, lat: float, metres: float) -> None:
    area = areas.circle(lon, lat, metres)
    inside = around(lon, lat, metres * 0.99999, 257)
    assert shapely.intersects_xy(area.shape, inside[:, 0], inside[:, 1]).all()
    assert math.pi * (metres / 1e3) ** 2 == pytest.approx(area.km2, rel=0.0015)
    assert area.circle == areas.Circle(lon=lon, lat=lat, radius_m=metres)


def test_a_polygon_with_a_hole_is_taken_as_drawn() -> None:
    area = areas.polygon([SQUARE, HOLE])
    assert area.mended == ()
    assert area.shape.equals(shapely.Polygon(SQUARE, [HOLE]))
    assert area.km2 == pytest.approx(km2(shapely.Polygon(SQUARE)) - km2(shapely.Polygon(HOLE)))


def test_an_open_ring_and_repeated_positions_are_set_right_and_said() -> None:
    area = areas.polygon([[SQUARE[0], *SQUARE[:-1]]])
    assert mended(area) == ["position-repeated", "ring-open"]
    assert area.shape.equals(shapely.Polygon(SQUARE))


@pytest.mark.parametrize("back", [-0.5, -0.49999])
def test_a_spike_is_dropped_and_said(back: float) -> None:
    out = [(35.0, -0.5), (36.0, -0.5), (38.0, -0.5), (36.0, -0.5), (35.0, back)]
    area = areas.polygon([[*SQUARE[:2], *out, *SQUARE[2:]]])
    assert mended(area) == ["spike"]
    assert area.shape.bounds == (34.0, -1.0, 35.0, 0.0)
    assert area.km2 == pytest.approx(km2(shapely.Polygon(SQUARE)))


def test_a_spike_where_the_ring_begins_is_dropped_too() -> None:
    area = areas.polygon([[(38.0, -0.5), (35.0, -0.5), *SQUARE[2:4], *SQUARE[:2], (35.0, -0.5), (38.0, -0.5)]])
    assert area.shape.bounds == (34.0, -1.0, 35.0, 0.0)


def test_a_sliver_stays_as_it_is_not_a_spike_on_something() -> None:
    assert areas.polygon([[(34.0, -1.0), (35.0, -1.0), (35.0, -0.9999), (34.0, -1.0)]]).km2 == pytest.approx(
        0.615, abs=0.001
    )


def test_a_ring_that_crosses_itself_is_refused_from_whoever_can_draw_again() -> None:
    with pytest.raises(Rejected) as refused:
        areas.polygon([BOW_TIE])
    assert refused.value.code == "area-self-crossing"
    assert "34.5 -0.5" in refused.value.detail
    area = areas.polygon([BOW_TIE], lenient=True)
    assert mended(area) == ["self-crossing"]
    assert area.km2 == pytest.approx(km2(shapely.Polygon(SQUARE)) / 2.0, rel=0.001)


def test_a_tiny_loop_is_set_right() -> None:
    loop = [(34.505, 0.0), (34.495, 0.01), (34.505, 0.01), (34.495, 0.0)]
    area = areas.polygon([[*SQUARE[:3], *loop, *SQUARE[3:]]])
    assert mended(area) == ["self-crossing"]
    assert area.shape.is_valid


def test_a_ring_that_goes_around_a_hole_by_a_bridge_keeps_the_hole() -> None:
    bridge = [(34.0, -0.5), (34.4, -0.5), *HOLE[3:0:-1], HOLE[0], (34.4, -0.5), (34.0, -0.5)]
    area = areas.polygon([[*SQUARE[:4], *bridge, SQUARE[4]]])
    assert mended(area) == ["ring-touching"]
    assert not area.shape.intersects(shapely.Point(34.5, -0.5))


def test_exchanged_coordinates_are_recognised() -> None:
    swapped = [(lat, lon) for lon, lat in SQUARE]
    with pytest.raises(Rejected, match="area-swapped"):
        areas.polygon([swapped])
    area = areas.polygon([swapped], lenient=True)
    assert mended(area) == ["swapped"]
    assert area.shape.equals(shapely.Polygon(SQUARE))
    with pytest.raises(Rejected, match="area-swapped"):
        areas.circle(-0.1, 34.75, 500.0)
    assert areas.circle(-0.1, 34.75, 500.0, lenient=True).circle == areas.Circle(lon=34.75, lat=-0.1, radius_m=500.0)


@pytest.mark.parametrize(
    ("rings", "code"),
    [
        ([], "area-empty"),
        ([[]], "area-empty"),
        ([[(34.0, 0.0), (35.0, 0.0)]], "area-empty"),
        ([[(34.0, 0.0), (35.0, 0.0), (36.0, 0.0), (34.0, 0.0)]], "area-empty"),
        ([[(34.0, 0.0), (35.0, math.nan), (36.0, 0.0)]], "area-not-a-number"),
        ([[(34.0, 0.0), (35.0, math.inf), (36.0, 0.0)]], "area-not-a-number"),
        ([[(34.0, 0.0), (35.0, 10**400), (36.0, 0.0)]], "area-not-a-number"),
        ([[("34", 0.0), (35.0, 1.0), (36.0, 0.0)]], "area-not-a-number"),
        ([[(34.0,), (35.0,), (36.0,)]], "area-not-a-number"),
        ([["ab", "cd", "ef"]], "area-not-a-number"),
        ([[None, 1, 2]], "area-not-a-number"),
        (["xyz"], "area-not-an-area"),
        ([[(0.0, 80.0), (90.0, 90.0), (180.0, 80.0)]], "area-outside"),
        ([[(0.0, 80.0), (90.0, 90.1), (180.0, 80.0)]], "area-outside"),
        ([[(700_000, 9_900_000), (710_000, 9_900_000), (710_000, 9_910_000)]], "area-outside"),
        ([[(179.0, -1.0), (-179.0, -1.0), (-179.0, 1.0), (179.0, 1.0)]], "area-too-large"),
        ([[(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)]], "area-too-large"),
        ([[(10.0, -30.0), (80.0, -30.0), (80.0, 30.0), (10.0, 30.0)]], "area-too-large"),
        ([SQUARE, [(36.4, -0.6), (36.6, -0.6), (36.6, -0.4)]], "area-hole-outside"),
        ([SQUARE, [(33.0, -2.0), (36.0, -2.0), (36.0, 1.0), (33.0, 1.0)]], "area-empty"),
        ([[(34.0 + i * 1e-6, (i % 7) * 0.01) for i in range(100_000)]], "area-too-many-vertices"),
    ],
)
def test_what_is_no_area_is_refused_with_its_code(rings: Any, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        areas.polygon(rings)
    assert refused.value.code == ("area-not-a-number" if code == "area-not-an-area" else code)


def tangled(number: int) -> Any:
    """Draw strips from west to east over strips from south to north: each crosses each."""
    steps = np.linspace(0.0, 1.0, number).tolist()
    lying = [[[(34.0, s), (35.0, s), (35.0, s + 0.3 / number), (34.0, s + 0.3 / number)]] for s in steps]
    standing = [[[(34.0 + s, 0.0), (34.0 + s, 1.0), (34.0 + s + 0.3 / number, 1.0)]] for s in steps]
    return {"type": "MultiPolygon", "coordinates": lying + standing}


def test_lines_that_cross_thousands_of_times_are_refused_before_they_cost_anything() -> None:
    ring = np.random.default_rng(7).uniform((34.0, -1.0), (35.0, 0.0), (15_000, 2)).tolist()
    for drawing in ({"type": "Polygon", "coordinates": [ring]}, tangled(1500)):
        with pytest.raises(Rejected, match="area-self-crossing"):
            areas.from_geojson(drawing, lenient=True)
    assert areas.from_geojson(tangled(10)).km2 > 0.0
    strips = [areas.polygon(rings) for rings in tangled(100)["coordinates"]]
    with pytest.raises(Rejected, match="area-self-crossing"):
        areas.joined(strips)


@pytest.mark.parametrize(
    ("lon", "lat", "radius", "code"),
    [
        (math.nan, 0.0, 1.0, "area-not-a-number"),
        ("34.7", 0.0, 1.0, "area-not-a-number"),
        (True, 0.0, 1.0, "area-not-a-number"),
        (34.7, 0.0, math.inf, "area-not-a-number"),
        (34.7, 0.0, 10**400, "area-not-a-number"),
        (34.7, 0.0, 0.0, "area-empty"),
        (34.7, 0.0, -5, "area-empty"),
        (34.7, 0.0, 2e6, "area-too-large"),
        (0.0, 0.0, 1000.0, "area-outside"),
        (34.7, 90.5, 1000.0, "area-outside"),
        (0.0, 90.0, 1_400_000.0, "area-outside"),
    ],
)
def test_what_is_no_circle_is_refused_with_its_code(lon: Any, lat: Any, radius: Any, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        areas.circle(lon, lat, radius)
    assert refused.value.code == code


def test_geojson_of_every_kind_with_areas_is_read() -> None:
    one = {"type": "Polygon", "coordinates": [[[*position, 1140.5] for position in SQUARE]]}
    other = {"type": "MultiPolygon", "coordinates": [[[[x + 0.5, y] for x, y in SQUARE]]]}
    both = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {}, "geometry": one},
            {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [other]}},
        ],
    }
    assert areas.from_geojson(one).shape.equals(shapely.Polygon(SQUARE))
    assert areas.from_geojson(both).shape.equals(shapely.box(34.0, -1.0, 35.5, 0.0))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "area-not-an-area"),
        ({}, "area-not-an-area"),
        ({"type": "Point", "coordinates": [34.7, 0.0]}, "area-not-an-area"),
        ({"type": "Polygon"}, "area-not-an-area"),
        ({"type": "Polygon", "coordinates": [5]}, "area-not-a-number"),
        ({"type": "FeatureCollection", "features": []}, "area-empty"),
        ({"type": "Feature", "geometry": None}, "area-not-an-area"),
        (
            {
                "type": "Polygon",
                "coordinates": [SQUARE],
                "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::21036"}},
            },
            "area-wrong-crs",
        ),
    ],
)
def test_geojson_without_an_area_is_refused(value: Any, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        areas.from_geojson(value)
    assert refused.value.code == code


def test_geojson_nested_without_end_is_refused() -> None:
    value: dict[str, Any] = {"type": "Polygon", "coordinates": [SQUARE]}
    for _ in range(50):
        value = {"type": "GeometryCollection", "geometries": [value]}
    with pytest.raises(Rejected, match="area-not-an-area"):
        areas.from_geojson(value)


@given(
    ring=st.lists(st.tuples(st.floats(33.8, 42.0), st.floats(-4.9, 5.6)), min_size=3, max_size=12),
    lenient=st.booleans(),
)
def test_whatever_is_drawn_is_a_valid_area_or_a_reason(ring: list[tuple[float, float]], lenient: bool) -> None:
    allowed = {"area-empty"} if lenient else {"area-empty", "area-self-crossing"}
    area, refused = None, ""
    try:
        area = areas.polygon([ring], lenient=lenient)
    except Rejected as rejected:
        refused = rejected.code
    assert refused in allowed or area is not None
    if area is not None:
        assert area.shape.is_valid
        assert area.shape.geom_type in ("Polygon", "MultiPolygon")
        assert area.km2 > 0.0


def test_areas_are_joined() -> None:
    one, other = areas.polygon([SQUARE]), areas.polygon([[(x + 0.5, y) for x, y in SQUARE]])
    assert areas.joined([one]) is one
    assert areas.joined([one, other]).km2 == pytest.approx(one.km2 * 1.5)
    with pytest.raises(ValueError, match="no area"):
        areas.joined([])
