"""The small values that facts are made of."""

from typing import Literal

import msgspec

Hazard = Literal[
    "flood",
    "fire",
    "road-crash",
    "landslide",
    "drought",
    "disease",
    "security",
    "structure-collapse",
    "drowning",
    "earthquake",
    "storm",
    "other",
]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
PositionOf = Literal["incident", "reporter", "unknown"]
Answer = Literal["accept", "decline", "enroute", "arrived", "done"]


class Body(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="type", omit_defaults=True):
    """What happened. Each subclass is one fact; its name is its `type` on the wire."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of a score: what it is called, what it counted for, and why."""

    name: str
    value: float
    why: str = ""


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ward that a report may be in: its area path, confidence 0..1, and why."""

    ward: str
    name: str = ""
    confidence: float = 0.0
    why: str = ""
    lon: float | None = None
    lat: float | None = None
