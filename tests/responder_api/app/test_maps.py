"""What a map draws: borders that meet, lines that flow downstream, documents that are made and fetched once."""

import asyncio
import gzip
import os
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
import shapely

import fixtures
from geo.rivers import Rivers
from geo.wards import Wards
from responder_api import base_map, checkup_world, map_layers
from responder_api.map_layers import LEVELS, base, rivers_to_draw
from responder_api.reference_data import load_rivers
from responder_api.settings import Settings
from responder_api.wiring_embedded import build
from streams.world import World
from tests.responder_api.app.conftest import Door

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "kenya_wards.fgb"


def decoded(ring: list[int], scale: int) -> Any:
    return np.cumsum(np.array(ring).reshape(-1, 2), axis=0) / scale


def shape(area: dict[str, Any], scale: int) -> Any:
    """Put an area's rings together by the even-odd rule."""
    whole: Any = shapely.Polygon()
    for ring in area["rings"]:
        whole = shapely.symmetric_difference(whole, shapely.make_valid(shapely.Polygon(decoded(ring, scale))))
    return whole


def check_layers(document: dict[str, Any], wards: Wards, expected_rows: list[int]) -> None:
    """Hold a document to the boundaries it was made of."""
    scale, level = document["scale"], LEVELS[document["level"]]
    assert [each["path"] for each in document["wards"]] == [wards.ward(row).path for row in expected_rows]
    subcounties = {each["path"]: shape(each, scale) for each in document["subcounties"]}
    counties = {each["path"]: shape(each, scale) for each in document["counties"]}
    assert set(subcounties) == {wards.ward(row).path[:10] for row in expected_rows}
    assert set(counties) == {path[:6] for path in subcounties}
    drawn = {each["path"]: shape(each, scale) for each in document["wards"]}
    for parents, parts in ((subcounties, drawn), (counties, subcounties)):
        for path, parent in parents.items():
            together = shapely.union_all([part for name, part in parts.items() if name.startswith(path + ".")])
            # Nothing but slits narrower than the grid lies between a border and the same border a level below.
            difference = shapely.symmetric_difference(parent, together)
            assert shapely.buffer(difference, -1.01 / scale).area < map_layers._SLIT_DEG2, path
    for row in expected_rows:
        ward = wards.ward(row)
        away = shapely.symmetric_difference(drawn[ward.path], wards.geometry(row)).area
        border = shapely.length(wards.geometry(row))
        assert away <= border * (level.tolerance_deg + 1.5 / scale), ward.path
    for areas in (document["wards"], document["subcounties"], document["counties"]):
        for each in areas:
            assert each["name"]
            assert shapely.contains_xy(shape(each, scale), *each["label"]), each["path"]


@pytest.mark.parametrize("level", [0, 1, 2])
def test_borders_that_are_one_are_drawn_as_one(world: World, level: int) -> None:
    check_layers(base(world.wards, level), world.wards, list(range(len(world.wards))))


def test_one_county_meets_its_neighbours(world: World) -> None:
    rows = list(world.wards.rows_in("KE.042"))
    alone, country = base(world.wards, 1, "KE.042"), base(world.wards, 1)
    check_layers(alone, world.wards, rows)
    whole = {each["path"]: each["rings"] for each in country["wards"]}
    assert all(whole[each["path"]] == each["rings"] for each in alone["wards"])


def test_the_coarsest_level_paints_the_country_without_wards(world: World) -> None:
    document = base(world.wards, 3)
    assert document["wards"] == []
    assert {each["path"] for each in document["counties"]} == {"KE.011", "KE.042", "KE.044", "KE.045"}
    assert document["subcounties"]


@pytest.mark.skipif(not REAL.exists(), reason="the real wards lie beside the repository")
def test_the_real_wards_fit_through_a_thin_line() -> None:
    wards = Wards.load(REAL)
    document = base(wards, 3)
    assert (len(document["counties"]), len(document["subcounties"])) == (47, 290)
    assert len(gzip.compress(msgspec.json.encode(document), 9)) <= 60_000
    fine = base(wards, 2)
    assert len(gzip.compress(msgspec.json.encode(fine), 9)) <= 250_000
    check_layers(fine, wards, list(range(len(wards))))


def test_rivers_run_downstream_past_their_gauges(world: World) -> None:
    rivers = load_rivers(Settings(data=Path("nowhere")))
    document = rivers_to_draw(rivers)
    assert document["approximate"] is True
    assert {river["name"] for river in document["rivers"]} == {"Nyando", "Sondu", "Gucha-Migori", "Nzoia"}
    lines = {each["gauge"]: each for river in document["rivers"] for each in river["lines"]}
    for id_, each in lines.items():
        course = shapely.LineString(decoded(each["line"], document["scale"]))
        station = world.stations[id_].station
        assert station.lon is not None
        assert station.lat is not None
        assert course.distance(shapely.Point(station.lon, station.lat)) < 0.001, f"{id_} stands in its river"
        for next_ in each["next"]:
            below = shapely.LineString(decoded(lines[next_]["line"], document["scale"]))
            end = shapely.Point(course.coords[-1])
            met = end.distance(below) < 0.001 or any(
                end.distance(shapely.LineString(decoded(other["line"], document["scale"]))) < 0.001
                for name, other in lines.items()
                if name != id_ and next_ in other["next"]
            )
            assert met, f"{id_} flows into {next_}, or into what flows there"


def test_rivers_without_courses_are_an_empty_map() -> None:
    assert rivers_to_draw(Rivers(()))["rivers"] == []


async def get(door: Door, path: str, **headers: str) -> httpx.Response:
    sent = {"accept-encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await door.client.get(path, headers=sent)


@pytest.mark.parametrize(
    "path", ["/map/base?level=3", "/map/base?level=1&area=KE.042", "/map/rivers", "/wards?level=2"]
)
async def test_a_document_is_fetched_once(door: Door, path: str) -> None:
    plain = await get(door, path)
    assert plain.status_code == 200
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["vary"] == "accept-encoding"
    small = await get(door, path, accept_encoding="gzip, br")
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < int(plain.headers["content-length"])
    assert small.json() == plain.json()
    for refused in ("gzip;q=0", "br, gzip; q=0.0"):
        assert "content-encoding" not in (await get(door, path, accept_encoding=refused)).headers
    again = await get(door, path, if_none_match=f'"x", W/{plain.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")


async def test_whoever_says_the_version_keeps_it_for_good(door: Door) -> None:
    version = (await get(door, "/map/config")).json()["version"]
    for path in ("/map/base?level=2", "/map/rivers?"):
        kept = await get(door, f"{path}&v={version}")
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await get(door, f"{path}&v=1-older")).headers["cache-control"] == "no-cache"


async def test_other_rivers_have_another_version(door: Door, tmp_path: Path, world: World) -> None:
    version = (await get(door, "/map/config")).json()["version"]
    rivers = tmp_path / "rivers.json"
    rivers.write_bytes(fixtures.path("demo/rivers.json").read_bytes().replace(b"Nyando", b"Nyandoo"))
    moved = Door(build(Settings(data=tmp_path / "moved", rivers=rivers), world))
    async with moved.app.router.lifespan_context(moved.app), moved.client:
        assert (await get(moved, f"/map/rivers?v={version}")).headers["cache-control"] == "no-cache"
        assert (await get(moved, "/map/config")).json()["version"] != version


async def test_a_document_is_made_once_however_many_ask(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = map_layers.base

    def counted(wards: Wards, level: int, area: str = "") -> dict[str, Any]:
        made.append(level)
        return real(wards, level, area)

    monkeypatch.setattr(map_layers, "base", counted)
    answers = await asyncio.gather(*(get(door, "/map/base?level=2") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert made == [2]


async def test_one_who_gives_up_takes_it_from_nobody(door: Door) -> None:
    first = asyncio.create_task(door.node.prepared.get("x", lambda: {"a": 1}))
    await asyncio.sleep(0)
    first.cancel()
    assert (await door.node.prepared.get("x", lambda: {"a": 2})).data == b'{"a":1}'


async def test_what_could_not_be_made_is_made_anew(door: Door) -> None:
    with pytest.raises(ZeroDivisionError):
        await door.node.prepared.get("y", lambda: 1 // 0)
    assert (await door.node.prepared.get("y", lambda: [1])).data == b"[1]"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("level=4", "invalid-parameter"),
        ("level=-1", "invalid-parameter"),
        ("area=KE.999", "area-unknown"),
        ("area=KE.042.238", "invalid-parameter"),
        ("area=x", "invalid-parameter"),
    ],
)
async def test_what_is_not_there_is_refused(door: Door, query: str, code: str) -> None:
    answer = await door.ask("GET", f"/map/base?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_the_map_begins_where_the_server_is(door: Door) -> None:
    told = (await door.ask("GET", "/map/config")).json()
    west, south, east, north = told["bounds"]
    assert west < 34.76 < east
    assert south < -0.09 < north
    assert told["centre"] == [pytest.approx((west + east) / 2, abs=1e-3), pytest.approx((south + north) / 2, abs=1e-3)]
    assert told["county"] == "KE.042"
    assert told["county_name"] == "Kisumu"
    assert told["languages"] == ["sw", "luo", "en"]
    assert told["approximate"] is True
    assert told["exercise"] is False
    assert told["basemap"] is False
    assert told["boundaries"] == door.node.world.wards.version


@pytest.mark.parametrize("door", [{"county": "KE.001"}, {"county": "KE"}], indirect=True)
async def test_a_county_that_is_not_on_the_map_shows_all_of_it(door: Door) -> None:
    told = (await door.ask("GET", "/map/config")).json()
    west, _, east, _ = told["bounds"]
    assert west < 34.2 < 37.6 < east
    assert told["county_name"] == ""


PMTILES = b"PMTiles\x03" + bytes(range(256)) * 400


@pytest.fixture
def tiled(door: Door, tmp_path: Path) -> Door:
    (tmp_path / "kenya.pmtiles").write_bytes(PMTILES)
    door.node.settings = msgspec.structs.replace(door.node.settings, basemap=tmp_path / "kenya.pmtiles")
    return door


async def test_without_a_base_map_there_is_none(door: Door, tmp_path: Path) -> None:
    assert (await door.ask("GET", "/basemap.pmtiles")).json()["code"] == "not-found"
    assert not base_map.readable(tmp_path / "nothing.pmtiles")
    (tmp_path / "other.pmtiles").write_bytes(b"SQLite format 3\x00")
    assert not base_map.readable(tmp_path / "other.pmtiles")
    assert not base_map.readable(tmp_path)


def test_the_doctor_looks_at_the_base_map(tmp_path: Path) -> None:
    named = Settings(basemap=tmp_path / "kenya.pmtiles")
    assert list(checkup_world.base_map(Settings())) == []
    assert [each.level for each in checkup_world.base_map(named)] == ["ATTENTION"]
    (tmp_path / "kenya.pmtiles").write_bytes(PMTILES)
    assert [each.level for each in checkup_world.base_map(named)] == ["OK"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-16383", 0, 16383),
        ("bytes=100-100", 100, 100),
        ("bytes=102400-999999999", 102400, len(PMTILES) - 1),
        ("bytes=-100", len(PMTILES) - 100, len(PMTILES) - 1),
        ("bytes=102400-", 102400, len(PMTILES) - 1),
        ("bytes=-999999999", 0, len(PMTILES) - 1),
    ],
)
async def test_a_reader_gets_the_part_it_asks_for(tiled: Door, asked: str, first: int, last: int) -> None:
    answer = await get(tiled, "/basemap.pmtiles", range=asked)
    assert answer.status_code == 206
    assert answer.content == PMTILES[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(PMTILES)}"
    assert answer.headers["content-type"] == "application/vnd.pmtiles"
    assert answer.headers["accept-ranges"] == "bytes"
    assert (await get(tiled, "/map/config")).json()["basemap"] is True


@pytest.mark.parametrize(
    "asked", ["bytes=200000-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=0-1,4-5", "rows=0-1", "bytes=a-b"]
)
async def test_a_part_that_is_not_there_is_refused(tiled: Door, asked: str) -> None:
    answer = await tiled.ask("GET", "/basemap.pmtiles", headers={"range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "range-not-satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(PMTILES)}"


async def test_a_part_is_never_of_another_file(tiled: Door) -> None:
    before = await get(tiled, "/basemap.pmtiles", range="bytes=0-9")
    tag = before.headers["etag"]
    assert (await get(tiled, "/basemap.pmtiles", range="bytes=0-9", if_range=tag)).status_code == 206
    assert (await get(tiled, "/basemap.pmtiles", if_none_match=tag)).status_code == 304
    path = tiled.node.settings.basemap
    assert path is not None
    path.write_bytes(PMTILES[:-1])
    os.utime(path, ns=(1, 1))
    whole = await get(tiled, "/basemap.pmtiles", range="bytes=0-9", if_range=tag)
    assert (whole.status_code, whole.content) == (200, PMTILES[:-1])
    assert whole.headers["etag"] != tag


async def test_nobody_can_ask_for_more_than_is_read_at_once(tiled: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_map, "MOST", 1000)
    answer = await get(tiled, "/basemap.pmtiles", range="bytes=10-")
    assert answer.headers["content-range"] == f"bytes 10-1009/{len(PMTILES)}"
    assert answer.content == PMTILES[10:1010]
