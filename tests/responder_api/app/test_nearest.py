"""The nearest to a position: people on shift whom one may see, and places of a kind; nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from geo.places import distance_m
from geo.resolution import kind_of
from responder_api.door import event_of
from responder_api.place_store import in_use
from streams.events import PositionShared, audience
from streams.log import line
from tests.responder_api.app.conftest import Door

AT = {"lon": 34.7617, "lat": -0.0917}
KISUMU, HERE, KISII = "KE.042", "KE.042.240.1199", "KE.045.267.1332"


async def enrol(
    door: Door, id_: str, home: str, *skills: str, fix: tuple[float, float] | None, on: bool = True
) -> None:
    """Put somebody on the list, on shift, with a position of a minute ago."""
    body = {
        "id": id_,
        "home": home,
        "name": f"Mtu {id_}",
        "phone": f"+2547000{sum(map(ord, id_)):05}",
        "skills": skills,
    }
    assert (await door.ask("POST", "/responders", "taifa", json=body)).status_code == 202
    if on:
        assert (await door.ask("POST", f"/responders/{id_}/shift", "taifa", json={"on": True})).status_code == 202
    if fix is not None:
        shared = PositionShared(responder=id_, lon=fix[0], lat=fix[1])
        seen_by = audience(home, "operator", persons=[id_])
        at = door.node.clock() - timedelta(seconds=60)
        event = event_of(door.node, shared, key=home[:6], audience=seen_by, source="responders", at=at)
        await door.node.host.append([line(event)])
    await door.settle()


async def found(door: Door, name: str = "amina", **query: Any) -> list[dict[str, Any]]:
    answer = await door.ask("GET", "/nearest", name, params={**AT, **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.fixture
async def crew(door: Door) -> Door:
    await door.person("taifa", ("operator", "KE"))
    await door.person("amina", ("operator", KISUMU))
    await door.person("moraa", ("responder", KISUMU), person="near")
    await enrol(door, "near", HERE, "rescue", fix=(34.762, -0.092))
    await enrol(door, "far", HERE, "rescue", "medical", fix=(34.90, -0.17))
    await enrol(door, "off", HERE, "rescue", fix=(34.7617, -0.0917), on=False)
    await enrol(door, "foreign", KISII, "rescue", fix=(34.7618, -0.0917))
    return door


async def test_people_on_shift_come_nearest_first_and_only_ones_own(crew: Door) -> None:
    items = await found(crew, kind="responder")
    assert [each["id"] for each in items] == ["near", "far"]
    assert items[0]["distance_m"] == pytest.approx(distance_m(AT["lon"], AT["lat"], 34.762, -0.092))
    assert items[0]["fix_at"] is not None
    assert items[0]["ward_name"]
    assert [each["id"] for each in await found(crew, kind="responder", skill="medical")] == ["far"]
    assert [each["id"] for each in await found(crew, kind="responder", within_m=1000)] == ["near"]
    assert [each["id"] for each in await found(crew, kind="responder", limit=1)] == ["near"]
    assert [each["id"] for each in await found(crew, "taifa", kind="responder")] == ["foreign", "near", "far"]


async def test_places_of_a_kind_come_nearest_first(crew: Door) -> None:
    items = await found(crew, kind="hospital", limit=3)
    metres = [each["distance_m"] for each in items]
    assert metres == sorted(metres)
    assert len(items) == 3
    assert {each["kind"] for each in items} == {"hospital"}
    assert items[0]["source"]
    assert await found(crew, kind=" HOSPITAL", limit=3) == items
    answer = (await crew.ask("GET", "/nearest", "amina", params={**AT, "kind": "hospital", "within_m": 1})).json()
    assert answer["items"] == []
    assert answer["known"] == sum(kind_of(place.kind) == "hospital" for place in in_use(crew.node.settings).places)
    assert {"hospital", "market", "school"} <= set(answer["kinds"])


async def test_a_kind_there_is_none_of_is_refused_with_those_there_are(crew: Door) -> None:
    answer = await crew.ask("GET", "/nearest", "amina", params={**AT, "kind": "casino"})
    assert (answer.status_code, answer.json()["code"]) == (422, "kind-unknown")
    assert "hospital" in answer.json()["detail"]
    assert "responder" in answer.json()["detail"]
    people = await crew.ask("GET", "/nearest", "amina", params={**AT, "kind": "Responder"})
    assert [each["id"] for each in people.json()["items"]] == ["near", "far"]
    assert people.json()["known"] is None


async def test_it_is_for_operators_and_for_positions_in_kenya(crew: Door) -> None:
    for query, name, status, code in (
        ({**AT, "kind": "responder"}, "moraa", 403, "forbidden"),
        ({**AT, "kind": "responder"}, None, 401, "unauthenticated"),
        ({"lon": -0.0917, "lat": 34.7617, "kind": "hospital"}, "amina", 422, "position-swapped"),
        ({"lon": 10.0, "lat": 50.0, "kind": "hospital"}, "amina", 422, "position-outside"),
        ({"lon": "nan", "lat": 0.1, "kind": "hospital"}, "amina", 422, "position-not-a-number"),
    ):
        answer = await crew.ask("GET", "/nearest", name, params=query)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    for wrong in ({"limit": 0}, {"limit": 101}, {"within_m": 0}, {"kind": ""}):
        answer = await crew.ask("GET", "/nearest", "amina", params={**AT, "kind": "hospital", **wrong})
        assert answer.status_code == 422
