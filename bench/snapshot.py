"""What a county operator's whole snapshot costs in a bad season, with and without all that is filed away beside it.

Real documents of the demo flood, many times over: live reports of every state, responders, and as many filed ones as a
season leaves. A snapshot is read in one transaction, narrowed to what the viewer may see and cut into frames; what is
filed must not make it slower.
"""

import json
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from uuid import UUID

import msgspec

from bench.table import Row
from fixtures import path
from responder_api.audience import Viewer, keys_of
from responder_api.live_protocol import snapshot_parts
from responder_api.view_tables import prepare
from responder_api.views_sqlite import ViewsSqlite
from streams.database import FILE, connect

REPORTS: Final = 20_000
RESPONDERS: Final = 2_000
FILED: Final = 200_000
TIMES: Final = 5
REACH_S: Final = 1.0
OPERATOR: Final = frozenset(keys_of(Viewer(account="kisumu", grants=frozenset({("operator", "KE.042")}))))


def run(reports: int = REPORTS, responders: int = RESPONDERS, filed: int = FILED) -> list[Row]:
    """Measure the snapshot, and one narrowed to the responders."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        live = [*_copies("report", reports), *_copies("responder", responders)]
        _fill(folder, "view", live)
        alone, size = _measured(folder, None)
        _fill(folder, "filed", _copies("report", filed))
        beside, _ = _measured(folder, None)
        narrow, _ = _measured(folder, frozenset({"responder"}))
    return [
        Row(
            what=f"snapshot of {len(live):,} documents",
            ours=f"{beside * 1000:.0f} ms",
            reach=f"<= {REACH_S:.0f} s",
            met=beside <= REACH_S,
            note=f"{size / 1e6:.1f} MB of frames; {filed:,} more filed away; without them {alone * 1000:.0f} ms",
        ),
        Row(
            what=f"the same, narrowed to {responders:,} responders",
            ours=f"{narrow * 1000:.0f} ms",
            note="kinds are narrowed in SQL",
        ),
    ]


def _measured(folder: Path, kinds: frozenset[str] | None) -> tuple[float, int]:
    views, spent, size = ViewsSqlite(folder, "bench"), [], 0
    for _ in range(TIMES):
        began = perf_counter()
        position, documents = views.snapshot(OPERATOR, kinds, None)
        size = sum(map(len, snapshot_parts(position, documents)))
        spent.append(perf_counter() - began)
    views.close()
    return statistics.median(spent), size


def _fill(folder: Path, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    connection = connect(folder / FILE)
    prepare(connection)
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO {table} VALUES (?,?,?,?,NULL,NULL)", rows)  # noqa: S608 (ours)
    connection.execute("COMMIT")
    connection.close()


def _copies(kind: str, count: int) -> list[tuple[str, str, str, bytes]]:
    known = [value for _, value in _shown(kind)]
    found = []
    for n in range(count):
        id_ = str(UUID(int=n * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128))  # spread as UUIDs are
        value = known[n % len(known)] | {"id": id_}
        area = value.get("ward") or value.get("home") or "KE.042"
        found.append((kind, id_, f"operator:{area}", msgspec.json.encode(value)))
    return found


def _shown(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    (view,) = json.loads(path("views/demo_flood.json").read_bytes())
    for document in view["after"]["documents"]:
        # Those of other counties are not the operator's to see.
        if document["kind"] == kind and str(document["value"].get("home", "KE.042")).startswith("KE.042"):
            yield document["id"], document["value"]
