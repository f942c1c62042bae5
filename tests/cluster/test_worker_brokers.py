"""Brokers go away under a worker, one of three or all of them, and come back: it goes on by itself (F9, F10)."""

import time
from collections.abc import Callable

import pytest

from fixtures.servers.kafka import Kafka
from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people
from tests.cluster.load import load

pytestmark = pytest.mark.system("kafka", "postgresql")

AWAY_S = 60.0


@pytest.fixture
def kafka(brokers: Kafka) -> Kafka:
    """Three brokers in place of one."""
    brokers.start()
    return brokers


@pytest.mark.parametrize("lose", [Kafka.stop, Kafka.kill])
def test_each_of_three_brokers_goes_and_comes_back_under_load(
    relayed: Ledger, worker: Start, kafka: Kafka, lose: Callable[[Kafka, int], None]
) -> None:
    one = worker()
    one.start()
    enrolled = people()
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    with load(relayed, "three") as going:
        for broker in (1, 2, 3):
            lose(kafka, broker)
            going.more(60)  # the others carry it
            kafka.start(broker)
            going.more(20)
            one.alive()
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, going.rung))


def test_all_brokers_are_away_for_a_minute(relayed: Ledger, worker: Start, kafka: Kafka) -> None:
    one = worker()
    one.start()
    enrolled, rung = people(), calls("all away", 100)
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    relayed.produce(rung[:60])
    kafka.kill()
    since = time.monotonic()
    while time.monotonic() - since < AWAY_S:
        one.alive()
        relayed.wait()
    kafka.start()
    relayed.produce(rung[60:])
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))
    one.alive()
