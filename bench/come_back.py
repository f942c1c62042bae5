"""A node restarts and ten thousand clients come back at once, each from its own position, through the real read model.

The node is fresh: its memory is empty, so what was missed is read from SQLite. Each client belongs to one of fifty
wards and was away for up to a thousand changes, of which it hears its ward's and everybody's. The figure is the time
from the first client's first packet until the last one has its last change; each checks that it has exactly its own.
"""

import asyncio
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.live_server import VALUE, Claims, ours, raise_file_limit
from bench.table import Row, print_table
from responder_api.audience import Viewer
from responder_api.live_limits import Rhythm
from responder_api.view_tables import prepare
from responder_api.views_sqlite import ViewsSqlite
from streams.database import FILE, connect

ROOT: Final = Path(__file__).parents[1]
CLIENTS: Final = 10_000
CHANGES: Final = 4_000
AWAY: Final = 1_000
WARDS: Final = 50
PUBLIC: Final = 10
"""Every tenth change is everybody's."""
REACH_S: Final = 30.0
CHANGE: Final = re.compile(rb'\{"type": "change", "position": "bench:(\d+)"')
REQUEST: Final = (
    b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def run(clients: int = CLIENTS) -> list[Row]:
    """Measure how long it takes until all have caught up."""
    most = min(clients, raise_file_limit() - 500)
    arguments = [sys.executable, "-m", "bench.come_back", "node", str(most)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return [
        Row(
            what=f"{most:,} clients come back at once",
            ours=f"{result['seconds']:.1f} s",
            reach=f"<= {REACH_S:.0f} s",
            met=result["seconds"] <= REACH_S,
            note=f"nothing missed; {result['changes']:,.0f} changes replayed, {result['cpu']:.1f} s CPU of the node, "
            f"{result['mb']:.0f} MB at most",
        )
    ]


def _audience(offset: int) -> str:
    return "public" if offset % PUBLIC == 0 else f"responder:{_ward(offset % WARDS)}"


def _ward(number: int) -> str:
    return f"KE.042.238.{1000 + number}"


def _mine(ward: int, after: int) -> list[int]:
    theirs = {"public", f"responder:{_ward(ward)}"}
    return [offset for offset in range(after + 1, CHANGES + 1) if _audience(offset) in theirs]


# ---------------------------------------------------------------------------------------------------------- the node


async def _authenticate(token: str) -> Claims:
    seen = Viewer(account=token, grants=frozenset({("responder", _ward(int(token) % WARDS))}))
    return Claims(seen, datetime.now(UTC) + timedelta(hours=1))


async def _node(clients: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        connection = connect(Path(name) / FILE)
        prepare(connection)
        connection.execute("BEGIN")
        for offset in range(1, CHANGES + 1):
            change = {"type": "change", "position": f"bench:{offset}", "op": "put", "kind": "alert", "id": "a1"}
            row = (offset, "alert", _audience(offset), json.dumps(change | {"value": VALUE}).encode())
            connection.execute("INSERT INTO feed VALUES (?,?,?,?)", row)
        connection.execute("COMMIT")
        connection.close()
        views = ViewsSqlite(Path(name), "bench")
        async with ours(views, _authenticate, Rhythm()) as (live, port):
            before = time.process_time()
            arguments = (sys.executable, "-m", "bench.come_back", "clients", str(clients), str(port))
            process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
            seconds = json.loads((await process.communicate())[0])
            spent = time.process_time() - before
            changes = live.sent
        views.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": spent, "changes": changes, "mb": most}


# ------------------------------------------------------------------------------------------------------- its clients


class _Client(asyncio.Protocol):
    """A client that comes back: counts its changes until it has the last, then checks them."""

    def __init__(self, number: int, after: int, done: "asyncio.Future[None]") -> None:
        self.number, self.after, self.done = number, after, done
        self.mine = _mine(number % WARDS, after)
        self.data = bytearray()
        self.got: list[int] = []
        self.opened = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.data += data
        if not self.opened:
            head, end, rest = bytes(self.data).partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.opened, self.data = True, bytearray(rest)
            hello = json.dumps({"type": "hello", "token": str(self.number), "position": f"bench:{self.after}"}).encode()
            self.transport.write(bytes((0x81, 0x80 | len(hello))) + bytes(4) + hello)
        at = 0
        while len(self.data) >= at + 4:
            size, start = self.data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(self.data[at + 2 : at + 4], "big"), at + 4
            if len(self.data) < start + size:
                break
            if change := CHANGE.match(self.data, start):
                self.got.append(int(change[1]))
            at = start + size
        del self.data[:at]
        if len(self.got) >= len(self.mine) and not self.done.done():
            assert self.got == self.mine, (self.number, self.after)
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("sent away"))


async def _clients(count: int, port: int) -> float:
    loop = asyncio.get_running_loop()
    rolls = random.Random(2026)
    dialling = asyncio.Semaphore(512)  # what a listening socket's backlog takes without dropping

    async def come_back(number: int) -> None:
        done = loop.create_future()
        after = CHANGES - rolls.randrange(AWAY)
        async with dialling:
            await loop.create_connection(lambda: _Client(number, after, done), "127.0.0.1", port)
        await done

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(come_back(number))
    return time.perf_counter() - began


if __name__ == "__main__":
    raise_file_limit()
    match sys.argv[1:]:
        case ["node", count]:
            print(json.dumps(uvloop.run(_node(int(count)))))
        case ["clients", count, port]:
            print(json.dumps(uvloop.run(_clients(int(count), int(port)))))
        case _:
            print_table(run())
