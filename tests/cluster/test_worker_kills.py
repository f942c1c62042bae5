"""Workers that are killed, frozen, stopped and started again, under load: the law holds."""

import signal
from random import Random

import pytest

from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people
from tests.cluster.workers import Supervised

pytestmark = pytest.mark.system("kafka", "postgresql")


def test_two_workers_are_killed_once_in_each_step(relayed: Ledger, worker: Start) -> None:
    chance = Random(7)
    enrolled, rung = people(), calls("kills", 150)
    calm = Calm(relayed.steps, enrolled, rung)
    heard = [name for name, _ in calm.heard]
    faults = {
        "steps": {
            step.name: ("kill", chance.randint(1, 1 + heard.count(step.name) // 12))
            for step in relayed.steps
            if step.name in heard
        }
    }
    relayed.produce(enrolled)
    two = Supervised(worker("one", faults), worker("two", faults))
    relayed.settle(two.alive)
    relayed.produce(rung)
    relayed.settle(two.alive)
    relayed.check(calm)
    assert two.ends == len(faults["steps"])


def test_one_is_killed_under_load_and_comes_back(relayed: Ledger, worker: Start) -> None:
    one, two = worker("one"), worker("two")
    one.start()
    enrolled, rung = people(), calls("back", 300)
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    two.begin()
    relayed.produce(rung)
    two.ready()  # taken from the first, while it works
    two.kill()
    relayed.until("SELECT count(*) > 1000 FROM log", one.alive)
    two.start()
    relayed.settle(one.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))


def test_workers_join_and_leave_again_and_again(relayed: Ledger, worker: Start) -> None:
    stays, comes = worker("stays"), worker("comes")
    stays.start()
    enrolled = people()
    relayed.produce(enrolled)
    relayed.settle(stays.alive)
    rung = calls("storm", 240)
    for n in range(4):
        relayed.produce(rung[60 * n : 60 * n + 60])
        comes.begin()
        comes.ready()
        if n % 2:
            comes.kill()
        else:
            assert comes.stop() == 0
    relayed.settle(stays.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung))


def test_a_worker_frozen_in_a_turn_changes_nothing_when_it_goes_on(relayed: Ledger, worker: Start) -> None:
    enrolled, rung = people(), calls("frozen", 60)
    relayed.produce(enrolled)
    frozen, other = worker("frozen", {"steps": {"incidents": ("freeze", 20)}}), worker("other")
    frozen.start()
    relayed.settle(frozen.alive)
    relayed.produce(rung)
    other.begin()
    relayed.settle(other.alive)  # after the session of the frozen one is over
    frozen.send(signal.SIGCONT)
    more = calls("after", 20, first=60)
    relayed.produce(more)
    relayed.settle(other.alive)
    relayed.check(Calm(relayed.steps, enrolled, rung, more))
