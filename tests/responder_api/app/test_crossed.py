"""Which wards a drawn area or a CAP message crosses, asked over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest
import shapely

from alerts.cap import Alert, Area, Circle, Info
from alerts.cap_outlines import areas_of
from alerts.cap_xml import write
from tests.responder_api.app.conftest import Door

CIRCLE = {"circle": {"lon": 34.75, "lat": -0.1, "radius_m": 3000}}
SQUARE = [[34.7, -0.15], [34.8, -0.15], [34.8, -0.05], [34.7, -0.05], [34.7, -0.15]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[34.7, -0.1], [34.8, 0.0], [34.8, -0.1], [34.7, 0.0], [34.7, -0.1]]]}


def warning(*areas: Area) -> bytes:
    at = datetime(2026, 4, 26, 12, tzinfo=UTC)
    info = Info(
        categories=("Met",),
        event="Flood",
        urgency="Immediate",
        severity="Severe",
        certainty="Observed",
        response_types=("Prepare",),
        expires=at.replace(hour=20),
        areas=areas,
    )
    alert = Alert(
        identifier="kmd-1",
        sender="kmd@example.org",
        sent=at,
        status="Actual",
        msg_type="Alert",
        scope="Public",
        infos=(info,),
    )
    return write(alert)


async def ask(door: Door, body: Any, **query: Any) -> Any:
    answer = await door.ask("POST", "/wards/crossed", "amina", json=body, params=query)
    return answer.json()


async def ask_cap(door: Door, data: bytes, **query: Any) -> Any:
    sent = {"content": data, "headers": {"content-type": "application/cap+xml"}}
    return (await door.ask("POST", "/wards/crossed", "amina", params=query, **sent)).json()


async def test_a_circle_and_a_polygon_give_wards_with_shares(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    found = await ask(door, CIRCLE)
    assert found["km2"] == pytest.approx(28.3, abs=0.1)
    sizes = [each["km2"] for each in found["wards"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) + found["uncovered_km2"] == pytest.approx(found["km2"], rel=1e-4)
    assert sum(each["of_area"] for each in found["wards"]) <= 1.0001
    assert {each["by"] for each in found["wards"]} == {"drawing"}
    assert found["wards"][0]["ward"]["county"] == "Kisumu"
    fewer = await ask(door, CIRCLE, min_share=0.5)
    assert 0 < len(fewer["wards"]) < len(found["wards"])
    assert all(each["share"] >= 0.5 for each in fewer["wards"])
    assert (await ask(door, POLYGON))["wards"]
    assert (await ask(door, {"type": "Feature", "properties": {}, "geometry": POLYGON}))["remarks"] == []


async def test_what_was_set_right_is_said(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    found = await ask(door, {"type": "Polygon", "coordinates": [SQUARE[:-1]]})
    assert [each["code"] for each in found["remarks"]] == ["ring-open"]


async def test_places_inside_are_counted_when_asked_for(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    assert "facilities" not in await ask(door, POLYGON)
    inside = (await ask(door, POLYGON, facilities=True))["facilities"]
    assert inside["total"] == sum(inside["kinds"].values()) > 0
    assert len(inside["places"]) == min(inside["total"], 100)
    box = shapely.Polygon(SQUARE)
    assert all(box.covers(shapely.Point(each["lon"], each["lat"])) for each in inside["places"])


async def test_a_cap_message_of_ours_gives_its_wards_and_of_others_what_it_draws(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    wards = door.node.world.wards
    path = wards.ward(wards.rows_in("KE.042")[0]).path
    drawn, _ = areas_of(wards, [path])
    ours = await ask_cap(door, warning(*drawn), facilities=True)
    assert [(each["ward"]["path"], each["by"], each["share"]) for each in ours["wards"]] == [(path, "geocode", 1.0)]
    assert ours["facilities"]["total"] >= 0
    theirs = await ask_cap(
        door, warning(Area(description="Kisumu", circles=(Circle(lon=34.75, lat=-0.1, radius_km=3),)))
    )
    assert theirs["wards"] == [
        {key: value for key, value in each.items() if key != "of_area"} for each in (await ask(door, CIRCLE))["wards"]
    ]


async def test_a_message_that_reaches_nobody_says_why(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    europe = Area(description="Europe", polygons=(((10.0, 50.0), (11.0, 50.0), (11.0, 51.0), (10.0, 50.0)),))
    found = await ask_cap(door, warning(europe), facilities=True)
    assert (found["wards"], found["facilities"]["total"]) == ([], 0)
    assert [(each["code"], each["where"]) for each in found["remarks"]] == [("area-outside", "info 1 area 1")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (BOW_TIE, "area-self-crossing"),
        ({"type": "Polygon", "coordinates": []}, "area-empty"),
        ({"type": "Polygon", "coordinates": [[[34.7, None], [1, 2], [3, 4]]]}, "area-not-a-number"),
        ({"type": "Point", "coordinates": [34.7, -0.1]}, "area-not-an-area"),
        ({}, "area-not-an-area"),
        ({"circle": {"lon": 34.7, "lat": -0.1}}, "area-not-an-area"),
        ({"circle": 5}, "area-not-an-area"),
        ({"circle": {"lon": -0.1, "lat": 34.7, "radius_m": 500}}, "area-swapped"),
        ({"circle": {"lon": 34.7, "lat": -0.1, "radius_m": -1}}, "area-empty"),
        ({"circle": {"lon": 34.7, "lat": "x", "radius_m": 5}}, "area-not-a-number"),
        ({"circle": {"lon": 34.7, "lat": -0.1, "radius_m": 1e9}}, "area-too-large"),
        ({"type": "Polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 50]]]}, "area-outside"),
        (
            {"type": "Polygon", "coordinates": [[[34.7 + i * 1e-6, 0.1] for i in range(60_000)]]},
            "area-too-many-vertices",
        ),
        ([1, 2], "invalid-body"),
    ],
)
async def test_what_is_no_area_is_refused(door: Door, body: Any, code: str) -> None:
    await door.person("amina", ("operator", "KE.042"))
    answer = await ask(door, body)
    assert (answer["status"], answer["code"]) == (422, code)


async def test_other_bodies_are_refused(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    for content, media_type, code in (
        (b"<html/>", "application/cap+xml", "cap-unreadable"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><alert/>', "application/xml", "cap-unreadable"),
        (b"{", "application/geo+json", "not-json"),
        (b"lon,lat", "text/csv", "unsupported-media-type"),
    ):
        sent = {"content": content, "headers": {"content-type": media_type}}
        assert (await door.ask("POST", "/wards/crossed", "amina", **sent)).json()["code"] == code
    assert (await door.ask("POST", "/wards/crossed", json=CIRCLE)).json()["code"] == "unauthenticated"
