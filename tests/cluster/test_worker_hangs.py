"""A worker that stands still is ended and started again; what made it hang is put aside, the rest goes on."""

import json
import signal

import pytest

from streams.cluster.watchdog import EXIT
from tests.cluster.conftest import Start
from tests.cluster.ledger import Calm, Ledger, calls, people

pytestmark = pytest.mark.system("kafka", "postgresql")


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("hang", EXIT),
        ("hold", -signal.SIGPROF),  # it keeps the interpreter to itself: nothing else of the process runs
    ],
)
def test_a_step_that_hangs_becomes_a_dead_letter_and_the_rest_goes_on(
    relayed: Ledger, worker: Start, how: str, status: int
) -> None:
    enrolled, rung = people(), calls("hang", 20)
    text = rung[5].body.text  # type: ignore[union-attr]  # a report
    one = worker(faults={"on": {"incidents": (how, text)}, "patience": {"step_s": 2}})
    one.start()
    relayed.produce(enrolled)
    relayed.settle(one.alive)
    relayed.produce(rung)
    assert one.wait() == status
    one.start()  # it would hang again
    relayed.settle(one.alive)
    letter = json.loads(relayed.one("SELECT event FROM log WHERE topic = 'dharura.deadletters'"))["body"]
    assert (letter["code"], letter["step"]) == ("step-hung", "incidents")
    assert relayed.one("SELECT count(*) FROM suspect") == 0
    heard = {step_id for step_id in Calm(relayed.steps, enrolled, rung).heard if step_id[0] == "incidents"}
    assert relayed.one("SELECT count(*) FROM heard WHERE step = 'incidents'") == len(heard)


def test_a_blocked_event_loop_ends_the_worker(relayed: Ledger, worker: Start) -> None:
    one = worker(faults={"block": 1, "patience": {"loop_s": 3}})
    one.begin()
    assert one.wait() == EXIT
    assert "the event loop has not turned" in one.said()


def test_a_worker_that_does_not_end_is_ended(relayed: Ledger, worker: Start) -> None:
    one = worker(faults={"stays": True, "patience": {"end_s": 2}})
    one.start()
    assert one.stop() == EXIT
    assert "it was to end, and does not" in one.said()


def test_a_slow_step_keeps_neither_heartbeats_nor_others_waiting(relayed: Ledger, worker: Start) -> None:
    enrolled, rung = people(), calls("busy", 20)
    relayed.produce(enrolled)
    slow, other = worker("slow", {"steps": {"reports": ("busy", 2)}, "busy_s": 13.0}), worker("other")
    slow.start()
    other.start()
    relayed.settle(slow.alive)
    before = other.said().count("partitions assigned")
    relayed.produce(rung)  # longer at one of them than Kafka waits for a heartbeat
    relayed.settle(other.alive)
    assert other.said().count("partitions assigned") == before
    relayed.check(Calm(relayed.steps, enrolled, rung))
