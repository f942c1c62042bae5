"""What is going on: reports joined into incidents."""

import msgspec

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
    observers_m: dict[str, float] = msgspec.field(default_factory=dict)
    """By the watching ward's area path: metres from the incident to that ward."""
    reports: int = 1
    """How many reports it begins with; `report` is the one that it takes its place from."""
    split_from: str = ""
    """Id of the incident whose reports these were; empty where the report was the first word of it."""
    scene_m: float | None = None


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
    observers: tuple[str, ...] = ()
    """Wards that watch it from now on: near whose edge it is, or where a report of it is from."""
    observers_m: dict[str, float] = msgspec.field(default_factory=dict)
    """By the watching ward's area path: metres from the incident to that ward."""
    scene_m: float | None = None


class IncidentRescored(Body, frozen=True, kw_only=True):
    """Evidence or severity changed without a new report: a report was dismissed or moved, or a gauge spoke."""

    incident: str
    severity: Severity
    evidence: float
    reports: int
    parts: tuple[Part, ...] = ()
    reason: str = ""
    lon: float | None = None
    """Longitude in degrees, where it stands now; missing: where it stood."""
    lat: float | None = None
    """Latitude in degrees, where it stands now; missing: where it stood."""
    scene_m: float | None = None


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
    observers: tuple[str, ...] = ()
    """Wards that watch it from now on: also those whose incident this was, or that watched it."""
    observers_m: dict[str, float] = msgspec.field(default_factory=dict)
    """By the watching ward's area path: metres from the incident to that ward."""
    scene_m: float | None = None


class IncidentSplitRequested(Body, frozen=True, kw_only=True):
    """An operator said that some reports of an incident are about something else."""

    incident: str
    reports: tuple[str, ...]
    by: str
    reason: str = ""


class IncidentSplit(Body, frozen=True, kw_only=True):
    """`reports` left `incident` and are `into` now, an incident of their own; the figures of both follow."""

    incident: str
    into: str
    reports: tuple[str, ...]
    by: str
    reason: str = ""


class IncidentReopenRequested(Body, frozen=True, kw_only=True):
    """An operator said that an incident is not over, or no part of another one after all."""

    incident: str
    by: str
    reason: str = ""


class IncidentReopened(Body, frozen=True, kw_only=True):
    """What was closed or merged is open again, with its own reports and the figures given here."""

    incident: str
    severity: Severity
    evidence: float
    reports: int
    by: str
    parts: tuple[Part, ...] = ()
    reason: str = ""
    out_of: str = ""
    """Id of the incident that it was part of; empty where it was closed."""
    lon: float | None = None
    """Longitude in degrees, where it stands now."""
    lat: float | None = None
    """Latitude in degrees, where it stands now."""
    scene_m: float | None = None


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
