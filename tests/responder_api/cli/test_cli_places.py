"""A county's place names are kept with whom they are owed to, and are what counts from the next start on."""

import csv
import json
from pathlib import Path

import pytest

import fixtures
from responder_api.__main__ import main
from responder_api.place_store import PlaceStore, in_use
from responder_api.settings import Settings

OWED = ["--source", "County survey 2026", "--licence", "CC BY 4.0"]


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "Kisumu Names.csv"
    path.write_text("JINA,x,y,aina\nKibuye,34.77,-0.09,market\nKibuye Primary,34.771,-0.091,school\nNowhere,,,\n")
    return path


def run(data: Path, *words: object) -> int:
    return main(["places", *(str(word) for word in words), "--data", str(data)])


def test_what_is_imported_counts(tmp_path: Path, names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, report = tmp_path / "data", tmp_path / "skipped.csv"
    assert in_use(Settings(data=data)).origin == "demo"
    assert run(data, "import", names, *OWED, "--report", report) == 0
    assert "1 skipped: position-missing" in capsys.readouterr().out
    one = tmp_path / "one.csv"
    one.write_text("name,lon,lat\nKibuye,34.77,-0.09\n")
    assert run(tmp_path / "other", "import", one, *OWED) == 0
    assert capsys.readouterr().out.startswith("1 row, 1 place\n")
    assert list(csv.reader(report.read_text().splitlines())) == [
        ["row", "code", "reason", "name"],
        ["4", "position-missing", "there is no position", "Nowhere"],
    ]
    found = in_use(Settings(data=data))
    assert found.origin == "imported"
    assert [place.name for place in found.places] == ["Kibuye", "Kibuye Primary"]
    assert [(s.name, s.source, s.licence, s.places) for s in found.sources] == [
        ("kisumu-names", "County survey 2026", "CC BY 4.0", 2)
    ]
    assert run(data, "list") == 0
    assert "County survey 2026; CC BY 4.0" in capsys.readouterr().out
    assert run(data, "show", "kisumu-names") == 0
    shown = capsys.readouterr().out
    assert "2 places of 3 rows" in shown
    assert "1  market" in shown
    assert {path.name for path in (data / "places").iterdir()} == {"kisumu-names.json"}


def test_several_sets_count_together_and_can_be_taken_away(
    tmp_path: Path, names: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "import", names, *OWED) == 0
    assert run(tmp_path, "import", fixtures.path("demo/places.csv"), "--name", "demo", "--licence", "mixed") == 0
    assert len(in_use(Settings(data=tmp_path)).places) == 206
    assert run(tmp_path, "import", names, *OWED, "--name", "demo") == 0  # takes the other's place
    assert len(in_use(Settings(data=tmp_path)).places) == 4
    assert run(tmp_path, "remove", "demo") == 0
    assert len(in_use(Settings(data=tmp_path)).places) == 2
    assert run(tmp_path, "remove", "demo") == 2
    assert "places-set-unknown" in capsys.readouterr().err


@pytest.mark.parametrize("said", [[], OWED[:2], OWED[2:]])
def test_names_that_are_owed_to_nobody_are_not_kept(
    tmp_path: Path, names: Path, capsys: pytest.CaptureFixture[str], said: list[str]
) -> None:
    assert run(tmp_path, "import", names, *said) == 2
    told = capsys.readouterr().err
    assert "places-no-source" in told
    assert ("--source" in told, "--licence" in told) == (said != OWED[:2], said != OWED[2:])
    assert not (tmp_path / "places").exists()


def test_what_a_file_says_of_itself_need_not_be_said_again(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [34.77, -0.09]}
    features = [{"type": "Feature", "properties": {"name": "Kibuye"}, "geometry": point}]
    about = {"name": "Names of Kisumu", "attribution": "The county", "licence": "CC BY 4.0"}
    path = tmp_path / "names.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", **about, "features": features}))
    assert run(tmp_path, "import", path) == 0
    kept = PlaceStore(tmp_path).about("names")
    assert (kept.title, kept.source, kept.licence) == ("Names of Kisumu", "The county", "CC BY 4.0")
    assert len(kept.checksum) == 64


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--map", "name=KATA"], "places-unknown-column"),
        (["--name", "../evil"], "places-set-name"),
        (["--name", "Evil"], "places-set-name"),
        (["--crs", "EPSG:0"], "places-wrong-crs"),
    ],
)
def test_what_cannot_be_kept_changes_nothing(
    tmp_path: Path, names: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: str
) -> None:
    assert run(tmp_path, "import", names, *OWED) == 0
    before = (tmp_path / "places" / "kisumu-names.json").read_bytes()
    assert run(tmp_path, "import", names, *OWED, *words) == 2
    assert code in capsys.readouterr().err
    assert [path.read_bytes() for path in (tmp_path / "places").iterdir()] == [before]


def test_a_file_without_one_place_is_not_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "far.csv"
    path.write_text("name,lon,lat\nLondon,-0.12,51.5\n")
    assert run(tmp_path, "import", path, *OWED) == 2
    told = capsys.readouterr()
    assert "places-empty" in told.err
    assert "row 2: London" in told.out


def test_columns_are_named_as_for_wards(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("a;b;c\nKibuye;34,77;-0,09\n")
    assert run(tmp_path, "import", path, "--map", "name=a,lon=b", "--map", "lat=c", *OWED) == 0
    assert PlaceStore(tmp_path).load("odd")[0].lon == 34.77
    with pytest.raises(SystemExit):
        run(tmp_path, "import", path, "--map", "name")


def test_a_name_is_looked_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "find", "kibuye") == 0  # in the demo's own
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("Kibuye Market (also Kibuye, Soko Kibuye): market, ")
    assert "(KE.042." in first
    assert "GeoNames 2018, CC BY 4.0" in first
    assert run(tmp_path, "find", "Kibuyee", "market") == 0
    assert "Kibuye Market" in capsys.readouterr().out
    assert run(tmp_path, "find", "zzzzzz") == 1
    assert run(tmp_path, "find", "??") == 1


def test_a_setting_that_goes_before_is_said(
    tmp_path: Path, names: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DHARURA_PLACES", str(names))
    assert run(tmp_path, "import", names, *OWED) == 0
    assert "DHARURA_PLACES" in capsys.readouterr().err
    assert run(tmp_path, "list") == 0
    assert f"These count: {names}" in capsys.readouterr().out
    assert in_use(Settings(data=tmp_path, places=names)).origin == "named"


def test_a_set_that_was_damaged_is_said(tmp_path: Path, names: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "import", names, *OWED) == 0
    (tmp_path / "places" / "kisumu-names.json").write_bytes(b'{"about": \xff')
    assert run(tmp_path, "list") == 2
    assert "places-set-damaged" in capsys.readouterr().err


def test_names_cannot_paint_on_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evil.csv"
    path.write_text("name,lon,lat,source\nKibuye\x1b[2J,34.77,-0.09,\x1b[31mred\nEvil\x1b[2J,x,y,\n")
    assert run(tmp_path, "import", path, "--licence", "none\x1b[1m") == 0
    for words in (["list"], ["show", "evil"], ["find", "kibuye"]):
        run(tmp_path, *words)
    assert "\x1b" not in capsys.readouterr().out
