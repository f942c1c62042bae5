"""`dharura send join|merge|split|reopen`: incidents are regrouped from the terminal, by short numbers, and put back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]

SHORE, RIVER = ("--lon", "34.75", "--lat", "-0.13"), ("--lon", "34.92", "--lat", "-0.2")


@pytest.fixture
def say(house: Any, dharura: Run, password_file: Path) -> Run:
    def run(what: str, *words: str) -> int:
        who = () if what == "report" else ("--as", "amina", "--password-file", str(password_file))
        return dharura("send", what, "--server", house.url, *who, *words)

    return run


def documents(house: Any, kind: str) -> dict[str, dict[str, Any]]:
    house.settle()
    return {each["id"]: each for each in house.ask("GET", f"/{kind}s")["items"]}


def test_incidents_are_regrouped_and_put_back_from_the_terminal(house: Any, say: Run, capsys: Captured) -> None:
    for words in (("water in the houses", *SHORE), ("flood, people trapped", *SHORE), ("the road is gone", *RIVER)):
        assert say("report", *words, "--hazard", "flood") == 0
    assert say("report", "tusaidieni tafadhali", "--channel", "call") == 0
    by_text = {each["text"]: each for each in documents(house, "report").values()}
    grave, waiting = by_text["flood, people trapped"], by_text["tusaidieni tafadhali"]
    incidents = documents(house, "incident")
    shore = incidents[grave["incident"]]
    (river,) = [each for each in incidents.values() if each["id"] != shore["id"]]
    capsys.readouterr()

    assert say("join", waiting["reference"].lower(), shore["reference"]) == 0
    assert capsys.readouterr().out.endswith(f", part of {shore['reference']}\n")
    assert documents(house, "report")[waiting["id"]]["incident"] == shore["id"]

    assert say("split", shore["reference"], grave["reference"], waiting["id"], "--reason", "the school") == 0
    new, old = capsys.readouterr().out.splitlines()
    assert f"new, split off {shore['reference']}, 2 reports" in new
    assert old.startswith(shore["reference"])
    assert "1 report" in old
    (school,) = [each for each in documents(house, "incident").values() if each.get("split_from") == shore["id"]]
    assert say("split", shore["reference"], grave["reference"]) == 1
    assert "the report named is not part of it any more" in capsys.readouterr().err

    assert say("merge", school["reference"], river["reference"], "--reason", "one river") == 0
    assert f"is part of {river['reference']} now: one river" in capsys.readouterr().out
    assert say("reopen", school["reference"], "--reason", "two after all") == 0
    assert "opened again by" in capsys.readouterr().out
    assert documents(house, "incident")[school["id"]]["state"] == "open"
    assert say("reopen", school["reference"]) == 1
    assert "The incident is open." in capsys.readouterr().err
    assert say("close", school["reference"], "over") == 0
    assert say("reopen", school["reference"]) == 0
    assert documents(house, "incident")[school["id"]]["reports"] == 2
