"""In the log stands what the door wrote in the order in which Kafka has it, whoever of the readers is ahead."""

import pytest

from streams.events import ReportPlaced, ReportReceived
from tests.cluster.turning import REMIND, TALLY, Turning, event

pytestmark = pytest.mark.system("postgresql")

PLACED = ReportPlaced(report="r", lon=34.76, lat=-0.1, by="o1")


@pytest.mark.parametrize("first", [["tally"], ["remind"], ["archive"], ["remind", "tally"]])
def test_a_reader_that_is_ahead_brings_what_it_does_not_hear_as_well(turning: Turning, first: list[str]) -> None:
    worker = turning.worker()
    door = [event(1, body=PLACED), event(2), event(3, body=PLACED), event(4, body=PLACED), event(5)]
    turning.put(*door)
    for reader in first:
        turning.take(worker, reader)
    assert [each for each in turning.log() if each.source == "intake/reports"] == door
    turning.take(worker)
    turning.settle(worker)
    assert [each for each in turning.log() if each.source == "intake/reports"] == door
    assert turning.kinds().count("ReportReceived") == 2


def test_a_reader_does_not_take_what_it_only_passes(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1, body=PLACED), event(2))
    assert turning.take(worker, "tally").deliveries == 1
    heard = turning.connection.execute("SELECT step, id::text FROM heard").fetchall()
    assert heard == [("tally", event(2).id)]
    assert {ReportReceived} == set(TALLY.hears) < set(REMIND.hears)


def test_what_a_step_made_is_not_looked_at_by_who_does_not_hear_it(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1))
    turning.take(worker)
    turning.publish()
    known = turning.ready(worker, "tally")
    works, _ = worker._sifted(known)
    assert [work.records for work in works.values()] == [[]]
