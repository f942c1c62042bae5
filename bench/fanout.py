"""One change to many sockets: ours, from `publish` to the kernel, beside `websockets.broadcast`, in the same process.

The figure is CPU time of the server's process for each message delivered, from the call until every listener has it.
Rounds alternate, so that both see the same machine, and all of them count. On loopback the kernel's share, copying and
waking the reader, is charged to the sender: `write(2)` alone, called for each socket from a bare loop, is measured too
and stands in the note. Nothing that writes to each socket once can be cheaper than that.
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

from bench.live_server import Feed, listeners, raise_file_limit, servers
from bench.table import Row, print_table
from responder_api.views import Frame

ROOT: Final = Path(__file__).parents[1]
REACH: Final = 1.5
SIZES: Final = (1_000, 5_000)


def run(sizes: tuple[int, ...] = SIZES, rounds: int = 60) -> list[Row]:
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
        note=f"CPU a message delivered; peer: websockets.broadcast; write(2) bare: {result['bare']:.2f} us",
    )


async def _measure(count: int, rounds: int) -> list[dict[str, float]]:
    async with servers(quiet=True) as bench, listeners(count, *bench.ports) as process:
        bench.connected()
        feeds = bench.feed, Feed(), Feed()  # the same bytes, numbered apart
        sends = bench.ours, bench.theirs, bench.bare
        results = []
        for batch in (1, 3):
            spent = [0.0, 0.0, 0.0]
            for number in range(rounds):
                for lane in range(3):
                    which = (lane + number) % 3
                    frames = [feeds[which].frame() for _ in range(batch)]
                    spent[which] += await _round(process, sends[which], which % 2, frames, count)
            ours, peer, bare = (cost / rounds / count / batch * 1e6 for cost in spent)
            results.append({"batch": batch, "ours": ours, "peer": peer, "bare": bare})
        return results


async def _round(
    process: Process, send: Callable[[list[Frame]], int], group: int, frames: list[Frame], count: int
) -> float:
    """Send frames one way; give the CPU seconds this process spent until all listeners of a group have them."""
    assert process.stdin is not None
    assert process.stdout is not None
    began = time.process_time()
    size = send(frames)
    process.stdin.write(f"{group} {size * count}\n".encode())
    await process.stdout.readline()
    return time.process_time() - began


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise_file_limit()
        print(json.dumps(uvloop.run(_measure(int(sys.argv[1]), int(sys.argv[2])))))
    else:
        print_table(run())
