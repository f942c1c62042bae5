"""The Common Alerting Protocol 1.2 as frozen values.

An `Alert` made here is judged by `alerts.cap_rules`, written and read as XML by `alerts.cap_xml`, and led from draft to
cancelled by `alerts.lifecycle`. Field names are the standard's, in snake case; positions are longitude first like
everywhere in this project, and become the standard's `lat,lon` only in `alerts.cap_xml`.

Source: OASIS Standard CAP-v1.2, 1 July 2010, section 3.2.
"""

from datetime import datetime, timedelta, timezone
from typing import Final, Literal

import msgspec

Status = Literal["Actual", "Exercise", "System", "Test", "Draft"]
MsgType = Literal["Alert", "Update", "Cancel", "Ack", "Error"]
Scope = Literal["Public", "Restricted", "Private"]
Category = Literal[
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
]
ResponseType = Literal[
    "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"
]  # fmt: skip
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]

LonLat = tuple[float, float]
"""Longitude, latitude in degrees, WGS 84."""
Ring = tuple[LonLat, ...]
"""A closed line: at least four positions, the last one equal to the first."""

EAT: Final = timezone(timedelta(hours=3))
"""East Africa Time; CAP times are written with this offset."""

WARD_SCHEME: Final = "dharura:area"
"""Name of the geocode that carries our area path (KE.042.238.1189)."""
DERIVED: Final = "dharura:derived"
"""Name of the parameter that says by which rule and version a severity was derived rather than declared by a person."""


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """The identity of an earlier message: the standard's `sender,identifier,sent`."""

    sender: str
    identifier: str
    sent: datetime


class Named(msgspec.Struct, frozen=True):
    """A value under a name that a scheme defines: eventCode, parameter and geocode."""

    name: str
    value: str


class Circle(msgspec.Struct, frozen=True, kw_only=True):
    """A circle on the earth: centre in degrees, radius in kilometres."""

    lon: float
    lat: float
    radius_km: float


class Area(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the alert holds; `description` is the standard's areaDesc. Altitudes in feet above mean sea level."""

    description: str
    polygons: tuple[Ring, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Named, ...] = ()
    altitude: float | None = None
    ceiling: float | None = None


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file that goes with the alert; `deref_uri` holds its content in base64."""

    description: str
    mime_type: str
    size: int | None = None
    uri: str = ""
    deref_uri: str = ""
    digest: str = ""


class Info(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is expected, in one language."""

    categories: tuple[Category, ...]
    event: str
    urgency: Urgency
    severity: Severity
    certainty: Certainty
    language: str = "en-US"
    """RFC 3066; the standard's default when a message does not say."""
    response_types: tuple[ResponseType, ...] = ()
    audience: str = ""
    event_codes: tuple[Named, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Named, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One CAP message. Its identity is (identifier, sender, sent)."""

    identifier: str
    sender: str
    sent: datetime
    status: Status
    msg_type: MsgType
    scope: Scope
    source: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()

    @property
    def reference(self) -> Reference:
        """Name this message the way a later one refers to it."""
        return Reference(sender=self.sender, identifier=self.identifier, sent=self.sent)

    @property
    def expires(self) -> datetime | None:
        """Tell when the last of its infos runs out; None when one of them never says."""
        ends = [info.expires for info in self.infos]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def geocodes(self, scheme: str = WARD_SCHEME) -> tuple[str, ...]:
        """List the codes of one scheme over all infos and areas, each once, in order of appearance."""
        codes = (code for info in self.infos for area in info.areas for code in area.geocodes)
        return tuple(dict.fromkeys(code.value for code in codes if code.name == scheme))


def east_africa(at: datetime) -> datetime:
    """Give the same moment in East Africa Time, whole seconds, as CAP wants it written."""
    return at.astimezone(EAT).replace(microsecond=0)
