"""The wards an area crosses, from the command line."""

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from responder_api.__main__ import main

Run = Callable[..., tuple[int, list[dict[str, str]], str]]
SQUARE = [[34.7, -0.15], [34.8, -0.15], [34.8, -0.05], [34.7, -0.05], [34.7, -0.15]]
CAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>1</identifier><sender>kmd@example.org</sender>
<sent>2026-04-26T12:00:00+03:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>
<info><category>Met</category><event>Flood</event><urgency>Immediate</urgency><severity>Severe</severity>
<certainty>Observed</certainty><area><areaDesc>Kisumu</areaDesc><circle>34.75,-0.1 3</circle></area></info></alert>"""


@pytest.fixture
def crossed(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command; give its status, its rows and what it told besides."""

    def run(*words: str) -> tuple[int, list[dict[str, str]], str]:
        capfdbinary.readouterr()
        status = main(["wards", "crossed", *words, "--data", str(tmp_path)])
        said = capfdbinary.readouterr()
        return status, list(csv.DictReader(io.StringIO(said.out.decode(), newline=""))), said.err.decode()

    return run


def test_a_circle_gives_wards_the_most_crossed_first(crossed: Run) -> None:
    status, rows, said = crossed("--circle", "34.75,-0.1,3000")
    assert status == 0
    sizes = [float(row["km2"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert {row["county"] for row in rows} == {"Kisumu"}
    assert f"{len(rows)} wards; the area has 28.3" in said
    assert "1 ward; the area has 0.00" in crossed("--circle", "34.75,-0.1,10")[2]
    _, fewer, _ = crossed("--circle", "34.75,-0.1,3000", "--min-share", "0.5")
    assert len(fewer) < len(rows)


def test_a_file_of_geojson_or_cap_is_told_apart_and_what_was_set_right_is_said(
    crossed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = tmp_path / "area.geojson"
    drawing.write_text(json.dumps({"type": "Polygon", "coordinates": [SQUARE[:-1]]}))
    status, rows, said = crossed(str(drawing), "--facilities")
    assert (status, bool(rows)) == (0, True)
    assert "note: ring-open" in said
    assert "places inside: " in said
    message = tmp_path / "warning.xml"
    message.write_bytes(CAP)
    _, rows, said = crossed(str(message))
    assert "note: swapped" in said
    assert rows == crossed("--circle", "34.75,-0.1,3000")[1]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CAP)))
    assert crossed("-")[1] == rows


def test_what_is_no_area_is_one_line_on_standard_error(crossed: Run, tmp_path: Path) -> None:
    point = tmp_path / "point.geojson"
    point.write_text('{"type": "Point", "coordinates": [34.7, -0.1]}')
    status, rows, said = crossed(str(point))
    assert (status, rows) == (2, [])
    assert said == "dharura: area-not-an-area: 'Point' is no area: give a Polygon or MultiPolygon\n"
    packed = tmp_path / "area.zip"
    packed.write_bytes(b"PK\x03\x04")
    assert crossed(str(packed)) == (
        2,
        [],
        "dharura: area-not-an-area: area.zip is neither GeoJSON nor a CAP message\n",
    )
    assert crossed(str(tmp_path / "none"))[0] == 2
    with pytest.raises(SystemExit):
        crossed("--circle", "34.75,-0.1")
    with pytest.raises(SystemExit):
        crossed()
