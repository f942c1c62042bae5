"""All boundary versions travel inside a backup, and take the place of those that stand where it is restored."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from geo.boundaries import with_codes
from geo.places import Rejected
from responder_api.backups import back_up, restore
from responder_api.boundary_store import BEFORE_VERSIONS, BoundaryStore, about_of
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.database import FILE, StorageBroken, connect
from streams.world import World
from tests.responder_api.test_backups import running

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return load_world(Settings())


def test_boundaries_travel_with_the_backup(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    store, there = BoundaryStore(data), BoundaryStore(tmp_path / "new machine")
    source, wards = world.wards.source, world.wards.version
    other = msgspec.structs.replace(source, columns={**source.columns, "ward": source.columns["ward"][::-1]})
    other = with_codes(other, {})
    with running(data, world):
        for each in (source, other):
            store.keep(each, about_of(each, imported_at=NOW, imported_by="amina"))
            store.activate(each.version, NOW, "amina")
        store.counts(wards, NOW, "dharura serve")
        back_up(data, file)
    elsewhere = restore(tmp_path / "new machine", file, NOW)
    assert (elsewhere.before, elsewhere.boundaries_before) == (None, None)
    assert (there.versions(), there.history()) == (store.versions(), store.history())
    assert there.active() == other.version
    assert there.load(wards).version == wards
    assert restore(data, file, NOW).boundaries_before is None  # they are what they were
    store.roll_back(NOW, "amina")
    here = restore(data, file, NOW)
    assert store.active() == other.version
    assert here.boundaries_before is not None
    assert BoundaryStore(here.boundaries_before.parent).folder.parent == data
    assert len((here.boundaries_before / "history.jsonl").read_bytes().splitlines()) == 4
    with closing(connect(data / FILE, read_only=True)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'enclosed'").fetchone() == (0,)


def test_a_backup_of_before_versions_brings_its_one_file_back(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world):
        (data / BEFORE_VERSIONS).write_text("those of then")
        back_up(data, file)
    (data / BEFORE_VERSIONS).unlink()
    store, source = BoundaryStore(data), world.wards.source
    store.keep(source, about_of(source, imported_at=NOW, imported_by="amina"))
    store.activate(source.version, NOW, "amina")
    here = restore(data, file, NOW)
    assert (data / BEFORE_VERSIONS).read_text() == "those of then"
    assert here.boundaries_before is not None
    assert (here.boundaries_before / source.version / "wards.geojson").is_file()
    assert store.history() == ()


def test_a_backup_that_encloses_another_place_is_refused(tmp_path: Path, world: World) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    with running(data, world):
        back_up(data, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        copy.execute("INSERT INTO enclosed VALUES ('boundaries/../../elsewhere', 'x')")
    with pytest.raises(Rejected) as refused:
        restore(tmp_path / "new machine", file, NOW)
    assert refused.value.code == "backup-unusable"
    assert not (tmp_path / "elsewhere").exists()


def test_a_store_that_is_damaged_is_backed_up_as_it_is_and_mended_by_a_restore(tmp_path: Path, world: World) -> None:
    data, file, later = tmp_path / "data", tmp_path / "backup", tmp_path / "later"
    store, source = BoundaryStore(data), world.wards.source
    with running(data, world):
        store.keep(source, about_of(source, imported_at=NOW, imported_by="amina"))
        back_up(data, file)
        about = store.folder / source.version / "about.json"
        about.write_bytes(b"\0" * 100)
        back_up(data, later)
    assert restore(data, file, NOW).boundaries_before is not None
    assert store.about(source.version).imported_by == "amina"


def test_an_interrupted_restore_starts_on_no_other_boundaries(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, file = tmp_path / "data", tmp_path / "backup"
    store, source = BoundaryStore(data), world.wards.source
    with running(data, world):
        store.keep(source, about_of(source, imported_at=NOW, imported_by="amina"))
        store.activate(source.version, NOW, "amina")
        back_up(data, file)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("responder_api.backups.put_back", full)
        with pytest.raises(OSError, match="No space"):
            restore(data, file, NOW)
    with pytest.raises(StorageBroken), running(data, world):
        pass
    store.activate(source.version, NOW, "baraka")
    assert restore(data, file, NOW).before is not None
    assert [each.by for each in store.history()] == ["amina"]
    with running(data, world):
        pass
