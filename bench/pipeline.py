"""Reports through the whole pipeline, durable, against the same rows put bare into SQLite at the same batch size.

Ours: each batch is appended (one commit), then goes through every step and the projector (one commit or more). Bare:
every row that this wrote into any table, rewritten ones too, recorded beforehand, with `executemany` and one commit a
batch into the same tables with the same indexes and `synchronous=FULL`. Both on the same disk, in the same process,
turn by turn.
"""

import random
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec

import fixtures
from bench.table import Row, print_table
from responder_api import view_tables
from responder_api.projector import Projector
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.database import connect
from streams.engine import Engine
from streams.events import Event, ReportReceived, ResponderEnrolled, ShiftChanged, audience
from streams.log import Line, line
from streams.pipeline import pipeline
from streams.world import World

REAL = Path(__file__).parents[2] / "shared" / "data" / "kenya_wards.fgb"
REPORTS = 2048
BATCHES = (1, 8, 64, 256)
RATE = 200
"""Reports a second in event time: the surge a county is designed for."""
START = datetime(2026, 4, 27, 6, tzinfo=UTC)
TEXTS = (
    "maji mengi watu wamenaswa kwa nyumba tuokoeni",
    "flood water in houses near the market please help",
    "moto unawaka nyumba mbili",
    "accident matatu na boda watu 4 wameumia",
    "river has burst, families on roof, send boat",
)

Writes = list[tuple[str, list[Any]]]


class Recorder(sqlite3.Connection):
    """Remembers every row that is written, batch by batch."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.batches: list[Writes] = [[]]

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Run and remember one row."""
        if sql.lstrip()[:6] in ("INSERT", "UPDATE", "DELETE"):
            self.batches[-1].append((sql, [parameters]))
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any]) -> sqlite3.Cursor:
        """Run and remember many rows."""
        rows = list(parameters)
        self.batches[-1].append((sql, rows))
        return super().executemany(sql, rows)


def _event(random_: random.Random, body: Any, key: str, now: datetime) -> Line:
    id_ = str(UUID(int=random_.getrandbits(128), version=4))
    return line(
        Event(
            id=id_, cause=id_, source="bench", key=key, at=now, seen=now, audience=audience(key, "operator"), body=body
        )
    )


def responders(random_: random.Random, start: datetime = START) -> list[Line]:
    """Give the demo's responders, on shift."""
    lines = []
    for entry in msgspec.json.decode(fixtures.path("demo/responders.json").read_bytes()):
        home = entry["home"]
        enrolled = ResponderEnrolled(
            responder=entry["id"],
            name=entry["name"],
            title=entry["title"],
            organisation=entry["organisation"],
            phone=entry["phone"],
            skills=tuple(entry["skills"]),
            home=home,
            languages=tuple(entry["languages"]),
            has_app=entry["has_app"],
        )
        lines.append(_event(random_, enrolled, home[:6], start))
        lines.append(_event(random_, ShiftChanged(responder=entry["id"], on=True), home[:6], start))
    return lines


def reports(world: World, random_: random.Random, count: int, start: datetime = START) -> list[Line]:
    """Give reports about a county, at the rate of a surge in event time."""
    wards = [world.wards.ward(row) for row in world.wards.rows_in("KE.042")]
    lines = []
    for n in range(count):
        ward = random_.choice(wards)
        body = ReportReceived(
            channel="web",
            text=f"{random_.choice(TEXTS)} {n}",
            lon=ward.lon + random_.uniform(-0.01, 0.01),
            lat=ward.lat + random_.uniform(-0.01, 0.01),
            position_of="incident",
            reporter=f"+2547{random_.randrange(100_000_000):08d}",
        )
        lines.append(_event(random_, body, "KE.042", start + timedelta(seconds=n / RATE)))
    return lines


def _engine(world: World, path: Path, *, recording: bool = False) -> tuple[Engine, sqlite3.Connection]:
    connection = connect(path, factory=Recorder) if recording else connect(path)
    view_tables.prepare(connection)
    engine = Engine(connection, pipeline(world), [Projector("bench")])
    engine.append(responders(random.Random(1)))
    _settle(engine, START)
    return engine, connection


def _settle(engine: Engine, now: datetime) -> None:
    while engine.turn(now):
        pass


def _ours(engine: Engine, lines: Sequence[Line], batch: int) -> float:
    began = perf_counter()
    for start in range(0, len(lines), batch):
        part = lines[start : start + batch]
        engine.append(part)
        _settle(engine, part[-1].event.seen)
    return perf_counter() - began


def _record(world: World, folder: Path, lines: Sequence[Line], batch: int) -> list[Writes]:
    engine, connection = _engine(world, folder / f"record-{batch}.db", recording=True)
    if not isinstance(connection, Recorder):
        raise TypeError("the connection does not record")
    connection.batches = [[]]
    for start in range(0, len(lines), batch):
        part = lines[start : start + batch]
        engine.append(part)
        _settle(engine, part[-1].event.seen)
        connection.batches.append([])
    return connection.batches


def _bare(path: Path, batches: Sequence[Writes]) -> float:
    connection = connect(path)
    view_tables.prepare(connection)
    began = perf_counter()
    for writes in batches:
        connection.execute("BEGIN IMMEDIATE")
        for sql, rows in _together(writes):
            connection.executemany(sql, rows)
        connection.execute("COMMIT")
    return perf_counter() - began


def _together(writes: Writes) -> Writes:
    by_sql: dict[str, list[Any]] = {}
    for sql, rows in writes:
        by_sql.setdefault(sql, []).extend(rows)
    return list(by_sql.items())


def run() -> list[Row]:
    """Measure every batch size."""
    # The demo's own areas call themselves an approximation: then every position is near an edge, and costs more.
    world = load_world(Settings(boundaries=REAL if REAL.exists() else None))
    rows = []
    for batch in BATCHES:
        count = min(REPORTS, 512 * batch)
        lines = reports(world, random.Random(7), count)
        with tempfile.TemporaryDirectory(dir=".") as name:
            folder = Path(name)
            writes = _record(world, folder, lines, batch)
            ours = min(_ours(_engine(world, folder / f"o{n}.db")[0], lines, batch) for n in range(3))
            bare = min(_bare(folder / f"b{n}.db", writes) for n in range(3))
        written = sum(len(each) for part in writes for _, each in part)
        rows.append(
            Row(
                what=f"reports through the pipeline, batch {batch}",
                ours=f"{count / ours:,.0f}/s",
                peer=f"{count / bare:,.0f}/s bare SQLite",
                ratio=bare / ours,
                reach=">= 0.33",
                met=bare / ours >= 1 / 3,
                note=f"{written / count:.0f} rows a report; {ours / count * 1e6:.0f} us each; {len(world.wards)} wards",
            )
        )
    return rows


if __name__ == "__main__":
    print_table(run())
