"""A worker on a real Kafka and a real PostgreSQL gives what one calm run in memory gives."""

import pytest

from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people

pytestmark = pytest.mark.system("kafka", "postgresql")


def test_it_gives_what_a_calm_run_gives_and_ends_in_good_order(relayed: Ledger, worker: Start) -> None:
    one = worker()
    one.start()
    enrolled, rung = people(), calls("calm", 60)
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    relayed.produce(rung)
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))
    assert one.stop() == 0
    assert "6066" not in one.said()  # Faust's command line would serve web pages
    assert all(line.isascii() for line in one.said().splitlines())  # and draw boxes
