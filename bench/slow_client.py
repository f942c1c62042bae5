"""A thousand listeners beside one that takes a kilobyte a second: what the thousand feel of it (F17).

The figure is the time from `publish` until the last of the thousand has the frame, 99th percentile over all rounds,
without the slow one and with it, block by block in turn. The slow one is behind the whole time: what it does not take
waits for it, until it is too much and it is sent away with 4008; then it comes back.
"""

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import time
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.live_clients import dial
from bench.live_server import Bench, listeners, raise_file_limit, servers
from bench.table import Row, print_table

ROOT: Final = Path(__file__).parents[1]
LISTENERS: Final = 1_000
BLOCKS: Final = 6
ROUNDS: Final = 100
REACH: Final = 1.1


def run(count: int = LISTENERS, blocks: int = BLOCKS) -> list[Row]:
    """Measure the thousand's 99th percentile without and with a slow client beside them."""
    arguments = [sys.executable, "-m", "bench.slow_client", str(count), str(blocks)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    alone, beside = result["alone_ms"], result["beside_ms"]
    return [
        Row(
            what=f"fan-out to {count:,} beside a slow client, p99",
            ours=f"{beside:.1f} ms",
            peer=f"{alone:.1f} ms",
            ratio=alone / beside,
            reach="within 10 %",
            met=beside <= alone * REACH,
            note=f"peer: ours without it; {result['slow_closed']} times it was sent away with 4008",
        )
    ]


async def _measure(count: int, blocks: int) -> dict[str, float]:
    async with servers(quiet=True) as bench, listeners(count, bench.ports[0]) as process:
        times: tuple[list[float], list[float]] = ([], [])
        await _block(bench, process, count)  # to warm up
        for number in range(blocks):
            which = number % 2
            slow = asyncio.create_task(_slow(bench)) if which else None
            times[which].extend(await _block(bench, process, count))
            if slow is not None:
                slow.cancel()
                with suppress(asyncio.CancelledError):
                    await slow
        alone, beside = (statistics.quantiles(taken, n=100)[98] * 1e3 for taken in times)
        return {"alone_ms": alone, "beside_ms": beside, "slow_closed": bench.live.slow_closed}


async def _block(bench: Bench, process: Process, count: int) -> list[float]:
    """Send a batch of nine frames, some 7 KB, a hundred times, each when the one before is with everybody."""
    assert process.stdin is not None
    assert process.stdout is not None
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        size = bench.ours([bench.feed.frame() for _ in range(9)])
        process.stdin.write(f"0 {size * count}\n".encode())
        await process.stdout.readline()
        taken.append(time.perf_counter() - began)
    return taken


async def _slow(bench: Bench) -> None:
    """Take a kilobyte a second, and come back when sent away."""
    loop = asyncio.get_running_loop()
    while True:
        line = await asyncio.to_thread(dial, bench.ports[0])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with line, suppress(ConnectionError):
            while await loop.sock_recv(line, 1024):  # noqa: ASYNC110 - the pace is the matter
                await asyncio.sleep(1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise_file_limit()
        print(json.dumps(uvloop.run(_measure(int(sys.argv[1]), int(sys.argv[2])))))
    else:
        print_table(run())
