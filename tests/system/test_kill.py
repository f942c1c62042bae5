"""kill -9 under load: what was answered 202 is there, once, and whoever was away catches up by position (F1, F3)."""

import asyncio
import json
import random
import signal
import sqlite3
from collections import Counter
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from streams.database import FILE
from streams.events import (
    AssignmentOffered,
    DispatchRequested,
    Event,
    IncidentGrew,
    IncidentOpened,
    ReportLocated,
    ReportRepeated,
    ReportUnlocated,
    decode,
)
from tests.system.conftest import Server

KILLS = 50
TEXTS = (
    "Mafuriko Nyalenda B, watu wamenaswa kwa nyumba, tuokoeni",
    "flood water in houses near Ahero market, families on the roof",
    "moto unawaka nyumba mbili Kondele",
    "accident matatu na boda, watu 4 wameumia Awasi",
    "nisaidieni tafadhali",
)


class Up:
    """Whether the server is up: who cannot reach it waits here instead of asking again and again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._event.set()

    def down(self) -> None:
        self._event.clear()

    def up(self) -> None:
        self._event.set()

    async def wait(self) -> None:
        # Somebody who was cut off just before the kill is noticed must let others run.
        await asyncio.sleep(0)
        await self._event.wait()


class Listener:
    """A client of `/live` that keeps the documents it was told of and comes back with its position."""

    def __init__(self, server: Server, up: Up) -> None:
        self._server, self._up = server, up
        self.told = asyncio.Event()
        self.documents: dict[tuple[str, str], Any] = {}
        self.position: str | None = None
        self.view: str | None = None
        self.resyncs = self.resumed = 0
        self.offset = 0

    async def listen(self, token: str, until: asyncio.Event) -> None:
        while not until.is_set():
            try:
                await self._once(token, until)
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                await self._up.wait()

    async def _once(self, token: str, until: asyncio.Event) -> None:
        async with connect(self._server.url.replace("http", "ws") + "/live", max_size=None) as socket:
            hello: dict[str, Any] = {"type": "hello", "token": token}
            if self.position is not None:
                hello |= {"position": self.position, "view": self.view}
            await socket.send(json.dumps(hello))
            ended = asyncio.create_task(until.wait())
            while not until.is_set():
                received = asyncio.ensure_future(socket.recv())
                await asyncio.wait({received, ended}, return_when=asyncio.FIRST_COMPLETED)
                if received.done():
                    self._take(json.loads(received.result()))
                else:
                    received.cancel()
            ended.cancel()

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        self.told.set()
        if kind == "welcome":
            self.resumed += self.position is not None
            self.view = frame["view"]
        elif kind == "resync":
            self.resyncs += 1
            self.documents.clear()
        elif kind == "snapshot":
            for document in frame["documents"]:
                self.documents[document["kind"], document["id"]] = document["value"]
            self._move(frame["position"])
        elif kind == "change":
            before = self.position
            self._move(frame["position"])
            assert before != self.position, "a frame was told twice"
            where = (frame["kind"], frame["id"])
            if frame["op"] == "put":
                self.documents[where] = frame["value"]
            else:
                self.documents.pop(where, None)
        elif kind == "heartbeat":
            self._move(frame["position"])

    def _move(self, position: str) -> None:
        offset = int(position.rpartition(":")[2])
        assert offset >= self.offset, "the feed went backwards"
        self.offset, self.position = offset, position


class Load:
    """Posts reports and texts, again until answered, and remembers what was answered 202."""

    def __init__(self, server: Server, up: Up, chance: random.Random) -> None:
        self._server, self._up, self._chance = server, up, chance
        self.accepted: set[str] = set()
        self._wanted = 0
        self._enough = asyncio.Event()

    async def reach(self, count: int) -> None:
        self._wanted = count
        self._enough.clear()
        if len(self.accepted) < count:
            await self._enough.wait()

    async def post(self, until: asyncio.Event, who: int) -> None:
        async with httpx.AsyncClient(base_url=self._server.url, trust_env=False, timeout=10) as client:
            n = 0
            while not until.is_set():
                n += 1
                form = {
                    "id": f"{who}-{n}",
                    "from": f"+25471{self._chance.randrange(10_000_000):07d}",
                    "to": "20880",
                    "text": self._chance.choice(TEXTS) + f" {n}",
                }
                while True:  # what was posted once is posted until it is answered, also when the load is over
                    try:
                        answer = await client.post("/intake/sms", data=form)
                    except httpx.TransportError:
                        await self._up.wait()
                        continue
                    assert answer.status_code == 202, answer.text
                    self.accepted.add(answer.json()["id"])
                    if len(self.accepted) >= self._wanted:
                        self._enough.set()
                    break


async def _enrol(server: Server, operator: str) -> None:
    headers = {"authorization": f"Bearer {operator}"}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, headers=headers, timeout=30) as client:
        wards = (await client.get("/wards", params={"level": 3})).json()["features"]
        homes = [each["properties"] for each in wards if each["properties"]["county_code"] == "042"]
        for n, ward in enumerate(homes[:30]):
            body = {
                "id": f"p{n}",
                "name": f"Mtu {n}",
                "phone": f"+2547000{n:05d}",
                "skills": ["rescue", "medical", "fire", "police", "ward-admin", "boat"],
                "home": ward["path"],
                "has_app": n % 2 == 0,
            }
            assert (await client.post("/responders", json=body)).status_code == 202
            assert (await client.post(f"/responders/p{n}/shift", json={"on": True})).status_code == 202


async def _drive(server: Server, chance: random.Random) -> tuple[Load, Listener, Listener]:
    operator = await asyncio.to_thread(server.token, "operator")
    await _enrol(server, operator)
    up = Up()
    load, listener = Load(server, up, chance), Listener(server, up)
    quiet, done = asyncio.Event(), asyncio.Event()
    posting = [asyncio.create_task(load.post(quiet, who)) for who in range(6)]
    listening = asyncio.create_task(listener.listen(operator, done))
    for _ in range(KILLS):
        await load.reach(len(load.accepted) + chance.randrange(1, 25))
        up.down()
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start, token_minutes="600")
        up.up()
    quiet.set()
    await asyncio.gather(*posting)
    fresh = Listener(server, up)
    looking = asyncio.create_task(fresh.listen(operator, done))
    while fresh.documents == {} or fresh.documents != listener.documents:
        listener.told.clear()
        fresh.told.clear()
        told = [asyncio.create_task(each.told.wait()) for each in (listener, fresh)]
        await asyncio.wait([*told, looking, listening], return_when=asyncio.FIRST_COMPLETED)
        assert not looking.done()
        assert not listening.done()
        for task in told:
            task.cancel()
    done.set()
    await asyncio.gather(listening, looking)
    return load, listener, fresh


def _log(server: Server) -> list[Event]:
    connection = sqlite3.connect(server.data / FILE)
    try:
        return [decode(data) for (data,) in connection.execute('SELECT event FROM log ORDER BY "offset"')]
    finally:
        connection.close()


def test_nothing_accepted_is_lost_or_done_twice_by_fifty_kills(server: Server) -> None:
    chance = random.Random(20260427)
    server.account("operator", ("operator", "KE.042"))
    server.start(token_minutes="600")
    load, listener, _ = asyncio.run(_drive(server, chance))
    assert server.stop() in (0, -signal.SIGTERM)

    events = _log(server)
    ids = Counter(event.id for event in events)
    assert max(ids.values()) == 1
    assert load.accepted <= set(ids), "an accepted message is not in the log"
    assert listener.resyncs == 1, "a client that came back with its position was not simply continued"
    assert listener.resumed >= KILLS // 2

    settled = Counter(
        event.body.report
        for event in events
        if isinstance(event.body, ReportLocated | ReportUnlocated | ReportRepeated)
    )
    assert set(settled.values()) == {1}, "a report was judged twice"
    assert len(settled) == len(load.accepted)
    joined = Counter(event.body.report for event in events if isinstance(event.body, IncidentOpened | IncidentGrew))
    located = {event.body.report for event in events if isinstance(event.body, ReportLocated)}
    assert set(joined) == located, "a located report is in no incident"
    assert set(joined.values()) == {1}, "a report is in two incidents"

    assert not any(isinstance(event.body, DispatchRequested) for event in events)
    asked = Counter(
        (event.body.incident, event.body.responder) for event in events if isinstance(event.body, AssignmentOffered)
    )
    assert asked
    assert set(asked.values()) == {1}, "somebody was asked twice about one incident"
    sent = [json.loads(text) for text in (server.data / "outbox.jsonl").read_text().splitlines()]
    asks = Counter(message["id"] for message in sent if message["kind"] == "ask")
    assert not asks or max(asks.values()) == 1, "one ask was sent twice"
