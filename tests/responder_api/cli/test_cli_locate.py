"""One position, one text or a table: each row gets its ward or a reason, and comes out as it went in."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fixtures
from geo.wards import Wards
from responder_api.__main__ import main
from responder_api.cli.locate import GIVEN
from responder_api.cli.table import AT_ONCE

REAL = Path(__file__).parents[4] / "shared" / "data" / "kenya_wards.fgb"
Rows = list[dict[str, str]]


@pytest.fixture
def locate(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Rows]:
    """Run the command, with a table on stdin if one is given; give its answer as rows."""

    def run(*words: str, table: str | bytes | None = None) -> Rows:
        if table is not None:
            data = table if isinstance(table, bytes) else table.encode()
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        capfdbinary.readouterr()
        assert main(["locate", "--data", str(tmp_path), *words]) == 0
        text = capfdbinary.readouterr().out.decode("utf-8", "surrogateescape")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return run


@pytest.fixture(scope="module")
def demo() -> Wards:
    return Wards.load(fixtures.path("demo/wards.geojson"))


def test_one_position(locate: Callable[..., Rows], demo: Wards) -> None:
    ward = demo.ward(demo.row("1208"))
    (row,) = locate(str(ward.lon), str(ward.lat))
    assert list(row) == ["lon", "lat", *GIVEN]
    assert (row["ward_code"], row["ward"], row["county"]) == ("1208", ward.name, "Kisumu")
    assert float(row["edge_m"]) > 0
    candidates = json.loads(row["candidates"])
    assert candidates[0] == {"ward_code": "1208", "confidence": float(row["confidence"])}


def test_one_text(locate: Callable[..., Rows]) -> None:
    (row,) = locate("mafuriko karibu na Ahero market")
    assert row["text"] == "mafuriko karibu na Ahero market"
    assert row["ward"] == "Ahero"
    assert row["reason"]


def test_words_that_name_no_place_assert_nothing(locate: Callable[..., Rows]) -> None:
    (row,) = locate("help us please")
    assert (row["ward_code"], row["candidates"], row["confidence"]) == ("", "[]", "0.0000")
    assert row["reason"].startswith("place-unknown: ")
    assert row["reason"].endswith("near it.")


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        ("-0.0917", "34.7617", "position-swapped"),
        ("0", "0", "position-null-island"),
        ("x", "1", "lon is 'x'"),
        ("", "1", "there is no lon"),
        ("34.7", "nan", "position-not-a-number"),
        ("34.7", "1e400", "position-not-a-number"),
        ("181", "1", "position-out-of-range"),
        ("10", "10", "position-outside: outside Kenya; the nearest ward is"),
        ("39.5", "3.5", "outside-boundaries: outside the boundaries known here; the nearest ward is"),
    ],
)
def test_a_row_that_lies_nowhere_gets_its_reason(
    locate: Callable[..., Rows], demo: Wards, lon: str, lat: str, said: str
) -> None:
    ward = demo.ward(0)
    bad, good = locate(table=f"id,lon,lat\n1,{lon},{lat}\n2,{ward.lon},{ward.lat}\n")
    assert (bad["ward_code"], bad["lon"], bad["lat"]) == ("", lon, lat)
    assert said in bad["reason"]
    assert (good["id"], good["ward_code"]) == ("2", ward.code)


def test_points_near_an_edge_have_more_than_one_candidate(locate: Callable[..., Rows], demo: Wards) -> None:
    shape = demo.geometry(demo.row("1208"))
    x, y = shape.exterior.coords[0] if shape.geom_type == "Polygon" else shape.geoms[0].exterior.coords[0]
    rows = locate(table=f"lon,lat,accuracy_m\n{x},{y},100\n{x},{y},\n{x},{y},-1\n")
    for row in rows:
        first, *others = json.loads(row["candidates"])
        assert others
        assert first == {"ward_code": row["ward_code"], "confidence": float(row["confidence"])}
        assert [c["confidence"] for c in others] == sorted((c["confidence"] for c in others), reverse=True)
        assert 0.99 < sum(c["confidence"] for c in (first, *others)) <= 1.001


def test_the_answers_are_the_index_s_own(locate: Callable[..., Rows], demo: Wards) -> None:
    west, south, east, north = 34.2, -1.2, 35.3, 0.2
    points = [(west + (east - west) * i / 40, south + (north - south) * j / 40) for i in range(41) for j in range(41)]
    rows = locate(table="Longitude;LATITUDE\n" + "".join(f"{x!r};{y!r}\n" for x, y in points))
    expected = demo.locate([x for x, _ in points], [y for _, y in points]).tolist()
    assert [row["ward_code"] for row in rows] == ["" if r < 0 else demo.ward(r).code for r in expected]
    assert len({row["ward_code"] for row in rows}) > 50


def test_a_table_of_words(locate: Callable[..., Rows], tmp_path: Path) -> None:
    path = tmp_path / "sms.csv"
    path.write_text('no,what\n1,"moto, Ahero\nmarket"\n2,\n3,Awasi\n')
    rows = locate("--text", "what", str(path))
    assert [(row["no"], row["ward"]) for row in rows] == [("1", "Ahero"), ("2", ""), ("3", "Awasi/Onjiko")]
    assert rows[0]["what"] == "moto, Ahero\nmarket"


def test_a_list_of_texts_needs_no_quotes(locate: Callable[..., Rows], tmp_path: Path) -> None:
    path = tmp_path / "sms.csv"
    path.write_text("text\nmoto, sokoni, Ahero\nAwasi\n")
    rows = locate("--text", "text", str(path))
    assert [(row["text"], row["ward"]) for row in rows] == [("moto, sokoni, Ahero", "Ahero"), ("Awasi", "Awasi/Onjiko")]


def test_near_decides_between_wards_of_one_name(locate: Callable[..., Rows], tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("name,lon,lat\nSokoni,34.92,-0.17\nSokoni,34.47,-1.06\n")
    (open_,) = locate("--places", str(places), "maji sokoni")
    assert open_["ward_code"] == ""
    assert len(json.loads(open_["candidates"])) > 1
    (near,) = locate("--places", str(places), "--near", "34.92,-0.17", "maji sokoni")
    (area,) = locate("--places", str(places), "--near", "KE.042", "maji sokoni")
    assert json.loads(near["candidates"])[0] == json.loads(area["candidates"])[0] | {
        "confidence": json.loads(near["candidates"])[0]["confidence"]
    }


def test_rows_come_out_as_they_went_in(locate: Callable[..., Rows]) -> None:
    table = b'\xef\xbb\xbfid,text,note\n1,Ahero,caf\xe9 \x00\xff\n2,Ahero\n3,Ahero,a,b\n\n4,"Ahero","=1+1 ""quoted"""\n'
    rows = locate("--text", "text", table=table)
    assert [row["id"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["note"].encode("utf-8", "surrogateescape") == b"caf\xe9 \x00\xff"
    assert rows[3]["note"] == '=1+1 "quoted"'
    assert [bool(row["ward_code"]) for row in rows] == [True, False, False, True]
    assert "2 cells where the header has 3" in rows[1]["reason"]
    assert "4 cells where the header has 3" in rows[2]["reason"]


def test_a_column_of_the_same_name_is_kept_apart(locate: Callable[..., Rows]) -> None:
    (row,) = locate("--text", "text", table="text,ward_code\nAhero,told\n")
    assert (row["ward_code_given"], row["ward_code"]) == ("told", "1208")


@pytest.mark.parametrize(
    ("words", "table", "said"),
    [
        ((), "", "nothing in it"),
        ((), "a,b\n1,2\n", "no lon and lat, or text in the table; it has: a, b"),
        (("--points",), "lon,b\n1,2\n", "no columns lon and lat"),
        (("--text", "msg"), "lon,lat\n1,2\n", "no column msg"),
        (("--points", "nowhere.csv"), None, "nowhere.csv"),
        ((), "\0\1PK,b\n1,2\n", "it is no text"),
        ((), ",".join(f"c{k}" for k in range(99)) + "\n", "c39 ..."),
        (("--near", "KE.999", "Ahero"), None, "--near KE.999: these boundaries have no such area"),
    ],
)
def test_a_table_that_cannot_be_read_is_said(
    words: tuple[str, ...],
    table: str | None,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((table or "").encode())))
    assert main(["locate", "--data", str(tmp_path), *words]) == 2
    assert said in capsys.readouterr().err


def test_what_is_no_table_is_not_shown_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(bytes(range(128, 256)) * 40 + b",lon\n")
    assert main(["locate", "--data", str(tmp_path), str(picture)]) == 2
    said = capsys.readouterr().err
    assert said == "dharura: no-table: it is no text, so no CSV: save the table as CSV first\n"


def test_a_near_may_begin_with_a_minus(locate: Callable[..., Rows]) -> None:
    assert locate("--near", "-0.17,34.92", "Ahero") == locate("--near", "34.92,-0.17", "Ahero")
    (row,) = locate("-0.0917,34.7617")
    assert row["text"] == "-0.0917,34.7617"
    assert row["ward_code"]


def test_a_number_alone_and_a_folder_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["34.76"], "34.76 alone is no position, lat is missing: write LON LAT, as 34.76 -0.09"),
        (["-0.09"], "-0.09 alone is no position, lon is missing"),
        (["--points", "34.76"], "lat is missing"),
        ([str(tmp_path)], f"{tmp_path} is a folder: name a table in it"),
        (["--points", str(tmp_path)], "is a folder"),
    ):
        assert main(["locate", "--data", str(tmp_path), *words]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("near", ["200,36.8", "somewhere", "KE.9999"])
def test_a_near_that_is_nowhere_is_refused(near: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["locate", "--data", str(tmp_path), "--near", near, "Ahero"])
    assert "write LON,LAT in Kenya, or an area as KE.042" in capsys.readouterr().err


def test_a_row_s_own_context_goes_before_the_option(locate: Callable[..., Rows], tmp_path: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text("name,lon,lat\nSokoni,34.92,-0.17\nSokoni,34.47,-1.06\n")
    options = ("--places", str(places), "--text", "text")
    kisumu, migori, swapped, none, nonsense = locate(
        *options,
        "--near",
        "KE.044",
        table='text,near_lon,near_lat,near\nmaji sokoni,34.92,-0.17,\nmaji sokoni,,,"34.47, -1.06"\n'
        "maji sokoni,-0.17,34.92,\nmaji sokoni,,,\nmaji sokoni,x,NaN,somewhere\n",
    )
    first = [json.loads(row["candidates"])[0]["ward_code"] for row in (kisumu, migori, swapped, none, nonsense)]
    assert first == [first[0], first[1], first[0], first[1], first[1]]
    assert first[0] != first[1]
    (county,) = locate(*options, table="text,Near\nmaji sokoni,Kisumu\n")
    assert json.loads(county["candidates"])[0]["ward_code"] == first[0]


def test_the_radius_says_how_far_around_wards_are_listed(locate: Callable[..., Rows], demo: Wards) -> None:
    ward = demo.ward(demo.row("1208"))
    near, far = (locate("--radius", metres, str(ward.lon), str(ward.lat))[0] for metres in ("0", "20000"))
    listed = [{each["ward_code"] for each in json.loads(row["candidates"])} for row in (near, far)]
    assert listed[0] < listed[1]
    assert len(listed[1]) > 5
    with pytest.raises(SystemExit):
        locate("--radius", "far", "34.76", "-0.1")


def test_more_rows_than_are_answered_at_once_keep_their_order(locate: Callable[..., Rows], demo: Wards) -> None:
    wards = [demo.ward(n % len(demo)) for n in range(AT_ONCE + 10)]
    body = "".join(f"{n},{ward.lon!r},{ward.lat!r}\r\n" for n, ward in enumerate(wards))
    broken = AT_ONCE - 1
    lines = ("\ufeffid,LONGITUDE,Lat\r\n" + body).split("\r\n")
    lines[1 + broken] = f"{broken},nan,1"
    rows = locate("--points", table="\r\n".join(lines))
    assert [row["id"] for row in rows] == [str(n) for n in range(len(wards))]
    expected = ["" if n == broken else ward.code for n, ward in enumerate(wards)]
    assert [row["ward_code"] for row in rows] == expected
    assert rows[broken]["reason"] == "position-not-a-number: lon is 'nan'"


def test_a_reader_that_goes_away_is_no_error_with_a_trace(tmp_path: Path) -> None:
    table = tmp_path / "many.csv"
    table.write_text("lon,lat\n" + "34.76,-0.1\n" * 30_000)
    command = [sys.executable, "-m", "responder_api", "locate", "--data", str(tmp_path), str(table)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        assert run.stdout.readline().startswith(b"lon,lat,ward_code")
        run.stdout.close()
        said = run.stderr.read().decode()
    assert "Traceback" not in said
    assert "Exception" not in said


@pytest.mark.skipif(not REAL.exists(), reason="the real boundaries are not on this machine")
def test_kisumu_on_the_real_boundaries(locate: Callable[..., Rows]) -> None:
    (row,) = locate("--boundaries", str(REAL), "34.7617", "-0.0917")
    assert row["county"] == "Kisumu"
    assert row["constituency"] == "Kisumu Central"


def test_boundaries_that_are_imported_are_used(locate: Callable[..., Rows], tmp_path: Path) -> None:
    top: dict[str, Any] = json.loads(fixtures.path("demo/wards.geojson").read_text())
    top["features"] = [f for f in top["features"] if f["properties"].get("ward_code") == "1208"]
    (tmp_path / "wards.geojson").write_text(json.dumps(top))
    ward = Wards.load(tmp_path / "wards.geojson").ward(0)
    (row, other) = locate(table=f"lon,lat\n{ward.lon},{ward.lat}\n34.76,-0.1\n")
    assert (row["ward_code"], other["ward_code"]) == ("1208", "")
