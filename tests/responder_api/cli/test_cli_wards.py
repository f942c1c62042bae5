"""A boundary file is looked through, kept whole, and is what counts from the next start on."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

import fixtures
from geo.wards import Wards
from responder_api.__main__ import main
from responder_api.boundary_store import BoundaryStore
from responder_api.cli import wards as wards_command
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
