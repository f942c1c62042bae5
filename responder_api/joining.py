"""Takes a process's place in its cluster: tables, topics and the world are there and the same for all, or it refuses.

`wiring_cluster` (a node), `cli/worker` and `cli/keep` begin here. A database that is not up yet is waited for a while,
since everything is started at once, but not one that refuses us: a wrong name or password is no better in a minute.
Kafka is not waited for, because each part goes on trying by itself.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Final

import msgspec
import structlog

from geo.places import Rejected
from responder_api import accounts_postgres, agreed_world, throttle_postgres, view_tables_postgres
from responder_api.accounts import AccountStore
from responder_api.agreed_world import Agreed
from responder_api.clustered import cluster_of
from responder_api.settings import Settings
from streams.clock import SteadyClock
from streams.cluster import administration, tables
from streams.cluster.access import Cluster
from streams.cluster.deadlines import newest_seen
from streams.cluster.postgres import Postgres
from streams.database import Reading, StorageError, has_table
from streams.log_kafka import LogUnavailable
from streams.topics import TOPICS
from streams.world import World

PATIENCE_S: Final = 60.0
"""How long a start waits for the database."""
RETRY_S: Final = 1.0
_REFUSALS: Final = ("does not exist", "authentication failed", "no password supplied", "no pg_hba.conf entry")
"""What PostgreSQL says to settings that are wrong; a refused connection has no code of its own."""

SCHEMA: Final = (
    *tables.SCHEMA,
    *view_tables_postgres.SCHEMA,
    *accounts_postgres.SCHEMA,
    *throttle_postgres.SCHEMA,
)
"""Every table of the cluster, of both floors."""

logger = structlog.get_logger()


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """What a process knows of its cluster once it has joined; `clock` is not behind anything the log has seen."""

    cluster: Cluster
    epoch: str
    clock: Callable[[], datetime]
    agreed: Agreed | None

    def why_changed(self, reading: Reading) -> str | None:
        """Say why what was joined is not there any more, None while it is. Asks the database."""
        if not has_table(reading, "meta"):
            return "the database was made anew and holds no log"
        rows = reading.execute("SELECT name, value FROM meta WHERE name IN ('epoch', ?)", (agreed_world.WORLD,))
        found = dict(rows.fetchall())
        if found.get("epoch") != self.epoch:
            return "the database holds another log than at the start"
        if self.agreed is None or agreed_world.WORLD not in found:
            return None
        now = msgspec.json.decode(found[agreed_world.WORLD], type=Agreed)
        differing = agreed_world.differences(now.versions, self.agreed.versions)
        return f"another world counts since {now.since.isoformat()}: {'; '.join(differing)}" if differing else None


def join(cluster: Cluster, world: World | None, patience_s: float = PATIENCE_S) -> Joined:
    """Make the tables that are missing and agree on the world (None: this process decides nothing by it).

    Raises StorageError when the database does not come up in time, Rejected `world-differs` or `move-unfinished`.
    """
    with closing(connect(cluster, patience_s)) as connection:
        epoch = tables.prepare(connection, SCHEMA)
        clock = SteadyClock(floor=newest_seen(connection))
        agreed = None
        if world is not None:
            agreed = agreed_world.agree(connection, agreed_world.versions_of(world), clock(), cluster.worker)
    return Joined(cluster=cluster, epoch=epoch, clock=clock, agreed=agreed)


def connect(cluster: Cluster, patience_s: float = PATIENCE_S) -> Postgres:
    """Connect to the database, which may still be on its way up; StorageError, at once where the settings are wrong."""
    until = time.monotonic() + patience_s
    told = ""
    while True:
        try:
            return Postgres.connect(cluster.database, name=f"dharura joining: {cluster.worker}"[:63])
        except StorageError as error:
            said = str(error)
            if time.monotonic() + RETRY_S > until or any(words in said for words in _REFUSALS):
                raise
            if said != told:
                logger.warning("the database is waited for", detail=said, at_most_s=patience_s)
            told = said
        time.sleep(RETRY_S)


def open_accounts(settings: Settings) -> AccountStore:
    """Open the accounts of the cluster that the settings name, its tables made; BadSetting, StorageError."""
    cluster = cluster_of(settings)
    join(cluster, None, patience_s=0.0)
    return accounts_postgres.PostgresAccounts(cluster.database)


def check_topics(cluster: Cluster, *, make: bool = False) -> None:
    """See to it that Kafka has our topics; with `make`, make and mend them.

    Rejected `topics-missing` says what to run. A Kafka that cannot be asked is no reason to refuse: it is logged.
    """
    try:
        if make:
            asyncio.run(administration.prepare(cluster.kafka, copies=cluster.replication))
            return
        missing = asyncio.run(_missing(cluster))
    except LogUnavailable as error:
        logger.warning("the topics cannot be checked", detail=str(error))
        return
    if missing:
        some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise Rejected(
            "topics-missing", f"Kafka has no topic {some}: run `dharura topics apply`, or start with --make-topics"
        )


async def _missing(cluster: Cluster) -> list[str]:
    async with administration.administrator(cluster.kafka) as admin:
        there = {topic["topic"] for topic in await admin.describe_topics()}
    return [name for topic in TOPICS if (name := cluster.kafka.topic(topic.name)) not in there]
