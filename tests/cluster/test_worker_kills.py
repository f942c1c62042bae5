"""Workers that are killed, frozen, stopped and started again, under load: the law holds."""

import signal
import time
from collections.abc import Sequence
from random import Random

import pytest

from streams.events import Event
from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people
from tests.cluster.load import AHEAD, load
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


def test_workers_join_and_leave_again_and_again(relayed: Ledger, worker: Start) -> None:  # F12
    chance = Random(12)
    stays, comers = worker("stays"), [worker(f"comes-{n}") for n in range(3)]
    stays.start()
    enrolled = people()
    relayed.produce(enrolled)
    relayed.settle(stays.alive)
    ways = [way for way in ("ends", "is killed", "is killed while it joins") for _ in range(2)]
    chance.shuffle(ways)
    with load(relayed, "storm") as going:
        for n, way in enumerate(ways):  # it comes, and goes: two changes each time
            comes = comers[n % 3]  # under another name than the one before, whom Kafka may not have missed yet
            comes.begin()
            if way == "is killed while it joins":
                comes.ready(b"worker starts")
            else:
                comes.ready()
                going.more(10)
            if way == "ends":
                assert comes.stop() == 0
            else:
                comes.kill()
            going.more(10)
        comers[0].start()
        going.more(10)
    relayed.settle(stays.alive)
    stays.kill()
    more = calls("storm", 20, first=len(going.rung))
    relayed.produce(more)
    relayed.settle(comers[0].alive)  # neither is stuck, nor holds what it does not work on
    relayed.check(Calm(relayed.steps, enrolled, going.rung, more))
    check_order(relayed, [*going.rung, *more])


def test_a_worker_frozen_in_a_turn_changes_nothing_when_it_goes_on(relayed: Ledger, worker: Start) -> None:  # F13
    enrolled = people()
    relayed.produce(enrolled)
    frozen, other = worker("frozen", {"steps": {"incidents": ("freeze", 20)}}), worker("other")
    frozen.start()
    relayed.settle(frozen.alive)
    other.start()
    with load(relayed, "frozen") as going:
        going.until(lambda: frozen.frozen)
        since = time.monotonic()
        before = going.taken
        going.last(since, 60.0)
        assert going.taken - before > AHEAD, "work did not go on at the other"
        assert frozen.frozen
    relayed.settle(other.alive)  # nothing waits for the frozen one
    frozen.send(signal.SIGCONT)
    more = calls("frozen", 20, first=len(going.rung))
    relayed.produce(more)
    relayed.settle(other.alive)
    other.kill()
    last = calls("frozen", 20, first=len(going.rung) + 20)
    relayed.produce(last)
    relayed.settle(frozen.alive)  # it has taken its place again
    relayed.check(Calm(relayed.steps, enrolled, going.rung, more, last))


def check_order(ledger: Ledger, sent: Sequence[Event]) -> None:
    """See that what was said of one county stands in the log in the order in which it was said."""
    with ledger.connection() as connection:
        stands = {id_: at for at, id_ in connection.execute('SELECT "offset", id::text FROM log').fetchall()}
    for key in {event.key for event in sent}:
        offsets = [stands[event.id] for event in sent if event.key == key]
        assert offsets == sorted(offsets), f"{key} is out of order"
