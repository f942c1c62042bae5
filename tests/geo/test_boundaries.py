import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from shapely import affinity

from geo.boundaries import Boundaries, read
from geo.labels import Finding
from geo.ogr_files import credit
from geo.places import Rejected
from geo.survey import survey
from geo.wards import Wards

West, East = shapely.box(34.0, 0.0, 34.5, 0.5), shapely.box(34.5, 0.0, 35.0, 0.5)
Write = Callable[..., Path]
SHORT = {"constituency": "const_name", "constituency_code": "const_code", "county_code": "county_cod"}
"""Names for a shapefile, which cuts them after ten letters."""


@pytest.fixture
def frame(make_feature: Callable[..., Any]) -> geopandas.GeoDataFrame:
    features = [make_feature(West, "Ng'iya", "1"), make_feature(East, "East", "0002")]
    return geopandas.GeoDataFrame.from_features(features, crs=4326)


def kinds(boundaries: Boundaries) -> dict[str, Finding]:
    return {finding.kind: finding for finding in boundaries.findings}


def refused(path: Path, **told: Any) -> str:
    with pytest.raises(Rejected) as refusal:
        read(path, **told)
    return refusal.value.code


def test_a_refusal_says_what_to_do(frame: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    frame.rename(columns=SHORT).to_file(tmp_path / "no_crs.shp")
    (tmp_path / "no_crs.prj").unlink()
    frame.rename(columns={"ward": "other"}).to_file(tmp_path / "no_names.gpkg")
    frame.set_geometry(frame.representative_point()).to_file(tmp_path / "points.geojson")
    (tmp_path / "empty.geojson").touch()
    (tmp_path / "words.geojson").write_text("not a boundary file")
    for name, said in {
        "no_crs.shp": "name it, as --crs EPSG:4326",
        "no_names.gpkg": "say --map ward=COLUMN",
        "points.geojson": "no layer holds boundaries; there are: points",
        "empty.geojson": "there is nothing in empty.geojson",
        "words.geojson": "not recognized as being in a supported file format.",
    }.items():
        with pytest.raises(Rejected) as refusal:
            read(tmp_path / name)
        assert said in refusal.value.detail
        assert "specify the correct driver" not in refusal.value.detail


@pytest.mark.parametrize("name", ["w.geojson", "w.gpkg", "w.fgb", "w.shp"])
def test_every_format_gives_the_same_boundaries(frame: geopandas.GeoDataFrame, tmp_path: Path, name: str) -> None:
    options = {"SPATIAL_INDEX": "NO"} if name == "w.fgb" else {}
    frame.rename(columns=SHORT if name == "w.shp" else {}).to_file(tmp_path / name, **options)
    boundaries = read(tmp_path / name)
    assert boundaries.columns["ward"] == ("Ng'iya", "East")
    assert boundaries.columns["ward_code"] == ("0001", "0002")
    assert boundaries.columns["constituency"] == ("Kisumu Central",) * 2
    assert shapely.equals(boundaries.geometries, [West, East]).all()
    assert boundaries.findings == ()
    assert boundaries.version == read(tmp_path / name).version


def test_a_zipped_shapefile_is_read(frame: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    frame.rename(columns=SHORT).to_file(tmp_path / "w.shp")
    with zipfile.ZipFile(tmp_path / "wards.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for part in tmp_path.glob("w.*"):
            archive.write(part, f"inner folder/{part.name}")
    assert read(tmp_path / "wards.zip").columns["ward"] == ("Ng'iya", "East")


@pytest.mark.parametrize("crs", ["EPSG:21036", "EPSG:32736", "EPSG:3857"])
def test_any_crs_becomes_wgs_84(frame: geopandas.GeoDataFrame, tmp_path: Path, crs: str) -> None:
    frame.to_crs(crs).to_file(tmp_path / "w.gpkg")
    boundaries = read(tmp_path / "w.gpkg")
    assert shapely.equals_exact(boundaries.geometries, [West, East], tolerance=1e-6, normalize=True).all()


def test_a_file_without_crs_is_refused_unless_told(frame: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    frame.rename(columns=SHORT).to_crs(21036).to_file(tmp_path / "w.shp")
    (tmp_path / "w.prj").unlink()
    assert refused(tmp_path / "w.shp") == "boundaries-no-crs"
    boundaries = read(tmp_path / "w.shp", crs="EPSG:21036")
    assert shapely.equals_exact(boundaries.geometries, [West, East], tolerance=1e-6, normalize=True).all()


def test_positions_that_are_no_degrees_are_refused(write: Write, make_feature: Any) -> None:
    metres = affinity.scale(West, 111_000, 111_000, origin=(0, 0))
    assert refused(write([make_feature(metres, "West", "1")])) == "boundaries-wrong-crs"


def test_swapped_axes_are_put_right_and_said(write: Write, make_feature: Any) -> None:
    swapped = shapely.transform(West, lambda xy: xy[:, ::-1])
    boundaries = read(write([make_feature(swapped, "West", "1")]))
    assert shapely.equals(boundaries.geometries[0], West)
    assert kinds(boundaries)["swapped-axes"].level == "repaired"


def test_boundaries_of_another_country_are_kept_and_said(write: Write, make_feature: Any) -> None:
    boundaries = read(write([make_feature(shapely.box(-1.0, 51.0, 0.0, 52.0), "London", "1")]))
    assert kinds(boundaries)["outside-kenya"].level == "warning"


def test_invalid_shapes_are_repaired_with_the_change_stated(write: Write, make_feature: Any) -> None:
    spike = shapely.Polygon([(34, 0), (34.5, 0), (34.5, 0.5), (34.5, 0.9), (34.5, 0.5), (34, 0.5)])
    bow_tie = shapely.Polygon([(35, 0), (36, 1), (36, 0), (35, 1)])
    boundaries = read(write([make_feature(spike, "Spike", "1"), make_feature(bow_tie, "Bow tie", "2")]))
    by_row = {finding.rows: finding for finding in boundaries.findings}
    assert (by_row[(0,)].kind, by_row[(0,)].level) == ("invalid", "repaired")
    assert "0.00%" in by_row[(0,)].detail
    assert (by_row[(1,)].kind, by_row[(1,)].level) == ("invalid", "error")
    assert shapely.is_valid(boundaries.geometries).all()
    assert Wards(boundaries).locate([34.2, 35.1, 35.5], [0.2, 0.5, 0.9]).tolist() == [0, 1, -1]
    assert not survey(boundaries).sound


def test_rows_without_an_area_stay_but_hold_nothing(write: Write, make_feature: Any) -> None:
    line = shapely.LineString([(34, 0), (35, 1)])
    mixed = shapely.GeometryCollection([East, shapely.Point(30, 0), shapely.MultiPolygon([shapely.box(36, 0, 37, 1)])])
    rows = [make_feature(shape, f"Ward {i}", str(i + 1)) for i, shape in enumerate([West, None, line, mixed])]
    boundaries = read(write(rows))
    assert [shape is None for shape in boundaries.geometries] == [False, True, True, False]
    assert [(f.kind, f.rows) for f in boundaries.findings] == [
        ("no-area", (1,)),
        ("no-area", (2,)),
        ("not-only-areas", (3,)),
    ]
    assert Wards(boundaries).locate([34.2, 34.7, 36.5, 34.6], [0.2, 0.2, 0.5, 0.6]).tolist() == [0, 3, 3, -1]


POINT = '{"type": "Feature", "properties": {"ward": "x"}, "geometry": {"type": "Point", "coordinates": [34, 0]}}'
TWO_POINTS = POINT.replace("Point", "Polygon").replace("[34, 0]", "[[[34, 0], [35, 0]]]")
ELSEWHERE = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "boundaries-unreadable"),
        ("not a boundary file", "boundaries-unreadable"),
        ('{"type": "FeatureCollection", "features": []}', "boundaries-no-areas"),
        (POINT, "boundaries-no-areas"),
        (TWO_POINTS, "boundaries-no-areas"),
        ("[" * 100_000, "boundaries-unreadable"),
        (ELSEWHERE + "</OGRVRTDataSource>", "boundaries-unreadable"),
        ('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}', "boundaries-unreadable"),
    ],
)
def test_what_is_no_boundary_file_is_refused_with_a_reason(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "w.geojson"
    path.write_text(content)
    assert refused(path) == code


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.gpkg") == "boundaries-unreadable"


def test_zip_bombs_and_odd_zips_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.geojson", b"0" * 50_000_000)
    assert refused(path) == "boundaries-too-large"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(1001):
            archive.writestr(f"{n}.geojson", "")
    assert refused(path) == "boundaries-too-large"
    for names in (["readme.txt"], ["a.geojson", "b.geojson"], ["../../w.geojson"]):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "{}")
        assert refused(path) == "boundaries-unreadable"
    path.write_bytes(b"PK\x03\x04 and no more")
    assert refused(path) == "boundaries-unreadable"


def test_what_is_packed_is_looked_at_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "w.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("w.geojson", ELSEWHERE + "</OGRVRTDataSource>" + " " * 9000)
    with pytest.raises(Rejected, match="only refers to data elsewhere"):
        read(path)
    (tmp_path / "w.json").write_text('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}')
    with pytest.raises(Rejected, match="only refers to data elsewhere"):
        read(tmp_path / "w.json")


def test_one_of_several_layers_must_be_named(frame: geopandas.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "w.gpkg"
    frame.to_file(path, layer="wards")
    frame.set_geometry(frame.centroid if frame.crs is None else shapely.centroid(frame.geometry)).to_file(
        path, layer="centres"
    )
    assert len(read(path).geometries) == 2  # only one layer has areas
    frame.to_file(path, layer="old")
    assert refused(path) == "boundaries-many-layers"
    assert len(read(path, layer="old").geometries) == 2
    assert refused(path, layer="none") == "boundaries-many-layers"


def test_columns_can_be_named(write: Write) -> None:
    feature = {
        "type": "Feature",
        "properties": {"jina": "Migosi", "nambari": 1197, "NAME_1": "Kisumu"},
        "geometry": json.loads(shapely.to_geojson(West)),
    }
    path = write([feature])
    assert refused(path) == "boundaries-no-names"
    assert refused(path, columns={"ward": "name"}) == "boundaries-unknown-column"
    assert refused(path, columns={"wadi": "jina"}) == "boundaries-unknown-column"
    boundaries = read(path, columns={"ward": "jina", "ward_code": "nambari"})
    assert (boundaries.columns["ward"], boundaries.columns["ward_code"]) == (("Migosi",), ("1197",))
    assert (boundaries.columns["county"], boundaries.columns["county_code"]) == (("Kisumu",), ("042",))


def test_what_a_file_says_of_itself_is_kept(write: Write, make_feature: Any) -> None:
    one = make_feature(West, "West", "1")
    boundaries = read(write([one], approximation=True, label="drawn by hand", properties={"licence": "CC BY 4.0"}))
    assert boundaries.approximate
    assert boundaries.about == {"label": "drawn by hand", "licence": "CC BY 4.0"}
    assert read(write([one], properties={"approximation": "yes"})).approximate
    assert not read(write([one], approximation=False)).approximate
    one["properties"]["approximation"] = True
    assert read(write([one])).approximate


def test_the_version_follows_shapes_and_labels_only(write: Write, make_feature: Any) -> None:
    version = read(write([make_feature(West, "West", "1")], name="a.geojson")).version
    assert version == read(write([make_feature(West, "West", "1")], name="b.geojson", source="x")).version
    assert version != read(write([make_feature(West, "Waste", "1")])).version
    assert version != read(write([make_feature(East, "West", "1")])).version


def test_positions_that_are_no_numbers_leave_the_row_without_ground(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        nan = shapely.Polygon([(34, 0), (35, 0), (float("nan"), 1), (34, 1)])
    frame = geopandas.GeoDataFrame({"ward": ["Sound", "Nan"]}, geometry=[West, nan], crs=4326)
    frame.to_file(tmp_path / "w.gpkg")
    boundaries = read(tmp_path / "w.gpkg")
    assert [shape is None for shape in boundaries.geometries] == [False, True]
    assert {(f.kind, f.level, f.rows) for f in boundaries.findings} >= {("not-finite", "error", (1,))}
    assert not survey(boundaries).sound


def test_a_shapefile_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "w.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in ("shp", "shx", "dbf", "prj"):
            archive.writestr(f"w.{suffix}", b"\0" * 20_000_000)
    assert refused(tmp_path / "w.zip") == "boundaries-too-large"


def test_makers_are_named_as_they_wish_and_licences_in_either_spelling() -> None:
    told = {"title": "Wards", "source": "a survey", "attribution": "© The survey", "license": "CC BY 4.0"}
    assert credit(told) == ("Wards", "© The survey", "CC BY 4.0")
    assert credit({"name": "W", "attribution": "", "source": "a survey"}) == ("W", "a survey", "")
