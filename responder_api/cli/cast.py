"""The people of the demo: responders on `/live` who see their asks and answer them, each in their own manner."""

import asyncio
import json
import math
import random
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

TAKES_S = (2.0, 9.0)
"""How long somebody looks at an ask, in seconds."""
WAY_S = (5.0, 20.0)
"""How long each leg takes in the demo: setting out, getting there, finishing."""
SILENT, NO = 0.2, 0.15
"""Share of asks that get no answer, and of those that get a no."""
THERE_DEG, AWAY_DEG = 0.0008, 0.015
"""How far from the place somebody stands who is there (90 m), and who has gone again (1.7 km)."""


class Actor:
    """One responder: signs in, listens, answers; comes back after every interruption."""

    def __init__(self, server: str, name: str, password: str, seed: float, door: asyncio.Semaphore) -> None:
        self._server, self._name, self._password, self._door = server, name, password, door
        self._chance = random.Random(seed)
        self._token = ""
        self._position: str | None = None
        self._view: str | None = None
        self._answered: set[str] = set()
        self._at_work: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            try:
                token = await self._sign_in()
                async with connect(self._server.replace("http", "ws", 1) + "/live", max_size=2**20) as socket:
                    await self._listen(socket, token)
            except (OSError, ConnectionClosed, InvalidHandshake, httpx.HTTPError, TimeoutError):
                await asyncio.sleep(self._chance.uniform(0.5, 3.0))

    async def _sign_in(self) -> str:
        client = httpx.AsyncClient(base_url=self._server, timeout=60.0, trust_env=False)
        async with self._door, client:
            answer = await client.post("/sessions", json={"name": self._name, "password": self._password})
            answer.raise_for_status()
            return str(answer.json()["access_token"])

    async def _listen(self, socket: ClientConnection, token: str) -> None:
        self._token = token
        hello: dict[str, Any] = {"type": "hello", "token": token, "kinds": ["assignment"]}
        if self._position is not None:
            hello |= {"position": self._position, "view": self._view}
        await socket.send(json.dumps(hello))
        async for text in socket:
            frame = json.loads(text)
            if frame.get("type") == "welcome":
                self._view = frame.get("view")
            for document in frame.get("documents", ()):
                self._see(socket, document.get("kind"), document.get("value"))
            if frame.get("type") == "change":
                self._see(socket, frame.get("kind"), frame.get("value"))
            self._position = frame.get("position", self._position)

    def _see(self, socket: ClientConnection, kind: str | None, value: dict[str, Any] | None) -> None:
        if kind != "assignment" or value is None or value.get("responder") != self._name:
            return
        if value["state"] == "offered" and value["id"] not in self._answered:
            self._answered.add(value["id"])
            task = asyncio.create_task(self._act(socket, value["id"], value["lon"], value["lat"]))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _act(self, socket: ClientConnection, assignment: str, lon: float, lat: float) -> None:
        try:
            await socket.send(json.dumps({"type": "received", "id": assignment}))
            await asyncio.sleep(self._chance.uniform(*TAKES_S))
            roll = self._chance.random()
            if roll < SILENT:
                return
            if roll < SILENT + NO:
                await self._say(socket, assignment, "decline")
                return
            await self._say(socket, assignment, "accept")
            for stage in ("enroute", "arrived", "done"):
                await asyncio.sleep(self._chance.uniform(*WAY_S))
                if stage == "arrived":
                    await self._stand(lon, lat, THERE_DEG)
                await self._say(socket, assignment, stage)
            await asyncio.sleep(self._chance.uniform(*WAY_S))
            await self._stand(lon, lat, AWAY_DEG)
        except (ConnectionClosed, httpx.HTTPError):
            return

    async def _stand(self, lon: float, lat: float, beside_deg: float) -> None:
        """Share a position so far beside a place, as the phone does by itself; one that is refused is let go."""
        turn, exact = self._chance.uniform(0.0, 2.0 * math.pi), round(self._chance.uniform(8.0, 40.0))
        fix = {"lon": lon + beside_deg * math.cos(turn), "lat": lat + beside_deg * math.sin(turn), "accuracy_m": exact}
        headers = {"authorization": f"Bearer {self._token}"}
        client = httpx.AsyncClient(base_url=self._server, timeout=60.0, trust_env=False, headers=headers)
        async with self._door, client:
            await client.post(f"/responders/{self._name}/position", json=fix)

    async def _say(self, socket: ClientConnection, assignment: str, answer: str) -> None:
        said = {"type": "answer", "assignment": assignment, "answer": answer, "client_id": f"{assignment}/{answer}"}
        await socket.send(json.dumps(said))
