"""The small values that facts are made of."""

from typing import Literal

import msgspec

from alerts.cap import Severity as Severity
from alerts.parts import Part as Part
from alerts.plans import Hazard as Hazard

PositionOf = Literal["incident", "reporter", "unknown"]
Ground = Literal["closed", "merged", "taken"]
"""Why an ask was taken back: its incident was closed or merged, or somebody else took the seat."""
Answer = Literal["accept", "decline", "enroute", "arrived", "done"]


class Body(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type", omit_defaults=True):
    """What happened. Each subclass is one fact; its name is its `type` on the wire."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ward that a report may be in: its area path, confidence 0..1, and why."""

    ward: str
    name: str = ""
    confidence: float = 0.0
    why: str = ""
    lon: float | None = None
    lat: float | None = None
    metres: float | None = None
    """Metres from the place to the ward where that is near, 0 where the ward holds it; missing where not known."""
