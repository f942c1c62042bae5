"""Run as a program: moves a folder, and dies by its own hand before the n-th statement of a kind to PostgreSQL."""

import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from responder_api import moving as moves
from responder_api import projecting
from streams.cluster import moving, moving_kafka
from streams.cluster.access import Access, Cluster, bootstrap
from streams.cluster.postgres import Postgres


def main(folder: str, kafka: str, prefix: str, database: str, kind: str, n: str) -> None:
    """Move with small batches, so that there are many moments to die at."""
    for module, name in ((moving, "AT_ONCE"), (moving_kafka, "ROUND"), (projecting, "BATCH")):
        setattr(module, name, 97)
    projecting.Projecting.__init__.__kwdefaults__ |= {"batch": 97}  # type: ignore[operator]  # there are some
    counted, execute = [0], Postgres.execute

    def counting(self: Postgres, statement: str, values: Sequence[object] = ()) -> Any:
        counted[0] += statement.startswith(kind)
        if counted[0] == int(n) and statement.startswith(kind):
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, statement, values)

    Postgres.execute = counting  # type: ignore[method-assign]
    cluster = Cluster(kafka=Access(bootstrap=bootstrap(kafka), prefix=prefix), database=database, worker="mover")
    moves.move(Path(folder), cluster, datetime(2026, 4, 26, 7, tzinfo=UTC), lambda _: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
