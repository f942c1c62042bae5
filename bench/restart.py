"""F1: how long a node takes to be ready again after kill -9 with a long log, and what checking the log's rows costs."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from time import perf_counter, sleep
from uuid import UUID

import httpx

from bench.table import Row, print_table
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.database import FILE, connect
from streams.events import decode, encode
from streams.log_damage import GENESIS, verify_chain
from streams.pipeline import pipeline
from streams.subject import subject_of
from streams.topics import topic_of

WIRE = Path(__file__).parents[1] / "fixtures" / "wire"
ROWS = 1_000_000
READY_S = 10.0
STRIDE = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Odd, so that its multiples modulo 2**128 are all different: ids that do not stand in order, as real ones do not."""


def run(rows: int = ROWS) -> list[Row]:
    """Fill a log, kill the server that uses it, and time the next start."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        fill(data, rows)
        checking = _checking(data, rows)
        first = _started(data)
        _post(first[1])
        first[0].send_signal(signal.SIGKILL)
        first[0].wait()
        begun = perf_counter()
        server, _ = _started(data)
        ready = perf_counter() - begun
        server.terminate()
        server.wait()
    return [
        checking,
        Row(
            what=f"start after kill -9, {rows:,} log rows",
            ours=f"{ready:.1f} s",
            reach=f"< {READY_S:.0f} s",
            met=ready < READY_S,
            note="from the command to 200 on /readyz; every row's hash checked",
        ),
    ]


def fill(data: Path, rows: int) -> None:
    """Write a log of every kind of event, its chain whole, which every step has read to the end."""
    data.mkdir(parents=True, exist_ok=True)
    with closing(connect(data / FILE)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO log VALUES (?,?,?,?,?,?,?)", _rows(rows))
        steps = [step.name for step in pipeline(load_world(Settings(data=data)))]
        connection.executemany("INSERT INTO cursor VALUES (?,?)", [(name, rows) for name in (*steps, "projector")])
        connection.execute("COMMIT")


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    events = [decode(path.read_bytes()) for path in sorted(WIRE.glob("*.json")) if path.stat().st_size < 4096]
    samples = [(encode(e), e.id.encode(), (topic_of(e.body).name, e.key, subject_of(e))) for e in events]
    chain = GENESIS
    for offset in range(1, count + 1):
        data, old, labels = samples[offset % len(samples)]
        id_ = UUID(int=offset * STRIDE % (1 << 128))
        data = data.replace(old, str(id_).encode(), 1)
        chain = sha256(chain + data).digest()[:16]
        yield (offset, *labels, id_.bytes, data, chain)


def _checking(data: Path, rows: int) -> Row:
    with closing(sqlite3.connect(data / FILE)) as connection:
        begun = perf_counter()
        (said,) = connection.execute("PRAGMA integrity_check").fetchone()
        peer = perf_counter() - begun
        begun = perf_counter()
        checked = verify_chain(connection)
        ours = perf_counter() - begun
    assert (said, checked) == ("ok", rows)
    return Row(
        what=f"hashes of {rows:,} log rows",
        ours=f"{ours:.2f} s",
        peer=f"{peer:.2f} s",
        ratio=peer / ours,
        note=f"{(data / FILE).stat().st_size / 1e6:,.0f} MB; peer: SQLite's integrity_check (sees no flipped text)",
    )


def _started(data: Path) -> tuple[subprocess.Popen[str], str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DHARURA_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "responder_api", "serve", "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
        cwd=WIRE.parents[1],
    )
    assert server.stdout is not None
    url = server.stdout.readline().split(" listens on ")[1].split()[0]
    while not httpx.get(f"{url}/readyz", trust_env=False).is_success:
        sleep(0.01)
    return server, url


def _post(url: str) -> None:
    body = {"text": "Mto Nyando umejaa, maji yameingia nyumba", "lon": 34.9, "lat": -0.17}
    httpx.post(f"{url}/intake/reports", json=body, trust_env=False).raise_for_status()


if __name__ == "__main__":
    print_table(run())
