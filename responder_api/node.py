"""One running node: everything the routes need, started and stopped together.

`wiring` builds it; `app` puts HTTP in front of it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from responder_api.accounts import AccountStore
from responder_api.boundary_store import BoundaryStore
from responder_api.feed_health import Feeds
from responder_api.host import Host, Shown
from responder_api.identity import Auth
from responder_api.live import Live
from responder_api.page_files import PageFiles
from responder_api.prepared import Prepared
from responder_api.settings import Settings
from responder_api.tail import Tail
from responder_api.views_sql import ViewsSql
from streams.effects import Effects
from streams.handle import Step
from streams.world import World

T = TypeVar("T")
P = ParamSpec("P")
READERS = 4
"""Threads that read the database for requests."""

logger = structlog.get_logger()


@dataclass(kw_only=True)
class Node:
    """The parts of a node: of an embedded one, or of one among many of a cluster."""

    settings: Settings
    world: World
    steps: Sequence[Step]
    host: Host
    shown: Shown
    views: ViewsSql
    tail: Tail
    accounts: AccountStore
    auth: Auth
    live: Live
    metrics: CollectorRegistry
    effects: Effects | None = None
    """What sends messages; None where that is done elsewhere."""
    ends_because: str | None = None
    """Why it ends itself, to be started again."""
    end: Callable[[], None] = lambda: None
    """Ends the server around it, in order; set by whoever serves it."""
    demo: bool = False
    public_url: str = ""
    pages: PageFiles = field(default_factory=PageFiles)
    prepared: Prepared = field(default_factory=Prepared)
    feeds: Feeds = field(default_factory=Feeds)
    _readers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(READERS, "dharura-reader"))
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def clock(self) -> datetime:
        """Give the time."""
        return self.host.clock()

    def clock_offset_s(self) -> float:
        """Give how far the wall clock is ahead of ours, in seconds."""
        offset = getattr(self.host.clock, "offset", None)
        return float(offset().total_seconds()) if offset is not None else 0.0

    def since(self) -> datetime:
        """Say since when its boundaries count."""
        return next((at for at, _ in reversed(BoundaryStore(self.settings.data).days())), self.clock())

    def figures(self) -> dict[str, float]:
        """Give what this process counts, for `metrics.OF_A_NODE`."""
        return {
            "dharura_storage_trouble": float(self.host.trouble is not None),
            "dharura_clock_offset_seconds": self.clock_offset_s(),
            "dharura_live_sockets": self.live.sockets,
            "dharura_live_frames_sent": self.live.sent,
            "dharura_live_slow_closed": self.live.slow_closed,
            "dharura_live_resyncs": self.live.resyncs,
        }

    def standstill(self) -> str | None:
        """Say why nothing is worked off, None where it is. May ask the database."""
        trouble = self.host.trouble
        return None if trouble is None else f"the storage refuses: {trouble.code}"

    async def readiness(self) -> dict[str, object]:
        """Say of what kind this node is, for `/readyz`; raises StorageError where it cannot be told."""
        return {
            "epoch": self.host.epoch,
            "boundaries": self.world.wards.version,
            "approximate": self.world.wards.approximate,
            "clock_offset_s": round(self.clock_offset_s(), 3),
            "demo": self.demo,
        }

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a read of the database in a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, lambda: function(*args, **kwargs))

    async def start(self) -> None:
        """Begin to work."""
        self.host.start()
        await self.auth.start()
        await self.live.start()
        self.tail.listen(self.live.publish)
        await self.tail.start()
        self._tasks = [self._watched("tail", self.tail.run)]
        if self.effects is not None:
            effects = self.effects
            self.tail.listen(lambda _: effects.wake())
            self._tasks.append(self._watched("effects", effects.run))

    async def stop(self) -> None:
        """Finish what was begun and let go of the files."""
        await self.live.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.prepared.close()
        await self.host.close()
        self._readers.shutdown()
        self.views.close()
        self.accounts.close()

    def _watched(self, name: str, work: Callable[[], Coroutine[Any, Any, None]]) -> "asyncio.Task[None]":
        async def keep_going() -> None:
            while True:
                try:
                    await work()
                except Exception:  # a task that died unseen would silence the sockets or the messages
                    logger.exception("a task failed and starts again", task=name)
                await asyncio.sleep(1.0)

        return asyncio.create_task(keep_going(), name=name)
