"""A server works with what was chosen before it started, and a replay with what counted when its event was seen."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import uuid5

import msgspec
import pytest

import fixtures
from fixtures.scenario import START
from geo.places import Rejected
from responder_api import boundary_days
from responder_api.__main__ import main
from responder_api.boundary_store import BEFORE_VERSIONS, HISTORY, BoundaryStore
from responder_api.reference_data import load_wards, load_world
from responder_api.settings import Settings
from responder_api.wiring_embedded import build
from streams.database import FILE, connect
from streams.embedded import AlreadyRunning
from streams.events import NAMESPACE, DeadLetterReplayed, Event, ReportLocated, ReportReceived, encode
from streams.log import Line, line
from streams.log_sqlite import LogSqlite
from streams.pipeline import pipeline
from streams.simulated import Simulated
from tests.responder_api.app.conftest import Door

LON, LAT, WARD = 34.7617, -0.0917, "Shaurimoyo Kaloleni"


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Door]:
    """A server from its start to its stop, with the boundaries that count when it starts."""
    door = Door(build(settings, load_world(settings)))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(door.app.router.lifespan_context(door.app))
        await stack.enter_async_context(door.client)
        yield door


def boundaries(path: Path, prefix: str = "") -> Path:
    """The demo's wards under other names."""
    made: dict[str, Any] = json.loads(fixtures.path("demo/wards.geojson").read_text())
    for feature in made["features"]:
        feature["properties"]["ward"] = f"{prefix}{feature['properties']['ward']}"
    path.write_text(json.dumps(made))
    return path


def imported(settings: Settings, path: Path) -> str:
    assert main(["wards", "import", str(path), "--accept", "--data", str(settings.data)]) == 0
    return BoundaryStore(settings.data).active() or ""


async def reported(door: Door, number: int) -> None:
    body = {"text": f"fire {number}", "hazard": "fire", "lon": LON, "lat": LAT, "idempotency_key": str(number)}
    assert (await door.ask("POST", "/intake/reports", json=body)).status_code == 202
    await door.settle()


def log_of(door: Door) -> list[Event]:
    with closing(connect(door.node.settings.data / FILE, read_only=True)) as connection:
        return [stored.event for stored in LogSqlite(connection).read(0, 10_000)]


def located(events: list[Event]) -> list[tuple[str, str]]:
    found = [(each.body, each.versions["boundaries"]) for each in events if isinstance(each.body, ReportLocated)]
    return [(body.ward_name, version) for body, version in found]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


async def test_the_log_and_a_dead_letter_keep_the_boundaries_of_their_day(settings: Settings, tmp_path: Path) -> None:
    a = imported(settings, boundaries(tmp_path / "a.geojson"))
    async with serving(settings) as door:
        await reported(door, 1)
        b = imported(settings, boundaries(tmp_path / "b.geojson", "New "))
        await reported(door, 2)  # the server that runs goes on with what it has
        before = log_of(door)
    assert located(before) == [(WARD, a)] * 2
    async with serving(settings) as door:
        await reported(door, 3)
        original = next(each for each in before if isinstance(each.body, ReportReceived))
        replay = DeadLetterReplayed(letter="letter", step="reports", original=encode(original).decode(), by="amina")
        await door.node.host.append([asked(door, original, replay)])
        await door.settle()
        log = log_of(door)
        store = BoundaryStore(settings.data)
        assert [version for _, version in store.days()] == [a, b]
    assert located(log) == [*[(WARD, a)] * 2, (f"New {WARD}", b), (WARD, a)]
    steps = pipeline(boundary_days.worlds(settings, load_world(settings)))
    again = Simulated(steps, START)
    fed = [each for each in log if isinstance(each.body, ReportReceived | DeadLetterReplayed)]
    for event in fed:
        again.feed([event])
        again.settle()
    wanted = [each for each in log if each.source in ("reports", "incidents")]
    assert [each for each in again.events() if each.source in ("reports", "incidents")] == wanted
    assert len(wanted) >= 8


def asked(door: Door, original: Event, replay: DeadLetterReplayed) -> Line:
    """What the door writes when an operator has a dead letter delivered again."""
    now, id_ = door.node.clock(), str(uuid5(NAMESPACE, "replay"))
    event = msgspec.structs.replace(original, id=id_, cause=id_, source="operators", at=now, seen=now, body=replay)
    return line(event)


async def test_areas_that_would_be_lost_are_named_and_not_given_up_unasked(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = imported(settings, boundaries(tmp_path / "a.geojson"))
    async with serving(settings) as door:
        await reported(door, 1)
        await door.account("amina", ("operator", "KE.042"))
        await door.account("far", ("operator", "KE.011.049"))
        path = boundaries(tmp_path / "b.geojson", "New ")
        kept = json.loads(path.read_text())
        kept["features"] = [each for each in kept["features"] if each["properties"]["county"] == "Kisumu"]
        path.write_text(json.dumps(kept))
        capsys.readouterr()
        assert main(["wards", "import", str(path), "--data", str(settings.data)]) == 1
        told = capsys.readouterr()
        assert "account far (operator@KE.011.049): KE.011.049 is not there, is Isiolo North, Isiolo now" in told.err
        assert f"would be New {WARD}, Kisumu Central, Kisumu, is {WARD}, Kisumu Central, Kisumu now" in told.err
        assert "2 areas in use" in told.err
        assert "amina" not in told.err
        store = BoundaryStore(settings.data)
        assert (store.active(), len(store.versions())) == (a, 2)
        b = next(about.version for about in store.versions() if about.version != a)
        assert main(["wards", "activate", b, "--data", str(settings.data)]) == 1
        assert main(["wards", "activate", b[:5], "--accept", "--data", str(settings.data)]) == 0
        assert "The server that runs now goes on with what it has: restart it." in capsys.readouterr().out
        assert store.active() == b
        assert main(["wards", "rollback", "--data", str(settings.data)]) == 0  # back to what all areas are of
        assert store.active() == a


async def test_a_first_start_notes_the_demos_own_boundaries_and_a_second_nothing(settings: Settings) -> None:
    demo = load_world(settings).wards.version
    for _ in range(2):
        async with serving(settings):
            pass
    store = BoundaryStore(settings.data)
    assert [version for _, version in store.days()] == [demo]
    assert (store.versions(), store.active()) == ((), None)
    assert boundary_days.load_version(settings, demo).version == demo
    with pytest.raises(Rejected, match="boundary-version-unknown"):
        boundary_days.load_version(settings, "0123456789ab")


async def test_boundaries_that_a_setting_names_are_kept_when_they_count(settings: Settings, tmp_path: Path) -> None:
    named = msgspec.structs.replace(settings, boundaries=boundaries(tmp_path / "b.geojson", "New "))
    async with serving(named) as door:
        await reported(door, 1)
        log = log_of(door)
    (tmp_path / "b.geojson").unlink()
    store = BoundaryStore(settings.data)
    (about,) = store.versions()
    assert (about.imported_by, store.active()) == ("dharura serve", None)
    worlds = boundary_days.worlds(settings, load_world(settings))
    assert worlds.of(log[0]).wards.version == about.version
    assert worlds.of(log[0]).gazetteer.resolve(f"moto New {WARD}").candidates


async def test_the_file_of_an_earlier_release_is_taken_over(settings: Settings, tmp_path: Path) -> None:
    settings.data.mkdir()
    boundaries(settings.data / BEFORE_VERSIONS, "Old ")
    version = load_wards(settings).version
    async with serving(settings):
        pass
    store = BoundaryStore(settings.data)
    assert (store.active(), [day for _, day in store.days()]) == (version, [version])
    assert load_wards(settings).ward(0).name.startswith("Old ")
    assert not (settings.data / BEFORE_VERSIONS).exists()


async def test_a_start_that_finds_another_at_work_notes_nothing(settings: Settings, tmp_path: Path) -> None:
    async with serving(settings):
        imported(settings, boundaries(tmp_path / "b.geojson", "New "))
        with pytest.raises(AlreadyRunning):
            build(settings, load_world(settings))
        assert len(BoundaryStore(settings.data).days()) == 1


async def test_a_history_that_cannot_be_read_stops_no_step(settings: Settings, tmp_path: Path) -> None:
    named = msgspec.structs.replace(settings, boundaries=boundaries(tmp_path / "b.geojson", "New "))
    folder = BoundaryStore(settings.data).folder
    folder.mkdir(parents=True)
    (folder / HISTORY).write_text("{half")
    async with serving(named) as door:
        await reported(door, 1)
        assert [name for name, _ in located(log_of(door))] == [f"New {WARD}"]
    with pytest.raises(Rejected, match="boundary-store-damaged"):  # but nobody guesses which was chosen
        load_world(settings)
    assert (folder / HISTORY).read_text() == "{half"
