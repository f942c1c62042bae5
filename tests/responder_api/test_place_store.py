"""What a county brought of place names is kept whole, and travels inside a backup."""

from pathlib import Path

import msgspec
import pytest

from geo.place_files import PlaceFile
from geo.resolution import Place
from responder_api.backups import back_up, restore
from responder_api.place_store import About, PlaceStore
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.world import World
from tests.responder_api.test_backups import NOW, running

KIBUYE = Place(name="Kibuye", lon=34.77, lat=-0.09, alternatives=("Soko Kibuye",), kind="market")


@pytest.fixture(scope="module")
def world() -> World:
    return load_world(Settings())


def test_place_names_travel_with_the_backup(tmp_path: Path, world: World) -> None:
    data, file, new = tmp_path / "data", tmp_path / "backup", tmp_path / "new machine"
    store, found = PlaceStore(data), PlaceFile(places=(KIBUYE,), about={}, rows=1)
    survey = About(name="survey", source="The county", licence="CC BY 4.0", imported_at=NOW, rows=1, places=1)
    with running(data, world):
        store.keep(found, survey)
        back_up(data, file)
    assert restore(new, file, NOW).places_before is None
    assert PlaceStore(new).sets() == (survey,)
    assert PlaceStore(new).load("survey") == (KIBUYE,)
    assert restore(data, file, NOW).places_before is None  # they are what they were
    store.keep(found, msgspec.structs.replace(survey, name="later"))
    before = restore(data, file, NOW).places_before
    assert before is not None
    assert sorted(path.name for path in before.iterdir()) == ["later.json", "survey.json"]
    assert store.sets() == (survey,)
    store.remove("survey")
    with running(data, world):
        back_up(data, tmp_path / "without")
    store.keep(found, survey)
    assert restore(data, tmp_path / "without", NOW).places_before is None  # it says nothing of names
    assert store.sets() == (survey,)
