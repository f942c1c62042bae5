"""Positions are shared on shift only: what a responder shared is forgotten, everywhere, when the shift ends."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from responder_api.door import event_of
from streams.events import PositionShared, audience
from streams.log import line
from streams.steps.dispatch.roster import Person
from tests.responder_api.app.conftest import Door

POST = {"lon": 34.7617, "lat": -0.0917}
HERE = {"lon": 34.7512, "lat": -0.1033, "accuracy_m": 12.0}


async def somebody(door: Door, **more: object) -> str:
    """Put a responder on the list; give their home."""
    await door.person("amina", ("operator", "KE.042"))
    home: str = (await door.ask("GET", "/locate", params=POST)).json()["ward"]["path"]
    body = {"id": "p1", "name": "Mtu", "phone": "+254700000001", "skills": ["rescue"], "home": home, **more}
    assert (await door.ask("POST", "/responders", "amina", json=body)).status_code == 202
    await door.person("p1", ("responder", home), person="p1")
    return home


async def says(door: Door, what: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await door.ask("POST", f"/responders/p1/{what}", "p1", json=body)
    assert answer.status_code == 202, answer.text
    shown: dict[str, Any] = answer.json()["responder"]
    return shown


async def known(door: Door) -> Person:
    """Give what dispatch knows of them."""
    await door.settle()
    rows = door.node.host.engine.connection.execute(
        "SELECT value FROM state WHERE step = 'dispatch' AND item = 'person/p1'"
    ).fetchall()
    (person,) = [msgspec.json.decode(value, type=Person) for (value,) in rows]
    return person


def place(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in ("lon", "lat", "accuracy_m") if name in shown}


async def test_where_somebody_was_is_forgotten_when_the_shift_ends(door: Door) -> None:
    await somebody(door)
    assert place(await says(door, "shift", {"on": True})) == {}
    shown = await says(door, "position", HERE)
    assert place(shown) == HERE
    assert "fix_at" in shown
    assert (await known(door)).fix_at is not None

    shown = await says(door, "shift", {"on": False})
    assert place(shown) == {}
    assert "fix_at" not in shown
    after = await known(door)
    assert (after.lon, after.lat, after.fix_at) == (None, None, None)
    refused = await door.ask("POST", "/responders/p1/position", "p1", json=HERE)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")

    shown = await says(door, "shift", {"on": True})
    assert place(shown) == {}, "the last shift's position is not this one's"
    assert (await known(door)).fix_at is None


async def test_their_post_stands_in_until_a_position_is_shared(door: Door) -> None:
    home = await somebody(door, **POST)
    (shown,) = await door.documents("responder")
    assert place(shown) == {}, "off shift nobody is anywhere"
    assert place(await says(door, "shift", {"on": True})) == POST
    assert place(await says(door, "position", HERE)) == HERE
    # The entry is corrected meanwhile: a position that was shared is not overwritten by the post.
    body = {"id": "p1", "name": "Mtu Mpya", "phone": "+254700000001", "skills": ["boat"], "home": home, **POST}
    assert (await door.ask("POST", "/responders", "amina", json=body)).status_code == 202
    (shown,) = await door.documents("responder")
    assert (shown["name"], place(shown)) == ("Mtu Mpya", HERE)
    assert (shown["home_lon"], shown["home_lat"]) == (POST["lon"], POST["lat"])
    # Who is taken off the list is not followed either.
    assert (await door.ask("POST", "/responders", "amina", json={**body, "active": False})).status_code == 202
    (shown,) = await door.documents("responder")
    assert place(shown) == {}
    assert (await known(door)).lon is None


async def test_saying_a_shift_twice_changes_nothing_of_the_position(door: Door) -> None:
    await somebody(door)
    await says(door, "shift", {"on": True})
    await says(door, "position", HERE)
    assert place(await says(door, "shift", {"on": True})) == HERE
    assert (await known(door)).fix_at is not None


async def test_a_position_that_crosses_the_end_of_the_shift_is_not_kept(door: Door) -> None:
    home = await somebody(door)
    await says(door, "shift", {"on": True})
    newest = await says(door, "position", HERE)
    seen_by = audience(home, "operator", persons=["p1"])
    there = PositionShared(responder="p1", lon=34.9, lat=-0.2)
    now = door.node.clock()

    async def late(seconds: float) -> dict[str, Any]:
        at = now - timedelta(seconds=seconds)
        event = event_of(door.node, there, key=home[:6], audience=seen_by, source="responders", at=at)
        await door.node.host.append([line(event)])
        (shown,) = await door.documents("responder")
        return shown

    shown = await late(60.0)
    assert (place(shown), shown["fix_at"]) == (HERE, newest["fix_at"]), "an older one does not undo a newer one"
    await says(door, "shift", {"on": False})
    assert place(await late(0.0)) == {}
    assert (await known(door)).lon is None


async def test_a_position_out_of_a_phones_memory_is_one_of_its_own_time(door: Door) -> None:
    await somebody(door)
    on = datetime.fromisoformat((await says(door, "shift", {"on": True}))["shift_at"])
    later = {"lon": 34.8, "lat": -0.15}

    async def refused(at: datetime) -> tuple[int, str]:
        answer = await door.ask("POST", "/responders/p1/position", "p1", json=HERE | {"happened_at": at.isoformat()})
        return answer.status_code, answer.json()["code"]

    newest = await says(door, "position", later)
    shown = await says(door, "position", HERE | {"happened_at": (on + timedelta(milliseconds=1)).isoformat()})
    assert (place(shown), shown["fix_at"]) == (later, newest["fix_at"]), "it changes nothing newer"
    before = await refused(on - timedelta(minutes=1))
    assert before == (409, "conflict"), "it is of no shift"
    assert await refused(on + timedelta(hours=1)) == (422, "time-in-future")
