"""What citizens and officers say, and where it is."""

from typing import Literal

from streams.events.values import Body, Candidate, Hazard, Part, PositionOf, Severity


class SmsReceived(Body, frozen=True, kw_only=True):
    """A text message reached our short code; `gateway_id` is the gateway's own id, unique per gateway."""

    gateway: str
    gateway_id: str
    sender: str
    to: str
    text: str
    link_id: str = ""


class ReportReceived(Body, frozen=True, kw_only=True):
    """Somebody reported something. The report's id is the event's id; `lon`, `lat` are WGS 84 degrees."""

    channel: Literal["sms", "ussd", "web", "call", "officer", "app"]
    text: str
    hazard: Hazard | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    position_of: PositionOf = "unknown"
    reporter: str = ""
    """Phone number or account of the reporter; only operators see it."""
    reporter_name: str = ""
    source_kind: str = "citizen"
    """What kind of source this is (alerts.evidence.TRUST): a chief's word goes further than an unknown number's."""


class ReportLocated(Body, frozen=True, kw_only=True):
    """A report has its ward. `how` says by what; the score parts say why this severity."""

    report: str
    channel: str
    reporter: str
    ward: str
    ward_name: str
    lon: float
    lat: float
    how: Literal["point", "words", "operator"]
    confidence: float
    hazard: Hazard
    severity: Severity
    text: str = ""
    source_kind: str = "citizen"
    edge_m: float | None = None
    outside_m: float | None = None
    """Metres that the position lies outside the ward, which answers for it as the nearest; missing: it is inside."""
    candidates: tuple[Candidate, ...] = ()
    parts: tuple[Part, ...] = ()
    incident: str = ""
    """Id of the incident that an operator joined it to; empty where the rules find one."""


class ReportUnlocated(Body, frozen=True, kw_only=True):
    """A report could not be given a ward: it waits in the operators' triage queue with a reason and candidates."""

    report: str
    code: str
    detail: str
    text: str = ""
    hazard: Hazard = "other"
    severity: Severity = "Unknown"
    channel: str = ""
    reporter: str = ""
    source_kind: str = "citizen"
    candidates: tuple[Candidate, ...] = ()
    question: str = ""


class ReportRepeated(Body, frozen=True, kw_only=True):
    """The same sender said the same thing again; it counts as evidence once."""

    report: str
    of: str
    why: str


class ReportPlaced(Body, frozen=True, kw_only=True):
    """An operator put a waiting report on the map, or joined it to an incident, whose place it takes."""

    report: str
    lon: float
    lat: float
    by: str
    ward: str = ""
    """Area path of the ward that answers for it, as the incident's or as the operator says; empty where the position
    says which ward it is."""
    incident: str = ""
    """Id of the incident that it is joined to; empty where the rules find one."""


class ReportJoinRequested(Body, frozen=True, kw_only=True):
    """An operator said which incident a report is about."""

    report: str
    incident: str
    by: str


class ReportDismissed(Body, frozen=True, kw_only=True):
    """An operator judged a report a hoax, a duplicate or not an emergency."""

    report: str
    reason: Literal["hoax", "duplicate", "not-an-emergency"]
    by: str


class QuestionAsked(Body, frozen=True, kw_only=True):
    """An operator asks whoever reported something; if the report has no place yet, the answer may give it one."""

    report: str
    question: str
    by: str
    to: str
