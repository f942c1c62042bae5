"""A warning's life as a state machine: what was issued never changes, and every follow-up names all before it."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts.cap import EAT, WARD_SCHEME, Area, Info, Named
from alerts.cap_rules import faults
from alerts.lifecycle import OVER, Life, approve, cancel, draft, expire, issue, reject, update
from geo.places import Rejected

NOW = datetime(2026, 4, 26, 12, 0, 0, 250_000, tzinfo=UTC)
SENDER = "warnings@kisumu.example.ke"


def info(hours: float = 6, at: datetime = NOW) -> Info:
    return Info(
        language="en-KE",
        categories=("Met",),
        event="Flood",
        response_types=("Evacuate",),
        urgency="Expected",
        severity="Severe",
        certainty="Likely",
        expires=at + timedelta(hours=hours),
        areas=(Area(description="Ahero", geocodes=(Named(WARD_SCHEME, "KE.042.242.1208"),)),),
    )


def drafted() -> Life:
    return draft(sender=SENDER, at=NOW, infos=(info(),), incidents=("K7Q-2MF",))


def refused(code: str, step: object) -> None:
    with pytest.raises(Rejected) as caught:
        step()  # type: ignore[operator]  # a lambda
    assert caught.value.code == code


def test_a_warning_goes_from_draft_to_cancelled_with_chained_references() -> None:
    first = issue(approve(drafted(), by="operator-7"), identifier="A1", at=NOW)
    second = update(first, identifier="A2", at=NOW + timedelta(hours=1), infos=(info(12),))
    third = cancel(second, identifier="A3", at=NOW + timedelta(hours=2), reason="The water has gone.")
    assert [message.msg_type for message in third.messages] == ["Alert", "Update", "Cancel"]
    assert [message.identifier for message in third.messages] == ["A1", "A2", "A3"]
    assert third.messages[1].references == (third.messages[0].reference,)
    assert third.messages[2].references == (third.messages[0].reference, third.messages[1].reference)
    assert (third.state, third.approved_by, third.messages[2].note) == (
        "cancelled",
        "operator-7",
        "The water has gone.",
    )
    assert third.messages[2].infos[0].response_types == ("AllClear",)
    assert third.messages[0] == first.messages[0]
    assert third.messages[0].incidents == ("K7Q-2MF",)


def test_times_are_east_african_and_whole_and_sent_always_moves_on() -> None:
    life = issue(drafted(), identifier="A1", at=NOW)
    assert life.messages[0].sent.isoformat() == "2026-04-26T15:00:00+03:00"
    assert life.messages[0].sent.tzinfo == EAT
    same_moment = update(life, identifier="A2", at=NOW - timedelta(hours=1), infos=(info(),))
    assert same_moment.messages[1].sent == life.messages[0].sent + timedelta(seconds=1)


def test_what_the_state_does_not_allow_is_refused() -> None:
    life = issue(drafted(), identifier="A1", at=NOW)
    refused("alert-state", lambda: issue(life, identifier="A2", at=NOW))
    refused("alert-state", lambda: approve(life, by="x"))
    refused("alert-state", lambda: reject(life, reason="x"))
    refused("alert-state", lambda: update(drafted(), identifier="A2", at=NOW, infos=(info(),)))
    refused("alert-state", lambda: cancel(drafted(), identifier="A2", at=NOW, reason="x"))
    refused("alert-state", lambda: expire(life, at=NOW))
    refused("alert-state", lambda: update(life, identifier="A1", at=NOW, infos=(info(),)))
    over = reject(drafted(), reason="a mistake")
    refused("alert-over", lambda: issue(over, identifier="A1", at=NOW))
    gone = expire(life, at=NOW + timedelta(hours=6))
    refused("alert-over", lambda: cancel(gone, identifier="A2", at=NOW, reason="x"))
    refused("alert-over", lambda: update(gone, identifier="A2", at=NOW, infos=(info(),)))


def test_a_draft_that_waited_past_its_expiry_cannot_be_issued() -> None:
    refused("cap-invalid", lambda: issue(drafted(), identifier="A1", at=NOW + timedelta(hours=7)))
    refused("cap-invalid", lambda: draft(sender=SENDER, at=NOW, infos=()))


def test_an_exercise_says_so_in_every_message() -> None:
    life = draft(sender=SENDER, at=NOW, infos=(info(),), status="Exercise", note="Drill of April")
    life = issue(life, identifier="A1", at=NOW)
    life = update(life, identifier="A2", at=NOW, infos=(info(),))
    life = cancel(life, identifier="A3", at=NOW, reason="end")
    assert [message.note for message in life.messages] == ["Drill of April", "Drill of April", "Drill of April: end"]
    assert {message.status for message in life.messages} == {"Exercise"}


def test_a_cancel_of_a_message_about_to_run_out_is_readable_for_an_hour() -> None:
    life = issue(drafted(), identifier="A1", at=NOW)
    late = NOW + timedelta(hours=5, minutes=59)
    cancelled = cancel(life, identifier="A2", at=late, reason="gone")
    assert cancelled.current is not None
    assert cancelled.current.expires == cancelled.current.sent + timedelta(hours=1)


@settings(max_examples=200, stateful_step_count=20)
class Lives(RuleBasedStateMachine):
    """Any steps in any order: allowed ones keep the promises, the others change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.life = drafted()
        self.now = NOW
        self.numbers = 0
        self.frozen: list[bytes] = []

    def identifier(self) -> str:
        self.numbers += 1
        return f"A{self.numbers}"

    def attempt(self, allowed: bool, step: object) -> None:
        before = self.life
        try:
            self.life = step()  # type: ignore[operator]  # a lambda
        except Rejected as no:
            # An allowed step may still ask for a message that nobody may write: one that has run out.
            if allowed and no.code != "cap-invalid":
                raise
        else:
            assert allowed
            assert self.life is not before

    @rule(seconds=st.integers(-60, 20_000))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def approve(self) -> None:
        self.attempt(self.life.state == "draft", lambda: approve(self.life, by="somebody"))

    @precondition(lambda self: self.numbers > 3)
    @rule()
    def reject(self) -> None:
        self.attempt(self.life.state in {"draft", "approved"}, lambda: reject(self.life, reason="no"))

    @rule()
    def issue(self) -> None:
        name = self.identifier()
        self.attempt(self.life.state in {"draft", "approved"}, lambda: issue(self.life, identifier=name, at=self.now))

    @rule(hours=st.floats(0.1, 24))
    def update(self, hours: float) -> None:
        name, infos = self.identifier(), (info(hours, self.now),)
        allowed = self.life.state == "issued"
        self.attempt(allowed, lambda: update(self.life, identifier=name, at=self.now, infos=infos))

    @rule()
    def cancel(self) -> None:
        name = self.identifier()
        allowed = self.life.state == "issued"
        self.attempt(allowed, lambda: cancel(self.life, identifier=name, at=self.now, reason="no more"))

    @rule()
    def expire(self) -> None:
        current = self.life.current
        due = current is not None and current.expires is not None and self.now >= current.expires
        self.attempt(self.life.state == "issued" and due, lambda: expire(self.life, at=self.now))

    @rule()
    def store_and_load(self) -> None:
        self.life = msgspec.json.decode(msgspec.json.encode(self.life), type=Life)

    @invariant()
    def what_was_issued_never_changes(self) -> None:
        now = [msgspec.json.encode(message) for message in self.life.messages]
        assert now[: len(self.frozen)] == self.frozen
        self.frozen = now

    @invariant()
    def messages_are_sound_ordered_and_chained(self) -> None:
        messages = self.life.messages
        assert [message.msg_type for message in messages[:1]] == ["Alert"] * min(1, len(messages))
        assert len({message.identifier for message in messages}) == len(messages)
        for n, message in enumerate(messages):
            assert faults(message) == ()
            assert message.references == tuple(earlier.reference for earlier in messages[:n])
            assert n == 0 or message.sent > messages[n - 1].sent
            assert message.msg_type != "Cancel" or n == len(messages) - 1

    @invariant()
    def the_state_fits_the_messages(self) -> None:
        state, messages = self.life.state, self.life.messages
        assert (state in {"issued", "cancelled", "expired"}) == bool(messages)
        assert (state == "cancelled") == (bool(messages) and messages[-1].msg_type == "Cancel")
        assert (self.life.proposal is None) == (state in {"issued", *OVER} - {"rejected"})


TestLives = Lives.TestCase
