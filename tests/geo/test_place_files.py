"""Whatever a county has its place names in is read; what is no place is listed, and nothing stops the rest."""

import io
import zipfile
from pathlib import Path
from typing import Any

import geopandas
import pyogrio
import pytest
import shapely

from fixtures import path as fixture
from geo import text_tables
from geo.place_files import PlaceFile, read
from geo.places import Rejected
from geo.resolution import Place

REAL = Path(__file__).parents[3] / "shared" / "data" / "kenya_gazetteer.csv"
HEAD = "name,lon,lat\n"
NAMES = "191245\tKisumu\tKisumu\tKisumo,Port Florence,https://en.example/Kisumu\t-0.10221\t34.76171"
GEONAMES = f"{NAMES}\tP\tPPLA\tKE\t\t27\t\t\t\t216479\t\t1157\tAfrica/Nairobi\t2012-01-18"
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Kibuye</name>'
    "<Point><coordinates>34.77,-0.09,0</coordinates></Point></Placemark><Placemark><name>Ahero</name>"
    "<Point><coordinates>34.9,-0.17,0</coordinates></Point></Placemark></Document></kml>"
)


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def to_file(content: str | bytes, name: str = "places.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return to_file


def refused(path: Path, *columns: dict[str, str], **told: Any) -> str:
    with pytest.raises(Rejected) as refusal:
        read(path, *columns, **told)
    return refusal.value.code


def skipped(found: PlaceFile) -> list[tuple[int, str]]:
    return [(each.row, each.code) for each in found.skipped]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_tables_are_read_in_every_usual_form(put: Any, separator: str, encoding: str) -> None:
    rows = [["Jina", "Longitude", "LATITUDE", "Feature code"], ["Ng\u2019iya Sokó", "34.36", "0.03", "market"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    found = read(put(text, encoding=encoding))
    assert found.places == (Place(name="Ng\u2019iya Sokó", lon=34.36, lat=0.03, kind="market"),)
    assert found.rows == 1
    assert found.findings == ()


def test_windows_1252_is_read_and_said(put: Any) -> None:
    found = read(put("name,lon,lat\nNg\u2019iya,34.36,0.03\nAhero,34.9,-0.17\n", encoding="cp1252"))
    assert [place.name for place in found.places] == ["Ng\u2019iya", "Ahero"]
    assert [(f.kind, f.level) for f in found.findings] == [("encoding", "note")]
    assert found.findings[0].detail.startswith("1 ")


def test_every_column_is_found_by_its_usual_names(put: Any) -> None:
    header = "Facility Name;Other names;Facility type;X;Y;County;ward_code;Source;Licence"
    found = read(put(f"{header}\nKibuye;Soko Kibuye|Kibuye Mkt;market;34,77;-0,09;Kisumu;1198;own survey;CC BY 4.0"))
    assert found.places == (
        Place(
            name="Kibuye",
            lon=34.77,
            lat=-0.09,
            alternatives=("Soko Kibuye", "Kibuye Mkt"),
            kind="market",
            source="own survey",
            ward="1198",
            county="Kisumu",
        ),
    )
    assert found.about == {"source": "own survey", "licence": "CC BY 4.0"}


def test_columns_can_be_named(put: Any) -> None:
    path = put("a,b,c\nKibuye,34.77,-0.09\n")
    assert refused(path) == "places-no-names"
    assert refused(path, {"name": "a"}) == "places-no-positions"
    assert refused(path, {"name": "z"}) == "places-unknown-column"
    assert refused(path, {"colour": "a"}) == "places-unknown-column"
    assert read(path, {"jina": "a", "lon": "b", "lat": "c"}).places == (Place(name="Kibuye", lon=34.77, lat=-0.09),)


@pytest.mark.parametrize(
    "cell",
    [
        "-0.09170 34.76170",
        "POINT (34.76170 -0.09170)",
        "0.09170S 34.76170E",
        "https://maps.google.com/?q=-0.09170,34.7617",
    ],
)
def test_a_position_may_stand_in_one_cell(put: Any, cell: str) -> None:
    (place,) = read(put(f'name,gps\nKibuye,"{cell}"\n')).places
    assert (place.lon, place.lat) == pytest.approx((34.7617, -0.0917))


def test_a_geonames_dump_is_read_as_they_give_it(put: Any, tmp_path: Path) -> None:
    dump = f"{GEONAMES}\n{GEONAMES.replace('KE', 'UG', 1)}\n191246\tshort\n"
    found = read(put(dump, "KE.txt"))
    others = ("Kisumo", "Port Florence")
    kisumu = Place(name="Kisumu", lon=34.76171, lat=-0.10221, alternatives=others, kind="P.PPLA", source="GeoNames")
    assert found.places == (kisumu,)
    assert found.about == {"source": "GeoNames", "licence": "CC BY 4.0"}
    assert skipped(found) == [(3, "row-malformed")]
    assert [f.kind for f in found.findings] == ["other-countries"]
    with zipfile.ZipFile(tmp_path / "KE.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "This is GeoNames.")
        archive.writestr("KE.txt", dump)
    assert read(tmp_path / "KE.zip") == found


def test_wrong_rows_are_listed_and_do_not_stop_the_others(put: Any) -> None:
    rows = [
        "Kibuye,34.77,-0.09",
        ",34.77,-0.09",
        "!!,34.77,-0.09",
        f"{'x' * 201},34.77,-0.09",
        "Nowhere,,",
        "Half,34.77,",
        "Words,east,south",
        "Nan,nan,-0.09",
        "Far,1e400,-0.09",
        "London,-0.12,51.5",
        "Nil,0,0",
        "Turned,-0.09,34.77",
        "Many,34.77,-0.09,x,y",
        "",
        "Kibuye,34.770001,-0.09",
        "Ahero,34.9,-0.17",
    ]
    found = read(put(HEAD + "\n".join(rows)))
    assert [place.name for place in found.places] == ["Kibuye", "Ahero"]
    assert skipped(found) == [
        (3, "name-missing"),
        (4, "name-missing"),
        (5, "name-too-long"),
        (6, "position-missing"),
        (7, "position-not-a-number"),
        (8, "position-not-a-number"),
        (9, "position-not-a-number"),
        (10, "position-not-a-number"),
        (11, "position-outside"),
        (12, "position-null-island"),
        (13, "position-swapped"),
        (14, "row-malformed"),
        (16, "duplicate"),
    ]
    assert found.rows == 15
    assert sum(found.counts.values()) == 13
    assert "row 2" in found.skipped[-1].reason


def test_what_repeats_a_place_adds_what_it_knows(put: Any) -> None:
    found = read(put("name,lon,lat,alt_names,county\nKibuye,34.77,-0.09,Kib,\nkibuye,34.77,-0.09,Soko,Kisumu\n"))
    assert [(p.name, p.alternatives, p.county) for p in found.places] == [("Kibuye", ("Kib", "Soko"), "Kisumu")]


def test_a_table_that_is_turned_throughout_is_turned_back(put: Any) -> None:
    found = read(put(HEAD + "Kibuye,-0.09,34.77\nAhero,-0.17,34.9\n"))
    assert [(p.lon, p.lat) for p in found.places] == [(34.77, -0.09), (34.9, -0.17)]
    assert [(f.kind, f.level) for f in found.findings] == [("swapped-axes", "repaired")]


def test_metres_are_refused_until_their_system_is_named(put: Any) -> None:
    path = put(HEAD + "Kibuye,697000,9990000\nAhero,711000,9981000\n")
    assert refused(path) == "places-wrong-crs"
    assert refused(path, crs="EPSG:0") == "places-wrong-crs"
    kibuye, ahero = read(path, crs="EPSG:32736").places
    assert (kibuye.lon, kibuye.lat) == pytest.approx((34.77, -0.09), abs=0.01)
    assert (ahero.lon, ahero.lat) == pytest.approx((34.896, -0.17), abs=0.01)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "places-empty"),
        (" \n\n", "places-empty"),
        ("just words\n", "places-no-names"),
        ("34.77,-0.09\n34.9,-0.17\n", "places-no-names"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "places-unreadable"),
        (b"\x00" * 5000, "places-unreadable"),
        (b"PK\x03\x04 and no more", "places-unreadable"),
    ],
)
def test_what_is_no_places_file_is_refused_with_a_reason(put: Any, content: str | bytes, code: str) -> None:
    assert refused(put(content)) == code


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.csv") == "places-unreadable"
    assert refused(tmp_path) == "places-unreadable"


def test_zip_bombs_and_odd_zips_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("places.csv", b"0" * 50_000_000)
    assert refused(path) == "places-too-large"
    for names in (["picture.png"], ["a.csv", "b.csv"], ["../../a.csv"]):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, HEAD)
        assert refused(path) == "places-unreadable"
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("places.csv", HEAD + "Kibuye,34.77,-0.09\n")
    path.write_bytes(damaged.getvalue().replace(b"Kibuye", b"Kubiye", 1))
    assert refused(path) == "places-unreadable"  # its checksum says so at the end


def test_a_file_that_points_elsewhere_is_refused(put: Any) -> None:
    text = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
    assert refused(put(text, "places.vrt")) == "places-unreadable"


def test_a_cell_of_ten_megabytes_costs_its_row_only(put: Any) -> None:
    huge = "x" * 10_000_000
    found = read(put(f"name,lon,lat\nKibuye,34.77,-0.09\n{huge},34.8,-0.1\nAhero,34.9,-0.17\n"))
    assert [place.name for place in found.places] == ["Kibuye", "Ahero"]
    assert skipped(found) == [(3, "row-malformed")]
    assert [f.kind for f in found.findings] == ["long-lines"]


def test_a_quote_that_is_never_closed_loses_no_more_than_a_cell_may_hold(put: Any) -> None:
    many = "".join(f"Place {n},34.77,-0.09\n" for n in range(20_000))
    found = read(put(HEAD + '"Open,34.8,-0.1\n' + many))
    lost = 20_000 - len(found.places)
    assert lost * len("Place 1000,34.77,-0.09\n") <= text_tables.MAX_CELL * 1.1
    assert found.skipped[0].code == "row-malformed"


@pytest.mark.parametrize("name", ["p.gpkg", "p.geojson", "p.fgb", "p.shp", "p.kmz", "p.xlsx"])
def test_layers_of_every_format_are_read(tmp_path: Path, name: str) -> None:
    frame = geopandas.GeoDataFrame(
        {"name": ["Kibuye", "Ahero"], "kind": ["market", "town"], "lon": [34.77, 34.9], "lat": [-0.09, -0.17]},
        geometry=[shapely.Point(34.77, -0.09), shapely.Point(34.9, -0.17)],
        crs=4326,
    )
    if name == "p.xlsx":
        pyogrio.write_dataframe(frame.drop(columns="geometry"), tmp_path / name)
    elif name == "p.kmz":
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("doc.kml", KML)
    else:
        options = {"SPATIAL_INDEX": "NO"} if name == "p.fgb" else {}  # such an index puts features in its own order
        frame.drop(columns=["lon", "lat"]).to_file(tmp_path / name, **options)
    found = read(tmp_path / name)
    assert [(p.name, p.lon, p.lat) for p in found.places] == [("Kibuye", 34.77, -0.09), ("Ahero", 34.9, -0.17)]
    assert found.skipped == ()


def test_areas_and_lines_are_places_by_a_point_on_them(tmp_path: Path) -> None:
    bent = shapely.Polygon([(34, 0), (35, 0), (35, 1), (34.9, 1), (34.9, 0.1), (34, 0.1)])
    line = shapely.LineString([(36, 0), (37, 0), (37, 1)])
    shapes = [bent, shapely.MultiPolygon([bent]), line, None, shapely.Polygon()]
    frame = geopandas.GeoDataFrame({"name": list("abcde")}, geometry=shapes, crs=4326)
    frame.to_crs(21037).to_file(tmp_path / "p.gpkg")
    found = read(tmp_path / "p.gpkg")
    on = {place.name: shapely.Point(place.lon, place.lat) for place in found.places}
    assert bent.covers(on["a"])
    assert bent.covers(on["b"])
    assert on["c"].distance(shapely.Point(37, 0)) < 0.001
    assert skipped(found) == [(4, "position-missing"), (5, "position-missing")]


def test_a_layer_without_crs_is_refused_unless_told(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"name": ["Kibuye"]}, geometry=[shapely.Point(34.77, -0.09)], crs=4326)
    frame.to_crs(32736).to_file(tmp_path / "p.shp")
    (tmp_path / "p.prj").unlink()
    assert refused(tmp_path / "p.shp") == "places-no-crs"
    assert read(tmp_path / "p.shp", crs="EPSG:32736").places[0].lon == pytest.approx(34.77)
    frame.to_crs(32736).to_file(tmp_path / "p.gpkg", layer="one")
    frame.to_file(tmp_path / "p.gpkg", layer="two")
    assert refused(tmp_path / "p.gpkg") == "places-many-layers"
    assert len(read(tmp_path / "p.gpkg", layer="two").places) == 1


def test_the_demos_own_places_are_read_whole() -> None:
    found = read(fixture("demo/places.csv"))
    assert len(found.places) == found.rows == 204
    assert found.places[1].alternatives == ("Kibuye", "Soko Kibuye")
    assert found.places[1].ward == "1198"


@pytest.mark.skipif(not REAL.exists(), reason="the real gazetteer is not on this machine")
def test_the_real_gazetteer_is_read_whole() -> None:
    found = read(REAL)
    assert found.rows == 56_886
    assert found.counts == {"position-outside": 1, "duplicate": 2}
    assert found.about == {"source": "geonames2018; moe_schools2016"}
    assert sum(1 for place in found.places if place.county) > 27_000
