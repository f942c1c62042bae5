"""What no step could take is found, read and given back: by whom it concerns at a server, by its keeper in a folder."""

import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from responder_api.__main__ import main

PASSWORD = "kiboko anaogelea usiku"
READING = {
    "station": "ghost",
    "parameter": "level",
    "unit": "m",
    "datum": "Muhoroni staff gauge zero",
    "times": ["2026-04-26T11:00:00Z"],
    "values": [1.25],
}


@pytest.fixture
def letters(house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Letters":
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    house.account("root", ("operator", "KE"))
    house.account("far", ("operator", "KE.001"))
    return Letters(house, monkeypatch)


class Letters:
    """The command as somebody at a running server."""

    def __init__(self, house: Any, patch: pytest.MonkeyPatch) -> None:
        self.house, self.patch = house, patch

    def readings_of_a_station_that_is_none(self, count: int) -> None:
        for number in range(count):
            body = {"batch": [{**READING, "values": [1.25 + number / 100]}]}
            answer = httpx.post(f"{self.house.url}/intake/readings", json=body, trust_env=False)
            assert answer.status_code == 202, answer.text
        self.settle()

    def settle(self) -> None:
        async def reached(node: Any) -> bool:
            return bool(await node.tail.reached(node.host.end(), 30.0))

        assert self.house.inside(reached)

    def run(self, *words: str, name: str = "root", status: int = 0) -> None:
        self.patch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
        who = ["--server", self.house.url, "--as", name, "--password-file", "-"]
        assert main(["deadletters", *words, *who]) == status


def ids_of(out: str) -> list[str]:
    return [text.split()[0] for text in out.splitlines()]


def test_they_are_listed_shown_and_given_back_corrected(letters: Letters, capsys: pytest.CaptureFixture[str]) -> None:
    letters.readings_of_a_station_that_is_none(2)
    letters.run("list")
    out = capsys.readouterr().out
    first, second = ids_of(out)
    assert out.count("station-unknown: no station 'ghost' is registered") == 2
    letters.run("show", first)
    shown = json.loads(capsys.readouterr().out)
    assert shown["original"]["body"] == {"type": "ReadingsReceived", **READING}
    letters.run("replay", first, status=1)  # as it was: no better than before
    assert "no station 'ghost'" in capsys.readouterr().err
    letters.run("replay", second[:13], "--body", json.dumps({**READING, "station": "nyando-muhoroni"}))
    assert capsys.readouterr().out.startswith("Taken")


def test_who_may_not_see_them_finds_none(letters: Letters, capsys: pytest.CaptureFixture[str]) -> None:
    letters.readings_of_a_station_that_is_none(1)
    letters.run("list", name="far")
    assert capsys.readouterr().out == ""
    letters.run("list")
    (id_,) = ids_of(capsys.readouterr().out)
    letters.run("show", id_, name="far", status=1)
    letters.run("replay", id_, name="far", status=1)
    assert capsys.readouterr().err.count("not-found") == 2


def test_one_is_dismissed_with_a_reason(letters: Letters, capsys: pytest.CaptureFixture[str]) -> None:
    letters.readings_of_a_station_that_is_none(2)
    letters.run("list")
    first, second = ids_of(capsys.readouterr().out)
    letters.run("dismiss", first[:13], "--reason", "that gauge was taken down in March")
    assert capsys.readouterr().out.startswith("Dismissed")
    letters.run("dismiss", first, "--reason", "again", status=1)
    assert "It was dismissed already" in capsys.readouterr().err
    letters.settle()
    for folder in ([], ["--data", str(letters.house.settings.data)]):
        if folder:
            assert main(["deadletters", "list", *folder]) == 0
        else:
            letters.run("list")
        listed = {text.split()[0]: text for text in capsys.readouterr().out.splitlines()}
        assert "  dismissed: " in listed[first]
        assert "dismissed" not in listed[second]


@pytest.mark.parametrize(
    ("body", "said"), [("{", "no JSON"), ("[1]", "no JSON object"), ('{"station": 5}', "corrected body is not valid")]
)
def test_a_correction_that_is_none_is_refused(
    letters: Letters, capsys: pytest.CaptureFixture[str], body: str, said: str
) -> None:
    letters.readings_of_a_station_that_is_none(1)
    letters.run("list")
    (id_,) = ids_of(capsys.readouterr().out)
    letters.run("replay", id_, "--body", body, status=1)
    assert said in capsys.readouterr().err


def test_the_keeper_reads_them_in_the_folder(letters: Letters, capsys: pytest.CaptureFixture[str]) -> None:
    letters.readings_of_a_station_that_is_none(2)
    letters.run("list")
    at_the_server = ids_of(capsys.readouterr().out)
    letters.run("replay", at_the_server[0], "--body", json.dumps({**READING, "station": "nyando-muhoroni"}))
    capsys.readouterr()
    letters.settle()
    letters.run("list")
    assert capsys.readouterr().out.count("replayed") == 1, "the server says as much of it as the folder"
    data = str(letters.house.settings.data)
    for running in (True, False):
        if not running:
            letters.house.stop()
        capsys.readouterr()
        assert main(["deadletters", "list", "--data", data]) == 0
        out = capsys.readouterr().out
        assert sorted(ids_of(out)) == sorted(at_the_server)
        assert out.count("replayed") == 1
        assert main(["deadletters", "show", at_the_server[1][:8], "--data", data]) == 0
        assert json.loads(capsys.readouterr().out)["original"]["body"]["station"] == "ghost"
        assert main(["deadletters", "show", "ffffffff", "--data", data]) == 1


def test_a_folder_without_data_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deadletters", "list", "--data", str(tmp_path)]) == 2
    assert "no-data" in capsys.readouterr().err


def test_an_original_cannot_paint_on_the_screen(letters: Letters, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"batch": [{**READING, "datum": "zero\u001b[2J", "quality": ["\u001b]0;owned\u0007"]}]}
    assert httpx.post(f"{letters.house.url}/intake/readings", json=body, trust_env=False).status_code == 202
    letters.settle()
    letters.run("list")
    out = capsys.readouterr().out
    letters.run("show", *ids_of(out))
    assert "\x1b" not in out + capsys.readouterr().out
