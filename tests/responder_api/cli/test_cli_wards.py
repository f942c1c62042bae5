"""A boundary file is looked through, kept whole, and is what counts from the next start on."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely

import fixtures
from geo.wards import Wards
from responder_api.__main__ import main
from responder_api.boundary_store import BEFORE_VERSIONS, BoundaryStore
from responder_api.cli import wards as wards_command
from responder_api.cli.folder import somebody
from responder_api.reference_data import boundaries, load_wards, load_world
from responder_api.settings import Settings

REAL = Path(__file__).parents[4] / "shared" / "data" / "kenya_wards.fgb"


def square(west: float, south: float, side: float = 0.1) -> Any:
    return json.loads(shapely.to_geojson(shapely.box(west, south, west + side, south + side)))


def feature(name: str, code: str, geometry: Any, **more: str) -> dict[str, Any]:
    labels = {"NAME": name, "CODE": code, "const": "Nyando", "const_code": "242", "county": "Kisumu"}
    return {"type": "Feature", "properties": {**labels, **more}, "geometry": geometry}


def written(path: Path, *features: dict[str, Any], **top: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": features}))
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return written(
        tmp_path / "two.geojson",
        feature("Ahero", "1208", square(34.9, -0.2)),
        feature("Kabonyo", "1209", square(35.0, -0.2)),
        source="drawn for this test",
    )


def test_what_is_imported_counts_from_the_next_start_on(
    tmp_path: Path, two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    assert main(["wards", "import", str(two), "--map", "ward=NAME,ward_code=CODE", "--data", str(data)]) == 0
    settings = Settings(data=data)
    wards = load_world(settings).wards
    assert [(w.code, w.name, w.path) for w in wards] == [
        ("1208", "Ahero", "KE.042.242.1208"),
        ("1209", "Kabonyo", "KE.042.242.1209"),
    ]
    assert wards.version == Wards.load(two, columns={"ward": "NAME", "ward_code": "CODE"}).version
    assert wards.about["source"] == "drawn for this test"
    assert not wards.approximate
    capsys.readouterr()
    assert main(["wards", "info", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    assert f"version {wards.version}, 2 wards" in out
    assert "042  Kisumu" in out
    assert "(imported)" in out
    assert boundaries(settings) == data / "boundaries" / wards.version / "wards.index"
    assert {path.name for path in data.iterdir()} == {"boundaries", wards_command.REPORT}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "whom these boundaries are owed to is not known; import again with --source WORDS and --licence WORDS"),
        (("--source", "IEBC"), "the licence of these boundaries is not known; import again with --licence WORDS"),
        (("--source", "IEBC", "--licence", "open"), ""),
    ],
)
def test_whom_boundaries_are_owed_to_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    file = written(tmp_path / "one.geojson", feature("Ahero", "1208", square(34.9, -0.2)))
    given = ["wards", "import", str(file), "--map", "ward=NAME,ward_code=CODE", "--data", str(tmp_path / "data")]
    assert main([*given, *words]) == 0
    told = capsys.readouterr()
    assert told.err == (f"note: {said}\n" if said else "")
    assert told.out.startswith("1 ward, boundary version")
    assert "the ward borders are those of the file" in told.out
    assert main([*given, "--source", "IEBC", "--licence", "open"]) == 0
    capsys.readouterr()
    assert main(given) == 0  # what was said once is still known
    assert capsys.readouterr().err == ""


def test_an_approximation_stays_one(tmp_path: Path) -> None:
    assert main(["wards", "import", str(fixtures.path("demo/wards.geojson")), "--data", str(tmp_path)]) == 0
    demo, kept = Wards.load(fixtures.path("demo/wards.geojson")), load_wards(Settings(data=tmp_path))
    assert kept.approximate
    assert kept.version == demo.version
    assert kept.about == demo.about


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a map", "boundaries-unreadable"),
        (b"", "boundaries-unreadable"),
        (b'{"type": "FeatureCollection", "features": []}', "boundaries-no-areas"),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    tmp_path: Path, two: Path, capsys: pytest.CaptureFixture[str], content: bytes, code: str
) -> None:
    data = tmp_path / "data"
    main(["wards", "import", str(two), "--map", "ward=NAME", "--data", str(data)])
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    bad = tmp_path / "bad.geojson"
    bad.write_bytes(content)
    assert main(["wards", "import", str(bad), "--data", str(data)]) == 2
    assert code in capsys.readouterr().err
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file()} == before


def test_a_column_that_is_not_there_is_said(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wards", "check", str(two)]) == 0  # NAME is one of the usual spellings
    assert main(["wards", "check", str(two), "--map", "ward=KATA"]) == 2
    assert "boundaries-unknown-column" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["wards", "check", str(two), "--map", "ward"])


def test_errors_are_shown_and_not_imported_unless_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[34.9, -0.2], [35.0, -0.1], [35.0, -0.2], [34.9, -0.1], [34.9, -0.2]]],
    }
    path = written(
        tmp_path / "bad.geojson",
        feature("Ahero", "1208", bow_tie),
        feature("Kabonyo", "1208", square(35.0, -0.2)),
        feature("Kobura", "1210", square(35.05, -0.2)),
    )
    report = tmp_path / "look.geojson"
    assert main(["wards", "check", str(path), "--report", str(report)]) == 1
    shown = json.loads(report.read_text())
    found = {each["properties"]["kind"] for each in shown["features"]}
    assert {"duplicate-code", "overlap"} <= found
    assert any(each["geometry"] is not None for each in shown["features"])
    out = capsys.readouterr().out
    assert "duplicate-code" in out
    data = tmp_path / "data"
    assert main(["wards", "import", str(path), "--data", str(data)]) == 1
    assert BoundaryStore(data).versions() == ()
    assert (data / wards_command.REPORT).exists()
    assert main(["wards", "import", str(path), "--data", str(data), "--accept-errors"]) == 0
    assert len(load_wards(Settings(data=data))) == 3


def test_a_setting_that_goes_before_is_said(
    tmp_path: Path, two: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DHARURA_BOUNDARIES", str(two))
    assert main(["wards", "import", str(two), "--map", "ward=NAME", "--data", str(tmp_path / "data")]) == 0
    assert "DHARURA_BOUNDARIES" in capsys.readouterr().err
    assert main(["wards", "info", "--data", str(tmp_path / "data")]) == 0
    assert "(DHARURA_BOUNDARIES)" in capsys.readouterr().out


def test_labels_cannot_paint_on_the_screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "Ahero\x1b[2J\x1b]0;owned\x07"
    path = written(
        tmp_path / "evil.geojson",
        feature(evil, "1208", square(34.9, -0.2)),
        feature("Kabonyo", "1208", square(34.95, -0.2)),
        source="\x1b[31mred",
    )
    assert main(["wards", "check", str(path)]) == 1
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.skipif(not REAL.exists(), reason="the real boundaries are not on this machine")
def test_the_real_file_is_kept_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wards", "import", str(REAL), "--data", str(tmp_path), "--source", "Omare 2017"]) == 0
    out = capsys.readouterr().out
    assert "1,450 wards" in out
    assert "overlap" in out
    real, kept = Wards.load(REAL), load_wards(Settings(data=tmp_path))
    assert kept.version == real.version
    assert list(kept) == list(real)
    assert kept.about["source"] == "Omare 2017"


@pytest.fixture
def versions(tmp_path: Path, two: Path) -> tuple[Path, str, str]:
    """A data folder with two versions: the second moves an edge, renames a ward and adds one."""
    data = tmp_path / "data"
    other = written(
        tmp_path / "three.geojson",
        feature("Ahero Town", "1208", square(34.9, -0.2)),
        feature("Kabonyo", "1209", square(35.0, -0.2, 0.09)),
        feature("Kobura", "1210", square(35.3, -0.2)),
    )
    found = []
    for path, more in ((two, ["--valid-from", "2013-03-04"]), (other, ["--no-activate", "--licence", "CC0"])):
        assert main(["wards", "import", str(path), *more, "--map", "ward=NAME", "--data", str(data)]) == 0
        found.append(Wards.load(path).version)
    return data, *found  # type: ignore[return-value]  # a folder and two versions


def test_versions_are_listed_with_what_counts(
    versions: tuple[Path, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    data, first, second = versions
    assert main(["wards", "list", "--data", str(data)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line[:14] for line in out if line[2:14] in (first, second)] == [f"* {first}", f"  {second}"]
    assert "in force since 2013-03-04" in out[1]
    assert "CC0" in out[3]
    assert out[-1] == f"{first} counts from the next start of dharura serve on."
    BoundaryStore(data).counts(first, datetime(2026, 11, 22, tzinfo=UTC), "server")
    assert main(["wards", "list", "--data", str(data)]) == 0
    assert f"to now: {first}" in capsys.readouterr().out
    assert main(["wards", "info", "--data", str(data)]) == 0
    assert f"version {first}, 2 wards, counts since 2026-11-2" in capsys.readouterr().out
    assert main(["wards", "list", "--data", str(data / "nowhere")]) == 0
    assert "No boundary version is kept here" in capsys.readouterr().out


def test_versions_are_compared_and_chosen_and_taken_back(
    versions: tuple[Path, str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, first, second = versions
    report = tmp_path / "diff.geojson"
    capsys.readouterr()
    assert main(["wards", "diff", first[:6], second[:6], "--report", str(report), "--data", str(data)]) == 0
    out = capsys.readouterr().out
    for words in ("added: 1", "renamed: 1", "moved: 1", "1209 Kabonyo, Nyando: +0 m2, -23.", "Total: 3 changes"):
        assert words in out
    kinds = [each["properties"]["kind"] for each in json.loads(report.read_text())["features"]]
    assert kinds == ["added", "renamed", "moved"]
    assert main(["wards", "diff", str(tmp_path / "two.geojson"), first, "--data", str(data)]) == 0
    assert "Total: no change" in capsys.readouterr().out
    assert main(["wards", "diff", "ffff", first, "--data", str(data)]) == 2
    assert "boundary-version-unknown" in capsys.readouterr().err
    assert main(["wards", "rollback", "--data", str(data)]) == 2
    assert "boundary-nothing-before" in capsys.readouterr().err
    assert main(["wards", "activate", second[:6], "--data", str(data)]) == 0
    assert load_wards(Settings(data=data)).version == second
    assert main(["wards", "rollback", "--data", str(data)]) == 0
    assert load_wards(Settings(data=data)).version == first
    assert [each.by for each in BoundaryStore(data).history()] == [somebody()] * 3


def test_a_file_of_an_earlier_release_is_the_first_version(
    tmp_path: Path, two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / BEFORE_VERSIONS).write_bytes(fixtures.path("demo/wards.geojson").read_bytes())
    assert boundaries(Settings(data=data)) == data / BEFORE_VERSIONS
    assert main(["wards", "info", "--data", str(data)]) == 0
    assert "(imported)" in capsys.readouterr().out
    demo = Wards.load(data / BEFORE_VERSIONS).version
    assert main(["wards", "import", str(two), "--map", "ward=NAME", "--data", str(data)]) == 0
    assert BoundaryStore(data).chosen() == (demo, Wards.load(two).version)
    assert main(["wards", "rollback", "--data", str(data)]) == 0
    assert load_wards(Settings(data=data)).version == demo


def test_codes_and_places_are_taken_at_the_import(
    tmp_path: Path, two: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, codes, places = tmp_path / "data", tmp_path / "codes.csv", tmp_path / "places.csv"
    codes.write_text("ward,constituency,ward_code,code_2022\nAHERO,Nyando,1208,1209\nKabonyo,Nyando,1209,1208\n")
    rows = [("Ahero Market", 35.05), ("Ahero Primary", 35.04), ("Kabonyo Chief's Camp", 34.95)]
    places.write_text("name,lon,lat\n" + "".join(f"{name},{lon},-0.15\n" for name, lon in rows))
    files = ["--codes", str(codes), "--places", str(places), "--data", str(data)]
    assert main(["wards", "import", str(two), *files]) == 0
    out = capsys.readouterr().out
    assert "codes-exchanged: 1" in out
    assert "likely exchanged: of places named after Ahero, 2 lie in Kabonyo and 0 in it" in out
    (about,) = BoundaryStore(data).versions()
    assert about.findings["warning swapped-names"] == 1
    assert about.checksum == hashlib.sha256(two.read_bytes()).hexdigest()
    wards = load_wards(Settings(data=data))
    assert (wards.by_code("iebc-2022", "1208"), wards.by_code("iebc-2012", "1208")) == (1, 0)
    assert main(["wards", "info", "--data", str(data)]) == 0
    assert "codes iebc-2022: 2 of 2 wards" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["wards", "import", str(two), "--valid-from", "last year"])
