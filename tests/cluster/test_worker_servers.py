"""Kafka or PostgreSQL goes away under load and comes back: the worker waits, and goes on by itself."""

import pytest

from fixtures.servers.kafka import Kafka
from fixtures.servers.postgresql import Postgresql
from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people

pytestmark = pytest.mark.system("kafka", "postgresql")


def test_servers_are_killed_and_come_back_under_load(
    kafka: Kafka, postgres: Postgresql, relayed: Ledger, worker: Start
) -> None:
    one = worker()
    one.start()
    enrolled, rung = people(), calls("servers", 300)
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    relayed.produce(rung[:100])
    postgres.kill()
    postgres.start()
    relayed.produce(rung[100:200])
    relayed.until("SELECT count(*) > 1000 FROM log", one.alive)
    kafka.kill()
    kafka.start()
    relayed.settle(one.alive)
    postgres.restart()
    kafka.stop()
    kafka.start()
    relayed.produce(rung[200:])
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))
    one.alive()


def test_a_worker_starts_before_its_servers(kafka: Kafka, postgres: Postgresql, relayed: Ledger, worker: Start) -> None:
    enrolled = people()
    relayed.produce(enrolled)
    kafka.stop()
    postgres.stop()
    one = worker()
    one.begin()
    one.ready(b"the worker waits for Kafka")
    postgres.start()
    kafka.start()
    one.ready()
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled))
