"""Two operators never work on the same thing unaware: who has it, how it passes on, and what others are refused."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect

from streams.events import ClaimRequested, Event, IncidentClosed, RequestRefused, WorkClaimed, WorkReleased
from tests.responder_api.app.conftest import Door, listening

AT = {"lon": 34.7617, "lat": -0.0917}
HOAX = {"reason": "hoax"}


async def a_report(door: Door) -> str:
    """Let a report wait whose words name no place; give its id."""
    body = {"text": "tusaidieni tafadhali", "reporter": {"phone": "+254711000777"}}
    answer = await door.ask("POST", "/intake/reports", json=body)
    assert answer.status_code == 202, answer.text
    await door.settle()
    return str(answer.json()["id"])


async def an_incident(door: Door) -> str:
    body = {"text": "flood, people on roofs", "hazard": "flood", **AT}
    assert (await door.ask("POST", "/intake/reports", json=body)).status_code == 202
    return str((await door.documents("incident"))[-1]["id"])


async def a_draft(door: Door) -> str:
    """Let the river rise so far that a warning waits for approval; give the draft's id."""
    now = door.node.clock()
    gauge = next(each for each in door.node.world.stations.values() if each.station.parameter == "level" and each.wards)
    top = max(mark.raise_at for mark in gauge.station.marks if mark.measure != "rise") + 0.1
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (20, 15, 10, 5)]
    one = {"station": gauge.station.id, "unit": gauge.station.unit, "datum": gauge.station.datum}
    batch = [{**one, "times": times, "values": [top] * 4}]
    assert (await door.ask("POST", "/intake/readings", json={"batch": batch})).status_code == 202
    return next(str(each["id"]) for each in await door.documents("alert") if each["state"] == "draft")


async def two(door: Door) -> None:
    await door.person("atieno", ("operator", "KE.042"))
    await door.person("otieno", ("operator", "KE.042"))


async def log(door: Door) -> list[Event]:
    await door.settle()
    return [each.event for each in await door.node.read(lambda: door.node.host.engine.log.read(0, 100_000))]


@pytest.mark.parametrize("path", ["reports", "incidents", "alerts"])
async def test_who_claims_first_has_it_and_the_other_is_told_by_whom(door: Door, path: str) -> None:
    await two(door)
    id_ = await {"reports": a_report, "incidents": an_incident, "alerts": a_draft}[path](door)
    kind = path[:-1]
    before = door.node.clock()
    first = await door.ask("POST", f"/{path}/{id_}/claim", "atieno")
    assert first.status_code == 202, first.text
    claim = first.json()[kind]["claim"]
    assert (claim["by"], claim["by_name"]) == ("id-atieno", "atieno")
    until = datetime.fromisoformat(claim["until"])
    assert before + timedelta(minutes=5) <= until <= door.node.clock() + timedelta(minutes=5)

    second = await door.ask("POST", f"/{path}/{id_}/claim", "otieno", json={"take_over": False})
    assert (second.status_code, second.json()["code"]) == (409, "claimed")
    assert "atieno works on this until " in second.json()["detail"]
    assert "take_over" in second.json()["next"]
    assert (await door.ask("GET", f"/{path}/{id_}", "otieno")).json()["claim"] == claim

    third = await door.ask("POST", f"/{path}/{id_}/claim", "otieno", json={"take_over": True})
    assert third.status_code == 202
    assert third.json()[kind]["claim"]["by"] == "id-otieno"
    (taken,) = [each.body for each in await log(door) if isinstance(each.body, WorkClaimed) and each.body.taken_from]
    assert (taken.by, taken.taken_from, taken.taken_from_name) == ("id-otieno", "id-atieno", "atieno")

    left = await door.ask("DELETE", f"/{path}/{id_}/claim", "otieno")
    assert left.status_code == 202
    assert "claim" not in left.json()[kind]
    again = await door.ask("DELETE", f"/{path}/{id_}/claim", "otieno")
    assert again.status_code == 202, "what is released twice is released"


async def test_who_worked_on_an_alert_is_not_told_to_the_public(door: Door) -> None:
    await two(door)
    id_ = await a_draft(door)
    assert (await door.ask("POST", f"/alerts/{id_}/claim", "atieno")).json()["alert"]["claim"]["by"]
    assert (await door.ask("POST", f"/alerts/{id_}/approve", "atieno")).status_code == 202
    issued = next(each for each in await door.documents("alert") if each["id"] == id_)
    assert issued["state"] == "issued"
    assert "claim" not in issued
    later = await door.ask("POST", f"/alerts/{id_}/claim", "atieno")
    assert (later.status_code, later.json()["code"]) == (409, "conflict")


DECISIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("reports", "place", AT),
    ("reports", "dismiss", HOAX),
    ("reports", "join", {"incident": "other"}),
    ("reports", "ask", {"question": "Wapi?"}),
    ("incidents", "close", {"reason": "over"}),
    ("incidents", "merge", {"into": "other"}),
    ("incidents", "split", {"reports": ["second"]}),
    ("incidents", "dispatch", {"responder": "p1"}),
    ("alerts", "approve", {}),
    ("alerts", "reject", {"reason": "no"}),
]


@pytest.mark.parametrize(("path", "what", "body"), DECISIONS, ids=lambda each: each if isinstance(each, str) else "")
async def test_a_decision_about_what_another_has_is_refused_until_it_is_free(
    door: Door, path: str, what: str, body: dict[str, Any]
) -> None:
    await two(door)
    id_ = await {"reports": a_report, "incidents": an_incident, "alerts": a_draft}[path](door)
    if what == "merge":
        far = {"text": "fire", "hazard": "fire", **AT}
        assert (await door.ask("POST", "/intake/reports", json=far)).status_code == 202
        body = {"into": next(each["id"] for each in await door.documents("incident") if each["id"] != id_)}
    if what == "join":
        body = {"incident": await an_incident(door)}
    if what == "split":
        more = {"text": "water everywhere, people on roofs", "hazard": "flood", **AT}
        second = await door.ask("POST", "/intake/reports", json=more)
        await door.settle()
        body = {"reports": [second.json()["id"]]}
    if what == "dispatch":
        home = (await door.ask("GET", "/locate", params=AT)).json()["ward"]["path"]
        person = {"id": "p1", "name": "Mtu", "phone": "+254700000001", "skills": ["rescue"], "home": home}
        assert (await door.ask("POST", "/responders", "atieno", json=person)).status_code == 202
    assert (await door.ask("POST", f"/{path}/{id_}/claim", "atieno")).status_code == 202
    end = len(await log(door))
    refused = await door.ask("POST", f"/{path}/{id_}/{what}", "otieno", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed"), refused.text
    assert "atieno works on this until " in refused.json()["detail"]
    assert len(await log(door)) == end, "a refused decision was written down"
    # Who has it may decide; and where nobody has it, everybody may.
    who = "atieno"
    if what in ("ask", "dispatch", "split"):
        assert (await door.ask("DELETE", f"/{path}/{id_}/claim", "atieno")).status_code == 202
        who = "otieno"
    taken = await door.ask("POST", f"/{path}/{id_}/{what}", who, json=body)
    assert taken.status_code == 202, taken.text
    if who == "atieno":
        assert "claim" not in taken.json()[path[:-1]], "it is decided: nobody works on it any more"
        (released,) = [each.body for each in await log(door) if isinstance(each.body, WorkReleased)]
        assert (released.ground, released.by) == ("done", "id-atieno")


async def test_an_incident_that_another_has_is_not_merged_into_either(door: Door) -> None:
    await two(door)
    mine = await an_incident(door)
    assert (await door.ask("POST", "/intake/reports", json={"text": "fire", "hazard": "fire", **AT})).status_code == 202
    other = next(each["id"] for each in await door.documents("incident") if each["id"] != mine)
    assert (await door.ask("POST", f"/incidents/{other}/claim", "atieno")).status_code == 202
    refused = await door.ask("POST", f"/incidents/{mine}/merge", "otieno", json={"into": other})
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed")


async def test_ten_who_claim_in_one_moment_are_one_who_has_it_and_nine_who_know(door: Door) -> None:
    names = [await door.person(f"op{n}", ("operator", "KE.042")) for n in range(10)]
    id_ = await an_incident(door)
    for _ in range(5):
        answers = await asyncio.gather(*(door.ask("POST", f"/incidents/{id_}/claim", name) for name in names))
        assert sorted(answer.status_code for answer in answers) == [202] + [409] * 9
        holder = next(name for name, answer in zip(names, answers, strict=True) if answer.status_code == 202)
        (incident,) = await door.documents("incident")
        assert incident["claim"]["by"] == f"id-{holder}"
        for answer in answers:
            if answer.status_code == 409:
                assert f"{holder} works on this" in answer.json()["detail"]
        assert (await door.ask("DELETE", f"/incidents/{id_}/claim", holder)).status_code == 202


async def test_a_claim_that_is_renewed_goes_on_from_when_it_began(door: Door) -> None:
    await two(door)
    id_ = await a_report(door)
    first = (await door.ask("POST", f"/reports/{id_}/claim", "atieno")).json()["report"]["claim"]
    again = (await door.ask("POST", f"/reports/{id_}/claim", "atieno", json={})).json()["report"]["claim"]
    assert again["at"] == first["at"]
    assert again["until"] > first["until"]
    refused = await door.ask("DELETE", f"/reports/{id_}/claim", "otieno")
    assert (refused.status_code, refused.json()["code"]) == (409, "claimed")
    assert (await door.ask("GET", f"/reports/{id_}", "otieno")).json()["claim"] == again


async def test_who_is_no_operator_claims_nothing(door: Door) -> None:
    await two(door)
    home = (await door.ask("GET", "/locate", params=AT)).json()["ward"]["path"]
    await door.person("mtazamaji", ("admin", "KE.042"))
    await door.person("mjibu", ("responder", home), person="p1")
    incident, report = await an_incident(door), await a_report(door)
    before = len(await log(door))
    for path, name in ((f"/incidents/{incident}", "mtazamaji"), (f"/incidents/{incident}", "mjibu")):
        for method in ("POST", "DELETE"):
            tried = await door.ask(method, f"{path}/claim", name)
            assert (tried.status_code, tried.json()["code"]) == (403, "forbidden")
    assert (await door.ask("POST", f"/reports/{report}/claim", "mjibu")).status_code == 404
    assert (await door.ask("POST", f"/incidents/{incident}/claim")).status_code == 401
    wrong = await door.ask("POST", f"/incidents/{incident}/claim", "atieno", json={"take_over": "yes"})
    assert wrong.status_code == 422
    assert len(await log(door)) == before


async def test_what_is_over_cannot_be_claimed(door: Door) -> None:
    await two(door)
    incident, report = await an_incident(door), await a_report(door)
    for path, body in ((f"/incidents/{incident}/close", {"reason": "over"}), (f"/reports/{report}/dismiss", HOAX)):
        assert (await door.ask("POST", path, "atieno", json=body)).status_code == 202
    for path in (f"/incidents/{incident}", f"/reports/{report}"):
        tried = await door.ask("POST", f"{path}/claim", "atieno")
        assert (tried.status_code, tried.json()["code"]) == (409, "conflict")
        assert (await door.ask("DELETE", f"{path}/claim", "atieno")).status_code == 202
    assert not [each for each in await log(door) if isinstance(each.body, ClaimRequested)]


async def test_every_screen_sees_a_claim_come_and_go(door: Door) -> None:
    await two(door)
    id_ = await an_incident(door)
    async with listening(door) as url, connect(url + "/live", compression=None) as line:
        await line.send(json.dumps({"type": "hello", "token": door.token("otieno")}))
        while (frame := json.loads(await line.recv()))["type"] != "snapshot":
            pass
        assert frame["part"] == frame["of"]
        assert (await door.ask("POST", f"/incidents/{id_}/claim", "atieno")).status_code == 202
        assert (await door.ask("DELETE", f"/incidents/{id_}/claim", "atieno")).status_code == 202
        shown: list[str | None] = []
        while len(shown) < 2:
            frame = json.loads(await line.recv())
            if frame["type"] == "change" and frame["kind"] == "incident":
                shown.append(frame["value"].get("claim", {}).get("by_name"))
        assert shown == ["atieno", None]


async def test_the_history_tells_who_took_it_from_whom(door: Door) -> None:
    await two(door)
    id_ = await an_incident(door)
    assert (await door.ask("POST", f"/incidents/{id_}/claim", "atieno")).status_code == 202
    assert (await door.ask("POST", f"/incidents/{id_}/claim", "otieno")).status_code == 409
    assert (await door.ask("POST", f"/incidents/{id_}/claim", "otieno", json={"take_over": True})).status_code == 202
    closed = await door.ask("POST", f"/incidents/{id_}/close", "otieno", json={"reason": "over"})
    assert closed.status_code == 202
    told = [each.body for each in await log(door)]
    kinds = (WorkClaimed, RequestRefused, IncidentClosed, WorkReleased)
    assert [type(each) for each in told if isinstance(each, kinds)] == [
        WorkClaimed,
        RequestRefused,
        WorkClaimed,
        IncidentClosed,
        WorkReleased,
    ]
    items = (await door.ask("GET", f"/incidents/{id_}/history", "atieno")).json()["items"]
    shown = [each["body"] for each in items if each["body"]["type"] == "WorkClaimed"]
    assert [(each["by_name"], each.get("taken_from_name", "")) for each in shown] == [
        ("atieno", ""),
        ("otieno", "atieno"),
    ]


async def test_nobody_is_left_with_what_was_decided_before_their_claim(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two(door)
    report = await a_report(door)
    accounts = door.node.accounts
    get = accounts.get

    async def meanwhile(account: str) -> object:
        """Let the other one decide after this one's look and before the claim is written."""
        monkeypatch.setattr(accounts, "get", get)
        assert (await door.ask("POST", f"/reports/{report}/dismiss", "otieno", json=HOAX)).status_code == 202
        return await get(account)

    monkeypatch.setattr(accounts, "get", meanwhile)
    answer = await door.ask("POST", f"/reports/{report}/claim", "atieno")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "claim" not in (await door.ask("GET", f"/reports/{report}", "otieno")).json()
