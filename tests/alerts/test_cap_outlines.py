"""The areas of a CAP message about wards: few positions, whole wards inside, the error stated."""

import numpy as np
import pytest
import shapely

import fixtures
from alerts.cap import WARD_SCHEME
from alerts.cap_outlines import AREA_ERROR, areas_of
from alerts.cap_xml import polygon_text
from geo.fitting import CAP_MESSAGE
from geo.measure import km2
from geo.wards import Wards


@pytest.fixture(scope="module")
def wards() -> Wards:
    return Wards.load(fixtures.path("demo/wards.geojson"))


def read(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split("; "))


def test_each_area_has_its_geocode_and_contains_its_ward(wards: Wards) -> None:
    paths = [wards.ward(row).path for row in wards.rows_in("KE.042")]
    areas, _ = areas_of(wards, paths)
    assert [area.geocodes[0].value for area in areas] == paths
    assert {area.geocodes[0].name for area in areas} == {WARD_SCHEME}
    assert sum(len(ring) for area in areas for ring in area.polygons) <= CAP_MESSAGE
    for path, area in zip(paths, areas, strict=True):
        rings = [shapely.Polygon(ring) for ring in area.polygons]
        assert all(ring.is_valid for ring in rings)
        assert shapely.union_all(rings).covers(wards.geometry(wards.row(path)))


def test_what_is_written_is_what_was_measured(wards: Wards) -> None:
    (area,), _ = areas_of(wards, [wards.ward(0).path])
    written = [tuple(map(float, pair.split(","))) for pair in polygon_text(area.polygons[0]).split()]
    assert [(lon, lat) for lat, lon in written] == list(area.polygons[0])


def test_the_error_is_that_of_the_polygons(wards: Wards) -> None:
    paths = [wards.ward(row).path for row in wards.rows_in("KE.042")]
    areas, (parameter,) = areas_of(wards, paths)
    assert parameter.name == AREA_ERROR
    said = read(parameter.value)
    shapes = [wards.geometry(wards.row(path)) for path in paths]
    drawn = [shapely.union_all([shapely.Polygon(ring) for ring in area.polygons]) for area in areas]
    added = [km2(shapely.difference(b, a)) for a, b in zip(shapes, drawn, strict=True)]
    whole = [km2(shape) for shape in shapes]
    assert said["lost_km2"] == "0.00"
    assert float(said["added_km2"]) == pytest.approx(sum(added), abs=0.006)
    assert float(said["share"]) == pytest.approx(sum(added) / sum(whole), abs=1e-4)
    shares = np.array(added) / np.array(whole)
    assert said["worst"].split() == [paths[int(shares.argmax())], f"{shares.max():.4f}"]


def test_a_ward_of_others_has_its_geocode_alone(wards: Wards) -> None:
    areas, parameters = areas_of(wards, ["KE.001.001.0001"])
    assert areas[0].polygons == ()
    assert areas[0].geocodes[0].value == "KE.001.001.0001"
    assert parameters == ()
    assert areas_of(wards, []) == ((), ())
