"""The guard around a step: whatever goes wrong in it is thrown away and told, and no other step notices."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from math import inf, nan
from uuid import uuid5

import msgspec
import pytest

from geo.places import Rejected
from streams import topics as t
from streams.database import connect
from streams.events import (
    NAMESPACE,
    AlertApproved,
    DeadLettered,
    DeadLetterReplayed,
    Event,
    Fact,
    PositionShared,
    ReportDismissed,
    ReportPlaced,
    ReportReceived,
    audience,
    decode,
    derive,
    encode,
)
from streams.handle import Step, handle, replayed
from streams.shelf_sqlite import ShelfSqlite
from streams.state import State

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)


class Seen(msgspec.Struct, frozen=True):
    """What the step under test remembers."""

    n: int = 0


def report(name: str = "one", key: str = "KE.042.242.1208") -> Event:
    id_ = str(uuid5(NAMESPACE, f"handle/{name}"))
    body = ReportReceived(channel="web", text="maji 🌊 mengi")
    return Event(id=id_, cause="x", source="door", key=key, at=NOON, seen=NOON, audience=("public",), body=body)


def dismissed(report: str = "r") -> Fact:
    return Fact(body=ReportDismissed(report=report, reason="hoax", by="me"), audience=audience("KE.042", "operator"))


@pytest.fixture
def state() -> Iterator[State]:
    with closing(connect(":memory:")) as connection:
        yield ShelfSqlite(connection).state("step", "KE.042")


def step(function: Callable[[State, Event], Iterable[Fact]]) -> Step:
    return Step(name="step", hears=(ReportReceived,), writes=(t.REPORTS,), function=function)


def letter(outputs: list[object]) -> Event:
    (only,) = outputs
    event = only[0] if isinstance(only, tuple) else None
    assert isinstance(event, Event)
    assert isinstance(event.body, DeadLettered)
    return event


def test_outputs_are_stamped_numbered_and_encoded(state: State) -> None:
    def two(state: State, event: Event) -> Iterator[Fact]:
        state.put("seen", Seen(1))
        yield dismissed("a")
        yield dismissed("b")

    event = report()
    outputs = handle(step(two), state, event)
    assert [output.event.id for output in outputs] == [derive(event.id, "step", n) for n in range(2)]
    assert [decode(output.data) for output in outputs] == [output.event for output in outputs]
    assert {(output.event.cause, output.event.source, output.event.seen) for output in outputs} == {
        (event.id, "step", NOON)
    }
    assert state.changes == {"seen": Seen(1)}


def failing(error: Exception) -> Step:
    def fail(state: State, event: Event) -> Iterator[Fact]:
        state.put("seen", Seen(1))
        yield dismissed()
        raise error

    return step(fail)


@pytest.mark.parametrize(
    ("error", "code", "detail"),
    [
        (Rejected("reading-unit", "unit 'furlong'"), "reading-unit", "unit 'furlong'"),
        (ZeroDivisionError("by nothing"), "step-failed", "ZeroDivisionError: by nothing at fail:"),
        (RecursionError("too deep"), "step-failed", "RecursionError"),
        (ValueError("x" * 5000), "step-failed", "ValueError: xxx"),
    ],
)
def test_a_step_that_raises_leaves_one_letter_and_nothing_else(
    state: State, error: Exception, code: str, detail: str
) -> None:
    event = report()
    told = letter(list(handle(failing(error), state, event)))
    assert state.changes == {}
    assert isinstance(told.body, DeadLettered)
    assert (told.body.step, told.body.code, told.body.topic) == ("step", code, t.REPORTS.name)
    assert detail in told.body.detail
    assert len(told.body.detail) <= 2000
    assert decode(told.body.original.encode()) == event
    assert (told.cause, told.body.original_id) == (event.id, event.id)
    # Running into it again tells the same letter, under the same id.
    assert letter(list(handle(failing(error), state, event))).id == told.id
    assert told.id != derive(event.id, "step", 0)


def test_a_step_writes_only_to_its_topics(state: State) -> None:
    def stray(state: State, event: Event) -> Iterator[Fact]:
        yield dismissed()
        yield Fact(body=AlertApproved(alert="a", by="me"), audience=("public",))

    told = letter(list(handle(step(stray), state, report()))).body
    assert isinstance(told, DeadLettered)
    assert "step step may not write AlertApproved" in told.detail


@pytest.mark.parametrize(
    "body",
    [
        ReportPlaced(report="r", lon=nan, lat=0.0, by="me"),
        ReportPlaced(report="r", lon=34.0, lat=inf, by="me"),
        ReportPlaced(report="\ud800", lon=34.0, lat=0.0, by="me"),
        PositionShared(responder="r", lon=34.0, lat=-inf),
    ],
)
def test_what_could_not_be_read_back_is_not_written(state: State, body: ReportPlaced | PositionShared) -> None:
    def unwritable(state: State, event: Event) -> Iterator[Fact]:
        state.put("seen", Seen(1))
        yield Fact(body=body, audience=("public",))

    guarded = Step(name="step", hears=(ReportReceived,), writes=(t.REPORTS, t.RESPONDERS), function=unwritable)
    told = letter(list(handle(guarded, state, report())))
    assert isinstance(told.body, DeadLettered)
    assert told.body.code == "step-failed"
    assert state.changes == {}
    assert decode(encode(told)) == told


def test_the_word_null_is_no_reason_to_refuse(state: State) -> None:
    def null(state: State, event: Event) -> Iterator[Fact]:
        yield dismissed("null")

    (output,) = handle(step(null), state, report())
    assert isinstance(output.event.body, ReportDismissed)


@pytest.mark.parametrize(("key", "area"), [("KE.042", "KE.042"), ("nyando-ahero", "KE"), ("", "KE")])
def test_a_letter_is_for_the_operators_of_its_area(state: State, key: str, area: str) -> None:
    told = letter(list(handle(failing(ValueError()), state, report(key=key))))
    assert told.audience == (f"operator:{area}",)
    assert told.key == key


# --- letters that are given to their step again


def again(original: str, step: str = "step") -> Event:
    body = DeadLetterReplayed(letter="letter-1", step=step, original=original, by="me")
    return msgspec.structs.replace(report("replay"), body=body, cause="request")


def quiet(state: State, event: Event) -> Iterator[Fact]:
    yield dismissed(event.id)


def test_a_replayed_letter_goes_to_its_step_alone_under_an_id_of_its_own() -> None:
    event, steps = again(encode(report()).decode()), [step(quiet), msgspec.structs.replace(step(quiet), name="other")]
    assert isinstance(event.body, DeadLetterReplayed)
    ((target, original),) = replayed(event, event.body, steps)
    assert target is steps[0]
    assert original.body == report().body
    assert (original.id, original.cause, original.seen, original.at) == (event.id, "letter-1", NOON, NOON)


@pytest.mark.parametrize(
    ("original", "name", "code"),
    [
        ("{", "step", "invalid-body"),
        ('{"id": 5}', "step", "invalid-body"),
        ("\ud800", "step", "invalid-body"),
        (encode(report()).decode(), "nobody", "step-unknown"),
    ],
)
def test_a_replay_that_leads_nowhere_becomes_a_letter(state: State, original: str, name: str, code: str) -> None:
    event = again("{}", name)
    body = msgspec.structs.replace(event.body, original=original)
    assert isinstance(body, DeadLetterReplayed)
    ((target, delivered),) = replayed(event, body, [step(quiet)])
    told = letter(list(handle(target, state, delivered))).body
    assert isinstance(told, DeadLettered)
    assert (told.step, told.code) == ("replay", code)
