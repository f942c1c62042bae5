"""A responder's own asks: each answer safe to send again, a late one refused so that a phone can say why; past ones."""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from streams.events import AnswerReceived, AssignmentDeclined, AssignmentProgressed
from tests.responder_api.app.conftest import Door, listening

AT = {"lon": 34.7617, "lat": -0.0917}


async def scene(door: Door, people: int = 2) -> dict[str, Any]:
    """Let an incident be for which one of the people is asked; give the ask."""
    await door.person("amina", ("operator", "KE.042"))
    home = (await door.ask("GET", "/locate", params=AT)).json()["ward"]["path"]
    for n in range(people):
        body = {"id": f"p{n}", "name": f"Mtu {n}", "phone": f"+25470000000{n}", "skills": ["rescue"], "home": home}
        assert (await door.ask("POST", "/responders", "amina", json=body)).status_code == 202
        assert (await door.ask("POST", f"/responders/p{n}/shift", "amina", json={"on": True})).status_code == 202
        await door.person(f"p{n}", ("responder", home), person=f"p{n}")
    await happens(door, "water in the houses")
    (ask,) = await door.documents("assignment")
    return ask


async def happens(door: Door, text: str) -> None:
    assert (await door.ask("POST", "/intake/reports", json={"text": text, "hazard": "flood", **AT})).status_code == 202
    await door.settle()


async def facts(door: Door, *kinds: type[Any]) -> list[Any]:
    await door.settle()
    stored = await door.node.read(lambda: door.node.host.engine.log.read(0, 100_000))
    return [each.event.body for each in stored if isinstance(each.event.body, kinds)]


async def test_each_answer_sent_again_is_answered_the_same_and_is_nothing_new(door: Door) -> None:
    ask = await scene(door)
    path = f"/assignments/{ask['id']}/answer"
    for word, state in (("accept", "accepted"), ("enroute", "enroute"), ("arrived", "arrived"), ("done", "done")):
        first = await door.ask("POST", path, ask["responder"], json={"answer": word, "client_id": f"tap-{word}"})
        assert first.status_code == 202
        assert first.json()["assignment"]["state"] == state
        end = door.node.host.end()
        for _ in range(3):
            again = await door.ask("POST", path, ask["responder"], json={"answer": word, "client_id": f"tap-{word}"})
            assert (again.status_code, again.json()) == (202, first.json())
        assert door.node.host.end() == end
    # An outbox that comes late sends what was said long ago once more: nothing goes back.
    for word in ("accept", "enroute", "arrived"):
        late = await door.ask("POST", path, ask["responder"], json={"answer": word, "client_id": f"tap-{word}"})
        assert (late.status_code, late.json()["assignment"]["state"]) == (202, "done")
    assert len(await facts(door, AnswerReceived)) == 4
    assert len(await facts(door, AssignmentProgressed)) == 3


async def test_a_no_keeps_its_reason_and_is_one_no(door: Door) -> None:
    ask = await scene(door)
    body = {"answer": "decline", "reason": "no boat", "client_id": "tap-1"}
    answers = [await door.ask("POST", f"/assignments/{ask['id']}/answer", ask["responder"], json=body) for _ in (1, 2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    shown = answers[0].json()["assignment"]
    assert (shown["state"], shown["answer_reason"]) == ("declined", "no boat")
    assert len(await facts(door, AssignmentDeclined)) == 1


@pytest.mark.parametrize("over", ["http", "live"])
async def test_who_answers_after_the_seat_was_taken_is_told_so_each_time(door: Door, over: str) -> None:
    first = await scene(door)
    async with listening(door) as line:
        url = line if over == "live" else ""
        assert await said(door, first, {"answer": "decline", "client_id": "1"}, url) == ""
        second = next(each for each in await door.documents("assignment") if each["id"] != first["id"])
        assert await said(door, second, {"answer": "accept", "client_id": "2"}, url) == ""
        for _ in range(2):
            assert await said(door, first, {"answer": "accept", "client_id": "3"}, url) == "assignment-taken"
        assert await said(door, first, {"answer": "enroute"}, url) == "assignment-taken"
    states = {each["id"]: each["state"] for each in await door.documents("assignment")}
    assert states == {first["id"]: "declined", second["id"]: "accepted"}


async def test_who_answers_after_all_is_over_is_told_so(door: Door) -> None:
    ask = await scene(door, people=1)
    assert await said(door, ask, {"answer": "done"}) == ""
    assert await said(door, ask, {"answer": "decline"}) == "already-done"
    (incident,) = await door.documents("incident")
    assert (await door.ask("POST", f"/incidents/{incident['id']}/close", "amina", json={"reason": "over"})).is_success
    await happens(door, "water in the houses again")
    other = next(each for each in await door.documents("assignment") if each["id"] != ask["id"])
    found = next(each for each in await door.documents("incident") if each["id"] != incident["id"])
    assert (await door.ask("POST", f"/incidents/{found['id']}/close", "amina", json={"reason": "over"})).is_success
    assert await said(door, other, {"answer": "accept"}) == "incident-closed"


async def said(door: Door, ask: dict[str, Any], body: dict[str, Any], url: str = "") -> str:
    """Say something as the one who was asked, by HTTP or at a `url`; give the refusal's code, empty for none."""
    if not url:
        answer = await door.ask("POST", f"/assignments/{ask['id']}/answer", ask["responder"], json=body)
        return "" if answer.is_success else str(answer.json()["code"])
    async with connect(url + "/live", compression=None) as line:
        await line.send(json.dumps({"type": "hello", "token": door.token(ask["responder"])}))
        await line.send(json.dumps({"type": "answer", "assignment": ask["id"], "ref": "mine", **body}))
        while (frame := json.loads(await line.recv())).get("ref") != "mine":
            pass
        return str(frame["code"]) if frame["type"] == "error" else ""


async def test_a_phone_that_starts_anew_has_its_own_past_asks_and_nobody_elses(door: Door) -> None:
    first = await scene(door)
    assert await said(door, first, {"answer": "decline", "reason": "no boat"}) == ""
    second = next(each for each in await door.documents("assignment") if each["id"] != first["id"])
    for word in ("accept", "done"):
        assert await said(door, second, {"answer": word}) == ""
    (incident,) = await door.documents("incident")
    assert (await door.ask("POST", f"/incidents/{incident['id']}/close", "amina", json={"reason": "over"})).is_success
    await door.settle()
    async with listening(door) as url:
        for ask, state in ((first, "declined"), (second, "done")):
            shown = await snapshot(url, door.token(ask["responder"]))
            mine = [(each["id"], each["state"], each["responder"]) for each in shown]
            assert mine == [(ask["id"], state, ask["responder"])]
            listed = (await door.ask("GET", "/assignments", ask["responder"])).json()["items"]
            assert [each["id"] for each in listed] == [ask["id"]]


async def snapshot(url: str, token: str) -> list[dict[str, Any]]:
    """Give the assignments that a page which starts anew is shown."""
    shown: list[dict[str, Any]] = []
    async with connect(url + "/live", compression=None) as line:
        await line.send(json.dumps({"type": "hello", "token": token, "kinds": ["assignment"]}))
        async for text in line:
            frame = json.loads(text)
            shown += [each["value"] for each in frame.get("documents", ())]
            if frame["type"] == "snapshot" and frame["part"] == frame["of"]:
                break
    return shown
