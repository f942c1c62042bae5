"""A turn is all or nothing; a backlog of any length is taken in order; a follower that fails harms nobody else."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid5

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import topics as t
from streams.database import Connection, StorageError, connect
from streams.engine import MOST, TURN, Engine
from streams.events import (
    NAMESPACE,
    AlertApproved,
    AnyBody,
    DeadLettered,
    DeadLetterReplayed,
    DeadlineReached,
    DeadlineSet,
    Event,
    Fact,
    ReportDismissed,
    ReportPlaced,
    ReportReceived,
    encode,
)
from streams.handle import Step
from streams.log import Stored, line
from streams.state import State

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)


def event(name: str, body: AnyBody | None = None) -> Event:
    id_ = str(uuid5(NAMESPACE, f"engine/{name}"))
    body = body or ReportReceived(channel="web", text=name)
    return Event(id=id_, cause="x", source="door", key="KE.042", at=NOON, seen=NOON, audience=("public",), body=body)


class Tally(msgspec.Struct, frozen=True):
    """How many reports the counting step has had."""

    n: int = 0


def counting(state: State, heard: Event) -> Iterator[Fact]:
    """Answer each report with its number, and the answer with a second one."""
    if isinstance(heard.body, ReportReceived):
        tally = state.get("tally", Tally) or Tally()
        state.put("tally", Tally(tally.n + 1))
        if heard.body.text == "bad":
            raise ValueError("a bad report")
        yield Fact(body=ReportPlaced(report=heard.id, lon=float(tally.n), lat=0.0, by="step"), audience=("public",))
    elif isinstance(heard.body, ReportPlaced):
        yield Fact(body=ReportDismissed(report=heard.body.report, reason="hoax", by="step"), audience=("public",))


STEPS = (Step(name="counting", hears=(ReportReceived, ReportPlaced), writes=(t.REPORTS,), function=counting),)


class Witness:
    """A follower that writes down what it is told, in the same file, and fails where it is asked to."""

    name = "witness"

    def __init__(self, fails: Callable[[Event], Exception | None] = lambda _: None) -> None:
        self.fails = fails
        self.forgotten = 0

    def follow(self, connection: Connection, events: Sequence[Stored]) -> None:
        connection.execute('CREATE TABLE IF NOT EXISTS told ("offset" INTEGER PRIMARY KEY, kind TEXT)')
        for offset, told in events:
            connection.execute("INSERT INTO told VALUES (?,?)", (offset, type(told.body).__name__))
            error = self.fails(told)
            if error is not None:
                raise error

    def forget_uncommitted(self) -> None:
        self.forgotten += 1


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(connect(":memory:")) as opened:
        yield opened


def told(connection: sqlite3.Connection) -> list[tuple[int, str]]:
    return connection.execute('SELECT "offset", kind FROM told ORDER BY "offset"').fetchall()


def feed(engine: Engine, *names: str) -> None:
    engine.append([line(event(name)) for name in names])


def run(engine: Engine, now: datetime = NOON) -> int:
    turns = 0
    while engine.turn(now):
        turns += 1
    return turns


def log(engine: Engine) -> list[Event]:
    return [stored.event for stored in engine.log.read(0, 1_000_000)]


def kinds(engine: Engine) -> Counter[str]:
    return Counter(type(each.body).__name__ for each in log(engine))


def numbers(engine: Engine) -> list[float]:
    return [each.body.lon for each in log(engine) if isinstance(each.body, ReportPlaced)]


# --- turns


@pytest.mark.parametrize("backlog", [0, 1, TURN - 1, TURN, TURN + 1, 3 * TURN + 5, MOST, MOST + 1])
def test_a_backlog_of_any_length_is_taken_once_and_in_order(connection: sqlite3.Connection, backlog: int) -> None:
    engine = Engine(connection, STEPS, [Witness()])
    feed(engine, *map(str, range(backlog)))
    assert engine.behind == (backlog > 0)
    run(engine)
    assert numbers(engine) == [float(n) for n in range(backlog)]
    assert kinds(engine) == +Counter(ReportReceived=backlog, ReportPlaced=backlog, ReportDismissed=backlog)
    assert not engine.behind
    assert engine.turn(NOON) is False
    if backlog:
        assert [offset for offset, _ in told(connection)] == list(range(1, 3 * backlog + 1))


def test_a_turn_takes_no_more_of_a_backlog_than_a_turn_may(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    feed(engine, *map(str, range(TURN + 1)))
    engine.turn(NOON)
    assert (engine.done, len(numbers(engine))) == (TURN, TURN)
    run(engine)
    feed(engine, "last")
    assert run(engine) == 1  # what is short is taken with all its consequences


def counting_down(state: State, heard: Event) -> Iterator[Fact]:
    left = heard.body.lon if isinstance(heard.body, ReportPlaced) else MOST + 9.0
    if left > 0:
        yield Fact(body=ReportPlaced(report="r", lon=left - 1, lat=0.0, by="step"), audience=("public",))


def test_consequences_without_end_are_taken_a_turn_at_a_time(connection: sqlite3.Connection) -> None:
    down = Step(name="down", hears=(ReportReceived, ReportPlaced), writes=(t.REPORTS,), function=counting_down)
    engine = Engine(connection, (down,))
    feed(engine, "one")
    engine.turn(NOON)
    assert engine.done == MOST
    run(engine)
    assert numbers(engine) == [float(n) for n in reversed(range(MOST + 9))]


@pytest.mark.parametrize("backlog", [3, TURN + 9, 3 * TURN])
@pytest.mark.parametrize("due", [False, True])
def test_a_new_process_goes_on_where_the_last_one_stood(
    connection: sqlite3.Connection, backlog: int, due: bool
) -> None:
    engine = Engine(connection, STEPS, [Witness()])
    engine.append([line(event("deadline", DeadlineSet(step="x", name="y", about="z", due=NOON + timedelta(hours=1))))])
    feed(engine, *map(str, range(backlog)))
    fed = backlog
    while True:
        engine = Engine(connection, STEPS, [Witness()])
        if not engine.turn(NOON + timedelta(hours=2 * due)):
            break
        if fed < backlog + 3:
            feed(engine, str(fed))
            fed += 1
    assert numbers(engine) == [float(n) for n in range(fed)]
    assert kinds(engine)["DeadlineReached"] == due
    assert [offset for offset, _ in told(connection)] == list(range(1, engine.log.end() + 1))


def test_a_step_that_a_new_version_brings_begins_where_the_others_are(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    feed(engine, "1", "2")
    run(engine)
    heard: list[str] = []

    def listening(state: State, event: Event) -> Iterator[Fact]:
        heard.append(event.id)
        yield from ()

    new = Step(name="listening", hears=(ReportReceived,), writes=(), function=listening)
    before = engine.log.end()
    engine = Engine(connection, (*STEPS, new))
    run(engine)
    assert (engine.log.end(), heard) == (before, [])
    feed(engine, "3")
    run(engine)
    assert heard == [event("3").id]
    assert numbers(engine) == [0.0, 1.0, 2.0]
    # And one that is there in a folder where nothing has run yet begins at the beginning.
    assert Engine(connection, (new,)).done == engine.log.end()
    connection.execute("DELETE FROM cursor")
    assert Engine(connection, (new,)).done == 0


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2 * TURN + 3), st.sampled_from(["turn", "turn", "restart", "due"])), max_size=8)
)
def test_however_feeding_turning_and_restarting_mix_the_log_is_the_same(moves: list[tuple[int, str]]) -> None:
    with closing(connect(":memory:")) as connection:
        engine, fed, now = Engine(connection, STEPS, [Witness()]), 0, NOON
        for n, (some, what) in enumerate(moves):
            feed(engine, *(str(fed + each) for each in range(some)))
            fed += some
            if what == "due":
                due = now = now + timedelta(minutes=1)
                engine.append([line(event(f"due/{n}", DeadlineSet(step="x", name="y", about="z", due=due)))])
            if what == "restart":
                engine = Engine(connection, STEPS, [Witness()])
            else:
                engine.turn(now)
        run(engine, now)
        assert numbers(engine) == [float(n) for n in range(fed)]
        assert engine.log.verify() == engine.log.end()
        assert kinds(engine)["DeadlineReached"] == sum(what == "due" for _, what in moves)


def test_a_deadline_is_heard_once_at_its_time(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    due = NOON + timedelta(minutes=5)
    engine.append([line(event("d", DeadlineSet(step="x", name="y", about="z", due=due)))])
    assert run(engine, due - timedelta(seconds=1)) == 1
    assert kinds(engine)["DeadlineReached"] == 0
    assert run(engine, due + timedelta(seconds=3)) == 1
    assert run(engine, due + timedelta(hours=3)) == 0
    (reached,) = [each for each in log(engine) if isinstance(each.body, DeadlineReached)]
    assert (reached.at, reached.seen) == (due, due + timedelta(seconds=3))


def test_a_bad_event_becomes_a_letter_and_the_others_go_on(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    feed(engine, "one", "two")
    engine.append([line(msgspec.structs.replace(event("three"), body=ReportReceived(channel="web", text="bad")))])
    feed(engine, "four")
    run(engine)
    assert numbers(engine) == [0.0, 1.0, 2.0]  # the bad one was not counted: its writes went with it
    (letter,) = [each for each in log(engine) if isinstance(each.body, DeadLettered)]
    assert letter.cause == event("three").id


def test_a_replayed_letter_reaches_its_step_and_no_other(connection: sqlite3.Connection) -> None:
    heard: list[str] = []

    def listening(state: State, event: Event) -> Iterator[Fact]:
        heard.append(event.id)
        return iter(())

    other = Step(name="other", hears=(ReportReceived,), writes=(), function=listening)
    engine = Engine(connection, (*STEPS, other))
    body = DeadLetterReplayed(letter="l", step="counting", original=encode(event("late")).decode(), by="me")
    engine.append([line(event("replay", body))])
    run(engine)
    assert numbers(engine) == [0.0]
    assert heard == []
    nowhere = msgspec.structs.replace(body, step="nobody")
    unreadable = msgspec.structs.replace(body, original="{")
    engine.append([line(event("nowhere", nowhere)), line(event("unreadable", unreadable))])
    feed(engine, "after")
    run(engine)
    codes = [each.body.code for each in log(engine) if isinstance(each.body, DeadLettered)]
    assert codes == ["step-unknown", "invalid-body"]
    assert numbers(engine) == [0.0, 1.0]


# --- failing


class Once:
    """Fails the first so many times."""

    def __init__(self, error: Exception, times: int = 1) -> None:
        self.error, self.left = error, times

    def __call__(self, event: Event) -> Exception | None:
        self.left -= 1
        return self.error if self.left >= 0 else None


@pytest.mark.parametrize("backlog", [1, TURN, 3 * TURN])
def test_a_turn_that_the_storage_refuses_leaves_nothing_and_is_taken_again(
    connection: sqlite3.Connection, backlog: int
) -> None:
    witness = Witness(Once(sqlite3.OperationalError("database or disk is full")))
    engine = Engine(connection, STEPS, [witness])
    engine.append([line(event("deadline", DeadlineSet(step="x", name="y", about="z", due=NOON)))])
    feed(engine, *map(str, range(backlog)))
    before = engine.log.end()
    with pytest.raises(StorageError):
        engine.turn(NOON)
    assert (engine.log.end(), engine.done) == (before, 0)
    assert connection.in_transaction is False
    assert witness.forgotten == 1
    feed(engine, "meanwhile")
    run(engine)
    assert numbers(engine) == [float(n) for n in range(backlog + 1)]
    assert kinds(engine)["DeadlineReached"] == 1
    assert engine.log.verify() == engine.log.end()


def test_a_follower_that_fails_for_one_event_is_told_the_others(connection: sqlite3.Connection) -> None:
    def fails(event: Event) -> Exception | None:
        return ValueError("cannot be shown") if getattr(event.body, "text", "") == "two" else None

    engine = Engine(connection, STEPS, [Witness(fails)])
    feed(engine, "one", "two", "three")
    run(engine)
    assert numbers(engine) == [0.0, 1.0, 2.0]
    (letter,) = [each for each in log(engine) if isinstance(each.body, DeadLettered)]
    assert isinstance(letter.body, DeadLettered)
    assert (letter.body.step, letter.body.code, letter.cause) == ("witness", "not-projected", event("two").id)
    assert [offset for offset, _ in told(connection)] == [n for n in range(1, engine.log.end() + 1) if n != 2]


def test_a_follower_that_always_fails_comes_to_an_end(connection: sqlite3.Connection) -> None:
    healthy = Witness()
    broken = Witness(lambda _: ValueError("never"))
    broken.name = "broken"
    engine = Engine(connection, STEPS, [broken, healthy])
    feed(engine, "one", "two")
    run(engine)
    letters = [each for each in log(engine) if isinstance(each.body, DeadLettered)]
    assert len(letters) == 6  # one for each event, none for the letters
    assert [offset for offset, _ in told(connection)] == list(range(1, engine.log.end() + 1))


def test_a_new_follower_is_told_all_that_was(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    feed(engine, *map(str, range(30)))
    run(engine)
    engine = Engine(connection, STEPS, [Witness()])
    pages = 0
    while True:
        with engine.transaction():
            if not engine.catch_up(engine.done, most=7):
                break
        pages += 1
    assert pages == 13  # 90 events, seven at a time
    assert [offset for offset, _ in told(connection)] == list(range(1, 91))
    feed(engine, "later")
    run(engine)
    assert [offset for offset, _ in told(connection)] == list(range(1, 94))


def test_a_follower_that_missed_something_is_told_it_before_the_rest(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    feed(engine, *map(str, range(10)))
    run(engine)
    engine = Engine(connection, STEPS, [Witness()])
    feed(engine, "later")
    run(engine)
    assert [offset for offset, _ in told(connection)] == list(range(1, 34))


def test_an_append_that_fails_leaves_nothing(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    bad = msgspec.structs.replace(event("bad"), id="no uuid")
    with pytest.raises(ValueError, match="hex"):
        engine.append([line(event("one")), line(bad)])
    assert engine.log.end() == 0
    assert engine.append([line(event("one"))]) == [1]


def test_an_event_that_nobody_hears_is_passed_over(connection: sqlite3.Connection) -> None:
    engine = Engine(connection, STEPS)
    engine.append([line(event("a", AlertApproved(alert="a", by="me")))])
    assert run(engine) == 1
    assert engine.done == engine.log.end() == 1
