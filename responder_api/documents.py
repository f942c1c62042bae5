"""The documents that people see, typed: what the read model holds, REST answers with and `/live` carries.

You are at the end of both roads, beside `projection`, which makes these documents from facts as plain JSON values; a
test holds every one it makes to these structs, and `document_schema` publishes them for clients. A field that says
nothing is left out: where a type here has `Unset`, expect no such field, never null. Ids are UUIDs unless something
else is said, times RFC 3339 in UTC, positions WGS 84 degrees.
"""

from datetime import datetime
from typing import Literal

import msgspec
from msgspec import UNSET
from msgspec import UnsetType as Unset

from alerts.cap import Alert as CapMessage
from responder_api.documents_people import Presence, Responder
from responder_api.documents_people import PresenceState as PresenceState
from streams.events import Arrival, Candidate, Ground, Hazard, Part, PositionOf, ReadingFlag, Severity

Channel = Literal["sms", "ussd", "web", "call", "officer", "app"]
ReportState = Literal["received", "located", "waiting", "repeated", "dismissed"]
IncidentState = Literal["open", "closed", "merged"]
AssignmentState = Literal["offered", "accepted", "declined", "expired", "withdrawn", "enroute", "arrived", "done"]
AlertState = Literal["draft", "issued", "superseded", "cancelled", "rejected", "expired"]
MessageState = Literal["queued", "sending", "sent", "delivered", "failed", "recalled"]
DeadletterState = Literal["open", "replayed", "dismissed"]
MessageKind = Literal["ask", "stand-down", "warning", "receipt", "answer-refused", "question"]
MessageChannel = Literal["sms", "webpush", "webhook", "email"]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody works on this now; it runs out by itself."""

    by: str
    """Account of the operator."""
    by_name: str | Unset = UNSET
    at: datetime
    until: datetime


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender of a report was asked back, and by whom."""

    question: str
    by: str
    at: datetime


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said, where it was placed, and what became of it. Only operators see reports."""

    id: str
    reference: str
    """Short number that its sender can read out."""
    state: ReportState
    """`waiting`: in the triage queue, its place is not known. `repeated`: the same as `of`."""
    at: datetime
    """When it was said."""
    seen: datetime
    """When it reached us."""
    channel: Channel
    text: str | Unset = UNSET
    """As it was sent: may hold anything."""
    hazard: Hazard | Unset = UNSET
    severity: Severity | Unset = UNSET
    lon: float | Unset = UNSET
    lat: float | Unset = UNSET
    accuracy_m: float | Unset = UNSET
    position_of: PositionOf
    reporter: str | Unset = UNSET
    """Phone number or account of the sender."""
    reporter_name: str | Unset = UNSET
    source_kind: str
    """What kind of source this is; a chief's word goes further than an unknown number's."""
    ward: str | Unset = UNSET
    """Area path of the ward, once it is known."""
    ward_name: str | Unset = UNSET
    how: Literal["point", "words", "operator"] | Unset = UNSET
    """By what its ward was found."""
    confidence: float | Unset = UNSET
    """How sure the place is, 0 to 1."""
    edge_m: float | Unset = UNSET
    """Metres from the position to the ward's edge."""
    outside_m: float | Unset = UNSET
    """Metres that the position lies outside the ward, which answers for it as the nearest."""
    candidates: list[Candidate] | Unset = UNSET
    """Wards that it may be in, the likeliest first."""
    parts: list[Part] | Unset = UNSET
    """What its severity is made of."""
    code: str | Unset = UNSET
    """Why it waits, as a stable code."""
    detail: str | Unset = UNSET
    question: str | Unset = UNSET
    """What its sender could be asked, so that the place becomes known."""
    asked: Asked | Unset = UNSET
    """What its sender was asked back."""
    of: str | Unset = UNSET
    """The report that this one repeats."""
    why: str | Unset = UNSET
    """Why it is taken for a repeat."""
    reason: Literal["hoax", "duplicate", "not-an-emergency"] | Unset = UNSET
    """Why it was dismissed."""
    dismissed_by: str | Unset = UNSET
    incident: str | Unset = UNSET
    """The incident that it is part of."""
    claim: Claim | Unset = UNSET
    origin: str | Unset = UNSET
    """The systems it was mirrored through, its first writer first, with `/` between them; there it is decided."""


class Goer(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who accepted to go to an incident and is not done."""

    assignment: str
    responder: str
    name: str
    title: str | Unset = UNSET
    need: str
    """The skill for which they go."""
    state: Literal["accepted", "enroute", "arrived"]


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is going on: reports that are about the same, and what is being done."""

    id: str
    reference: str
    state: IncidentState
    """`merged`: it goes on in `into`."""
    hazard: Hazard
    severity: Severity
    ward: str
    ward_name: str
    lon: float
    lat: float
    scene_m: float | Unset = UNSET
    """Metres around this place that are its scene: whoever is nearer is there."""
    text: str | Unset = UNSET
    """The words of its first report."""
    reports: int
    """How many reports speak of it."""
    evidence: float
    """How sure it is, 0 to 1; `parts` add up to it."""
    parts: list[Part] | Unset = UNSET
    why: list[Part] | Unset = UNSET
    """Why the last report was taken for the same incident: hazard, distance, time."""
    observers: list[str] | Unset = UNSET
    """Wards near whose edge it is, or where a report of it is from: they watch, the ward acts."""
    observers_m: dict[str, float] | Unset = UNSET
    """By the watching ward's area path: metres from the incident to that ward."""
    opened_at: datetime
    last_at: datetime
    """When it was last heard of."""
    asked: int
    """How many asks went out for it."""
    going: int
    """How many have accepted and are not done."""
    crew: list[Goer] | Unset = UNSET
    exhausted: list[str] | Unset = UNSET
    """Needs for which nobody is left to ask."""
    merged: list[str] | Unset = UNSET
    """Incidents that are part of this one. Reports keep their own incident: follow its `into` to find them here."""
    into: str | Unset = UNSET
    """The incident that this one is part of."""
    merged_by: str | Unset = UNSET
    merged_at: datetime | Unset = UNSET
    split_from: str | Unset = UNSET
    """The incident whose reports its first ones were."""
    reopened_by: str | Unset = UNSET
    reopened_at: datetime | Unset = UNSET
    """When it was opened again, the last time."""
    closed_at: datetime | Unset = UNSET
    closed_by: str | Unset = UNSET
    reason: str | Unset = UNSET
    """Why it was closed or merged."""
    claim: Claim | Unset = UNSET
    origin: str | Unset = UNSET
    """The systems it was mirrored through, its first writer first, with `/` between them; there it is decided."""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """One person asked to go to one incident, and what became of it."""

    id: str
    code: str
    """Short number to answer by SMS with."""
    state: AssignmentState
    """`offered` waits for an answer until `deadline`; `accepted`, `enroute` and `arrived` go."""
    incident: str
    responder: str
    """Id of the responder, as in the county's list."""
    responder_name: str
    need: str
    """The skill that is needed."""
    rung: str
    """How far the asking has gone: the ward's own people first, then wider."""
    attempt: int
    offered_at: datetime
    deadline: datetime
    hazard: Hazard
    severity: Severity
    ward: str
    ward_name: str
    lon: float
    """Where to go."""
    lat: float
    distance_m: float | Unset = UNSET
    """Metres from the responder, in a straight line, when asked."""
    text: str | Unset = UNSET
    reason: str | Unset = UNSET
    """Why this person."""
    parts: list[Part] | Unset = UNSET
    """What the choice of this person rests on."""
    asked_by: str | Unset = UNSET
    """The operator who asked for this person; left out where the rules chose."""
    seen_at: datetime | Unset = UNSET
    """When the person's device showed the ask."""
    answered_at: datetime | Unset = UNSET
    """When it was accepted, declined, expired or withdrawn."""
    answer_reason: str | Unset = UNSET
    """Why it was declined or withdrawn."""
    ground: Ground | Unset = UNSET
    """What it was withdrawn for."""
    via: str | Unset = UNSET
    """How the last answer came."""
    enroute_at: datetime | Unset = UNSET
    arrived_at: datetime | Unset = UNSET
    done_at: datetime | Unset = UNSET
    origin: str | Unset = UNSET
    """The systems it was mirrored through, its first writer first, with `/` between them; there it is decided."""


class PassedOn(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a ward says that the warning was passed on there."""

    by: str
    how: str | Unset = UNSET
    """Baraza, siren, radio, door to door."""
    at: datetime


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A warning, from draft to over."""

    id: str
    key: str
    """Area path of the county."""
    state: AlertState
    """Only an `issued` one is in force; `superseded`: see `followed_by`."""
    cap: CapMessage
    """The message itself, by the Common Alerting Protocol."""
    wards: list[Arrival] | Unset = UNSET
    """Where it holds, and how long the water needs to get there."""
    hazard: Hazard | Unset = UNSET
    severity: Severity | Unset = UNSET
    """Known, as the hazard is, once it is issued."""
    station: str | Unset = UNSET
    """Id of the gauge that it rests on."""
    needs_approval: bool | Unset = UNSET
    overdue: bool | Unset = UNSET
    """The draft waited longer than policy allows."""
    reason: str | Unset = UNSET
    """Why it was drafted; once rejected, why it was refused."""
    by: str | Unset = UNSET
    """Who rejected it."""
    drafted_at: datetime | Unset = UNSET
    issued_at: datetime | Unset = UNSET
    minutes_from: datetime | Unset = UNSET
    """When the mark was crossed: from here the minutes of `wards` count, however long a draft waited."""
    approved_by: str | Unset = UNSET
    previous: str | Unset = UNSET
    """The alert that this one updates or cancels."""
    followed_by: str | Unset = UNSET
    confirmed: dict[str, PassedOn] | Unset = UNSET
    """By the ward's area path: who passed it on there."""
    claim: Claim | Unset = UNSET
    origin: str | Unset = UNSET
    """The systems it was mirrored through, its first writer first, with `/` between them; there it is decided."""


class Crossed(msgspec.Struct, frozen=True, kw_only=True):
    """The last mark that a gauge rose over or fell below."""

    mark: str
    direction: Literal["up", "down"]
    at: datetime
    value: float


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor: where its series stands. Its id is the station's."""

    id: str
    name: str | Unset = UNSET
    """Known once a mark was crossed, like `river` and the position."""
    river: str | Unset = UNSET
    lon: float | Unset = UNSET
    lat: float | Unset = UNSET
    level: float | Unset = UNSET
    """In `unit`, over `datum`."""
    level_at: datetime | Unset = UNSET
    unit: str | Unset = UNSET
    datum: str | Unset = UNSET
    rate_per_hour: float | Unset = UNSET
    mark: str | Unset = UNSET
    """The highest mark that stands raised."""
    crossed: Crossed | Unset = UNSET
    accepted: int | Unset = UNSET
    """Readings of the last batch that were taken; `repeated`, `late` and `flagged` ones likewise."""
    repeated: int | Unset = UNSET
    late: int | Unset = UNSET
    flagged: int | Unset = UNSET
    flags: list[ReadingFlag] | Unset = UNSET
    """The last ten readings that were not taken at their word."""
    heard_at: datetime | Unset = UNSET
    """When it was last heard, whatever it said."""
    origin: str | Unset = UNSET
    """The systems it was mirrored through, its first writer first, with `/` between them; there it is decided."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person by one channel."""

    id: str
    state: MessageState
    """`sending`: handed to its channel, which has not answered yet."""
    kind: MessageKind
    """What it is for."""
    channel: MessageChannel
    """By what it goes out."""
    to: str
    """Phone number or address."""
    recipient: str
    """Responder id, or phone number of a citizen."""
    text: str
    language: str
    about: str
    """Id of what it concerns."""
    pages: int
    attempts: int
    at: datetime
    expires: datetime | Unset = UNSET
    sending_at: datetime | Unset = UNSET
    sent_at: datetime | Unset = UNSET
    delivered_at: datetime | Unset = UNSET
    failed_at: datetime | Unset = UNSET
    """When it last failed; it may have gone since."""
    recalled_at: datetime | Unset = UNSET
    provider_id: str | Unset = UNSET
    code: str | Unset = UNSET
    """Why it last failed."""
    detail: str | Unset = UNSET
    reason: str | Unset = UNSET
    """Why it was recalled."""
    by: str | Unset = UNSET
    """Whose device or which network confirmed it."""


class Deadletter(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a step could not take; an operator may give it again, or dismiss it."""

    id: str
    state: DeadletterState
    """`replayed`: it was given to its step again; `dismissed`: nothing is to be done about it."""
    topic: str
    step: str
    code: str
    detail: str | Unset = UNSET
    original_id: str | Unset = UNSET
    size: int
    """Characters of the original."""
    at: datetime
    replayed_at: datetime | Unset = UNSET
    replayed_by: str | Unset = UNSET
    reason: str | Unset = UNSET
    """Why it was dismissed."""
    dismissed_at: datetime | Unset = UNSET
    dismissed_by: str | Unset = UNSET


KINDS: dict[str, type[msgspec.Struct]] = {
    "report": Report,
    "incident": Incident,
    "assignment": Assignment,
    "responder": Responder,
    "presence": Presence,
    "alert": Alert,
    "gauge": Gauge,
    "message": Message,
    "deadletter": Deadletter,
}
"""What a document of each kind looks like."""
