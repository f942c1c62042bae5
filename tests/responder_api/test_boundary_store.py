"""Every boundary version is kept whole, and the history only grows."""

import multiprocessing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely

import fixtures
from geo import boundaries
from geo.boundaries import Boundaries, with_codes
from geo.boundary_geojson import collection
from geo.places import Rejected
from geo.wards import Wards
from responder_api.boundary_store import BEFORE_VERSIONS, HISTORY, INDEX, SHAPES, About, BoundaryStore, about_of
from responder_api.files import put_in_place

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def first() -> Boundaries:
    return boundaries.read(fixtures.path("demo/wards.geojson"))


@pytest.fixture(scope="module")
def second(first: Boundaries) -> Boundaries:
    codes = {"iebc-2022": tuple(f"{n:04}" for n in range(1, len(first.geometries) + 1))}
    return with_codes(first, codes)


@pytest.fixture(scope="module")
def third(first: Boundaries) -> Boundaries:
    names = tuple(f"{name} 3" for name in first.columns["ward"])
    return with_codes(msgspec.structs.replace(first, columns={**first.columns, "ward": names}), {})


@pytest.fixture
def store(tmp_path: Path) -> BoundaryStore:
    return BoundaryStore(tmp_path / "data")


def about(source: Boundaries, minutes: int = 0, **more: str) -> About:
    made = about_of(source, imported_at=NOW + timedelta(minutes=minutes), imported_by="amina")
    return msgspec.structs.replace(made, **more)


def code_of(refused: "pytest.ExceptionInfo[Rejected]") -> str:
    return refused.value.code


def test_a_version_is_kept_with_what_is_known_of_it(store: BoundaryStore, second: Boundaries) -> None:
    assert (store.versions(), store.active(), store.days(), store.history()) == ((), None, (), ())
    assert store.keep(second, about(second, checksum="ab", licence="CC BY 4.0"))
    (kept,) = store.versions()
    assert (kept.version, kept.wards, kept.schemes) == (second.version, 130, ("iebc-2022",))
    assert (kept.checksum, kept.licence, kept.imported_by, kept.approximate) == ("ab", "CC BY 4.0", "amina", True)
    wards = store.load(second.version)
    assert (wards.version, wards.ward(4).codes) == (second.version, {"iebc-2022": "0005"})
    assert store.path(second.version).name == INDEX


def test_the_same_version_again_only_says_more_of_it(store: BoundaryStore, first: Boundaries) -> None:
    store.keep(first, about(first))
    assert not store.keep(first, about(first, minutes=9, licence="CC0"))
    (kept,) = store.versions()
    assert (kept.licence, kept.imported_at) == ("CC0", NOW)
    said = msgspec.structs.replace(about(first, minutes=9, licence=""), source="the survey")
    assert not store.keep(first, said)
    (kept,) = store.versions()
    assert (kept.licence, kept.source) == ("CC0", "the survey")


def test_an_index_that_cannot_be_read_is_made_again(store: BoundaryStore, first: Boundaries) -> None:
    store.keep(first, about(first))
    index = store.folder / first.version / INDEX
    sound = index.read_bytes()
    for damaged in (b"", sound[: len(sound) // 2], sound[:-15] + b"dharura-wards-1"):
        index.write_bytes(damaged)
        assert store.load(first.version).version == first.version
        assert Wards.load(index).version == first.version
    index.unlink()
    assert store.path(first.version).name == SHAPES
    assert store.load(first.version).version == first.version


def test_shapes_that_are_not_those_that_were_kept_are_refused(store: BoundaryStore, first: Boundaries) -> None:
    store.keep(first, about(first))
    folder = store.folder / first.version
    (folder / INDEX).unlink()
    (folder / SHAPES).write_text((folder / SHAPES).read_text().replace("Ahero", "Ahora"))
    with pytest.raises(Rejected) as refused:
        store.load(first.version)
    assert code_of(refused) == "boundary-store-damaged"
    (folder / "about.json").write_text("{")
    with pytest.raises(Rejected) as refused:
        store.versions()
    assert code_of(refused) == "boundary-store-damaged"


def test_what_does_not_read_back_is_not_kept(
    store: BoundaryStore, first: Boundaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_one(source: Boundaries) -> object:
        made = collection(source)
        return {**made, "features": made["features"][1:]}

    monkeypatch.setattr("responder_api.boundary_store.collection", without_one)
    with pytest.raises(Rejected) as refused:
        store.keep(first, about(first))
    assert code_of(refused) == "boundaries-not-kept"
    assert store.versions() == ()
    assert [path.name for path in store.folder.iterdir()] == [".lock"]


def test_choices_are_taken_back_one_by_one(
    store: BoundaryStore, first: Boundaries, second: Boundaries, third: Boundaries
) -> None:
    with pytest.raises(Rejected) as refused:
        store.activate(first.version, NOW, "amina")
    assert code_of(refused) == "boundary-version-unknown"
    for minutes, source in enumerate((first, second, third)):
        store.keep(source, about(source, minutes=minutes))
        store.activate(source.version, NOW, "amina")
    assert [each.version for each in store.versions()] == [first.version, second.version, third.version]
    store.counts(third.version, NOW, "server")
    assert store.roll_back(NOW, "baraka").version == second.version == store.active()
    store.activate(third.version, NOW, "amina")
    assert store.roll_back(NOW, "baraka").version == second.version
    assert store.roll_back(NOW, "baraka").version == first.version == store.active()
    with pytest.raises(Rejected) as refused:
        store.roll_back(NOW, "baraka")
    assert code_of(refused) == "boundary-nothing-before"
    assert [each.did for each in store.history()] == [
        *["activated"] * 3, "counts", "rolled-back", "activated", "rolled-back", "rolled-back",
    ]  # fmt: skip


def test_days_are_what_servers_worked_with(store: BoundaryStore, first: Boundaries, second: Boundaries) -> None:
    for source in (first, second):
        store.keep(source, about(source))
        store.activate(source.version, NOW, "amina")
    assert store.days() == ()
    hour = timedelta(hours=1)
    store.counts(first.version, NOW, "server")
    store.counts(first.version, NOW + hour, "server")
    store.counts(second.version, NOW + 2 * hour, "server")
    assert store.days() == ((NOW, first.version), (NOW + 2 * hour, second.version))
    assert [each.did for each in store.history()].count("counts") == 2


def test_a_day_that_a_clock_ahead_has_noted_does_not_hold_back_what_counts_now(
    store: BoundaryStore, first: Boundaries, second: Boundaries
) -> None:
    # A server's own clock is never before what its log has seen: nothing was seen on the days that are taken back.
    years, day = timedelta(days=3650), timedelta(days=1)
    store.counts(first.version, NOW, "server")
    store.counts(second.version, NOW + years, "server")
    store.counts(second.version, NOW + day, "server")
    assert store.days() == ((NOW, first.version), (NOW + day, second.version))
    store.counts(first.version, NOW + years, "server")
    store.counts(second.version, NOW + 2 * day, "server")
    assert store.days() == ((NOW, first.version), (NOW + day, second.version))
    store.counts(first.version, NOW + 3 * day, "server")
    assert store.days() == ((NOW, first.version), (NOW + day, second.version), (NOW + 3 * day, first.version))


@pytest.mark.parametrize("said", ["", "zz", "wards"])
def test_a_version_is_found_by_its_beginning_or_name(
    store: BoundaryStore, first: Boundaries, second: Boundaries, said: str
) -> None:
    store.keep(first, about(first, name="one.fgb"))
    store.keep(second, about(second, name="two.fgb"))
    assert store.find(first.version[:4]) == first.version
    assert store.find("two.fgb") == second.version
    with pytest.raises(Rejected, match="kept here: "):
        store.find(said)


def test_a_history_that_cannot_be_read_is_said_and_not_written_over(store: BoundaryStore, first: Boundaries) -> None:
    store.keep(first, about(first))
    store.activate(first.version, NOW, "amina")
    path = store.folder / HISTORY
    path.write_bytes(path.read_bytes() + b"{half")
    with pytest.raises(Rejected) as refused:
        store.active()
    assert code_of(refused) == "boundary-store-damaged"


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("stop_at", range(1, 6))
def test_a_power_cut_leaves_a_whole_version_or_none(
    store: BoundaryStore, first: Boundaries, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    steps = iter(range(1, 100))

    def cut(*args: Any) -> None:
        if next(steps) == stop_at:
            raise PowerCut
        if len(args) > 1:
            put_in_place(*args)

    with monkeypatch.context() as patched:
        patched.setattr("responder_api.boundary_store.put_in_place", cut)
        patched.setattr("responder_api.boundary_store.sync_folder", cut)
        patched.setattr("shutil.rmtree", lambda *args, **more: None)  # whoever is gone cleans up nothing
        try:
            store.keep(first, about(first))
            store.activate(first.version, NOW, "amina")
        except PowerCut:
            pass
    assert [each.version for each in store.versions()] in ([], [first.version])
    assert store.active() in (None, first.version)
    store.keep(first, about(first))
    store.activate(first.version, NOW, "amina")
    assert store.load(first.version).version == first.version
    assert store.active() == first.version


def test_the_one_file_of_an_earlier_release_becomes_the_first_version(
    store: BoundaryStore, first: Boundaries, second: Boundaries
) -> None:
    assert store.adopt("server") is None
    old = store.before_versions
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(fixtures.path("demo/wards.geojson").read_bytes())
    written = datetime.fromtimestamp(old.stat().st_mtime, UTC)
    assert store.adopt("server") == first.version
    assert (store.active(), store.versions()[0].imported_at) == (first.version, written)
    assert [(each.did, each.at) for each in store.history()] == [("activated", written)]
    assert not old.exists()
    store.keep(second, about(second))
    store.activate(second.version, NOW, "amina")
    old.write_bytes(fixtures.path("demo/wards.geojson").read_bytes())  # as a restore of an old backup leaves it
    assert store.adopt("server") == first.version
    assert store.active() == second.version
    assert BEFORE_VERSIONS not in {path.name for path in old.parent.iterdir()}


def _choose(data: Path, version: str, times: int) -> None:
    for n in range(times):
        BoundaryStore(data).counts(version, NOW + timedelta(seconds=n), version)
        BoundaryStore(data).activate(version, NOW, version)


def test_processes_that_write_at_the_same_time_lose_nothing(
    store: BoundaryStore, first: Boundaries, second: Boundaries
) -> None:
    for source in (first, second):
        store.keep(source, about(source))
    context = multiprocessing.get_context("spawn")
    args = [(store.folder.parent, source.version, 10) for source in (first, second)]
    workers = [context.Process(target=_choose, args=each) for each in args]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    chosen = [each.version for each in store.history() if each.did == "activated"]
    assert sorted(chosen) == sorted([first.version, second.version] * 10)
    days = store.days()
    assert list(days) == sorted(days, key=lambda day: day[0])


def test_a_row_without_ground_is_kept_so(store: BoundaryStore, first: Boundaries) -> None:
    shapes = first.geometries.copy()
    shapes[3] = None
    source = with_codes(msgspec.structs.replace(first, geometries=shapes), {})
    store.keep(source, about(source))
    kept = store.load(source.version).source.geometries
    assert kept[3] is None
    assert shapely.equals_exact(kept[[0, 5]], shapes[[0, 5]], tolerance=0.0).all()


@pytest.fixture(autouse=True)
def _nothing_left(store: BoundaryStore) -> Iterator[None]:
    """Whatever happens, nothing half-made counts as a version."""
    yield
    for path in store.folder.glob("[!.]*"):
        assert path.name == HISTORY or len(path.name) == 12
