"""Which wards lie below a station: by its own list, by the rivers, or nobody's."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures import path
from geo.places import Rejected
from geo.rivers import Rivers
from responder_api.reference_data import load_rivers, load_stations
from responder_api.settings import Settings

RIVERS: dict[str, Any] = {
    "gauges": [
        {
            "id": "upper",
            "river": "Yala",
            "next": [{"gauge": "lower", "minutes": 60}],
            "wards": [{"path": "KE.041.232.1156", "minutes": 10}],
        },
        {"id": "lower", "river": "Yala", "wards": [{"path": "KE.041.234.1163", "minutes": 5}]},
    ]
}


@pytest.fixture
def rivers(tmp_path: Path) -> Path:
    file = tmp_path / "rivers.json"
    file.write_text(json.dumps(RIVERS), encoding="utf-8")
    return file


def stations(folder: Path, **more: Any) -> Path:
    station = {"id": "upper", "name": "Yala above", "lon": 34.5, "lat": 0.1, "datum": "staff gauge zero"}
    mark = {"name": "alert", "raise_at": 2.0, "clear_at": 1.8, "severity": "Moderate"}
    file = folder / "stations.json"
    file.write_text(json.dumps({"stations": [{**station, "county": "KE.041", "marks": [mark], **more}]}))
    return file


def below(file: Path, rivers: Rivers) -> list[tuple[str, float]]:
    return [(arrival.ward, arrival.minutes) for arrival in load_stations(file, rivers)["upper"].wards]


def test_a_station_that_lists_no_wards_has_those_that_its_river_reaches(tmp_path: Path, rivers: Path) -> None:
    known = Rivers.load(rivers)
    assert below(stations(tmp_path), known) == [("KE.041.232.1156", 10.0), ("KE.041.234.1163", 65.0)]


def test_a_stations_own_list_counts_even_when_it_is_empty(tmp_path: Path, rivers: Path) -> None:
    known = Rivers.load(rivers)
    own = [{"ward_path": "KE.041.233.1161", "minutes": 30}]
    assert below(stations(tmp_path, downstream=own), known) == [("KE.041.233.1161", 30.0)]
    assert below(stations(tmp_path, downstream=[]), known) == []


def test_a_station_on_no_river_has_none_below(tmp_path: Path) -> None:
    assert below(stations(tmp_path), Rivers(())) == []


def test_the_demos_rivers_go_with_the_demos_stations_only(tmp_path: Path, rivers: Path) -> None:
    assert "nyando-ahero" in load_rivers(Settings())
    assert "nyando-ahero" not in load_rivers(Settings(stations=stations(tmp_path)))
    assert "upper" in load_rivers(Settings(stations=stations(tmp_path), rivers=rivers))
    assert all(gauge.wards for gauge in load_stations(path("demo/gauges.json"), load_rivers(Settings())).values())


def test_rivers_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"gauges": [{"id": "a", "river": "b", "next": [{"gauge": "c", "minutes": 1}]}]}')
    with pytest.raises(Rejected) as refused:
        load_rivers(Settings(rivers=wrong))
    assert refused.value.code == "rivers-invalid"
