"""The desk's own corners, which a story cannot reach: hosts that are late, requests that overtake each other."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pytest

from streams.events import (
    AnyBody,
    ClaimRequested,
    DeadlineReached,
    DeadlineSet,
    Event,
    IncidentClosed,
    RequestRefused,
    WorkClaimed,
    WorkReleased,
)
from streams.state import State
from streams.steps.desk import HOLDS, desk

T = TypeVar("T", bound=msgspec.Struct)
NOON = datetime(2026, 4, 26, 9, 0, tzinfo=UTC)
OPERATORS = ("operator:KE.042", "operator:KE.042.238")


class Desk:
    """The step with a memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.made = 0

    def load(self, item: str, kind: type[T]) -> T | None:
        return self.kept.get(item)

    def hear(self, body: AnyBody, seconds: float, *others: str) -> list[AnyBody]:
        """Let the step hear something `seconds` after noon; whatever comes of it is for operators alone."""
        self.made += 1
        id_, now = str(uuid5(NAMESPACE_URL, str(self.made))), NOON + timedelta(seconds=seconds)
        event = Event(
            id=id_, cause=id_, source="t", key="KE.042", at=now, seen=now, audience=(*OPERATORS, *others), body=body
        )
        state = State(self)
        facts = list(desk(state, event))
        self.kept |= state.changes
        self.kept = {name: value for name, value in self.kept.items() if value is not None}
        assert all(fact.audience == OPERATORS for fact in facts)
        return [fact.body for fact in facts]

    def claim(self, by: str, seconds: float, *, take_over: bool = False) -> list[AnyBody]:
        return self.hear(ClaimRequested(about="x", kind="report", by=by, take_over=take_over), seconds)


def due(seconds: float) -> DeadlineReached:
    return DeadlineReached(step="desk", name="claim", about="x", due=NOON + timedelta(seconds=seconds))


def test_a_claim_whose_time_is_over_holds_nobody_up_even_before_the_host_says_so() -> None:
    at = Desk()
    at.claim("atieno", 0)
    (claimed, *_) = at.claim("otieno", HOLDS.total_seconds() + 1)
    assert isinstance(claimed, WorkClaimed)
    assert (claimed.by, claimed.taken_from) == ("otieno", "")
    # The deadline of the first one comes late, and watches over the second from now on.
    (again,) = at.hear(due(300), 400)
    assert isinstance(again, DeadlineSet)
    assert again.due == claimed.until
    (released,) = at.hear(due(601), 601)
    assert isinstance(released, WorkReleased)
    assert released.by == "otieno"


def test_the_last_second_is_still_the_holders() -> None:
    at = Desk()
    at.claim("atieno", 0)
    (refused,) = at.claim("otieno", HOLDS.total_seconds() - 0.001)
    assert isinstance(refused, RequestRefused)
    assert refused.detail == "atieno works on this until 12:05 (Kenya time)."
    assert isinstance(at.claim("otieno", HOLDS.total_seconds())[0], WorkClaimed)


def test_a_request_that_was_overtaken_shortens_nothing() -> None:
    at = Desk()
    at.claim("atieno", 0)
    (late,) = at.claim("atieno", 100)
    (early,) = at.claim("atieno", 50)
    assert isinstance(late, WorkClaimed)
    assert isinstance(early, WorkClaimed)
    assert early.until == late.until


def test_one_deadline_watches_over_a_claim_however_often_it_is_heard() -> None:
    at = Desk()
    deadlines = [body for n in range(20) for body in at.claim("atieno", n) if isinstance(body, DeadlineSet)]
    deadlines += [body for body in at.claim("otieno", 30, take_over=True) if isinstance(body, DeadlineSet)]
    assert len(deadlines) == 1
    assert len(at.hear(due(300), 300)) == 1
    assert at.hear(due(300), 300) == [], "the same again"
    assert at.hear(due(123), 300) == [], "one of a claim before this"


def test_somebody_elses_deadline_is_not_the_desks() -> None:
    at = Desk()
    at.claim("atieno", 0)
    assert at.hear(DeadlineReached(step="notify", name="claim", about="x", due=NOON + HOLDS), 300) == []


@pytest.mark.parametrize("seconds", [1.0, 299.0])
def test_what_is_decided_is_nobodys_work_and_its_deadline_ends_nothing(seconds: float) -> None:
    at = Desk()
    at.claim("atieno", 0)
    (released,) = at.hear(IncidentClosed(incident="x", by="atieno", reason="over"), seconds, "responder:KE.042")
    assert isinstance(released, WorkReleased)
    assert (released.ground, at.kept) == ("done", {})
    assert at.hear(due(300), 300) == []
