"""The doctor finds what is wrong, says what to do, changes nothing, and ends with 1 only for what is broken."""

import asyncio
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import msgspec
import pytest

import fixtures
from responder_api import checkup, checkup_world
from responder_api.__main__ import main
from responder_api.settings import Settings
from streams.database import FILE, connect
from streams.embedded import Embedded
from streams.events import NAMESPACE, DeadlineSet, MessageAsked, decode
from streams.log import line

WIRE = Path(__file__).parents[3] / "fixtures" / "wire"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the doctor on a folder; give its exit code and its lines by what they are about."""

    def run(data: Path) -> tuple[int, dict[str, str]]:
        capsys.readouterr()
        status = main(["doctor", "--data", str(data)])
        found = [text.split(None, 1) for text in capsys.readouterr().out.splitlines()]
        said: dict[str, str] = {}
        for level, rest in found:
            what, _, says = rest.partition(": ")
            if said.get(what, "OK").startswith("OK"):
                said[what] = f"{level} {says}"
        return status, said

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder in which a server has worked: a few events, all taken."""
    folder = tmp_path / "data"
    folder.mkdir()
    report = decode((WIRE / "ReportReceived.json").read_bytes())
    events = [msgspec.structs.replace(report, id=str(uuid5(NAMESPACE, f"doctor/{n}"))) for n in range(6)]
    host = Embedded(folder, ())
    host.start()
    asyncio.run(host.append([line(event) for event in events]))
    host.stop()
    (folder / FILE).chmod(0o600)
    return folder


def change(data: Path, text: str, *values: Any) -> None:
    with closing(connect(data / FILE)) as connection:
        assert connection.execute(text, values).rowcount > 0


def contents(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in data.iterdir() if not path.name.endswith("-shm")}


def test_a_sound_folder_is_well(data: Path, lines: Any) -> None:
    before = contents(data)
    status, said = lines(data)
    assert status == 0
    assert said["log"].startswith("OK 6 events")
    for what in ("settings", "data folder", "database", "steps", "deadlines", "messages", "dead letters", "server"):
        assert said[what].startswith("OK"), said[what]
    for what in ("intake key", "public address", "boundaries", "SMS gateway", "CAP sender"):
        assert said[what].startswith("ATTENTION"), said[what]
    assert contents(data) | {f"{FILE}-wal": b""} == before | {f"{FILE}-wal": b""}


def test_it_looks_beside_a_running_server(house: Any, lines: Any) -> None:
    for number in range(5):
        house.report(number)
    status, said = lines(house.settings.data)
    assert status == 0
    assert said["server"].startswith("OK works")
    assert said["accounts"].startswith("ATTENTION nobody can administer")
    house.report(6)


def test_a_changed_row_is_broken_and_named(data: Path, lines: Any) -> None:
    change(data, "UPDATE log SET event = CAST(replace(event, 'KE.042', 'KE.044') AS BLOB) WHERE \"offset\" = 4")
    status, said = lines(data)
    assert status == 1
    assert said["log"].startswith("BROKEN log row 4")
    assert "dharura restore" in said["log"]


def test_a_row_that_is_no_event_does_not_stop_the_other_checks(data: Path, lines: Any) -> None:
    change(data, "UPDATE log SET event = x'00' WHERE \"offset\" = 6")
    status, said = lines(data)
    assert status == 1
    assert said["log"].startswith("BROKEN log row 6")
    assert said["data"].startswith("BROKEN cannot be read")
    assert said["boundaries"].startswith("ATTENTION")


def test_a_damaged_page_is_broken(data: Path, lines: Any) -> None:
    content = bytearray((data / FILE).read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 : page * 4096 + 12] = b"\xff" * 12
    (data / FILE).write_bytes(content)
    status, said = lines(data)
    assert status == 1
    assert any(text.startswith("BROKEN") for text in said.values())


def test_a_file_that_is_no_database_is_broken(data: Path, lines: Any) -> None:
    (data / FILE).write_bytes(b"once a database " * 512)
    status, said = lines(data)
    assert status == 1
    assert "not a database" in said["data"]


def test_a_damaged_write_ahead_log_is_broken(data: Path, tmp_path: Path, lines: Any) -> None:
    with closing(connect(data / FILE)) as connection:
        for n in range(4):
            connection.execute("INSERT INTO meta VALUES (?, ?)", (f"n{n}", "x" * 500))
        image = tmp_path / "image"
        image.mkdir()
        for name in (FILE, f"{FILE}-wal"):
            shutil.copyfile(data / name, image / name)
    wal = bytearray((image / f"{FILE}-wal").read_bytes())
    wal[100] ^= 1
    (image / f"{FILE}-wal").write_bytes(wal)
    status, said = lines(image)
    assert status == 1
    assert said["last writes"].startswith("BROKEN")
    assert (image / f"{FILE}-wal").read_bytes() == wal


def test_a_cursor_beyond_the_log_is_broken(data: Path, lines: Any) -> None:
    change(data, "INSERT INTO cursor VALUES ('reports', 7)")
    status, said = lines(data)
    assert status == 1
    assert said["steps"].startswith("BROKEN reports went further")


def test_a_step_that_is_behind_is_said(data: Path, lines: Any) -> None:
    change(data, "INSERT INTO cursor VALUES ('reports', 2)")
    status, said = lines(data)
    assert status == 0
    assert "4 events behind" in said["steps"]


def test_what_is_overdue_or_stuck_is_said(data: Path, lines: Any) -> None:
    at = (datetime.now(UTC) - timedelta(minutes=5)).timestamp()
    asked = (WIRE / "MessageAsked.json").read_bytes()
    assert isinstance(decode(asked).body, MessageAsked)
    deadline = (WIRE / "DeadlineSet.json").read_bytes()
    assert isinstance(decode(deadline).body, DeadlineSet)
    change(data, "INSERT INTO deadline VALUES ('a', ?, ?)", at, deadline)
    change(data, "INSERT INTO outgoing VALUES ('m', '', 0, 3, ?, ?)", at, asked)
    status, said = lines(data)
    assert status == 0
    assert said["deadlines"].startswith("ATTENTION 1 overdue")
    assert said["messages"].startswith("ATTENTION 1 of 1 waiting failed 3 times")


def test_open_dead_letters_are_counted(data: Path, lines: Any) -> None:
    host = Embedded(data, ())
    host.start()
    asyncio.run(host.append([line(decode((WIRE / "DeadLettered.json").read_bytes()))]))
    host.stop()
    _, said = lines(data)
    assert said["dead letters"].startswith("ATTENTION 1 open")


def test_an_event_of_tomorrow_is_said(data: Path, lines: Any) -> None:
    report = decode((WIRE / "ReportReceived.json").read_bytes())
    late = msgspec.structs.replace(report, id=str(uuid5(NAMESPACE, "late")), seen=datetime.now(UTC) + timedelta(days=1))
    host = Embedded(data, ())
    host.start()
    asyncio.run(host.append([line(late)]))
    host.stop()
    _, said = lines(data)
    assert said["clock"].startswith("ATTENTION")


def test_settings_that_cannot_be_read_are_broken(data: Path, lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHARURA_PORT", "many")
    status, said = lines(data)
    assert status == 1
    assert said["settings"].startswith("BROKEN DHARURA_PORT")
    assert said["log"].startswith("OK")


def test_what_others_can_read_is_said(data: Path, lines: Any) -> None:
    (data / FILE).chmod(0o644)
    _, said = lines(data)
    assert said["privacy"].startswith("ATTENTION")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, lines: Any) -> None:
    status, said = lines(tmp_path / "nowhere")
    assert status == 0
    assert said["data folder"].startswith("ATTENTION there is no folder")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("free", "level"), [(1 << 20, "BROKEN"), (1 << 30, "ATTENTION"), (1 << 40, "OK")])
def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    total = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: total)
    assert {f.what: f.level for f in checkup.folder(Settings(data=tmp_path))}["disk space"] == level


def test_settings_for_outside_are_well_when_they_are_made() -> None:
    settings = Settings(
        intake_key="0123456789abcdef",
        public_url="https://kisumu.example",
        sms_url="https://gateway.example/sms",
        sms_username="county",
        sms_api_key="secret",
        cap_sender="ews@kisumu.example",
    )
    found = list(checkup_world.surface(settings))
    assert {each.level for each in found} == {"OK"}
    assert all("secret" not in each.says and "0123456789abcdef" not in each.says for each in found)


def test_reference_data_that_cannot_be_read_is_broken(tmp_path: Path) -> None:
    bad = tmp_path / "stations.json"
    bad.write_text("{}")
    (found,) = checkup_world.reference(Settings(data=tmp_path, stations=bad), None)
    assert found.level == "BROKEN"
    assert "stations.json" in found.says


def test_a_county_without_wards_is_broken(tmp_path: Path) -> None:
    found = list(checkup_world.reference(Settings(data=tmp_path, county="KE.001"), None))
    assert [each.level for each in found if each.what == "county"] == ["BROKEN"]


def test_stations_and_people_of_other_boundaries_are_named(tmp_path: Path, house: Any) -> None:
    house.account("far", ("operator", "KE.001"))
    with closing(connect(house.settings.data / FILE, read_only=True)) as connection:
        found = list(checkup_world.reference(house.settings, connection))
    said = " ".join(each.says for each in found if each.level == "ATTENTION")
    assert "far (operator@KE.001)" in said
    assert "amina" not in said
    assert fixtures.path("demo/gauges.json").exists()
    assert "sondu-sondu" in said
