"""People to ask: whom the operator sees first is whom the rules would ask, with the same score and the same reasons."""

from datetime import timedelta
from typing import Any

import pytest

from responder_api.door import event_of
from streams.events import PositionShared, ResponderEnrolled, ShiftChanged, audience
from streams.log import line
from tests.responder_api.app.conftest import Door

AT = {"lon": 34.7617, "lat": -0.0917}
NEAR = {"lon": 34.7600, "lat": -0.0920}
FAR = {"lon": 34.9168, "lat": -0.1722}


async def ward(door: Door, at: dict[str, float]) -> str:
    return str((await door.ask("GET", "/locate", params=at)).json()["ward"]["path"])


async def enrol(
    door: Door,
    id_: str,
    home: str,
    *skills: str,
    on: bool = True,
    fix: dict[str, float] | None = None,
    fix_age_s: float = 0.0,
    **more: Any,
) -> None:
    """Put somebody on the list and on shift, with a position that is so old."""
    fields = {"name": f"Mtu {id_}", "phone": f"+2547000{sum(map(ord, id_)):05}", "skills": skills, **more}
    assert (await door.ask("POST", "/responders", "amina", json={"id": id_, "home": home, **fields})).status_code == 202
    if on:
        answer = await door.ask("POST", f"/responders/{id_}/shift", "amina", json={"on": True})
        assert answer.status_code == 202
    if fix is not None:
        body = PositionShared(responder=id_, lon=fix["lon"], lat=fix["lat"])
        at = door.node.clock() - timedelta(seconds=fix_age_s)
        seen_by = audience(home, "operator", persons=[id_])
        event = event_of(door.node, body, key=home[:6], audience=seen_by, source="responders", at=at)
        await door.node.host.append([line(event)])
    await door.settle()


async def flood(door: Door, text: str = "water in the houses") -> dict[str, Any]:
    body = {"text": text, "hazard": "flood", **AT}
    assert (await door.ask("POST", "/intake/reports", json=body)).status_code == 202
    return (await door.documents("incident"))[-1]


async def listed(door: Door, incident: str, query: str = "", name: str = "amina") -> dict[str, Any]:
    answer = await door.ask("GET", f"/incidents/{incident}/people{query}", name)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def order(found: dict[str, Any]) -> list[str]:
    return [each["responder"] for each in found["items"]]


@pytest.fixture
async def crew(door: Door) -> Door:
    """A town in which several could go, each with something for and against them."""
    await door.person("amina", ("operator", "KE.042"))
    here, there = await ward(door, AT), await ward(door, FAR)
    await enrol(door, "near", here, "rescue", fix=NEAR, title="Rescue team", has_app=True)
    await enrol(door, "stale", here, "rescue", fix=NEAR, fix_age_s=3600.0)
    await enrol(door, "far", there, "rescue", fix=FAR)
    await enrol(door, "posted", here, "rescue", lon=AT["lon"], lat=AT["lat"])
    await enrol(door, "admin", here, "ward-admin")
    await enrol(door, "off", here, "rescue", on=False, lon=AT["lon"], lat=AT["lat"])
    await enrol(door, "gone", here, "rescue", active=False)
    await enrol(door, "cook", here, "cooking")
    return door


async def test_who_the_rules_asked_stands_first_with_the_very_same_reasons(crew: Door) -> None:
    door = crew
    before = door.node.clock()
    incident = await flood(door)
    asks = {each["need"]: each for each in await door.documents("assignment")}
    assert set(asks) == {"rescue", "ward-admin"}
    for need, ask in asks.items():
        found = await listed(door, incident["id"], f"?need={need}")
        items = {each["responder"]: each for each in found["items"]}
        chosen = items[ask["responder"]]
        assert chosen["asked"] == {"assignment": ask["id"], "state": "offered", "need": need}
        assert chosen["busy"] == 1
        # The ask itself is what they are busy with now; all else is as it was when they were chosen.
        parts = {part[0] if isinstance(part, list) else part["name"]: part for part in chosen["parts"]}
        was = {part[0] if isinstance(part, list) else part["name"]: part for part in ask["parts"]}
        for name in ("skill", "distance", "level"):
            assert parts[name] == was[name], (before, parts, was)
        assert chosen["distance_m"] == ask["distance_m"]
    # With the ask answered, the list is again what the rules saw.
    for ask in asks.values():
        path = f"/assignments/{ask['id']}/answer"
        assert (await door.ask("POST", path, "amina", json={"answer": "decline"})).status_code == 202
    found = await listed(door, incident["id"], "?need=rescue")
    assert order(found)[0] == asks["rescue"]["responder"]
    chosen = found["items"][0]
    assert (chosen["reason"], chosen["parts"]) == (asks["rescue"]["reason"], asks["rescue"]["parts"])
    assert chosen["asked"]["state"] == "declined"


async def test_the_rules_ask_down_the_list_one_after_the_other(crew: Door) -> None:
    door = crew
    incident = await flood(door)
    seen = []
    expected = order(await listed(door, incident["id"], "?need=rescue"))
    for _ in range(3):
        ask = next(
            each
            for each in await door.documents("assignment")
            if each["need"] == "rescue" and each["state"] == "offered"
        )
        seen.append(ask["responder"])
        found = await listed(door, incident["id"], "?need=rescue")
        free = [each["responder"] for each in found["items"] if each["asked"] is None and each["on_shift"]]
        answer = {"answer": "decline"}
        assert (await door.ask("POST", f"/assignments/{ask['id']}/answer", "amina", json=answer)).status_code == 202
        after = next(
            (
                each["responder"]
                for each in await door.documents("assignment")
                if each["need"] == "rescue" and each["state"] == "offered"
            ),
            None,
        )
        if after is not None and after != "far":  # who lives elsewhere is asked when the ward has nobody left
            assert after == free[0]
    assert len(set(seen)) == 3
    assert set(seen) <= set(expected)


async def test_everybody_able_is_there_with_what_speaks_for_them(crew: Door) -> None:
    door = crew
    incident = await flood(door)
    found = await listed(door, incident["id"], "?need=rescue")
    assert set(order(found)) == {"near", "stale", "far", "posted", "off"}, "neither the cook nor who is off the list"
    assert order(found)[-1] == "off", "who is off shift comes last"
    assert found["total"] == 5
    items = {each["responder"]: each for each in found["items"]}
    assert [items[name]["on_shift"] for name in ("near", "off")] == [True, False]
    assert (items["near"]["by"], items["stale"]["by"], items["posted"]["by"]) == ("fix", "home", "home")
    assert items["near"]["distance_m"] < 500
    assert items["far"]["distance_m"] > 10_000
    assert (items["near"]["name"], items["near"]["title"], items["near"]["has_app"]) == (
        "Mtu near",
        "Rescue team",
        True,
    )
    assert items["near"]["phone"].startswith("+2547")
    for each in found["items"]:
        total = sum(part[1] if isinstance(part, list) else part["value"] for part in each["parts"])
        assert each["score"] == pytest.approx(total, abs=1e-3)
    assert order(await listed(door, incident["id"], "?need=rescue&limit=2")) == order(found)[:2]
    everybody = await listed(door, incident["id"])
    assert set(order(everybody)) == {*order(found), "admin"}, "without a need: whoever has any skill that is asked for"
    assert order(await listed(door, incident["id"], "?need=cooking")) == ["cook"]
    assert (await listed(door, incident["id"], "?need=engineer"))["items"] == []


async def test_needs_say_what_is_still_wanting(crew: Door) -> None:
    door = crew
    incident = await flood(door)
    needs = {each["need"]: each for each in (await listed(door, incident["id"]))["needs"]}
    assert needs["rescue"] == {"need": "rescue", "count": 1, "taken": 0, "asked": 1, "exhausted": False}
    asks = {each["need"]: each for each in await door.documents("assignment")}
    taken = {"answer": "accept"}
    assert (
        await door.ask("POST", f"/assignments/{asks['rescue']['id']}/answer", "amina", json=taken)
    ).status_code == 202
    refused = {"answer": "decline"}
    assert (
        await door.ask("POST", f"/assignments/{asks['ward-admin']['id']}/answer", "amina", json=refused)
    ).status_code == 202
    needs = {each["need"]: each for each in (await listed(door, incident["id"]))["needs"]}
    assert needs["rescue"] == {"need": "rescue", "count": 1, "taken": 1, "asked": 0, "exhausted": False}
    assert needs["ward-admin"] == {"need": "ward-admin", "count": 1, "taken": 0, "asked": 0, "exhausted": True}
    # It gets worse: more are needed, some of a skill that nobody here has.
    await flood(door, "flood, many people trapped on roofs, some dead, send boats")
    needs = {each["need"]: each for each in (await listed(door, incident["id"]))["needs"]}
    assert needs["rescue"]["count"] > 1
    assert needs["boat"]["exhausted"]


async def test_who_was_asked_before_a_merge_is_marked_after_it(crew: Door) -> None:
    door = crew
    one = await flood(door)
    ask = next(each for each in await door.documents("assignment") if each["need"] == "rescue")
    body = {"text": "fire in the market", "hazard": "fire", **AT}
    assert (await door.ask("POST", "/intake/reports", json=body)).status_code == 202
    other = next(each for each in await door.documents("incident") if each["id"] != one["id"])
    merged = await door.ask("POST", f"/incidents/{one['id']}/merge", "amina", json={"into": other["id"]})
    assert merged.status_code == 202, merged.text
    found = await listed(door, other["id"], "?need=rescue")
    asked = {each["responder"]: each["asked"] for each in found["items"]}
    assert asked[ask["responder"]]["assignment"] == ask["id"]
    undone = await door.ask("POST", f"/incidents/{one['id']}/reopen", "amina", json={})
    assert undone.status_code == 202, undone.text
    found = await listed(door, other["id"], "?need=rescue")
    assert ask["id"] not in [each["asked"]["assignment"] for each in found["items"] if each["asked"]], "no more of it"
    found = await listed(door, one["id"], "?need=rescue")
    assert ask["id"] in [each["asked"]["assignment"] for each in found["items"] if each["asked"]]


async def test_only_operators_see_whom_they_could_send_and_only_their_own_people(crew: Door) -> None:
    door = crew
    incident = await flood(door)
    here = await ward(door, AT)
    await door.person("kata", ("operator", here))
    await door.person("wakala", ("agency", "KE.042"))
    await door.person("near", ("responder", here), person="near")
    await door.person("jirani", ("operator", "KE.041"))
    mine = await listed(door, incident["id"], "?need=rescue", "kata")
    assert set(order(mine)) == {"near", "stale", "posted", "off"}, "who lives in another ward is another operator's"
    for name, status in (("wakala", 403), ("near", 403), ("jirani", 404)):
        answer = await door.ask("GET", f"/incidents/{incident['id']}/people", name)
        assert answer.status_code == status, answer.text
        assert "Mtu" not in answer.text
    assert (await door.ask("GET", f"/incidents/{incident['id']}/people")).status_code == 401
    assert (await door.ask("GET", "/incidents/nothing/people", "amina")).status_code == 404
    assert (await door.ask("GET", f"/incidents/{incident['id']}/people?limit=0", "amina")).status_code == 422


async def test_two_thousand_people_are_ranked_alike(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))
    homes = [each.path for each in door.node.world.wards if each.path.startswith("KE.042")]
    events = []
    for n in range(2000):
        home = homes[n % len(homes)]
        seen_by = audience(home, "operator", persons=[f"p{n}"])
        enrolled = ResponderEnrolled(
            responder=f"p{n}",
            name=f"Mtu {n}",
            title="",
            organisation="",
            phone=f"+2547{n:08}",
            skills=(("rescue", "boat"), ("medical",), ("ward-admin", "rescue"))[n % 3],
            home=home,
            lon=34.7 + n / 10_000,
            lat=-0.1,
        )
        events += [
            event_of(door.node, body, key=home[:6], audience=seen_by, source="test")
            for body in (enrolled, ShiftChanged(responder=f"p{n}", on=n % 10 > 0))
        ]
    await door.node.host.append([line(event) for event in events])
    await door.settle()
    incident = await flood(door)
    ask = next(each for each in await door.documents("assignment") if each["need"] == "rescue")
    found = await listed(door, incident["id"], "?need=rescue&limit=200")
    assert found["total"] == sum(n % 3 != 1 for n in range(2000))
    here = [each for each in found["items"] if each["on_shift"] and home_of(each, homes) == incident["ward"]]
    scores = [each["score"] for each in found["items"]]
    assert scores == sorted(scores, reverse=True)
    assert ask["responder"] in {each["responder"] for each in here}


def home_of(item: dict[str, Any], homes: list[str]) -> str:
    return homes[int(item["responder"][1:]) % len(homes)]
