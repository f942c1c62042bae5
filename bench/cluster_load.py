"""What `bench.cluster` measures on: a broker and a database, clusters over them, and a look at one from outside."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from time import perf_counter, sleep
from typing import Final

from bench.pipeline import REAL
from fixtures.cluster_processes import ClusterProcesses
from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from streams.cluster.access import Access
from streams.cluster.administration import prepare
from streams.cluster.lag import PARTITIONS, Ends, cursors, lags
from streams.cluster.loop_thread import LoopThread
from streams.cluster.postgres import Postgres
from streams.cluster.turn import readers
from streams.log import Line
from streams.log_kafka import LogKafka
from streams.pipeline import pipeline
from streams.world import World

LOOK_S: Final = 0.02
STILL_S: Final = 120.0
"""How long nothing may move before a measurement is given up."""
# The demo's own areas call themselves an approximation: then every position is near an edge, and costs more.
BOUNDARIES: Final = REAL if REAL.exists() else None
SETTINGS: Final = {} if BOUNDARIES is None else {"DHARURA_BOUNDARIES": str(BOUNDARIES)}


@cache
def bench_world() -> World:
    """Load the world that workers, nodes and the makers of input share."""
    return load_world(Settings(boundaries=BOUNDARIES))


class Servers:
    """One broker and one database for all of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kafka, self.postgres = Kafka.begin(), Postgresql.begin()

    def end(self) -> None:
        """Stop both."""
        self.kafka.end()
        self.postgres.end()

    @contextmanager
    def cluster(self, name: str) -> Iterator[tuple[ClusterProcesses, str]]:
        """Give a cluster of its own topics and database, none of its processes started."""
        database = self.postgres.database()
        processes = ClusterProcesses(
            self.folder / name, self.kafka.bootstrap, database, self.kafka.prefix(), settings=SETTINGS
        )
        asyncio.run(prepare(processes.access))
        try:
            yield processes, database
        finally:
            processes.end()


@asynccontextmanager
async def _log(access: Access) -> AsyncIterator[LogKafka]:
    log = LogKafka(access)
    log.start()
    await log.ready()
    try:
        yield log
    finally:
        await log.stop()


async def append(access: Access, lines: Sequence[Line]) -> float:
    """Append as a door does, 500 at a time; give the seconds it took."""
    async with _log(access) as log:
        began = perf_counter()
        for start in range(0, len(lines), 500):
            await log.append(lines[start : start + 500])
        return perf_counter() - began


class Progress:
    """Watches a figure grow: when it first moved, when it last did, and from where to where."""

    def __init__(self, read: Callable[[], int]) -> None:
        self._read = read
        self.first, self.last = read(), 0
        self.began = self.ended = 0.0

    def until(self, settled: Callable[[], bool]) -> None:
        """Look until it stands still and `settled` says that nothing is to come; RuntimeError when it never does."""
        now, looked = self.first, perf_counter()
        while True:
            sleep(LOOK_S)
            value, at = self._read(), perf_counter()
            if value != now:
                self.began = self.began or at
                now, self.ended = value, at
            elif value != self.first and settled():
                self.last = now
                return
            elif at - (self.ended or looked) > STILL_S:
                raise RuntimeError(f"it stands still at {now}, and is not done")

    @property
    def rate(self) -> float:
        """How fast it grew."""
        return (self.last - self.first) / max(self.ended - self.began, 1e-9)


class Watch:
    """Looks at a cluster from outside: what is published, and whether anything is left to do."""

    def __init__(self, access: Access, database: str) -> None:
        self._connection = Postgres.connect(database)
        self._loop = LoopThread("bench")
        self._ends = Ends.over(access, "bench")
        self._readers = readers(pipeline(bench_world()))

    def close(self) -> None:
        """Let go of the connections."""
        self._loop.run(self._ends.stop())
        self._loop.close()
        self._connection.close()

    def published(self) -> int:
        """Count what is in the log and on Kafka."""
        row = self._connection.execute(
            'SELECT (SELECT "offset" FROM log_end) - (SELECT count(*) FROM outbox)'
        ).fetchone()
        return int(row[0]) if row is not None else 0

    def settled(self) -> bool:
        """Say that every reader has taken all there is on Kafka, and that nothing waits to go there."""
        before = self.published()
        ends = self._loop.run(self._ends.read(PARTITIONS))
        behind = any(lags(self._readers, ends, cursors(self._connection)).values())
        waiting = self._connection.execute("SELECT 1 FROM outbox LIMIT 1").fetchone()
        return not behind and waiting is None and self.published() == before


def work_off(processes: ClusterProcesses, database: str, before: Sequence[Line], lines: Sequence[Line]) -> Progress:
    """Let a worker settle what goes before, then start it upon a backlog and watch it work that off."""
    worker = processes.worker()
    worker.start()
    watch = Watch(processes.access, database)
    if before:
        progress = Progress(watch.published)
        asyncio.run(append(processes.access, before))
        progress.until(watch.settled)
    worker.stop()
    asyncio.run(append(processes.access, lines))
    progress = Progress(watch.published)
    worker.start()
    progress.until(watch.settled)
    watch.close()
    return progress
