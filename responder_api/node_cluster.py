"""One node among many: what it has beside that of any node, and what a request waits for at most."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, ParamSpec, TypeVar

from responder_api.metrics_cluster import ClusterCollector
from responder_api.node import Node
from responder_api.shown_cluster import ByConsequence
from responder_api.views_postgres import ViewsPostgres
from streams.cluster.host import Clustered
from streams.cluster.leases import holders
from streams.cluster.listening import Listening
from streams.database import StorageError

READ_S: Final = 10.0
"""How long a request waits for the database: one that hangs is answered 503 within this."""

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(kw_only=True)
class ClusterNode(Node):
    """A node of a cluster; any number of them are alike."""

    host: Clustered
    views: ViewsPostgres
    shown: ByConsequence
    listening: Listening
    collector: ClusterCollector
    agreed_since: datetime

    async def start(self) -> None:
        """Begin to work."""
        await super().start()
        self.listening.start()

    async def stop(self) -> None:
        """Finish what was begun and let go of both servers."""
        await asyncio.to_thread(self.listening.stop)
        await self.shown.close()
        await super().stop()
        await asyncio.to_thread(self.collector.close)

    def since(self) -> datetime:
        """Say since when the cluster's boundaries count."""
        return self.agreed_since

    def standstill(self) -> str | None:
        """See Node. Without a worker the log does not grow, and would pass for one that is worked off."""
        return super().standstill() or (None if holders(self.views.connection()) else "no worker runs")

    async def readiness(self) -> dict[str, object]:
        """Say how this node is, and how far the read model is behind the log."""
        end, done = await self.read(lambda: (self.host.end(), self.host.done()))
        return await super().readiness() | {"projector_behind": end - done}

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a read of the database in a reader thread; StorageError when it takes too long."""
        try:
            async with asyncio.timeout(READ_S):
                return await super().read(function, *args, **kwargs)
        except TimeoutError:
            raise StorageError(f"the database did not answer within {READ_S:.0f} s") from None
