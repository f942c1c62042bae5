"""Whoever sees the map or the data can see whom they are owed to, and an operator what counts."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo.place_files import PlaceFile
from geo.resolution import Place
from responder_api import checkup_world
from responder_api.place_store import About, PlaceStore
from responder_api.reference_data import load_world
from responder_api.routes.sources import Source, sources_of
from responder_api.settings import Settings
from tests.responder_api.app.conftest import Door

MADE_UP = Place(name="Zanzikuwa Market", lon=34.77, lat=-0.09, kind="market")


@pytest.fixture
def brought(tmp_path: Path) -> Settings:
    """A data folder into which a county has brought one place."""
    about = About(
        name="survey",
        source="County survey",
        licence="CC BY 4.0",
        imported_at=datetime(2026, 4, 26, tzinfo=UTC),
        rows=1,
        places=1,
    )
    PlaceStore(tmp_path).keep(PlaceFile(places=(MADE_UP,), about={}, rows=1), about)
    return Settings(data=tmp_path)


def said(settings: Settings) -> list[tuple[str, str]]:
    return [(each.level, each.says) for each in checkup_world.reference(settings, None) if each.what == "place names"]


async def test_anybody_can_see_whom_the_data_are_owed_to(door: Door) -> None:
    items = (await door.ask("GET", "/sources")).json()["items"]
    assert [each["of"] for each in items] == ["boundaries", "places"]
    assert "GeoNames 2018, CC BY 4.0" in items[1]["source"]


def test_what_was_brought_is_found_in_messages_and_owed_to_its_makers(brought: Settings) -> None:
    world = load_world(brought)
    assert world.gazetteer.resolve("moto karibu na Zanzikuwa Market").candidates[0].matched
    assert not load_world(Settings()).gazetteer.resolve("moto karibu na Zanzikuwa Market").candidates
    assert sources_of(world).items[1:] == [
        Source(of="places", name="survey", source="County survey", licence="CC BY 4.0")
    ]


def test_the_check_up_says_which_names_count(brought: Settings, tmp_path: Path) -> None:
    assert said(brought) == [("OK", "1, imported: survey (County survey, CC BY 4.0)")]
    ((level, words),) = said(Settings(data=tmp_path / "nothing"))
    assert level == "OK"  # as approximate as the demo's wards, of which it says so
    assert words.startswith("204, the demo's own: places.csv")
    file = tmp_path / "named.csv"
    file.write_text("name,lon,lat\nKibuye,34.77,-0.09\n")
    named = said(Settings(data=tmp_path, places=file))
    assert [level for level, _ in named] == ["ATTENTION", "ATTENTION"]
    assert "its licence is not said" in named[0][1]
    assert "goes before" in named[1][1]
