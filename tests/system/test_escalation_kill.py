"""kill -9 while somebody is being waited for: the next step comes at its due time, or at the start, and once (F4)."""

import json
import signal
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.sync.client import connect

from alerts import plans
from streams.database import FILE
from streams.events import AssignmentExpired, AssignmentOffered, DeadlineReached, DispatchExhausted, Event, decode
from tests.system.conftest import Server

PEOPLE = 3


def plan(wait_s: float) -> dict[str, Any]:
    """A plan by which every incident needs one person, who is waited for so long."""
    one = {"skill": "rescue", "count": dict.fromkeys(plans.SEVERITIES, 1)}
    made: dict[str, Any] = msgspec.to_builtins(plans.default())
    made |= {"version": "kill", "hazards": {"other": {"needs": [one]}, "flood": {"needs": [one]}}}
    return made | {"offer_s": dict.fromkeys(plans.SEVERITIES, wait_s)}


def enrol(server: Server, token: str) -> None:
    signed = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30, headers=signed) as http:
        home = http.get("/locate", params={"lon": 34.7617, "lat": -0.0917}).json()["ward"]["path"]
        for n in range(PEOPLE):
            body = {"id": f"p{n}", "name": f"Mtu {n}", "phone": f"+25470000000{n}", "skills": ["rescue"], "home": home}
            assert http.post("/responders", json=body).status_code == 202
            assert http.post(f"/responders/p{n}/shift", json={"on": True}).status_code == 202
        report = {"text": "flood, people on roofs", "hazard": "flood", "lon": 34.7617, "lat": -0.0917}
        assert http.post("/intake/reports", json=report).status_code == 202


def watch(server: Server, token: str, known: set[str]) -> bool:
    """Listen until somebody not yet known of is asked (False), or nobody is left to be asked (True)."""
    with connect(server.url.replace("http", "ws") + "/live") as line:
        line.send(json.dumps({"type": "hello", "token": token, "kinds": ["assignment", "incident"]}))
        while True:
            frame = json.loads(line.recv())
            documents = frame.get("documents", [frame])
            fresh = {each["id"] for each in documents if each.get("kind") == "assignment"} - known
            known |= fresh
            if any(each["value"].get("exhausted") for each in documents if each.get("kind") == "incident"):
                return True
            if fresh:
                return False


@pytest.mark.parametrize("wait_s", [0.5, 5.0], ids=["due while it is down", "due after it is back"])
def test_escalation_goes_on_where_it_stood(server: Server, tmp_path: Path, wait_s: float) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan(wait_s)))
    settings = {"plan": str(tmp_path / "plan.json"), "token_minutes": "600"}
    server.account("operator", ("operator", "KE"))
    server.start(**settings)
    token = server.token("operator")
    enrol(server, token)
    known: set[str] = set()
    kills = 0
    while not watch(server, token, known):
        server.kill()
        server.start(**settings)
        kills += 1
    assert kills >= 1
    assert server.stop() in (0, -signal.SIGTERM)

    connection = sqlite3.connect(server.data / FILE)
    events: list[Event] = [decode(data) for (data,) in connection.execute('SELECT event FROM log ORDER BY "offset"')]
    connection.close()
    offered = {event.body.assignment: event.body for event in events if isinstance(event.body, AssignmentOffered)}
    assert Counter(ask.responder for ask in offered.values()) == {f"p{n}": 1 for n in range(PEOPLE)}
    ended = Counter(event.body.assignment for event in events if isinstance(event.body, AssignmentExpired))
    assert ended == dict.fromkeys(offered, 1)
    reached = Counter(
        event.body.about for event in events if isinstance(event.body, DeadlineReached) and event.body.about in offered
    )
    assert reached == dict.fromkeys(offered, 1), "a deadline came twice, or never"
    for event in events:
        if isinstance(event.body, AssignmentExpired):
            assert event.seen >= offered[event.body.assignment].deadline, "somebody was passed over too early"
    assert sum(isinstance(event.body, DispatchExhausted) for event in events) == 1
    outbox = server.data / "outbox.jsonl"  # not there when every ask had run out before its SMS could go
    sent = [json.loads(text) for text in outbox.read_text().splitlines()] if outbox.exists() else []
    asks = Counter(message["to"] for message in sent if message["kind"] == "ask")
    assert max(asks.values(), default=0) <= 1, "somebody was asked twice"
