"""Moves a county from one machine to a cluster: the folder's log, what is owed, who may sign in, what people see.

You are behind `dharura migrate`. The order is what makes it safe to be cut off anywhere and run again: the folder is
locked and its log verified; the database is claimed, and takes nobody else until the end; the log is copied
(`streams.cluster.moving`), its events go to Kafka (`moving_kafka`), then in one transaction all that is owed and where
every step begins; the cluster's own projector makes the read model anew, which must be the folder's, document by
document; then the folder is marked, so that nobody goes on in both. Next: `cli/migrate` says what came of it.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, cast

import msgspec
from aiokafka.errors import KafkaError

from geo.places import Rejected
from responder_api import accounts_tables, compared, view_tables
from responder_api.agreed_world import DAYS
from responder_api.boundary_store import BoundaryStore
from responder_api.joining import SCHEMA
from responder_api.moved import mark, moved_to
from responder_api.projecting import Projecting
from responder_api.projector import Projector
from streams.cluster import moving, moving_kafka, tables
from streams.cluster.access import Cluster
from streams.cluster.postgres import Postgres
from streams.database import FILE, connect, note
from streams.embedded import lock_folder, report_tail
from streams.engine import Engine
from streams.handle import Step
from streams.log_kafka import LogUnavailable
from streams.log_sqlite import LogSqlite
from streams.pipeline import pipeline
from streams.shelf_sqlite import check_form
from streams.world import World

OWED: Final = "moved_owed"
"""Row of the database's `meta`: all is there but the read model."""
_SHOWN: Final = 10
"""So many documents that differ are named."""
_ACCOUNTS: Final = {
    "account": (
        *("id", "name", "display_name", "roles", "person", "disabled", "version", "created_at", "changed_at"),
        "password_hash",
    ),
    "session": ("id", "account", "created_at", "expires_at", "revoked_at"),
    "refresh_token": ("hash", "session", "exchanged_at"),
    "setup": ("one", "token_hash", "expires_at"),
    "signing_key": ("kid", "jwk", "created_at", "ends_at"),
}


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What a move did: counts of all of it, whoever of several runs brought it, and the seconds of this run."""

    events: int
    unanswered: int
    """Events at the log's end that no step had taken; the cluster's steps will."""
    too_large: tuple[int, ...]
    """Offsets of events that Kafka does not take; they are in the log."""
    counts: dict[str, int]
    documents: int
    seconds: dict[str, float]


class Differs(Exception):
    """The read models are not equal; `documents` names some that differ."""

    def __init__(self, documents: Sequence[str], count: int) -> None:
        super().__init__(f"{count} documents differ: {', '.join(documents)}")
        self.documents, self.count = documents, count


def move(data: Path, cluster: Cluster, now: datetime, told: Callable[[str], None], *, anyway: bool = False) -> Moved:
    """Move a data folder's log and all that goes with it; `anyway` takes a read model that differs.

    Raises AlreadyRunning while a server works in the folder, LogDamaged, Rejected `data-older`, `data-moved`,
    `target-in-use`, Differs, and StorageError when Kafka or PostgreSQL is away: run it again.
    """
    with closing(lock_folder(data)):
        report_tail(data / FILE)
        with closing(connect(data / FILE)) as source, closing(Postgres.connect(cluster.database, name="migrate")) as to:
            check_form(source)
            return _Move(data, source, to, cluster, told).run(now, anyway=anyway)


class _Move:
    def __init__(
        self, data: Path, source: sqlite3.Connection, target: Postgres, cluster: Cluster, told: Callable[[str], None]
    ) -> None:
        self._data, self._source, self._target, self._cluster, self._tell = data, source, target, cluster, told
        # The table's rows are read, none of its steps is run: they need no world.
        self._steps: tuple[Step, ...] = pipeline(cast(World, None))
        self._seconds: dict[str, float] = {}
        self._too_large: tuple[int, ...] = ()

    def run(self, now: datetime, *, anyway: bool) -> Moved:
        log = LogSqlite(self._source)
        self._timed("verified", log.verify)
        done = self._timed("caught up", self._catch_up)
        tables.prepare(self._target, SCHEMA, moving=True)
        gone = moved_to(self._source)
        if gone is not None and not anyway and moving.held(self._target) != log.epoch:
            raise Rejected("data-moved", f"the log of {self._data} was moved to {gone} before")
        finished = moving.claim(self._target, log.epoch)
        if not finished:
            self._timed("log copied", lambda: self._copy(done, log.end()))
            if not moving.progress(self._target, OWED):
                self._timed("on Kafka", lambda: self._pour(done))
            self._timed("projected", lambda: self._project(done))
            documents = self._timed("compared", lambda: self._compare(anyway=anyway))
            moving.finish(self._target)
        else:
            documents = compared.count(self._source)
        kafka = ",".join(self._cluster.kafka.bootstrap)
        mark(self._source, f"the cluster at {kafka} on {now.isoformat(timespec='seconds')}")
        return Moved(
            events=log.end(),
            unanswered=log.end() - done,
            too_large=self._too_large,
            counts={table: self._count(table) for table in ("state", "deadline", "outgoing", "account", "session")},
            documents=documents,
            seconds=self._seconds,
        )

    def _timed(self, name: str, work: Callable[[], int]) -> int:
        begun = time.monotonic()
        result = work()
        self._seconds[name] = time.monotonic() - begun
        self._tell(f"{name}: {result:,} in {self._seconds[name]:.1f} s")
        return result

    def _catch_up(self) -> int:
        """Bring the folder's own tables and read model to where its steps are; give that offset."""
        accounts_tables.prepare(self._source)
        view_tables.prepare(self._source)
        engine = Engine(self._source, self._steps, [Projector(LogSqlite(self._source).epoch)])
        behind = True
        while behind:
            with engine.transaction():
                behind = engine.catch_up(engine.done)
        return engine.done

    def _copy(self, done: int, end: int) -> int:
        moving.copy_log(
            self._source, self._target, self._steps, done, lambda offset: self._tell(f"  row {offset:,} of {end:,}")
        )
        return end

    def _pour(self, done: int) -> int:
        try:
            poured = asyncio.run(
                moving_kafka.pour(
                    self._cluster.kafka,
                    self._source,
                    self._target,
                    done,
                    copies=self._cluster.replication,
                    told=lambda offset: self._tell(f"  event {offset:,} of {done:,}"),
                )
            )
        except (KafkaError, TimeoutError) as error:
            raise LogUnavailable(f"Kafka: {type(error).__name__} {error}; run it again") from error
        self._too_large = poured.too_large
        with self._target.transaction():
            moving.copy_owed(self._source, self._target)
            moving.begin_at(self._target, self._steps, poured.ends)
            moving.publish_rest(self._target, done)
            for table in reversed(_ACCOUNTS):
                self._target.execute(f"DELETE FROM {table}")  # noqa: S608  ours; those that refer to others first
            for table, columns in _ACCOUNTS.items():
                # In the order in which they came: of two signing keys the later one counts.
                order = "" if table == "refresh_token" else " ORDER BY rowid"
                rows = self._source.execute(f"SELECT {', '.join(columns)} FROM {table}{order}")  # noqa: S608  ours
                moving.replace(self._target, table, columns, rows)
            if days := BoundaryStore(self._data).days():
                note(self._target, DAYS, msgspec.json.encode(days).decode())
            note(self._target, OWED, "1")
        return sum(poured.ends.values())

    # --- the read model --------------------------------------------------------------------------------------------

    def _project(self, done: int) -> int:
        """Have the cluster's projector make the read model of the rows that the folder's was made of."""
        projecting = Projecting(self._cluster.database, until=done)
        projecting.begin()
        try:
            while projecting.work():
                self._tell(f"  event {projecting.at:,} of {done:,}")
        finally:
            projecting.end()
        return done

    def _compare(self, *, anyway: bool) -> int:
        differing = list(compared.differences(self._source, self._target))
        if differing and not anyway:
            raise Differs(differing[:_SHOWN], len(differing))
        return compared.count(self._source)

    def _count(self, table: str) -> int:
        row = self._target.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  ours
        return 0 if row is None else int(row[0])
