"""What is owed is the same over either database (`streams.pending.Pending`); its rules stand in tests/streams."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid5

import pytest

from streams import events as e
from streams.cluster import tables
from streams.cluster.postgres import Postgres
from streams.database import connect
from streams.events import NAMESPACE, AnyBody, Event
from streams.pending import ENDED_S, Pending, message_event, not_sent, retry_wait_s
from tests.contracts.adapters import ADAPTERS

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)


@pytest.fixture(params=ADAPTERS)
def pending(request: pytest.FixtureRequest) -> Iterator[Pending]:
    if request.param == "sqlite":
        with closing(connect(":memory:")) as connection:
            yield Pending(connection)
        return
    with closing(Postgres.connect(request.getfixturevalue("address"))) as server:
        tables.prepare(server)
        server.execute("TRUNCATE deadline, outgoing, ended")
        yield Pending(server)


def fact(name: str, body: AnyBody, seen: datetime = NOON) -> Event:
    id_ = str(uuid5(NAMESPACE, f"owed/{name}"))
    return Event(id=id_, cause=id_, source="test", key="KE.042", at=seen, seen=seen, audience=(), body=body)


def set_for(name: str, due: datetime) -> Event:
    return fact(f"deadline/{name}", e.DeadlineSet(step="dispatch", name=name, about="a", due=due))


def asked(name: str, kind: str = "warning", about: str = "x") -> Event:
    fields = {"channel": "sms", "to": "+254700000001", "recipient": "r001", "text": "go", "language": "en"}
    body = e.MessageAsked(message=name, kind=kind, about=about, **fields)  # type: ignore[arg-type]  # kinds by name
    return fact(f"asked/{name}", body)


def ended(assignment: str, seen: datetime = NOON) -> Event:
    body = e.AssignmentAccepted(assignment=assignment, incident="i", responder="r001", via="app")
    return fact(f"ended/{assignment}/{seen}", body, seen)


def messages(events: list[Event]) -> list[str]:
    return [event.body.message for event in events if isinstance(event.body, e.MessageAsked)]


def test_nothing_is_owed_at_first(pending: Pending) -> None:
    assert pending.due(NOON) == []
    assert pending.ready(NOON) == []
    assert pending.unsure(NOON) == []
    assert (pending.next_due(), pending.next_retry(), pending.attempts("m1")) == (None, None, None)


def test_deadlines_come_in_the_order_of_their_times_each_once(pending: Pending) -> None:
    late, soon, never = (
        set_for(name, NOON + timedelta(seconds=seconds)) for name, seconds in (("b", 2), ("a", 1.25), ("c", 9))
    )
    for event in (late, soon, never, late):
        pending.note(event)
    assert pending.next_due() == NOON + timedelta(seconds=1.25)
    assert pending.due(NOON) == []
    reached = pending.due(NOON + timedelta(seconds=2))
    assert [event.cause for event in reached] == [soon.id, late.id]
    assert [event.cause for event in pending.due(NOON + timedelta(seconds=2), limit=1)] == [soon.id]
    for event in reached:
        pending.note(event)
        pending.note(event)
    assert pending.due(NOON + timedelta(seconds=5)) == []
    assert pending.next_due() == NOON + timedelta(seconds=9)


def test_those_due_at_one_moment_come_in_one_order(pending: Pending) -> None:
    events = [set_for(f"n{n}", NOON) for n in range(20)]
    for event in events:
        pending.note(event)
    assert [event.cause for event in pending.due(NOON)] == sorted(event.id for event in events)


def test_a_message_is_taken_tried_again_after_its_wait_and_sent(pending: Pending) -> None:
    first = asked("m1")
    pending.note(first)
    pending.note(first)
    pending.note(asked("m2"))
    assert messages(pending.ready(NOON)) == ["m1", "m2"]
    pending.note(message_event(first, "taken/1", e.MessageTaken(message="m1", attempt=1), NOON))
    assert pending.attempts("m1") is None
    assert messages(pending.ready(NOON)) == ["m2"]
    assert [event.cause for event in pending.unsure(NOON)] == [first.id]
    assert isinstance(first.body, e.MessageAsked)
    failed = not_sent(first.body, 1, NOON, "refused", "busy", retry=True)
    pending.note(message_event(first, "failed/1", failed, NOON))
    again = NOON + timedelta(seconds=retry_wait_s(1))
    assert pending.attempts("m1") == 1
    assert messages(pending.ready(NOON)) == ["m2"]
    assert messages(pending.ready(again)) == ["m2", "m1"]
    pending.note(message_event(first, "sent", e.MessageSent(message="m1"), again))
    assert messages(pending.ready(again)) == ["m2"]


def test_what_ended_is_asked_no_more(pending: Pending) -> None:
    pending.note(asked("m1", "ask", "a1"))
    pending.note(asked("m2", "ask", "a2"))
    pending.note(ended("a1"))
    pending.note(ended("a1", NOON + timedelta(seconds=1)))
    assert messages(pending.ready(NOON)) == ["m2"]
    assert pending.attempts("m1") is None
    # An end is remembered for a day from when it was last said.
    pending.note(ended("a9", NOON + timedelta(seconds=ENDED_S)))
    assert messages(pending.ready(NOON)) == ["m2"]
    pending.note(ended("a9", NOON + timedelta(seconds=ENDED_S + 2)))
    assert messages(pending.ready(NOON)) == ["m1", "m2"]


def test_a_recalled_message_is_not_tried_again(pending: Pending) -> None:
    waiting, going = asked("m1"), asked("m2")
    pending.note(waiting)
    pending.note(going)
    pending.note(message_event(going, "taken/1", e.MessageTaken(message="m2", attempt=1), NOON))
    for event in (waiting, going):
        assert isinstance(event.body, e.MessageAsked)
        recalled = e.MessageRecalled(message=event.body.message, reason="over")
        pending.note(message_event(event, "recalled", recalled, NOON))
    assert pending.ready(NOON) == []
    assert isinstance(going.body, e.MessageAsked)
    failed = not_sent(going.body, 1, NOON, "refused", "busy", retry=True)
    pending.note(message_event(going, "failed/1", failed, NOON))
    assert pending.unsure(NOON) == []
    assert pending.ready(NOON + timedelta(days=1)) == []
