"""A worker that stands still is ended and started again; what made it hang is put aside, the rest goes on."""

from typing import Any

import pytest

from streams.cluster.watchdog import EXIT
from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people

pytestmark = pytest.mark.system("kafka", "postgresql")


def test_a_step_that_hangs_becomes_a_dead_letter_and_the_rest_goes_on(relayed: Ledger, worker: Start) -> None:
    enrolled, rung = people(), calls("hang", 20)
    one = worker(faults=_patient(steps={"incidents": ("hang", 5)}, again=["hang"], patience={"step_s": 2}))
    one.start()
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    relayed.produce(rung)
    assert one.wait() == EXIT
    assert relayed.one("SELECT step FROM suspect") == "incidents"
    one.start()  # the fifth that it looks at is another one now, and would hang again
    two = worker("two")
    one.kill()
    two.start()
    relayed.settle(two.alive)
    letter = relayed.one(
        "SELECT convert_from(event, 'UTF8')::jsonb -> 'body' FROM log WHERE topic = 'dharura.deadletters'"
    )
    assert (letter["code"], letter["step"]) == ("step-hung", "incidents")
    assert relayed.one("SELECT count(*) FROM suspect") == 0
    calm = Calm(relayed.steps, enrolled, rung)
    heard = relayed.one("SELECT count(*) FROM heard WHERE step = 'incidents'")
    assert heard == len([1 for step, _ in calm.heard if step == "incidents"])


def test_a_blocked_event_loop_ends_the_worker(relayed: Ledger, worker: Start) -> None:
    one = worker(faults=_patient(block=1, patience={"loop_s": 3}))
    one.begin()
    assert one.wait() == EXIT
    assert "the event loop has not turned" in one.said()


def test_a_slow_step_keeps_neither_heartbeats_nor_others_waiting(relayed: Ledger, worker: Start) -> None:
    enrolled, rung = people(), calls("busy", 20)
    relayed.produce(enrolled)
    slow, other = worker("slow", _patient(steps={"reports": ("busy", 2)}, busy_s=13.0)), worker("other")
    slow.start()
    other.start()
    relayed.settle(slow.alive)
    before = other.said().count("partitions assigned")
    relayed.produce(rung)  # longer at one of them than Kafka waits for a heartbeat
    relayed.settle(other.alive)
    assert other.said().count("partitions assigned") == before
    relayed.check(Calm(relayed.steps, enrolled, rung))


def _patient(**faults: Any) -> dict[str, Any]:
    return faults
