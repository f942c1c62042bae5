"""Ten thousand sockets on which nothing happens: what each costs in memory, and all of them in time.

One server a process, ours and then that of `websockets`, so that what one keeps is not counted for the other. Ours
takes hello, holds the session, sends pings and heartbeats at their real pace; the peer takes hello and sends pings; the
listeners answer neither. Memory is what the process holds more than before they came (resident set); the kernel's
socket buffers are in neither figure.
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import uvloop

from bench.live_server import listeners, raise_file_limit, servers
from bench.table import Row, print_table

ROOT: Final = Path(__file__).parents[1]
SOCKETS: Final = 10_000
REACH_KB: Final = 30.0
REACH_CPU: Final = 0.10
WINDOW_S: Final = 20.0
"""One heartbeat each and one ping each, at least."""


def run(sockets: int = SOCKETS, window_s: float = WINDOW_S) -> list[Row]:
    """Measure memory a socket and CPU of a quiet while."""
    most = min(sockets, raise_file_limit() - 500)
    note = "" if most >= sockets else f"only {most:,}: the system allows no more open files; "
    ours, peer = (_run_one(which, most, window_s) for which in ("ours", "peer"))
    return [
        Row(
            what=f"{most:,} idle sockets, memory each",
            ours=f"{ours['kb']:.1f} KB",
            peer=f"{peer['kb']:.1f} KB",
            ratio=peer["kb"] / ours["kb"],
            reach=f"<= {REACH_KB:.0f} KB",
            met=ours["kb"] <= REACH_KB,
            note=f"{note}resident; peer websockets.serve without compression",
        ),
        Row(
            what=f"{most:,} idle sockets, CPU of a core",
            ours=f"{ours['cpu']:.1%}",
            peer=f"{peer['cpu']:.1%}",
            ratio=peer["cpu"] / ours["cpu"],
            reach=f"< {REACH_CPU:.0%}",
            met=ours["cpu"] < REACH_CPU,
            note=f"{note}over {window_s:.0f} s; ours pings and sends heartbeats, the peer pings",
        ),
    ]


def _run_one(which: str, count: int, window_s: float) -> dict[str, float]:
    arguments = [sys.executable, "-m", "bench.idle_sockets", which, str(count), str(window_s)]
    done = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


async def _measure(which: str, count: int, window_s: float) -> dict[str, Any]:
    async with servers(quiet=False) as bench:
        before = _resident()
        async with listeners(count, bench.ports[which == "peer"]):
            gc.collect()
            connected = _resident() - before
            began = time.process_time()
            await asyncio.sleep(window_s)
            cpu = (time.process_time() - began) / window_s
        return {"kb": connected / count / 1024, "cpu": cpu}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise_file_limit()
        print(json.dumps(uvloop.run(_measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))))
    else:
        print_table(run())
