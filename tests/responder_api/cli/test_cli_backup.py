"""From a running server to a copy, and from the copy to a server that tells every client to load anew."""

from pathlib import Path
from typing import Any

import pytest

from responder_api.__main__ import main
from responder_api.hub import Snapshot, plan
from responder_api.views import Position


def position(house: Any) -> Position:
    async def read(node: Any) -> Position:
        found: Position = await node.read(node.views.position)
        return found

    return house.inside(read)  # type: ignore[no-any-return]


def test_from_a_running_server_to_another_that_starts_anew(
    house: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, file = str(house.settings.data), tmp_path / "backup"
    for number in range(5):
        house.report(number)
    assert main(["backup", str(file), "--data", data]) == 0
    assert "checked from end to end" in capsys.readouterr().out
    house.report(6)
    before = position(house)
    assert main(["restore", str(file), "--data", data]) == 2
    assert "another process works in" in capsys.readouterr().err
    house.stop()
    assert main(["restore", str(file), "--data", data]) == 0
    assert "What stood there is kept as" in capsys.readouterr().out
    house.start()
    after = position(house)
    assert after.epoch != before.epoch
    assert plan(before, epoch=after.epoch, oldest=1, newest=after.offset) == Snapshot("epoch-changed")
    reports = house.ask("GET", "/reports")["items"]
    assert {each["text"] for each in reports} == {f"water everywhere {number}" for number in range(5)}


def test_a_backup_never_overwrites(house: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "backup"
    file.write_text("precious")
    assert main(["backup", str(file), "--data", str(house.settings.data)]) == 2
    assert "backup-exists" in capsys.readouterr().err
    assert file.read_text() == "precious"


def test_what_is_missing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", str(tmp_path / "b"), "--data", str(tmp_path / "nowhere")]) == 2
    assert "no-data" in capsys.readouterr().err
    assert main(["restore", str(tmp_path / "b"), "--data", str(tmp_path / "nowhere")]) == 2
    assert "backup-unusable" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_is_not_there_is_one_line(house: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for target in (tmp_path / "nowhere" / "backup", house.settings.data / "dharura.lock" / "backup"):
        assert main(["backup", str(target), "--data", str(house.settings.data)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
