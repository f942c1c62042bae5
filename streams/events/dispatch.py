"""Who is asked to go, who answers, and what became of it."""

from datetime import datetime
from typing import Literal

from streams.events.values import Answer, Body, Ground, Hazard, Part, Severity


class DispatchRequested(Body, frozen=True, kw_only=True):
    """An operator asks for one named responder to be sent to an incident."""

    incident: str
    responder: str
    by: str


class AssignmentOffered(Body, frozen=True, kw_only=True):
    """A responder is asked, once, with a deadline; `parts` and `reason` say why this person."""

    assignment: str
    code: str
    incident: str
    responder: str
    responder_name: str
    need: str
    rung: str
    attempt: int
    deadline: datetime
    hazard: Hazard
    severity: Severity
    ward: str
    ward_name: str
    lon: float
    lat: float
    reason: str = ""
    text: str = ""
    distance_m: float | None = None
    parts: tuple[Part, ...] = ()
    asked_by: str = ""


class AssignmentSeen(Body, frozen=True, kw_only=True):
    """The responder's device shows the ask: delivered, not yet answered."""

    assignment: str
    responder: str


class AnswerReceived(Body, frozen=True, kw_only=True):
    """A responder answered, by any channel; without `assignment`, `code` (or the newest open ask) says which."""

    responder: str
    answer: Answer
    via: Literal["app", "sms", "ussd", "operator"]
    assignment: str = ""
    code: str = ""
    reason: str = ""
    client_id: str = ""
    lon: float | None = None
    lat: float | None = None


class AssignmentAccepted(Body, frozen=True, kw_only=True):
    """The asking stops: this responder goes."""

    assignment: str
    incident: str
    responder: str
    via: str


class AssignmentDeclined(Body, frozen=True, kw_only=True):
    """The responder said no; the next one is asked."""

    assignment: str
    incident: str
    responder: str
    via: str
    reason: str = ""


class AssignmentExpired(Body, frozen=True, kw_only=True):
    """The deadline passed in silence; the next one is asked."""

    assignment: str
    incident: str
    responder: str


class AssignmentWithdrawn(Body, frozen=True, kw_only=True):
    """The ask is taken back: the incident was closed or merged, or somebody else took the seat."""

    assignment: str
    incident: str
    responder: str
    reason: str
    ground: Ground = "closed"


class AssignmentProgressed(Body, frozen=True, kw_only=True):
    """A responder who accepted is on the way, there, or done."""

    assignment: str
    incident: str
    responder: str
    state: Literal["enroute", "arrived", "done"]
    via: str


class AssignmentMoved(Body, frozen=True, kw_only=True):
    """The incident of an accepted assignment was merged, or came out again: the same responder goes to `incident`."""

    assignment: str
    incident: str
    responder: str
    merged: str


class AnswerRefused(Body, frozen=True, kw_only=True):
    """An answer came too late or for nothing open; the responder is told so."""

    responder: str
    answer: Answer
    code: str
    detail: str
    assignment: str = ""
    via: str = ""


class DispatchExhausted(Body, frozen=True, kw_only=True):
    """Everybody able was asked, up to the county: operators must act."""

    incident: str
    need: str
    rung: str
    asked: int
