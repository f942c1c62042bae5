"""Who is at the scene is for the operators who see the incident, and for the one who is there; for nobody else."""

from typing import Any

from tests.responder_api.app.conftest import Door

HERE = {"lon": 34.7512, "lat": -0.1033}


async def at_the_scene(door: Door) -> str:
    """Put somebody on shift at the scene of a fire; give the ward."""
    await door.person("amina", ("operator", "KE.042"))
    ward: str = (await door.ask("GET", "/locate", params=HERE)).json()["ward"]["path"]
    entry = {"id": "p1", "name": "Mtu", "title": "Chief", "phone": "+254700000001", "skills": [], "home": ward}
    assert (await door.ask("POST", "/responders", "amina", json=entry)).status_code == 202
    await door.person("p1", ("responder", ward), person="p1")
    for what, body in (("shift", {"on": True}), ("position", HERE | {"accuracy_m": 9.0})):
        assert (await door.ask("POST", f"/responders/p1/{what}", "p1", json=body)).status_code == 202
    report = {"text": "moto", "hazard": "fire", "position_of": "incident", **HERE}
    assert (await door.ask("POST", "/intake/reports", json=report)).status_code == 202
    await door.settle()
    return ward


async def seen(door: Door, who: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await door.ask("GET", "/presences", who)).json()["items"]
    return items


async def test_the_operators_of_the_incident_and_the_person_see_it_and_nobody_else(door: Door) -> None:
    ward = await at_the_scene(door)
    (incident,) = await door.documents("incident")
    assert incident["scene_m"] == 200.0
    (shown,) = await seen(door, "amina")
    named = {name: shown[name] for name in ("id", "state", "incident", "responder", "name", "title")}
    assert named == {
        "id": f"p1@{incident['id']}",
        "state": "inside",
        "incident": incident["id"],
        "responder": "p1",
        "name": "Mtu",
        "title": "Chief",
    }
    assert await seen(door, "p1") == [shown]
    # Others of the ward and agencies see the incident itself: where people are is not theirs to know.
    others = (("p2", ("responder", ward)), ("police", ("agency", "KE")), ("migori", ("operator", "KE.044")))
    for name, grant in others:
        await door.person(name, grant)
        assert await seen(door, name) == []
        assert (await door.ask("GET", f"/presences/{shown['id']}", name)).status_code == 404
    assert "p1" not in (await door.ask("GET", f"/incidents/{incident['id']}", "police")).text


async def test_the_history_of_the_incident_tells_of_it_to_those_who_may_know(door: Door) -> None:
    await at_the_scene(door)
    (incident,) = await door.documents("incident")
    assert (await door.ask("POST", "/responders/p1/shift", "p1", json={"on": False})).status_code == 202
    (shown,) = await seen(door, "amina")
    assert (shown["state"], shown["reason"]) == ("left", "off-shift")
    await door.person("police", ("agency", "KE"))
    told = {}
    for name in ("amina", "police"):
        answer = (await door.ask("GET", f"/incidents/{incident['id']}/history", name)).json()
        told[name] = [each["body"]["type"] for each in answer["items"] if each["body"]["type"].startswith("Fence")]
    assert told == {"amina": ["FenceEntered", "FenceLeft"], "police": []}
