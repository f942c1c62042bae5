"""A turn: what comes next is taken once, by one worker, and all that comes of it is kept or nothing of it is."""

from contextlib import ExitStack

import msgspec
import pytest

from streams.cluster.delivering import ARCHIVE
from streams.cluster.turn import Gap, Turns
from streams.events import DeadlineSet, Event, Fact, IncidentClosed, MessageAsked, ReportDismissed, stamp
from streams.pending import Pending
from tests.cluster.turning import KEY, NOON, REMIND, REPORTS, TALLY, Tally, Turning, event

pytestmark = pytest.mark.system("postgresql")


def tallied(turning: Turning, key: str = KEY) -> int:
    row = turning.connection.execute(
        "SELECT value FROM state WHERE step = 'tally' AND item = 'tally' AND \"key\" = ?", (key,)
    ).fetchone()
    return 0 if row is None else msgspec.json.decode(row[0], type=Tally).n


def numbers(turning: Turning) -> list[str]:
    """What `tally` wrote: whoever is counted twice, or not, shifts the numbers."""
    return [each.body.by for each in turning.log() if isinstance(each.body, ReportDismissed)]


def made(cause: Event, number: str) -> Event:
    """What `tally` makes of a report."""
    body = ReportDismissed(report=cause.id, reason="hoax", by=number)
    return stamp(Fact(body=body, audience=cause.audience), cause, "tally", 0)


def test_what_a_step_makes_of_a_record_stands_behind_it_in_the_log(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(2))
    taken = turning.take(worker, "tally")
    assert turning.log() == [event(1), event(2), made(event(1), "1"), made(event(2), "2")]
    assert [row[0] for row in turning.connection.execute('SELECT "offset" FROM outbox ORDER BY 1')] == [3, 4]
    assert taken.next["tally", REPORTS, 0] == 2
    assert (taken.deliveries, taken.repeats, taken.letters, taken.gaps, taken.overtaken) == (2, 0, 0, (), frozenset())
    assert tallied(turning) == 2
    assert turning.begin(worker, "tally")[REPORTS] == 2


def test_all_readers_of_a_record_bring_it_into_the_log_once(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1))
    assert turning.take(worker).deliveries == 2
    assert turning.kinds() == ["ReportReceived", "ReportDismissed", "DeadlineSet"]
    turning.settle(worker)
    assert turning.kinds() == ["ReportReceived", "ReportDismissed", "DeadlineSet", "DeadlineSet"]
    due = Pending(turning.connection).due(NOON.replace(hour=23))
    assert {each.cause for each in due} == {each.id for each in turning.log() if isinstance(each.body, DeadlineSet)}


def test_another_workers_reader_finds_it_there(turning: Turning) -> None:
    one, other = turning.worker(), turning.worker()
    turning.put(event(1), event(2))
    turning.take(one, "tally")
    turning.take(other, "remind")
    turning.take(one, ARCHIVE)
    kinds = turning.kinds()
    assert kinds == ["ReportReceived"] * 2 + ["ReportDismissed"] * 2 + ["DeadlineSet"] * 2


def test_the_archive_takes_what_no_step_hears(turning: Turning) -> None:
    worker = turning.worker()
    closed = event(1, body=IncidentClosed(incident="i", by="me", reason="over"))
    turning.put(closed)
    assert turning.take(worker).deliveries == 0
    assert turning.log() == [closed]
    assert turning.connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_what_another_system_wrote_is_seen_and_not_acted_upon(turning: Turning) -> None:
    worker = turning.worker()
    report, due = event(1, origin="kisumu"), event(2, body=_due(), origin="kisumu")
    turning.put(report)
    turning.partitions.publish(due)
    turning.settle(worker)
    assert turning.log()[0] == report
    assert "ReportDismissed" not in turning.kinds()
    assert Pending(turning.connection).next_due() is None


def _due() -> DeadlineSet:
    return DeadlineSet(step="remind", name="n", about="a", due=NOON)


def test_a_repeat_is_passed_over(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(2))
    turning.settle(worker)
    before = turning.tables()
    again = turning.take(worker)
    assert again.deliveries == 0
    assert again.repeats == 4 + 4 + 8  # two of them hear one topic, the archive takes all
    assert turning.tables() == before


def test_the_same_event_at_another_offset_is_passed_over(turning: Turning) -> None:
    worker = turning.worker()
    turning.put(event(1), event(1), event(2))
    taken = turning.take(worker, "tally")
    assert (taken.deliveries, taken.repeats) == (2, 1)
    turning.put(event(1), event(3))
    taken = turning.take(turning.worker(), "tally")
    assert (taken.deliveries, taken.repeats) == (1, 3 + 1)
    assert numbers(turning) == ["1", "2", "3"]


def test_a_gap_stops_its_topic_until_it_is_filled(turning: Turning) -> None:
    worker = turning.worker()
    records = turning.put(*(event(n) for n in range(6)))
    other = turning.put(event(9, body=ReportDismissed(report="r", reason="hoax", by="me")))
    assert other[0].offset == 6
    tally, remind = ("tally", 0), ("remind", 0)
    taken = worker.take({tally: [records[0], records[2], records[3], records[1]], remind: records[:3]})
    assert taken.gaps == (Gap("tally", REPORTS, 0, 1, 2),)
    assert (taken.next["tally", REPORTS, 0], taken.next["remind", REPORTS, 0]) == (1, 3)
    assert worker.take({tally: records[4:5]}).gaps == (Gap("tally", REPORTS, 0, 1, 4),)
    taken = worker.take({tally: records})
    assert (taken.gaps, taken.next["tally", REPORTS, 0]) == ((), 6)
    assert numbers(turning) == [str(n + 1) for n in range(6)]


def test_a_gap_in_one_topic_does_not_stop_another(turning: Turning) -> None:
    worker = turning.worker()
    reports = turning.put(event(1), event(2))
    closed = turning.put(event(3, body=IncidentClosed(incident="i", by="me", reason="over")))
    taken = worker.take({(ARCHIVE, 0): [reports[1], *closed]})
    assert taken.gaps == (Gap(ARCHIVE, REPORTS, 0, 0, 1),)
    assert taken.next[ARCHIVE, closed[0].topic, 0] == 1
    assert turning.kinds() == ["IncidentClosed"]


def test_what_kafka_does_not_have_is_stepped_over(turning: Turning) -> None:
    worker = turning.worker()
    records = turning.put(event(1), event(2), event(3))
    worker.skip("tally", REPORTS, 0, 0, 2)
    worker.skip("tally", REPORTS, 0, 0, 9)  # that was before
    assert worker.take({("tally", 0): records[2:]}).next["tally", REPORTS, 0] == 3
    assert turning.begin(worker, "tally")[REPORTS] == 3


def test_stepping_over_is_written_though_nothing_comes_behind_it(turning: Turning) -> None:
    worker, other = turning.worker(), turning.worker()
    turning.put(event(1))
    turning.settle(worker)
    worker.skip("tally", REPORTS, 0, 2, 4)  # behind what was made of it: Kafka's own note of a transaction
    assert turning.begin(turning.worker(), "tally")[REPORTS] == 4
    other.skip("tally", REPORTS, 0, 0, 9)  # it was overtaken and does not know
    assert turning.begin(turning.worker(), "tally")[REPORTS] == 4


def test_a_worker_that_was_overtaken_changes_nothing(turning: Turning) -> None:
    frozen, other = turning.worker(), turning.worker()
    turning.put(event(1), event(2))
    turning.settle(other)
    before = turning.tables()
    turning.put(event(3))
    records = turning.partitions.read(REPORTS, 0)
    # It goes on where it was: it believes that the first one is next.
    taken = frozen.take({("tally", 0): records, ("remind", 0): records[:1]})
    assert taken.overtaken == {("tally", 0), ("remind", 0)}
    assert (taken.next, taken.deliveries) == ({}, 0)
    assert turning.tables() == before
    turning.begin(frozen, "tally")
    assert turning.take(frozen, "tally").deliveries == 1
    assert numbers(turning) == ["1", "2", "3"]


def test_what_was_overtaken_does_not_take_the_rest_with_it(turning: Turning) -> None:
    frozen, other = turning.worker(), turning.worker()
    records = turning.put(event(1), event(2))
    other.take({("tally", 0): records[:1]})
    taken = turning.take(frozen)
    assert taken.overtaken == {("tally", 0)}
    assert (taken.next["remind", REPORTS, 0], taken.next[ARCHIVE, REPORTS, 0]) == (2, 2)
    assert numbers(turning) == ["1"]
    # What its other readers made stands, with the record itself, which only they brought now.
    assert turning.kinds() == ["ReportReceived", "ReportDismissed", "ReportReceived", "DeadlineSet", "DeadlineSet"]


def test_items_are_read_again_after_another_worker_had_the_partition(turning: Turning) -> None:
    one, other = turning.worker(), turning.worker()
    turning.put(event(1))
    turning.take(one, "tally")
    turning.put(event(2))
    turning.begin(other, "tally")
    turning.take(other, "tally")
    turning.put(event(3))
    assert turning.take(one, "tally").overtaken == {("tally", 0)}
    turning.begin(one, "tally")
    turning.take(one, "tally")
    assert numbers(turning) == ["1", "2", "3"]


def test_what_was_never_begun_is_not_taken(turning: Turning) -> None:
    turns = Turns(turning.connection, (TALLY, REMIND))
    records = turning.put(event(1))
    assert turns.take({("tally", 0): records}).overtaken == {("tally", 0)}
    turning.begin(turns, "tally")
    turns.forget("tally", 0)
    assert turns.take({("tally", 0): records}).overtaken == {("tally", 0)}
    assert turning.log() == []


def test_a_turn_with_nothing_in_it_writes_nothing(turning: Turning) -> None:
    worker = turning.worker()
    before = turning.tables()
    assert worker.take({}) == worker.take({("tally", 0): []})
    assert turning.tables() == before


def test_what_a_step_does_not_hear_moves_its_cursor_and_comes_into_the_log(turning: Turning) -> None:
    worker = turning.worker()
    passed = event(1, body=ReportDismissed(report="r", reason="hoax", by="me"))
    turning.put(passed)
    taken = turning.take(worker, "tally")
    assert (taken.deliveries, taken.next["tally", REPORTS, 0]) == (0, 1)
    assert turning.begin(worker, "tally")[REPORTS] == 1
    assert turning.log() == [passed]


def test_keys_of_many_partitions_go_in_one_turn(database: str) -> None:
    with ExitStack() as opened:
        turning = Turning(database, opened, numbers=3)
        worker = turning.worker()
        keys = [f"KE.{n:03}" for n in range(1, 40)]
        turning.put(*(event(n, key=keys[n % 39]) for n in range(117)))
        taken = turning.take(worker)
        assert taken.deliveries == 234
        assert [tallied(turning, key) for key in keys] == [3] * 39
        assert {number for _, _, number in taken.next} == {0, 1, 2}


def test_the_message_of_a_step_is_owed_once(turning: Turning) -> None:
    worker = turning.worker()
    asked = event(
        1,
        body=MessageAsked(
            message="m",
            recipient="",
            to="+254700000001",
            channel="sms",
            kind="receipt",
            text="t",
            language="en",
            about="r",
        ),
    )
    turning.put(asked, asked)
    turning.take(worker, ARCHIVE)
    assert [each.id for each in Pending(turning.connection).ready(NOON)] == [asked.id]
