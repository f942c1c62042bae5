"""Answers that are repeated, or cross each other at two nodes: one outcome, and everybody is told it (F22, F23)."""

import asyncio
import json
from collections import Counter
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest

from streams.cluster.postgres import Postgres
from streams.events import (
    AnyBody,
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentOffered,
    AssignmentWithdrawn,
    MessageAsked,
    decode,
)
from tests.cluster.nodes.conftest import Whole

pytestmark = pytest.mark.system("kafka", "postgresql")


class Scene:
    """An incident in a ward of its own for which people of its own are asked."""

    def __init__(self, whole: Whole, ward: str, operator: str) -> None:
        self.whole, self.ward, self.operator = whole, ward, operator
        self.asks: list[dict[str, Any]] = []
        self.incident = ""

    def facts(self, *kinds: type[AnyBody]) -> list[Any]:
        """Give what was written about this incident."""
        connection = Postgres.connect(self.whole.processes.database)
        rows = connection.execute('SELECT event FROM log ORDER BY "offset"').fetchall()
        connection.close()
        bodies = [decode(data).body for (data,) in rows]
        mine = {ask["id"] for ask in self.asks}
        about = (getattr(body, "assignment", "") or getattr(body, "about", "") for body in bodies)
        return [body for body, of in zip(bodies, about, strict=True) if isinstance(body, kinds) and of in mine]

    def said(self, ask: str) -> list[str]:
        """Give what became of one ask, step by step."""
        bodies = self.facts(AssignmentAccepted, AssignmentDeclined, AssignmentExpired, AssignmentWithdrawn)
        return [type(body).__name__.removeprefix("Assignment").lower() for body in bodies if body.assignment == ask]

    def told(self, name: str, ask: str) -> list[str]:
        """Give the states of one ask that somebody is told, in order."""
        frames = [json.loads(frame.data) for frame in self.whole.feed(name) if frame.kind == "assignment"]
        states = [frame["value"]["state"] for frame in frames if frame["id"] == ask]
        return [state for n, state in enumerate(states) if n == 0 or state != states[n - 1]]

    async def standing(self) -> list[dict[str, Any]]:
        """Give the asks as they stand."""
        return [
            (await self.whole.ask(2, "GET", f"/assignments/{ask['id']}", self.operator)).json() for ask in self.asks
        ]


async def scene(whole: Whole, lon: float, lat: float, skills: tuple[str, ...] = ("rescue",)) -> Scene:
    """Let an incident be at a place where nobody else works; people of three are asked."""
    operator = await whole.person(f"op-{uuid4().hex[:8]}", ("operator", "KE"))
    ward = (await whole.ask(1, "GET", "/locate", operator, params={"lon": lon, "lat": lat})).json()["ward"]["path"]
    made = Scene(whole, ward, operator)
    written = []
    for n in range(3):
        id_ = f"p{n}-{uuid4().hex[:8]}"
        phone = f"+2547{uuid4().int % 10**8:08d}"
        body = {"id": id_, "name": f"Mtu {n}", "phone": phone, "skills": skills, "home": ward}
        for path, sent in (("/responders", body), (f"/responders/{id_}/shift", {"on": True})):
            answer = await whole.ask(1 + n % 2, "POST", path, operator, json=sent)
            assert answer.status_code == 202, answer.text
            written.append(answer.json()["id"])
        await whole.person(id_, ("responder", ward), person=id_)
    report = {"text": "fire, many people trapped, some dead", "hazard": "flood", "lon": lon, "lat": lat}
    id_ = (await whole.ask(1, "POST", "/intake/reports", json=report)).json()["id"]
    await whole.settled([id_])
    made.incident = (await whole.ask(2, "GET", f"/reports/{id_}", operator)).json()["incident"]
    listed = (await whole.ask(2, "GET", "/assignments", operator, params={"limit": 500})).json()["items"]
    made.asks = [ask for ask in listed if ask["incident"] == made.incident]
    assert made.asks
    return made


async def test_an_acceptance_sent_a_hundred_times_to_any_node_counts_once(whole: Whole) -> None:  # F22
    there = await scene(whole, 34.47, -1.06)
    ask = there.asks[0]
    path = f"/assignments/{ask['id']}/answer"
    for n in range(100):
        body = {"answer": "accept", **({"client_id": "tap-1"} if n % 2 else {})}
        answer = await whole.ask(1 + n % 3 % 2, "POST", path, ask["responder"], json=body)
        assert answer.status_code == 202, answer.text
        if not n:
            await whole.settled([answer.json()["id"]])
        else:
            assert answer.json()["assignment"]["state"] == "accepted"
    assert len(there.facts(AssignmentAccepted)) == 1
    asked = Counter(fact.responder for fact in there.facts(AssignmentOffered))
    assert max(asked.values()) == 1


async def test_everybody_accepts_in_the_same_moment_at_two_nodes(whole: Whole) -> None:  # F23
    there = await scene(whole, 34.77, -0.68, skills=("rescue", "boat", "medical"))
    ask = there.asks[0]
    # Each who was asked accepts at both nodes; an operator declines for the first of them meanwhile.
    answers = await asyncio.gather(
        *(
            whole.ask(node, "POST", f"/assignments/{each['id']}/answer", each["responder"], json={"answer": "accept"})
            for each in there.asks
            for node in (1, 2)
        ),
        whole.ask(2, "POST", f"/assignments/{ask['id']}/answer", there.operator, json={"answer": "decline"}),
    )
    assert {answer.status_code for answer in answers} <= {202, 409}
    # A 202 that had to wait too long comes before what it leads to.
    await whole.settled([answer.json()["id"] for answer in answers if answer.status_code == 202])
    standing = await there.standing()
    states = Counter(each["state"] for each in standing)
    assert set(states) <= {"accepted", "declined", "withdrawn", "expired"}, "somebody is still asked who has answered"
    for each in standing:
        said = there.said(each["id"])
        # A second yes counts only after the operator's no: it is the responder's last word (docs/decisions/0028).
        assert all(before != after for before, after in pairwise(said)), said
        assert said.count("declined") <= (each["id"] == ask["id"])
        assert each["state"] == said[-1]
        for name in (there.operator, each["responder"]):
            told = there.told(name, each["id"])
            assert (told[0], told[-1]) == ("offered", said[-1])
            # What stood for a moment only may be passed over: a frame says how it stands.
            steps = iter(["offered", *said])
            assert all(state in steps for state in told), f"{name} was told {told} of {said}"
    incident = (await whole.ask(1, "GET", f"/incidents/{there.incident}", there.operator)).json()
    assert incident["going"] == states["accepted"]
    for each in standing:  # whoever was asked is told what counts, at either node
        seen = {
            (await whole.ask(node, "GET", f"/assignments/{each['id']}", each["responder"])).json()["state"]
            for node in (1, 2)
        }
        assert seen == {each["state"]}


async def test_a_change_of_mind_is_told_from_a_repetition_at_any_node(whole: Whole) -> None:  # F22, F23
    there = await scene(whole, 37.59, 0.37)
    ask = there.asks[0]
    path = f"/assignments/{ask['id']}/answer"
    for node, name, answer, tap, state in (
        (1, ask["responder"], "accept", "tap-1", "accepted"),
        (2, there.operator, "decline", "rang", "declined"),
        (2, ask["responder"], "accept", "tap-1", "declined"),  # its 202 was lost: that was said before the no
        (1, ask["responder"], "accept", "tap-2", "accepted"),
        (2, there.operator, "decline", "rang", "accepted"),
    ):
        body = {"answer": answer, "client_id": tap}
        sent = await whole.ask(node, "POST", path, name, json=body)
        assert sent.status_code == 202, sent.text
        await whole.settled([sent.json()["id"]])
        shown = [(await whole.ask(at, "GET", f"/assignments/{ask['id']}", name)).json()["state"] for at in (1, 2)]
        assert shown == [state, state], f"after {answer} of {tap}"
    assert there.said(ask["id"]) == ["accepted", "declined", "accepted"]
    for name in (there.operator, ask["responder"]):
        assert there.told(name, ask["id"]) == ["offered", "accepted", "declined", "accepted"]
    assert Counter(fact.assignment for fact in there.facts(AssignmentOffered))[ask["id"]] == 1
    assert Counter(fact.about for fact in there.facts(MessageAsked) if fact.kind == "ask")[ask["id"]] == 1
