"""Two servers over the same loop in one process: ours on uvicorn, and `websockets` on its own, each with listeners.

`fanout` and `idle_sockets` measure through this. Both servers run without compression and on uvloop; what they are
asked to send is the same; the listeners stand in another process (`live_clients`).
"""

import asyncio
import json
import os
import resource
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve

from responder_api.audience import Viewer
from responder_api.hub import prepare
from responder_api.live import Live
from responder_api.live_limits import LiveSettings, Rhythm
from responder_api.live_talk import Authenticate
from responder_api.views import Document, Frame, Position, Views

ROOT: Final = Path(__file__).parents[1]
VALUE: Final = {
    "hazard": "flood",
    "severity": "Severe",
    "ward": "KE.042.238.1189",
    "headline": "River Nyando above its alarm mark at Ahero; water expected in Kobura within two hours",
    "instruction": "Hamia sehemu ya juu sasa. Usivuke maji yanayotiririka. Wasaidie wazee na watoto. " * 4,
    "areas": ["KE.042.238.1189", "KE.042.238.1190", "KE.042.238.1191"],
}


class Feed:
    """The read model of a node on which nothing is missed: one document; frames to publish, of which it keeps one."""

    def __init__(self) -> None:
        self.last: list[Frame] = []
        self.document = Document("alert", "a1", ("public",), json.dumps(VALUE).encode())

    def frame(self) -> Frame:
        """Make the next change, as a projector encodes it: some 800 bytes of JSON."""
        offset = self.position().offset + 1
        change = {"type": "change", "position": f"bench:{offset:09}", "op": "put", "kind": "alert", "id": "a1"}
        self.last = [Frame(offset, "alert", ("public",), json.dumps(change | {"value": VALUE}).encode())]
        return self.last[0]

    def position(self) -> Position:
        """Give the newest position."""
        return Position("bench", self.last[-1].offset if self.last else 0)

    def oldest(self) -> int:
        """Give the only offset that can be replayed."""
        return self.position().offset

    def replay(self, after: int, limit: int) -> list[Frame]:
        """Give the last frame if it comes after."""
        return [frame for frame in self.last if frame.offset > after][:limit]

    def snapshot(
        self, keys: frozenset[str], kinds: frozenset[str] | None, areas: frozenset[str] | None
    ) -> tuple[Position, list[Document]]:
        """Give the one document."""
        shown = "public" in keys and (kinds is None or "alert" in kinds) and (areas is None or bool(areas))
        return self.position(), [self.document] if shown else []

    def find(
        self,
        kind: str,
        keys: frozenset[str],
        *,
        areas: frozenset[str] | None = None,
        after: str | None = None,
        limit: int = 100,
        filed: bool = False,
    ) -> list[Document]:
        """Give the one document if it is of the kind; it is never filed away."""
        found = [] if filed else self.snapshot(keys, frozenset({kind}), areas)[1]
        return [document for document in found if document.id > (after or "")][:limit]

    def get(self, kind: str, id_: str) -> Document | None:
        """Give the one document if it is meant."""
        return self.document if (kind, id_) == ("alert", "a1") else None


_NEVER: Final = 1e9


class Claims(msgspec.Struct, frozen=True):
    """Everybody is the same operator."""

    viewer: Viewer
    expires_at: datetime


async def _authenticate(_: str) -> Claims:
    seen = Viewer(account="bench", grants=frozenset({("operator", "KE.042")}))
    return Claims(seen, datetime.now(UTC) + timedelta(hours=9))


async def _still_stands(_: Any) -> str | None:
    return None


async def _on_message(_: Viewer, message: dict[str, Any]) -> dict[str, Any]:
    return message


async def _no_requests(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("only sockets come here")


async def _greet(line: ServerConnection) -> None:
    """Do what ours does for a listener: read its hello, answer it, then only send."""
    await line.recv()
    await line.send(json.dumps({"type": "welcome"}))
    await line.wait_closed()


class Bench:
    """Both servers, running."""

    def __init__(self, feed: Feed, live: Live, peer: Server, ports: tuple[int, int]) -> None:
        self.feed, self.live, self.peer, self.ports = feed, live, peer, ports
        self.peers: set[ServerConnection] = set()
        self.numbers: list[int] = []

    def connected(self) -> None:
        """Take the connections as they are: looking them up is no part of a broadcast."""
        self.peers = self.peer.connections
        sockets = self.live._room.sessions  # noqa: SLF001 - for the bare writes
        self.numbers = [socket.transport.get_extra_info("socket").fileno() for socket in sockets]

    def ours(self, frames: list[Frame]) -> int:
        """Send frames our way: what `tail` does after a commit. Gives the bytes each listener gets."""
        self.live.publish(frames)
        return sum(len(prepare(frame).wire) for frame in frames)

    def theirs(self, frames: list[Frame]) -> int:
        """Send frames the way of `websockets.broadcast`."""
        for frame in frames:
            broadcast(self.peers, frame.data, text=True)
        return sum(len(prepare(frame).wire) for frame in frames)

    def bare(self, frames: list[Frame]) -> int:
        """Write a batch to the sockets of ours with nothing but the system call: what no sender can go below."""
        wire = b"".join(prepare(frame).wire for frame in frames)
        for number in self.numbers:
            os.write(number, wire)
        return len(wire)


@asynccontextmanager
async def ours(views: Views, authenticate: Authenticate, rhythm: Rhythm) -> AsyncIterator[tuple[Live, int]]:
    """Start a node with nothing but live sockets, on uvicorn; give it and its port."""
    most = 1_000_000
    settings = LiveSettings(sockets=most, unknown=most, per_account=most, rhythm=rhythm)
    live = Live(views, authenticate, _still_stands, _on_message, settings)
    await live.start()
    config = uvicorn.Config(_no_requests, port=0, ws=live.protocol(), log_config=None, lifespan="off", backlog=4096)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield live, server.servers[0].sockets[0].getsockname()[1]
    finally:
        await live.close()
        await server.shutdown()


@asynccontextmanager
async def servers(*, quiet: bool) -> AsyncIterator[Bench]:
    """Start both servers; `quiet` stops pings and heartbeats, so that only what is measured is sent."""
    feed = Feed()
    rhythm = Rhythm(ping=_NEVER, heartbeat=_NEVER, recheck=_NEVER) if quiet else Rhythm()
    async with ours(feed, _authenticate, rhythm) as (live, port):
        pings: dict[str, Any] = {"ping_interval": None} if quiet else {"ping_interval": 15}
        peer = await serve(_greet, "127.0.0.1", 0, compression=None, max_size=65536, backlog=4096, **pings)
        ports = (port, next(iter(peer.sockets)).getsockname()[1])
        try:
            yield Bench(feed, live, peer, ports)
        finally:
            peer.close()


@asynccontextmanager
async def listeners(count: int, *ports: int) -> AsyncIterator[Process]:
    """Start so many listeners on each port, in a process of their own, and wait until all are connected."""
    arguments = (sys.executable, "-m", "bench.live_clients", str(count), *map(str, ports))
    process = await asyncio.create_subprocess_exec(*arguments, stdin=PIPE, stdout=PIPE, cwd=ROOT)
    assert process.stdout is not None
    try:
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError("the listeners could not connect")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def raise_file_limit() -> int:
    """Allow this process, and those it starts, as many open files as the system lets it; give how many."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
