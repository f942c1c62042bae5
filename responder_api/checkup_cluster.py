"""Look a cluster over, from any machine that can reach it: database, Kafka, world, who works, and what is left undone.

You are behind `dharura doctor` where the settings name a cluster; `checkup_world` has the checks of settings and
reference data, which count there as well. Everything only reads.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Final

import psycopg

from geo.places import Rejected
from responder_api import agreed_world, checkup_world
from responder_api.agreed_world import Agreed
from responder_api.checkup import LATE_S, TRIED, Finding, Level
from responder_api.settings import Settings
from streams.cluster import administration, lag
from streams.cluster.access import Cluster
from streams.cluster.figures import figures
from streams.cluster.host import PROJECTOR
from streams.cluster.leases import holders
from streams.cluster.pool import Pool
from streams.cluster.postgres import Postgres
from streams.cluster.present import workers
from streams.cluster.turn import readers
from streams.database import StorageError, has_table
from streams.handle import Step
from streams.log_kafka import LogUnavailable
from streams.pipeline import pipeline
from streams.world import World

DUTIES: Final = ("deadlines", "projector", "pruning", "relay", "sending")
"""What some keeper must do all the time."""
SLOW_MS: Final = 20.0
"""A database that is farther away than this is felt in every request."""
BEHIND: Final = 5_000
OUTBOX_S: Final = 10.0
"""A record that waits longer for Kafka shows that nobody publishes."""


def _finding(level: Level, what: str, says: str, do: str = "") -> Finding:
    return Finding(level=level, what=what, says=says, do=do)


def look_over(settings: Settings, cluster: Cluster, world: World | None) -> Iterator[Finding]:
    """Carry out every check that can be; `world` is what this machine knows, None when that cannot be read."""
    yield from _kafka(cluster)
    try:
        with closing(Postgres.connect(cluster.database, name="dharura doctor")) as connection:
            if not has_table(connection, "log_end"):
                says = "reached; nobody has joined this cluster yet"
                yield _finding("ATTENTION", "database", says, "dharura serve or dharura worker makes the tables.")
                return
            yield from _database(connection)
            yield from _world(connection, world)
            yield from _workers(connection)
            yield from _duties(connection)
            yield from _left_undone(connection)
            if world is not None:
                yield from _lag(cluster, connection, pipeline(world))
    except (StorageError, psycopg.Error) as error:
        do = "Look at DHARURA_DATABASE, its password file, and whether PostgreSQL runs."
        yield _finding("BROKEN", "database", str(error).strip(), do)
        return
    with closing(Pool(cluster.database, most=1, name="dharura doctor")) as pool:
        yield from checkup_world.reference(settings, pool)


def _kafka(cluster: Cluster) -> Iterator[Finding]:
    try:
        brokers, differences = asyncio.run(_surveyed(cluster))
    except LogUnavailable as error:
        do = "Look at DHARURA_KAFKA and what stands beside it, and whether the brokers run."
        yield _finding("BROKEN", "kafka", str(error), do)
        return
    except Rejected as error:
        yield _finding("BROKEN", "kafka", error.detail, "Correct the settings of Kafka (docs/settings.md).")
        return
    level: Level = "OK" if brokers >= administration.COPIES else "ATTENTION"
    do = "" if level == "OK" else "Three brokers keep what was accepted when one is lost."
    yield _finding(level, "kafka", "1 broker" if brokers == 1 else f"{brokers} brokers", do)
    missing = [each.topic for each in differences if each.what == "missing"]
    others = sorted({each.topic for each in differences if each.what != "missing"})
    if missing:
        says = f"{len(missing)} are missing, among them {missing[0]}"
        yield _finding("BROKEN", "topics", says, "dharura topics apply")
    elif others:
        says = f"{len(others)} are not as they should be, among them {others[0]}"
        yield _finding("ATTENTION", "topics", says, "dharura topics apply --dry-run says what differs.")
    else:
        yield _finding("OK", "topics", "all there, as they should be")


async def _surveyed(cluster: Cluster) -> tuple[int, list[administration.Difference]]:
    async with administration.administrator(cluster.kafka) as admin:
        brokers = await administration.brokers(admin)
        wanted = await administration.planned(admin, cluster.kafka, copies=cluster.replication)
        return brokers, await administration.survey(admin, wanted)


def _database(connection: Postgres) -> Iterator[Finding]:
    began = time.perf_counter()
    for _ in range(5):
        connection.execute("SELECT 1").fetchone()
    ms = (time.perf_counter() - began) * 200
    row = connection.execute("SHOW server_version").fetchone()
    version = "" if row is None else str(row[0]).split(" ")[0]
    says = f"PostgreSQL {version}, {ms:.1f} ms away"
    do = "Put it into the same building as the nodes and workers." if ms > SLOW_MS else ""
    yield _finding("ATTENTION" if do else "OK", "database", says, do)
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        row = connection.execute(f"SHOW {setting}").fetchone()
        if row is None or row[0] == "off":
            do = f"Turn it on in postgresql.conf: `{setting} = on`."
            yield _finding("BROKEN", "durability", f"{setting} is off: what was accepted may be lost", do)


def _world(connection: Postgres, world: World | None) -> Iterator[Finding]:
    there: Agreed | None = agreed_world.agreed(connection)
    if there is None:
        yield _finding("ATTENTION", "world", "none is agreed on yet", "The first process to start notes its own.")
        return
    since = f"{there.since:%Y-%m-%d %H:%M} UTC"
    if world is None:
        return
    if differing := agreed_world.differences(there.versions, agreed_world.versions_of(world)):
        do = "Give this machine the cluster's files, or: dharura cluster world --accept"
        yield _finding("BROKEN", "world", f"the cluster knows another since {since}: {'; '.join(differing)}", do)
    else:
        yield _finding("OK", "world", f"the same here and in the cluster, since {since}")


def _workers(connection: Postgres) -> Iterator[Finding]:
    there = workers(connection)
    names = ", ".join(there)
    if double := [name for name, times in there.items() if times > 1]:
        do = "Give each process a DHARURA_WORKER of its own, or they take the partitions from each other without end."
        yield _finding("BROKEN", "workers", f"several are called {', '.join(double)}", do)
    elif not there:
        yield _finding("BROKEN", "workers", "none is connected", "Start one: dharura worker")
    elif len(there) == 1:
        yield _finding(
            "ATTENTION",
            "workers",
            f"only {names}",
            "Start a second one, on another machine: when one dies the other goes on.",
        )
    else:
        yield _finding("OK", "workers", names)


def _duties(connection: Postgres) -> Iterator[Finding]:
    held = holders(connection)
    undone = [duty for duty in DUTIES if duty not in held]
    if undone:
        yield _finding("BROKEN", "duties", f"nobody does: {', '.join(undone)}", "Start a worker: dharura worker")
    else:
        yield _finding("OK", "duties", f"done by {', '.join(sorted(set(held.values())))}")


def _left_undone(connection: Postgres) -> Iterator[Finding]:
    now = datetime.now(UTC).timestamp()
    owed = figures(connection)
    oldest = owed["dharura_outbox_oldest_seconds"]
    says = f"{owed['dharura_outbox_records']:,.0f} records wait for Kafka"
    if oldest > OUTBOX_S:
        do = "Look at the keeper's output: dharura worker, or dharura keep."
        yield _finding("ATTENTION", "outbox", f"{says}, the oldest for {oldest:,.0f} s", do)
    else:
        yield _finding("OK", "outbox", says)
    end, done = _offsets(connection)
    says = (
        "the read model is at the end of the log" if end == done else f"the read model is {end - done:,} events behind"
    )
    do = "Ask again in a minute; if it does not fall, look at the keeper's output." if end - done > BEHIND else ""
    yield _finding("ATTENTION" if do else "OK", "projector", says, do)
    late, tried, unsent, letters = connection.execute(
        "SELECT (SELECT count(*) FROM deadline WHERE due < ?), (SELECT count(*) FROM outgoing WHERE attempts >= ?),"
        " (SELECT count(*) FROM outgoing WHERE taken = 0 AND retry_at < ?),"
        " (SELECT count(*) FROM view WHERE kind = 'deadletter' AND over IS NULL)",
        (now - LATE_S, TRIED, now - LATE_S),
    ).fetchone() or (0, 0, 0, 0)
    do = "Some keeper should have called them: look at its output and at the clock." if late else ""
    yield _finding("ATTENTION" if late else "OK", "deadlines", f"{late:,} overdue" if late else "none overdue", do)
    if tried:
        do = "Look at the gateway and at DHARURA_SMS_URL, _USERNAME and _API_KEY."
        yield _finding("ATTENTION", "messages", f"{tried:,} failed {TRIED} times or more", do)
    elif unsent:
        yield _finding("ATTENTION", "messages", f"{unsent:,} should have gone", "Look at the keeper's output.")
    else:
        yield _finding("OK", "messages", "none is late")
    do = "dharura deadletters list shows them; correct and replay, or dismiss." if letters else ""
    says = f"{letters:,} open" if letters else "none open"
    yield _finding("ATTENTION" if letters else "OK", "dead letters", says, do)


def _offsets(connection: Postgres) -> tuple[int, int]:
    row = connection.execute(
        'SELECT (SELECT "offset" FROM log_end), coalesce((SELECT "offset" FROM cursor WHERE reader = ?), 0)',
        (PROJECTOR,),
    ).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def _lag(cluster: Cluster, connection: Postgres, steps: Sequence[Step]) -> Iterator[Finding]:
    before = lag.cursors(connection)
    try:
        ends = asyncio.run(_ends(cluster))
    except lag.KafkaAway as error:
        yield _finding("ATTENTION", "steps", f"their lag is not known: {error}", "Look at the brokers.")
        return
    # What was taken before the ends were asked for cannot be ahead of them.
    if any(end is not None and at > end.following for at, end in _beside(before, ends)):
        says = "Kafka has fewer records than were taken from it: it is a new one, or the prefix is another"
        yield _finding("BROKEN", "steps", says, 'DHARURA_TOPIC_PREFIX? Else docs/operations.md, "A new Kafka".')
        return
    behind = lag.lags(readers(steps), ends, lag.cursors(connection))
    most = max(behind, key=lambda source: behind[source], default=None)
    total = sum(behind.values())
    if most is None or not total:
        yield _finding("OK", "steps", "all have taken everything")
        return
    says = f"{total:,} deliveries behind, most of them {most.reader} in {most.topic}/{most.number}: {behind[most]:,}"
    do = "Ask again in a minute; if it does not fall, look at the workers' output, or start one more."
    yield _finding("ATTENTION" if total > BEHIND else "OK", "steps", says, do if total > BEHIND else "")


def _beside(
    cursors: Mapping[lag.Source, int], ends: Mapping[lag.Partition, lag.Offsets]
) -> Iterator[tuple[int, lag.Offsets | None]]:
    return ((at, ends.get((source.topic, source.number))) for source, at in cursors.items())


async def _ends(cluster: Cluster) -> dict[lag.Partition, lag.Offsets]:
    ends = lag.Ends.over(cluster.kafka, "dharura-doctor")
    try:
        return await ends.read(lag.PARTITIONS)
    finally:
        await ends.stop()
