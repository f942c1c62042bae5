"""A county moves from one machine to a cluster, is cut off on the way, and goes on as if it had never moved."""

import asyncio
import shutil
import signal
from datetime import datetime
from pathlib import Path

import pytest

from fixtures.clustered import Clustered, Worker
from fixtures.scenario import START
from fixtures.stepped import Stepped
from fixtures.told import early, told
from responder_api.accounts import Grant
from responder_api.accounts_postgres import PostgresAccounts
from streams.cluster import tables
from streams.cluster.access import Cluster
from streams.cluster.postgres import Postgres
from streams.events import AssignmentExpired, AssignmentOffered, IncidentGrew
from streams.handle import Step
from tests.cluster.migrate.moves import check_all_is_there, killed, moves, report

pytestmark = pytest.mark.system("kafka", "postgresql")

KILLS = (
    ("UPDATE log_end", 2),  # some rows of the log are there
    ("UPDATE log_end", 3),
    ("INSERT INTO meta", 5),  # Kafka has acknowledged a round, and nobody has noted it
    ("INSERT INTO meta", 7),
    ("DELETE FROM account", 1),  # half of what is owed
    ("UPDATE cursor", 3),  # some of the read model
    ("DELETE FROM meta", 1),  # all but the last word
)
"""Before which statement to PostgreSQL each run dies: the n-th of a kind."""


def test_a_move_that_is_killed_again_and_again_is_finished_by_the_next_run(
    folder: Path, cluster: Cluster, steps: tuple[Step, ...], database_rows: Postgres
) -> None:
    for statement, n in KILLS:
        run = killed(folder, cluster, statement, n)
        assert run.returncode == -signal.SIGKILL, run.stderr
    moves(folder, cluster)
    check_all_is_there(folder, cluster, steps, database_rows)
    assert tables.prepare(database_rows) != ""


def test_it_goes_on_as_if_it_had_never_moved(
    played: tuple[Path, datetime], folder: Path, cluster: Cluster, steps: tuple[Step, ...], tmp_path: Path
) -> None:
    stayed = Stepped(Path(shutil.copytree(folder, tmp_path / "stayed")), steps, played[1])
    moved = moves(folder, cluster)
    assert (moved.unanswered, moved.counts["account"]) == (1, 1)
    worker = Worker(cluster, tmp_path)
    worker.start()
    host = Clustered(cluster, steps, worker)
    host.go_on(played[1])
    try:
        for each in (host, stayed):
            each.settle()
            each.feed([report("next", each.now, "water is rising at Ring Road")])
            each.settle()
            each.advance(300)
        events = host.events()
        assert told(events) == told(stayed.events())
        assert early(events[moved.events :]) == []
    finally:
        host.close()
        worker.kill()
        stayed.close()
    before, after = events[: moved.events], events[moved.events :]
    # The reports joined what was open before, one of them never taken by a step there; who was silent is followed.
    grew = {event.body.report for event in after if isinstance(event.body, IncidentGrew)}
    assert grew >= {report("last", START, "").id, report("next", START, "").id}
    asked = {event.body.assignment for event in before if isinstance(event.body, AssignmentOffered)}
    assert any(isinstance(event.body, AssignmentExpired) and event.body.assignment in asked for event in after)
    people = [(e.body.incident, e.body.responder) for e in events if isinstance(e.body, AssignmentOffered)]
    assert len(people) == len(set(people)) > len(asked)


async def test_who_could_sign_in_still_can(folder: Path, cluster: Cluster) -> None:
    await asyncio.to_thread(moves, folder, cluster)
    accounts = PostgresAccounts(cluster.database)
    assert [(account.name, account.roles) for account in await accounts.all()] == [
        ("atieno", (Grant(role="operator", area="KE.042"),))
    ]
    accounts.close()
