"""Answers that are repeated, cross each other, or come too late: one outcome, and everybody is told it (F22, F23)."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from streams.events import AnyBody, AssignmentAccepted, AssignmentOffered, MessageAsked, MessageSent
from streams.events import IncidentCloseRequested as Closing
from tests.responder_api.app.conftest import Door, listening

AT = {"lon": 34.7617, "lat": -0.0917}


async def scene(door: Door, people: int = 3, skills: tuple[str, ...] = ("rescue",)) -> list[dict[str, Any]]:
    """Let an incident be for which some of the people are asked; give the asks."""
    await door.person("amina", ("operator", "KE.042"))
    home = (await door.ask("GET", "/locate", params=AT)).json()["ward"]["path"]
    for n in range(people):
        body = {"id": f"p{n}", "name": f"Mtu {n}", "phone": f"+25470000000{n}", "skills": skills, "home": home}
        assert (await door.ask("POST", "/responders", "amina", json=body)).status_code == 202
        assert (await door.ask("POST", f"/responders/p{n}/shift", "amina", json={"on": True})).status_code == 202
        await door.person(f"p{n}", ("responder", home), person=f"p{n}")
    report = {"text": "fire, many people trapped, some dead", "hazard": "flood", **AT}
    assert (await door.ask("POST", "/intake/reports", json=report)).status_code == 202
    asks = await door.documents("assignment")
    assert asks
    return asks


async def facts(door: Door, *kinds: type[AnyBody]) -> list[Any]:
    await door.settle()
    stored = await door.node.read(lambda: door.node.host.engine.log.read(0, 100_000))
    return [each.event.body for each in stored if isinstance(each.event.body, kinds)]


async def test_an_acceptance_sent_a_hundred_times_counts_once(door: Door) -> None:  # F22
    ask = (await scene(door))[0]
    me, path = ask["responder"], f"/assignments/{ask['id']}/answer"
    for n in range(100):
        # Half the repeats carry the phone's own id, as a retry does; half come as if tapped anew.
        body = {"answer": "accept", **({"client_id": "tap-1"} if n % 2 else {})}
        answer = await door.ask("POST", path, me, json=body)
        assert answer.status_code == 202
        assert answer.json()["assignment"]["state"] == "accepted"
    assert len(await facts(door, AssignmentAccepted)) == 1
    (incident,) = await door.documents("incident")
    assert incident["going"] == 1
    asked = Counter(fact.responder for fact in await facts(door, AssignmentOffered))
    assert max(asked.values()) == 1


async def test_an_acceptance_sent_a_hundred_times_over_live_counts_once(door: Door) -> None:  # F22
    ask = (await scene(door))[0]
    async with listening(door) as url, connect(url + "/live", compression=None) as line:
        await line.send(json.dumps({"type": "hello", "token": door.token(ask["responder"])}))
        said = {"type": "answer", "assignment": ask["id"], "answer": "accept", "client_id": "tap-1"}
        ids = set()
        for n in range(100):
            await line.send(json.dumps({**said, "ref": str(n)}))
        for n in range(100):
            reply = await until(line, str(n))
            assert reply["type"] != "error", reply
            ids.add(reply["id"])
        assert len(ids) == 1, "the same tap was taken for several"
    assert len(await facts(door, AssignmentAccepted)) == 1
    (incident,) = await door.documents("incident")
    assert incident["going"] == 1


async def until(line: ClientConnection, ref: str) -> dict[str, Any]:
    while (frame := json.loads(await line.recv())).get("ref") != ref:
        pass
    found: dict[str, Any] = frame
    return found


async def test_two_answers_in_one_moment_have_one_winner_and_both_are_told(door: Door) -> None:  # F23
    asks = await scene(door, people=6, skills=("rescue", "boat", "medical"))
    ask = asks[0]
    # The responder accepts while the operator declines on their behalf: whichever was written first counts.
    path = f"/assignments/{ask['id']}/answer"
    answers = await asyncio.gather(
        door.ask("POST", path, ask["responder"], json={"answer": "accept"}),
        door.ask("POST", path, "amina", json={"answer": "decline"}),
    )
    assert [answer.status_code for answer in answers] == [202, 202]
    await door.settle()
    seen = {
        name: (await door.ask("GET", f"/assignments/{ask['id']}", name)).json()["state"]
        for name in (ask["responder"], "amina")
    }
    assert len(set(seen.values())) == 1
    assert seen["amina"] in ("accepted", "declined")
    (incident,) = await door.documents("incident")
    states = Counter(each["state"] for each in await door.documents("assignment"))
    assert incident["going"] == states["accepted"]
    assert incident["asked"] == sum(states.values())


@pytest.mark.parametrize("first", ["accept", "close"])
async def test_an_answer_races_the_close(door: Door, first: str) -> None:  # F23
    asks = await scene(door)
    ask = asks[0]
    (incident,) = await door.documents("incident")
    tries = [
        door.ask("POST", f"/assignments/{ask['id']}/answer", ask["responder"], json={"answer": "accept"}),
        door.ask("POST", f"/incidents/{incident['id']}/close", "amina", json={"reason": "over"}),
    ]
    order = ["accept", "close"] if first == "accept" else ["close", "accept"]
    answers = await asyncio.gather(*(tries if first == "accept" else reversed(tries)))
    told = {name: answer.status_code for name, answer in zip(order, answers, strict=True)}
    assert told["close"] == 202
    assert told["accept"] in (202, 409), "taken, or told that it came when all was over"
    assert len(await facts(door, Closing)) == 1
    (incident,) = await door.documents("incident")
    assert incident["state"] == "closed"
    states = {each["state"] for each in await door.documents("assignment")}
    assert not states & {"offered", "accepted"}, "somebody is still sent to what is over"
    late = await door.ask("POST", f"/assignments/{ask['id']}/answer", ask["responder"], json={"answer": "accept"})
    assert late.status_code in (202, 409)
    assert not {each["state"] for each in await door.documents("assignment")} & {"offered", "accepted"}
    again = await door.ask("POST", f"/incidents/{incident['id']}/close", "amina", json={"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "incident-closed")
    # No ask goes out after the close: what was not sent by then is recalled.
    sent_before = {fact.message for fact in await facts(door, MessageSent)}
    asked = [fact for fact in await facts(door, MessageAsked) if fact.kind == "ask"]
    shown = {each["id"]: each["state"] for each in await door.documents("message")}
    for fact in asked:
        assert fact.message in sent_before or shown[fact.message] in ("recalled", "sent", "sending")


async def test_answers_by_every_channel_at_once_are_one_answer(door: Door) -> None:  # F22, F23
    ask = (await scene(door))[0]
    phone = f"+25470000000{ask['responder'][1:]}"
    async with listening(door) as url, connect(url + "/live", compression=None) as line:
        await line.send(json.dumps({"type": "hello", "token": door.token(ask["responder"])}))
        said = {"type": "answer", "assignment": ask["id"], "answer": "accept", "ref": "mine"}
        _, over_http, over_sms, on_behalf = await asyncio.gather(
            line.send(json.dumps(said)),
            door.ask("POST", f"/assignments/{ask['id']}/answer", ask["responder"], json={"answer": "accept"}),
            door.ask("POST", "/intake/sms", data={"id": "1", "from": phone, "text": f"1 {ask['code']}"}),
            door.ask("POST", f"/assignments/{ask['id']}/answer", "amina", json={"answer": "accept"}),
        )
        assert (await until(line, "mine"))["type"] != "error"
    assert {answer.status_code for answer in (over_http, over_sms, on_behalf)} == {202}
    assert len(await facts(door, AssignmentAccepted)) == 1
    (incident,) = await door.documents("incident")
    assert incident["going"] == 1


async def test_the_wrong_person_can_answer_for_nobody(door: Door) -> None:
    ask = (await scene(door, people=4))[0]
    other = next(f"p{n}" for n in range(4) if f"p{n}" != ask["responder"])
    tried = await door.ask("POST", f"/assignments/{ask['id']}/answer", other, json={"answer": "accept"})
    assert tried.status_code == 404
    nobody = await door.ask("POST", f"/assignments/{ask['id']}/answer", json={"answer": "accept"})
    assert nobody.status_code == 401
    assert await facts(door, AssignmentAccepted) == []


async def test_who_declines_after_accepting_is_no_longer_counted_as_going(door: Door) -> None:
    ask = (await scene(door))[0]
    for answer, going in (("accept", 1), ("enroute", 1), ("decline", 0)):
        body = {"answer": answer}
        taken = await door.ask("POST", f"/assignments/{ask['id']}/answer", ask["responder"], json=body)
        assert taken.status_code == 202
        (incident,) = await door.documents("incident")
        assert incident["going"] == going, answer
