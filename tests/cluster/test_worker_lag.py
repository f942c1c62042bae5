"""A worker far behind catches up by itself, whatever comes meanwhile; one without settings says so in a line."""

import subprocess
import sys

import pytest

from fixtures.servers.children import bare_environment
from streams.events import MessageDelivered
from tests.cluster.conftest import Start
from tests.cluster.ledger import Ledger, calls, event, people

pytestmark = pytest.mark.system("kafka", "postgresql")
BEHIND = 100_000


def test_a_hundred_thousand_events_are_caught_up_with(relayed: Ledger, worker: Start) -> None:
    enrolled, rung = people(), calls("lag", 20)
    receipts = [event(f"receipt/{n}", MessageDelivered(message=f"m{n}"), f"KE.{n % 47 + 1:03d}") for n in range(BEHIND)]
    relayed.produce([*enrolled, *receipts])
    one = worker()
    one.start()
    relayed.produce(rung)
    relayed.settle(one.alive)
    with relayed.connection() as connection:
        logged = [id_ for (id_,) in connection.execute("SELECT id::text FROM log")]
    assert len(logged) == len(set(logged))
    assert {each.id for each in [*enrolled, *receipts, *rung]} <= set(logged)
    assert relayed.one("SELECT count(*) FROM heard WHERE step = 'reports'") == len(rung)
    assert relayed.one('SELECT max("offset") FROM log') == len(logged)


def test_a_worker_without_settings_says_so_in_a_line() -> None:
    command = [sys.executable, "-m", "faust", "-A", "streams.worker", "worker"]
    said = subprocess.run(command, env=bare_environment(), capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
    assert "DHARURA_KAFKA" in said.stderr
