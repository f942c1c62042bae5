"""The gauges known here, and whom the water of one reaches and when."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

import fixtures
from responder_api.__main__ import main

Run = Callable[..., tuple[list[dict[str, str]], str]]


@pytest.fixture
def rivers(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command; give its rows and what it told besides."""

    def run(*words: str) -> tuple[list[dict[str, str]], str]:
        capfdbinary.readouterr()
        assert main(["rivers", *words, "--data", str(tmp_path)]) == 0
        said = capfdbinary.readouterr()
        return list(csv.DictReader(io.StringIO(said.out.decode(), newline=""))), said.err.decode()

    return run


def test_gauges_are_listed_with_what_they_flow_to(rivers: Run) -> None:
    demo, _ = rivers("list")
    assert {"nyando-ogilo", "lake-victoria-kisumu"} <= {row["gauge"] for row in demo}
    five, _ = rivers("list", "--rivers", str(fixtures.path("rivers")))
    by_id = {row["gauge"]: row for row in five}
    assert by_id["migori-town"]["next"] == by_id["gucha-gogo"]["next"] == "gucha-wath-onger"
    assert (by_id["tana-garissa"]["lon"], by_id["tana-garissa"]["lat"]) == ("39.64", "-0.46")


def test_wards_downstream_come_with_names_and_times(rivers: Run) -> None:
    rows, said = rivers("downstream", "nyando-ahero", "--rivers", str(fixtures.path("rivers/nyando.json")))
    assert [float(row["minutes"]) for row in rows] == sorted(float(row["minutes"]) for row in rows)
    last = {row["ward_path"]: row for row in rows}["KE.042.242.1209"]
    assert (last["ward"], last["county"], last["basis"]) == ("Kabonyo/Kanyagwal", "Kisumu", "estimated")
    assert 0 < int(last["earliest"]) < int(last["minutes"]) < int(last["latest"])
    assert "estimated times" in said


def test_wards_that_the_boundaries_lack_keep_their_path_and_are_counted(rivers: Run) -> None:
    rows, said = rivers("downstream", "tana-garsen", "--rivers", str(fixtures.path("rivers")))
    assert rows
    assert {row["ward"] for row in rows} == {""}
    assert f"{len(rows)} of these {len(rows)} wards are not in the boundaries" in said


def test_an_unknown_gauge_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rivers", "downstream", "ganges", "--data", str(tmp_path)]) == 2
    assert "gauge-unknown" in capsys.readouterr().err
