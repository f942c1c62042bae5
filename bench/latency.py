"""Accepted report to frame on a socket, at 200 reports a second, beside a bare server that only stores and sends.

Ours: a real `dharura serve` in a process of its own on a fresh folder; a client posts reports at a steady rate and a
socket on `/live` waits for the frame of each report after it went through every step. The clock starts when the
request is sent, so the way in is counted too. Peer: uvicorn and FastAPI with one handler that commits the same body
to SQLite (`synchronous=FULL`) and sends it to the sockets: no steps, no state, no read model.
"""

import asyncio
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import msgspec
from argon2 import PasswordHasher
from websockets.asyncio.client import ClientConnection, connect

import fixtures
from bench.table import Row, print_table
from responder_api.accounts import Account, Grant
from responder_api.accounts_sqlite import SqliteAccounts
from streams.database import FILE

RATE = 200
SECONDS = 8.0
WARM_S = 1.0
PASSWORD = "kwa-kupima-tu"
P50_MS, P99_MS = 15.0, 75.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _account(data: Path) -> None:
    accounts = SqliteAccounts(data / FILE)
    now = datetime.now(UTC)
    made = Account(
        id="bench",
        name="bench",
        display_name="Bench",
        roles=(Grant(role="operator", area="KE.042"),),
        created_at=now,
        changed_at=now,
    )
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    await accounts.change(made.id, lambda _before, _everybody: made, hashed)
    accounts.close()


async def _up(client: httpx.AsyncClient, process: "subprocess.Popen[bytes]") -> None:
    while True:
        if process.poll() is not None:
            raise RuntimeError("the server stopped at its start")
        try:
            await client.get("/healthz")
        except httpx.TransportError:
            await asyncio.sleep(0.05)
        else:
            return


async def enrol(client: httpx.AsyncClient) -> None:
    """Put the demo's responders of Kisumu on the list and on shift."""
    for entry in msgspec.json.decode(fixtures.path("demo/responders.json").read_bytes()):
        if not entry["home"].startswith("KE.042"):
            continue
        names = ("id", "name", "title", "organisation", "phone", "skills", "home", "languages", "has_app", "lon", "lat")
        (await client.post("/responders", json={name: entry[name] for name in names})).raise_for_status()
        (await client.post(f"/responders/{entry['id']}/shift", json={"on": True})).raise_for_status()


class Watcher:
    """Notes when the frame of each report arrives."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self._wanted: set[str] = set()
        self._reached = asyncio.Event()

    async def reach(self, ids: set[str]) -> None:
        """Wait until the frames of all these reports are there."""
        self._wanted = ids
        if not ids <= self.arrived.keys():
            self._reached.clear()
            await self._reached.wait()

    async def watch(self, live: ClientConnection) -> None:
        """Read frames until cancelled."""
        async for data in live:
            now = perf_counter()
            frame = json.loads(data)
            if frame.get("type") == "change" and frame.get("kind") == "report":
                self.arrived.setdefault(frame["id"], now)
                if self._wanted and self._wanted <= self.arrived.keys():
                    self._reached.set()


async def post_all(client: httpx.AsyncClient, path: str) -> dict[str, float]:
    """Post reports at the rate; give when each one that counts was sent, by its id."""
    chance = random.Random(3)
    sent: dict[str, float] = {}

    async def post(n: int) -> None:
        body = {
            "text": f"maji mengi watu wamenaswa kwa nyumba {n}",
            "lon": 34.6 + chance.random() * 0.4,
            "lat": -0.25 + chance.random() * 0.25,
            "position_of": "incident",
            "reporter": {"phone": f"+2547{n:08d}"},
        }
        began = perf_counter()
        answer = await client.post(path, json=body)
        answer.raise_for_status()
        sent[answer.json()["id"]] = began

    tasks = []
    start = perf_counter()
    for n in range(int(RATE * SECONDS)):
        await asyncio.sleep(max(0.0, start + n / RATE - perf_counter()))
        tasks.append(asyncio.create_task(post(n)))
    await asyncio.gather(*tasks)
    first = start + WARM_S
    return {id_: began for id_, began in sent.items() if began >= first}


async def watched(client: httpx.AsyncClient, url: str, hello: dict[str, Any]) -> list[float]:
    """Post reports at the rate while a socket of `url` waits for their frames; give the milliseconds, sorted."""
    async with connect(f"{url.replace('http', 'ws', 1)}/live", max_size=None) as live:
        await live.send(json.dumps(hello))
        watcher = Watcher()
        watching = asyncio.create_task(watcher.watch(live))
        sent = await post_all(client, "/intake/reports")
        await watcher.reach(set(sent))
        watching.cancel()
    return sorted((watcher.arrived[id_] - began) * 1000 for id_, began in sent.items())


async def _measure(command: list[str], *, peer: bool) -> list[float]:
    with tempfile.TemporaryDirectory(dir=".") as name:
        data, port = Path(name), _free_port()
        if not peer:
            await _account(data)
        environment = os.environ | {"DHARURA_DATA": name, "DHARURA_PORT": str(port), "DHARURA_LOG_LEVEL": "warning"}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: ASYNC220  ours
        try:
            url = f"http://127.0.0.1:{port}"
            async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
                await _up(client, process)
                hello: dict[str, Any] = {"type": "hello", "kinds": ["report"]}
                if not peer:
                    answer = await client.post("/sessions", json={"name": "bench", "password": PASSWORD})
                    hello["token"] = answer.json()["access_token"]
                    client.headers["authorization"] = f"Bearer {hello['token']}"
                    await enrol(client)
                return await watched(client, url, hello)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def percentile(values: list[float], share: float) -> float:
    """Give the value below which a share of sorted values lies."""
    return values[min(len(values) - 1, int(len(values) * share))]


def run() -> list[Row]:
    """Measure ours and the peer, one after the other."""
    peer = asyncio.run(_measure([sys.executable, "-m", "bench.latency_peer"], peer=True))
    ours = asyncio.run(_measure([sys.executable, "-m", "responder_api", "serve"], peer=False))
    rows = []
    for name, share, reach in (("p50", 0.5, P50_MS), ("p99", 0.99, P99_MS)):
        mine, theirs = percentile(ours, share), percentile(peer, share)
        rows.append(
            Row(
                what=f"report sent -> frame at {RATE}/s, {name}",
                ours=f"{mine:.1f} ms",
                peer=f"{theirs:.1f} ms store and broadcast only",
                ratio=theirs / mine,
                reach=f"<= {reach:.0f} ms",
                met=mine <= reach,
                note=f"{len(ours)} reports; mean {statistics.fmean(ours):.1f} ms, worst {ours[-1]:.1f} ms",
            )
        )
    return rows


if __name__ == "__main__":
    print_table(run())
