"""Where a reader begins in a partition number: where it stood, and where that cannot be, where nothing is left out."""

from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from streams import topics as t
from streams.cluster.delivering import ARCHIVE
from streams.cluster.turn import Turns
from streams.events import IncidentClosed
from streams.topics import MIRRORS, TOPICS
from tests.cluster.turning import REMIND, REPORTS, TALLY, Turning, event

pytestmark = pytest.mark.system("postgresql")

LATER = msgspec.structs.replace(TALLY, name="later")


def closed(n: int) -> Any:
    return event(n, body=IncidentClosed(incident="i", by="me", reason="over"))


def test_a_new_cluster_begins_with_all_that_kafka_has(turning: Turning) -> None:
    worker = Turns(turning.connection, turning.steps)
    assert turning.begin(worker, "tally", **{REPORTS: 3}) == {REPORTS: 3, t.DEADLETTERS.name: 0}
    # However late the others come, they were there from the start.
    turning.put(*(event(n) for n in range(9)))
    records = turning.partitions.read(REPORTS, 0, 3)
    assert worker.take({("tally", 0): records}).deliveries == 6
    assert turning.begin(worker, "remind", **{REPORTS: 3})[REPORTS] == 3
    assert turning.begin(worker, ARCHIVE, **{REPORTS: 3})[REPORTS] == 3


def test_a_new_step_begins_where_the_slowest_of_the_others_stands(turning: Turning) -> None:
    worker = turning.worker()
    records = turning.put(*(event(n) for n in range(6)))
    worker.take({("tally", 0): records, ("remind", 0): records[:4]})
    worker.take({(ARCHIVE, 0): records[:5]})
    turning.steps = (TALLY, REMIND, LATER)
    newer = Turns(turning.connection, turning.steps)
    assert turning.begin(newer, "later") == {REPORTS: 4, t.DEADLETTERS.name: 0}
    # That is where it stands from now on, whatever the others do.
    assert turning.take(newer, "tally").overtaken == {("tally", 0)}
    turning.begin(worker, "remind")
    turning.take(worker, "remind")
    assert turning.begin(turning.worker(), "later")[REPORTS] == 4


def test_a_step_that_hears_another_topic_is_not_given_what_came_before(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(*(closed(n) for n in range(5)), event(9))
    turning.take(worker)
    more = msgspec.structs.replace(TALLY, hears=(*TALLY.hears, IncidentClosed))
    newer = Turns(turning.connection, (more, REMIND))
    assert turning.begin(newer, "tally") == {REPORTS: 1, t.INCIDENTS.name: 5, t.DEADLETTERS.name: 0}
    turning.put(closed(7))
    ready = {("tally", 0): turning.partitions.read(t.INCIDENTS.name, 0)}
    assert newer.take(ready).next["tally", t.INCIDENTS.name, 0] == 6
    # The release before it, still running somewhere, keeps what it does not know of.
    turning.begin(worker, "tally")
    turning.put(event(10))
    turning.take(worker, "tally")
    assert turning.begin(newer, "tally")[t.INCIDENTS.name] == 6


def test_what_kafka_deleted_before_it_was_taken_is_told_and_counted(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(*(event(n) for n in range(9)))
    worker.take({("tally", 0): turning.partitions.read(REPORTS, 0, 0, 2)})
    with capture_logs() as told:
        assert turning.begin(worker, "tally", **{REPORTS: 6})[REPORTS] == 6
    assert [(each["log_level"], each["offset"], each["beginning"]) for each in told] == [("error", 2, 6)]
    assert worker.lost == 4
    # It is said once: it stands there now.
    assert turning.begin(worker, "tally", **{REPORTS: 6})[REPORTS] == 6
    assert worker.lost == 4
    assert worker.take({("tally", 0): turning.partitions.read(REPORTS, 0, 6)}).deliveries == 3


def test_who_stands_behind_kafkas_end_goes_on_there(turning: Turning) -> None:
    worker = turning.worker()
    records = turning.put(*(event(n) for n in range(9)))
    worker.take({("tally", 0): records})
    beginnings = dict.fromkeys(worker.readers["tally"], 0)
    with capture_logs() as told:
        assert worker.begin("tally", 0, beginnings, {REPORTS: 5})[REPORTS] == 5
    assert [(each["log_level"], each["offset"], each["end"]) for each in told] == [("error", 9, 5)]
    # What was sent again stands where it stood before; it was heard already.
    taken = worker.take({("tally", 0): [*records[5:], *turning.put(event(20))]})
    assert (taken.deliveries, taken.repeats, taken.next["tally", REPORTS, 0]) == (1, 4, 10)


def test_who_stands_behind_kafkas_end_goes_back_as_far_as_repeats_are_known(turning: Turning) -> None:
    worker = turning.worker()
    records = turning.put(*(event(n) for n in range(9)))
    worker.take({("tally", 0): records})
    # Kafka lost its end, and what was written since stands where something else was taken.
    rewritten = [*records[:5], turning.put(event(20))[0]._replace(offset=5)]
    beginnings = dict.fromkeys(worker.readers["tally"], 0)
    assert worker.begin("tally", 0, beginnings, {REPORTS: 6}, {REPORTS: 2})[REPORTS] == 2
    taken = worker.take({("tally", 0): rewritten[2:]})
    assert (taken.deliveries, taken.repeats, taken.next["tally", REPORTS, 0]) == (1, 3, 6)


def test_two_that_begin_at_once_begin_alike(turning: Turning) -> None:
    one, other = Turns(turning.connect(), turning.steps), Turns(turning.connect(), turning.steps)
    for reader in one.readers:
        assert turning.begin(one, reader) == turning.begin(other, reader)
    turning.put(event(1))
    assert turning.take(one, "tally").deliveries == 1
    assert turning.take(other, "tally").overtaken == {("tally", 0)}


def test_a_beginning_that_is_not_known_is_not_guessed(turning: Turning) -> None:
    worker = Turns(turning.connection, turning.steps)
    with pytest.raises(ValueError, match=REPORTS):
        worker.begin("tally", 0, {t.DEADLETTERS.name: 0})
    ours = {topic.name: 0 for topic in TOPICS}
    worker.begin(ARCHIVE, 0, ours)  # who mirrors nothing need not have topics for it
    with pytest.raises(ValueError, match=t.FILING.name):
        worker.begin(ARCHIVE, 0, {name: 0 for name in ours if name != t.FILING.name})
    worker.begin(ARCHIVE, 1, {name: 0 for name in ours if name != t.FILING.name})  # it has one partition
    mirrored = turning.partitions.publish(event(1, origin="kisumu"))
    assert mirrored.topic in {topic.name for topic in MIRRORS}
    assert worker.take({(ARCHIVE, 0): [mirrored]}).overtaken == {(ARCHIVE, 0)}
    turning.begin(worker, ARCHIVE)
    assert worker.take({(ARCHIVE, 0): [mirrored]}).next == {(ARCHIVE, mirrored.topic, 0): 1}
