"""What is going on: reports joined into incidents."""

from streams.events.values import Body, Hazard, Part, Severity


class IncidentOpened(Body, frozen=True, kw_only=True):
    """The first report of something nobody knew of. `evidence` is 0..1; parts add up to it."""

    incident: str
    reference: str
    report: str
    hazard: Hazard
    severity: Severity
    ward: str
    ward_name: str
    lon: float
    lat: float
    evidence: float
    text: str = ""
    parts: tuple[Part, ...] = ()
    observers: tuple[str, ...] = ()
    """Wards near whose edge this is: they watch, the owner ward acts."""


class IncidentGrew(Body, frozen=True, kw_only=True):
    """Another report (or a gauge) joined an incident; severity and evidence as they stand now."""

    incident: str
    report: str
    severity: Severity
    evidence: float
    reports: int
    lon: float
    lat: float
    parts: tuple[Part, ...] = ()
    why: tuple[Part, ...] = ()
    """Why it is the same incident: hazard, distance, time."""


class IncidentRescored(Body, frozen=True, kw_only=True):
    """Evidence or severity changed without a new report: a report was dismissed, or a gauge spoke."""

    incident: str
    severity: Severity
    evidence: float
    reports: int
    parts: tuple[Part, ...] = ()
    reason: str = ""


class IncidentMergeRequested(Body, frozen=True, kw_only=True):
    """An operator said that two incidents are one."""

    incident: str
    into: str
    by: str
    reason: str = ""


class IncidentMerged(Body, frozen=True, kw_only=True):
    """`incident` is now part of `into`, which has the figures given here."""

    incident: str
    into: str
    by: str
    severity: Severity
    evidence: float
    reports: int
    parts: tuple[Part, ...] = ()
    reason: str = ""


class IncidentCloseRequested(Body, frozen=True, kw_only=True):
    """An operator asked to close an incident."""

    incident: str
    by: str
    reason: str


class IncidentClosed(Body, frozen=True, kw_only=True):
    """An incident is over; nobody is asked about it any more."""

    incident: str
    by: str
    reason: str


class RequestRefused(Body, frozen=True, kw_only=True):
    """What an operator or responder asked for could not be done any more; `code` says why."""

    request: str
    code: str
    detail: str
    about: str = ""
