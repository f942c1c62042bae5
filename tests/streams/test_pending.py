"""What is owed is done once: when a message is tried again, what an end or recall stops, what a crash leaves behind."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid5

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from streams.database import connect
from streams.events import (
    NAMESPACE,
    AnyBody,
    AssignmentAccepted,
    AssignmentExpired,
    DeadlineReached,
    DeadlineSet,
    Event,
    MessageAsked,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageTaken,
)
from streams.pending import ENDED_S, RETRY_S, Pending, message_event, not_sent, retry_wait_s, too_late

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@contextmanager
def opened() -> Iterator[Pending]:
    with closing(connect(":memory:")) as connection:
        yield Pending(connection)


def fact(name: str, body: AnyBody, seen: datetime = NOON) -> Event:
    id_ = str(uuid5(NAMESPACE, f"pending/{name}"))
    return Event(id=id_, cause=id_, source="test", key="KE.042", at=seen, seen=seen, audience=(), body=body)


def asked(
    name: str, kind: Literal["ask", "warning"] = "warning", about: str = "", expires: datetime | None = NOON + HOUR
) -> Event:
    body = MessageAsked(
        message=name,
        kind=kind,
        channel="sms",
        to="+254700000001",
        recipient="r001",
        text="go",
        language="en",
        about=about or f"about-{name}",
        expires=expires,
    )
    return fact(name, body)


def ended(assignment: str, seen: datetime = NOON) -> Event:
    body = AssignmentAccepted(assignment=assignment, incident="i", responder="r001", via="app")
    return fact(f"ended/{assignment}/{seen}", body, seen)


def take(pending: Pending, message: Event, now: datetime = NOON) -> int:
    assert isinstance(message.body, MessageAsked)
    attempts = pending.attempts(message.body.message)
    assert attempts is not None
    taken = MessageTaken(message=message.body.message, attempt=attempts + 1)
    pending.note(message_event(message, f"taken/{attempts + 1}", taken, now))
    return attempts + 1


def fail(pending: Pending, message: Event, attempt: int, now: datetime) -> MessageFailed:
    assert isinstance(message.body, MessageAsked)
    body = not_sent(message.body, attempt, now, "refused", "busy", retry=True)
    pending.note(message_event(message, f"failed/{attempt}", body, now))
    return body


# --- deadlines


def deadline(name: str, due: datetime) -> Event:
    return fact(name, DeadlineSet(step="dispatch", name="offer", about=name, due=due))


def test_a_deadline_comes_when_it_is_due_and_once() -> None:
    with opened() as pending:
        second, first = deadline("b", NOON + 2 * HOUR), deadline("a", NOON + HOUR)
        pending.note(second)
        pending.note(first)
        assert pending.next_due() == NOON + HOUR
        assert pending.due(NOON + HOUR - timedelta(microseconds=1)) == []
        (reached,) = pending.due(NOON + HOUR)
        assert isinstance(reached.body, DeadlineReached)
        assert (reached.cause, reached.body.about, reached.seen, reached.key) == (
            first.id,
            "a",
            NOON + HOUR,
            first.key,
        )
        assert pending.due(NOON + HOUR) == [reached]  # the same event, until it is written
        pending.note(reached)
        assert pending.due(NOON + HOUR) == []
        late = NOON + 5 * HOUR
        (reached,) = pending.due(late)
        assert (reached.at, reached.seen) == (NOON + 2 * HOUR, late)
        pending.note(reached)
        assert pending.next_due() is None


def test_deadlines_come_in_the_order_in_which_they_are_due() -> None:
    with opened() as pending:
        for n in (3, 1, 2):
            pending.note(deadline(str(n), NOON + n * HOUR))
        due = pending.due(NOON + 9 * HOUR)
        assert [event.body.about for event in due if isinstance(event.body, DeadlineReached)] == ["1", "2", "3"]
        assert len(pending.due(NOON + 9 * HOUR, limit=2)) == 2


# --- attempts


def test_a_message_is_tried_on_schedule_until_its_time_is_over() -> None:
    with opened() as pending:
        message, now = asked("m", expires=NOON + HOUR), NOON
        pending.note(message)
        waits = []
        while True:
            assert pending.ready(now) == [message]
            if not fail(pending, message, take(pending, message, now), now).retry:
                break
            again = pending.next_retry()
            assert again is not None
            assert pending.ready(again - timedelta(milliseconds=1)) == []
            waits.append((again - now).total_seconds())
            now = again
        assert waits[: len(RETRY_S)] == pytest.approx(RETRY_S, abs=1e-3)
        assert set(map(round, waits[len(RETRY_S) :])) == {round(RETRY_S[-1])}
        assert NOON + HOUR - timedelta(seconds=RETRY_S[-1]) <= now < NOON + HOUR
        assert pending.ready(NOON + 9 * HOUR) == []
        assert pending.next_retry() is None


def test_a_message_without_an_end_of_its_time_is_given_up_when_the_waits_are_used_up() -> None:
    with opened() as pending:
        message, now, tries = asked("m", expires=None), NOON, 1
        pending.note(message)
        while fail(pending, message, take(pending, message, now), now).retry:
            now += timedelta(seconds=RETRY_S[-1] + 1)
            tries += 1
        assert tries == len(RETRY_S) + 1
        assert pending.ready(now + HOUR) == []


@pytest.mark.parametrize(("attempt", "wait"), [(0, 2.0), (1, 2.0), (2, 8.0), (5, 300.0), (6, 300.0), (99, 300.0)])
def test_waits_grow_and_then_stay(attempt: int, wait: float) -> None:
    assert retry_wait_s(attempt) == wait


def test_a_message_may_leave_until_its_time_is_over() -> None:
    body = asked("m", expires=NOON).body
    assert isinstance(body, MessageAsked)
    assert too_late(body, NOON - timedelta(microseconds=1)) is None
    late = too_late(body, NOON)
    assert late is not None
    assert (late.code, late.retry) == ("expired", False)


def test_what_cannot_be_helped_is_not_tried_again() -> None:
    with opened() as pending:
        message = asked("m")
        pending.note(message)
        take(pending, message)
        pending.note(message_event(message, "failed/1", MessageFailed(message="m", code="no-channel"), NOON))
        assert pending.ready(NOON + 9 * HOUR) == []


@pytest.mark.parametrize("crashed", [False, True])
def test_a_recall_that_crosses_a_sending_keeps_it_from_being_tried_again(crashed: bool) -> None:
    with opened() as pending:
        message = asked("m")
        pending.note(message)
        attempt = take(pending, message)
        pending.note(message_event(message, "recalled", MessageRecalled(message="m", reason="over"), NOON))
        if crashed:
            for event in pending.unsure(NOON):
                pending.note(event)
        else:
            fail(pending, message, attempt, NOON)
        assert pending.ready(NOON + HOUR / 2) == []
        assert pending.unsure(NOON + HOUR / 2) == []


def test_an_ask_that_is_written_after_its_end_never_leaves() -> None:
    with opened() as pending:
        pending.note(ended("a"))
        pending.note(asked("m", "ask", about="a"))
        assert pending.ready(NOON) == []
        assert pending.attempts("m") is None
        assert pending.next_retry() is None
        pending.note(asked("n", "ask", about="b"))
        pending.note(asked("w", "warning", about="a"))
        assert {event.body.message for event in pending.ready(NOON) if isinstance(event.body, MessageAsked)} == {
            "n",
            "w",
        }


# --- a machine of all that can happen to messages


class Owed:
    """What should stand in the table about one message."""

    def __init__(self, event: Event, kind: str, about: str) -> None:
        self.event, self.kind, self.about = event, kind, about
        self.attempts, self.retry_at = 0, NOON
        self.state = "waiting"


class Messages(RuleBasedStateMachine):
    """Asks and warnings under every order of taking, failing, recalling, ending and crashing."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = connect(":memory:")
        self.pending = Pending(self.connection)
        self.now = NOON
        self.owed: dict[str, Owed] = {}
        self.ended: set[str] = set()

    def teardown(self) -> None:
        self.connection.close()

    def note(self, name: str, body: AnyBody) -> None:
        owed = self.owed[name]
        self.pending.note(message_event(owed.event, f"{type(body).__name__}/{self.now}", body, self.now))

    def may_leave(self, owed: Owed) -> bool:
        fenced = owed.kind == "ask" and owed.about in self.ended
        return owed.state == "waiting" and owed.retry_at <= self.now and not fenced

    @precondition(lambda self: len(self.owed) < 3)
    @rule(kind=st.sampled_from(["ask", "warning"]), about=st.sampled_from(["a", "b"]))
    def ask(self, kind: Literal["ask", "warning"], about: str) -> None:
        name = f"m{len(self.owed)}"
        event = asked(name, kind, about, expires=NOON + 1000 * HOUR)
        self.owed[name] = Owed(event, kind, about)
        self.pending.note(event)

    @rule(seconds=st.sampled_from([0.5, 2.0, 8.0, 300.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.owed)
    @rule(data=st.data())
    def send_begins(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.owed)))
        owed = self.owed[name]
        attempts = self.pending.attempts(name)
        fenced = owed.kind == "ask" and owed.about in self.ended
        assert attempts == (owed.attempts if owed.state == "waiting" and not fenced else None)
        if attempts is None:
            return
        owed.attempts += 1
        owed.state = "taken"
        self.note(name, MessageTaken(message=name, attempt=owed.attempts))

    def taken(self) -> list[str]:
        return sorted(name for name, owed in self.owed.items() if owed.state in ("taken", "recalled"))

    @precondition(lambda self: self.taken())
    @rule(data=st.data(), outcome=st.sampled_from(["sent", "refused", "hopeless"]))
    def send_ends(self, data: st.DataObject, outcome: str) -> None:
        name = data.draw(st.sampled_from(self.taken()))
        owed = self.owed[name]
        if outcome == "sent":
            self.note(name, MessageSent(message=name))
            owed.state = "gone"
        else:
            self.note(name, MessageFailed(message=name, code="refused", retry=outcome == "refused"))
            self.failed(owed, again=outcome == "refused")

    def failed(self, owed: Owed, *, again: bool) -> None:
        owed.state = "waiting" if again and owed.state == "taken" else "gone"
        owed.retry_at = self.now + timedelta(seconds=retry_wait_s(owed.attempts))

    @precondition(lambda self: self.owed)
    @rule(data=st.data())
    def recalled(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.owed)))
        owed = self.owed[name]
        self.note(name, MessageRecalled(message=name, reason="over"))
        owed.state = {"waiting": "gone", "taken": "recalled"}.get(owed.state, owed.state)

    @rule(about=st.sampled_from(["a", "b"]))
    def assignment_ends(self, about: str) -> None:
        body = AssignmentExpired(assignment=about, incident="i", responder="r001")
        self.pending.note(fact(f"{about}/{self.now}", body, self.now))
        self.ended.add(about)

    @rule()
    def crash(self) -> None:
        self.pending = Pending(self.connection)
        taken, settled = self.taken(), []
        for event in self.pending.unsure(self.now):
            assert isinstance(event.body, MessageFailed)
            owed = self.owed[event.body.message]
            assert event.body.retry == (owed.kind != "ask")
            settled.append(event.body.message)
            self.pending.note(event)
            self.failed(owed, again=event.body.retry)
        assert sorted(settled) == taken
        assert self.pending.unsure(self.now) == []

    @invariant()
    def exactly_those_may_leave_that_should(self) -> None:
        found = [event.body.message for event in self.pending.ready(self.now) if isinstance(event.body, MessageAsked)]
        expected = [name for name, owed in self.owed.items() if self.may_leave(owed)]
        assert sorted(found) == sorted(expected)


TestMessages = Messages.TestCase
TestMessages.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)


def test_an_end_is_remembered_longer_than_any_ask_waits_and_then_forgotten() -> None:
    with closing(connect(":memory:")) as connection:
        pending = Pending(connection)
        pending.note(ended("a"))
        pending.note(ended("b", NOON + timedelta(seconds=ENDED_S)))
        assert connection.execute("SELECT count(*) FROM ended").fetchone() == (2,)
        pending.note(ended("c", NOON + timedelta(seconds=ENDED_S + 1)))
        assert sorted(connection.execute("SELECT assignment FROM ended")) == [("b",), ("c",)]


def test_of_what_another_system_wrote_nothing_is_owed_here() -> None:
    with opened() as pending:
        due = DeadlineSet(step="dispatch", name="answer", about="a1", due=NOON)
        for event in (asked("m1"), fact("d1", due)):
            pending.note(msgspec.structs.replace(event, origin="kisumu"))
        assert pending.ready(NOON) == []
        assert pending.next_due() is None
        pending.note(asked("m1"))
        pending.note(fact("d1", due))
        assert len(pending.ready(NOON)) == 1
        # Nor does its news end what is owed here.
        pending.note(msgspec.structs.replace(fact("r1", MessageRecalled(message="m1", reason="")), origin="kisumu"))
        assert len(pending.ready(NOON)) == 1
        assert pending.next_due() == NOON
