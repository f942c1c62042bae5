"""The envelope around a fact: where it came from, when it happened, who may see it.

In the log and on Kafka the envelope's fields are CloudEvents 1.0 attributes (headers in binary mode) and the body is
the data. A step yields a `Fact`; the host stamps it with what every event carries.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha1
from uuid import UUID

import msgspec

from streams.events.desk import ClaimRequested, ReleaseRequested, WorkClaimed, WorkReleased
from streams.events.dispatch import (
    AnswerReceived,
    AnswerRefused,
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentMoved,
    AssignmentOffered,
    AssignmentProgressed,
    AssignmentSeen,
    AssignmentWithdrawn,
    DispatchExhausted,
    DispatchRequested,
)
from streams.events.fences import FenceDwelt, FenceEntered, FenceLeft
from streams.events.filing import Filed
from streams.events.gauges import CrossingCorrected, LevelCrossed, ReadingsJudged, ReadingsReceived
from streams.events.incidents import (
    IncidentClosed,
    IncidentCloseRequested,
    IncidentGrew,
    IncidentMerged,
    IncidentMergeRequested,
    IncidentOpened,
    IncidentReopened,
    IncidentReopenRequested,
    IncidentRescored,
    IncidentSplit,
    IncidentSplitRequested,
    RequestRefused,
)
from streams.events.messages import (
    MessageAsked,
    MessageDelivered,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageTaken,
)
from streams.events.reports import (
    QuestionAsked,
    ReportDismissed,
    ReportJoinRequested,
    ReportLocated,
    ReportPlaced,
    ReportReceived,
    ReportRepeated,
    ReportUnlocated,
    SmsReceived,
)
from streams.events.responders import PositionShared, ResponderEnrolled, ShiftChanged
from streams.events.trouble import DeadLetterDismissed, DeadLettered, DeadLetterReplayed, DeadlineReached, DeadlineSet
from streams.events.warnings import (
    AlertApprovalOverdue,
    AlertApproved,
    AlertCancelRequested,
    AlertDrafted,
    AlertExpired,
    AlertIssued,
    AlertRejected,
    WarningAddressed,
    WarningPassedOn,
)

CONTRACT = 1
"""Version of this contract; it grows when a fact changes in a way that a reader must know."""

NAMESPACE = UUID("6f0d9f4e-1d4b-5c39-9f52-0d8a7c0b7f11")
"""Root of every id derived from something outside (a gateway's message id, an idempotency key)."""

AnyBody = (
    SmsReceived
    | ReportReceived
    | ReportLocated
    | ReportUnlocated
    | ReportRepeated
    | ReportPlaced
    | ReportJoinRequested
    | ReportDismissed
    | QuestionAsked
    | IncidentOpened
    | IncidentGrew
    | IncidentRescored
    | IncidentMergeRequested
    | IncidentMerged
    | IncidentSplitRequested
    | IncidentSplit
    | IncidentReopenRequested
    | IncidentReopened
    | IncidentCloseRequested
    | IncidentClosed
    | RequestRefused
    | ReadingsReceived
    | ReadingsJudged
    | LevelCrossed
    | CrossingCorrected
    | AlertDrafted
    | AlertApproved
    | AlertApprovalOverdue
    | AlertRejected
    | AlertIssued
    | AlertCancelRequested
    | WarningAddressed
    | AlertExpired
    | WarningPassedOn
    | ResponderEnrolled
    | ShiftChanged
    | PositionShared
    | DispatchRequested
    | AssignmentOffered
    | AnswerReceived
    | AssignmentAccepted
    | AssignmentDeclined
    | AssignmentExpired
    | AssignmentWithdrawn
    | AssignmentMoved
    | AssignmentProgressed
    | AssignmentSeen
    | AnswerRefused
    | DispatchExhausted
    | FenceEntered
    | FenceDwelt
    | FenceLeft
    | ClaimRequested
    | WorkClaimed
    | ReleaseRequested
    | WorkReleased
    | MessageAsked
    | MessageRecalled
    | MessageTaken
    | MessageSent
    | MessageFailed
    | MessageDelivered
    | DeadlineSet
    | DeadlineReached
    | Filed
    | DeadLettered
    | DeadLetterReplayed
    | DeadLetterDismissed
)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as a step yields it, before the host stamps it."""

    body: AnyBody
    audience: tuple[str, ...]
    key: str | None = None
    """Topic key; None keeps the cause's key."""
    at: datetime | None = None
    """When it happened; None: when its cause happened."""
    versions: dict[str, str] | None = None
    """Versions of what the decision rested on (rules, boundaries, places)."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact with its envelope, as it stands in the log.

    `id` is a UUID; `cause` the id of the event (or, at the door, of the request) that made it; `source` the step or
    door that wrote it; `key` the topic key (an area path or a station's id); `origin` the systems that it came through,
    where another one wrote it.
    """

    id: str
    cause: str
    source: str
    key: str
    at: datetime
    seen: datetime
    audience: tuple[str, ...]
    body: AnyBody
    versions: dict[str, str] = {}
    contract: int = 1
    origin: str = ""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """Give the event's JSON, the same bytes for the same event."""
    return _encoder.encode(event)


def decode(data: bytes) -> Event:
    """Read an event's JSON; raises msgspec.DecodeError or msgspec.ValidationError."""
    return _decoder.decode(data)


def derive(cause: str, step: str, n: int) -> str:
    """Give the id of the n-th fact that a step makes of a cause: a replay makes the same one.

    It is `uuid5(UUID(cause), f"{step}/{n}")` (RFC 9562, version 5), spelled out because it is made for every event.
    """
    digest = sha1(bytes.fromhex(cause.replace("-", "")) + f"{step}/{n}".encode(), usedforsecurity=False).digest()
    text = (digest[:6] + bytes(((digest[6] & 0x0F) | 0x50, digest[7], (digest[8] & 0x3F) | 0x80)) + digest[9:16]).hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def audience(area: str, *roles: str, persons: Iterable[str] = ()) -> tuple[str, ...]:
    """Say who may see a fact: holders of `roles` over `area`, and single `persons`."""
    return tuple(f"{role}:{area}" for role in roles) + tuple(f"person:{person}" for person in persons)


def stamp(fact: Fact, cause: Event, step: str, n: int) -> Event:
    """Put the envelope around the n-th fact that `step` made of `cause`."""
    return Event(
        id=derive(cause.id, step, n),
        cause=cause.id,
        source=step,
        key=cause.key if fact.key is None else fact.key,
        at=cause.at if fact.at is None else fact.at,
        seen=cause.seen,
        audience=fact.audience,
        body=fact.body,
        versions=fact.versions or {},
        contract=CONTRACT,
    )
