"""What is this text message: a responder's answer, or a report?

First step of the SMS road. A message from a known responder's phone that reads as an answer becomes `AnswerReceived`
(next: `dispatch`); everything else becomes `ReportReceived` (next: `reports`). Nothing is thrown away: what cannot be
an answer is a report, and an operator sees it.
"""

from collections.abc import Iterator

import msgspec

from alerts.answers import parse_answer
from streams.events import AnswerReceived, Event, Fact, ReportReceived, ResponderEnrolled, SmsReceived, audience
from streams.phones import e164
from streams.state import State

SOURCE_KINDS = ("chief", "ward-admin", "health-promoter")
"""Skills that say what kind of source somebody is; every other responder is one of kind `responder`."""


class Owner(msgspec.Struct, frozen=True):
    """Whose phone this is."""

    responder: str
    home: str
    kind: str


class Phone(msgspec.Struct, frozen=True):
    """A responder's phone, to forget the old one when it changes."""

    number: str


def inbox(state: State, event: Event) -> Iterator[Fact]:
    """Keep the book of responders' phones; turn a text message into an answer or a report."""
    body = event.body
    if isinstance(body, ResponderEnrolled):
        _enrol(state, body)
    elif isinstance(body, SmsReceived):
        yield _read(state, event, body)


def _enrol(state: State, body: ResponderEnrolled) -> None:
    before = state.get(f"responder/{body.responder}", Phone)
    number = e164(body.phone)
    if before is not None and before.number != number:
        state.drop(f"phone/{before.number}")
    kind = next((skill for skill in SOURCE_KINDS if skill in body.skills), "responder")
    if body.active and number:
        state.put(f"phone/{number}", Owner(body.responder, body.home, kind))
        state.put(f"responder/{body.responder}", Phone(number))
    else:
        state.drop(f"phone/{number}")
        state.drop(f"responder/{body.responder}")


def _read(state: State, event: Event, sms: SmsReceived) -> Fact:
    number = e164(sms.sender)
    owner = state.get(f"phone/{number}", Owner)
    answer = parse_answer(sms.text) if owner is not None else None
    if owner is not None and answer is not None:
        body = AnswerReceived(responder=owner.responder, answer=answer.answer, code=answer.code, via="sms")
        return Fact(body=body, audience=audience(owner.home, "operator", persons=[owner.responder]))
    report = ReportReceived(
        channel="officer" if owner is not None else "sms",
        text=sms.text,
        reporter=number,
        source_kind=owner.kind if owner is not None else "citizen",
    )
    return Fact(body=report, audience=audience(event.key, "operator"))
