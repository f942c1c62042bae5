"""Other boundaries are held against the areas that people, incidents and stations stand in."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

import fixtures
from geo.wards import Wards
from responder_api.__main__ import main
from responder_api.areas_in_use import Use, is_here, lost

Made = Callable[..., Wards]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Wards of Nyando, given as (name, code)."""

    def make(*wards: tuple[str, str], county: str = "Kisumu") -> Wards:
        features = [
            {
                "type": "Feature",
                "properties": {"ward": name, "ward_code": code, "constituency": "Nyando", "constituency_code": "242"}
                | {"county": county},
                "geometry": json.loads(shapely.to_geojson(shapely.box(34.9 + n, -0.2, 35.0 + n, -0.1))),
            }
            for n, (name, code) in enumerate(wards)
        ]
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return Wards.load(path)

    return make


def use(area: str) -> Use:
    return Use(kind="responder", who="baraka", area=area)


def test_an_area_that_goes_or_means_another_is_lost(made: Made) -> None:
    before = made(("Ahero", "1208"), ("Kabonyo", "1209"))
    after = made(("AHERO", "1208"), ("Kobura", "1209"))
    ahero, kabonyo, gone = use("KE.042.242.1208"), use("KE.042.242.1209"), made(("Ahero", "1208"))
    assert lost([ahero, use("KE"), use("KE.042"), use("KE.042.242")], before, after) == ()
    (other,) = lost([kabonyo], before, after)
    assert str(other) == (
        "responder baraka: KE.042.242.1209 would be Kobura, Nyando, Kisumu, is Kabonyo, Nyando, Kisumu now"
    )
    (missing,) = lost([kabonyo], before, gone)
    assert str(missing) == "responder baraka: KE.042.242.1209 is not there, is Kabonyo, Nyando, Kisumu now"
    assert not is_here(gone, "KE.042.242.1209")


def test_what_stood_nowhere_before_loses_nothing(made: Made) -> None:
    wards = made(("Ahero", "1208"))
    assert lost([use("KE.001")], wards, wards) == ()
    assert [str(each) for each in lost([use("KE.001")], None, wards)] == ["responder baraka: KE.001 is not there"]


def test_the_wards_that_own_stations_warn_are_looked_up(
    tmp_path: Path, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made(("Ahero", "1208"))
    county = next(tmp_path.glob("*.geojson"))
    data = ["--data", str(tmp_path / "data")]
    monkeypatch.setenv("DHARURA_STATIONS", str(fixtures.path("demo/gauges.json")))
    monkeypatch.setenv("DHARURA_RIVERS", str(fixtures.path("demo/rivers.json")))
    assert main(["wards", "import", str(county), *data]) == 1
    err = capsys.readouterr().err
    assert "station gucha-ogembo: KE.045.265.1324 is not there, is Boochi/Tendere, Bomachoge Chache, Kisii now" in err
    assert "KE.042.242.1208 is not" not in err
    monkeypatch.delenv("DHARURA_STATIONS")
    monkeypatch.delenv("DHARURA_RIVERS")
    assert main(["wards", "import", str(county), *data]) == 0
