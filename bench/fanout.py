"""One change to many sockets: ours, from `publish` to the kernel, beside `websockets.broadcast`, in the same process.

The figure is CPU time of the server's process for each message delivered, from the call until every listener has it.
Rounds of both alternate, so that both see the same machine; the best of each counts. On loopback the kernel's share,
copying and waking the reader, is charged to the sender and is the same for both: what differs is the Python around it.
"""

import json
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.live_server import Bench, Feed, listeners, raise_file_limit, servers
from bench.table import Row, print_table
from responder_api.views import Frame

ROOT: Final = Path(__file__).parents[1]
REACH: Final = 1.5
SIZES: Final = (1_000, 5_000)


def run(sizes: tuple[int, ...] = SIZES, rounds: int = 40) -> list[Row]:
    """Measure fan-out to each number of sockets, a frame at a time and three to a batch."""
    rows: list[Row] = []
    for count in sizes:
        if raise_file_limit() < 2 * count + 200:
            rows.append(Row(what=f"fan-out to {count:,} sockets", ours="", note="skipped: too few open files allowed"))
            continue
        # A process of its own: what this one holds in memory is none of the server's business.
        arguments = [sys.executable, "-m", "bench.fanout", str(count), str(rounds)]
        done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
        rows += [_row(count, result) for result in json.loads(done.stdout)]
    return rows


def _row(count: int, result: dict[str, Any]) -> Row:
    ours, peer, batch = result["ours"], result["peer"], result["batch"]
    what = f"fan-out to {count:,} sockets" + (f", {batch} frames a batch" if batch > 1 else "")
    return Row(
        what=what,
        ours=f"{ours:.2f} us",
        peer=f"{peer:.2f} us",
        ratio=peer / ours,
        reach=f">= {REACH} x",
        met=peer / ours >= REACH,
        note="CPU a message delivered; peer websockets.broadcast, a call a frame",
    )


async def _measure(count: int, rounds: int) -> list[dict[str, float]]:
    async with servers(quiet=True) as bench, listeners(count, *bench.ports) as process:
        bench.connected()
        feeds = bench.feed, Feed()  # the same bytes, numbered apart
        results = []
        for batch in (1, 3):
            spent: tuple[list[float], list[float]] = ([], [])
            for number in range(rounds):
                for which in (0, 1) if number % 2 else (1, 0):
                    frames = [feeds[which].frame() for _ in range(batch)]
                    cost = await _round(bench, process, which, frames, count)
                    spent[which].append(cost / count / batch * 1e6)
            ours, peer = map(min, spent)
            results.append({"batch": batch, "ours": ours, "peer": peer})
        return results


async def _round(bench: Bench, process: Process, which: int, frames: list[Frame], count: int) -> float:
    """Send frames one way; give the CPU seconds this process spent until all listeners have them."""
    assert process.stdin is not None
    assert process.stdout is not None
    send: Callable[[list[Frame]], int] = (bench.ours, bench.theirs)[which]
    began = time.process_time()
    size = send(frames)
    process.stdin.write(f"{which} {size * count}\n".encode())
    await process.stdout.readline()
    return time.process_time() - began


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise_file_limit()
        print(json.dumps(uvloop.run(_measure(int(sys.argv[1]), int(sys.argv[2])))))
    else:
        print_table(run())
