"""Who is at the scene of an incident, as their positions say, whatever they themselves say of their assignment."""

from datetime import datetime
from typing import Literal

from streams.events.values import Body

LeftFor = Literal["moved", "redrawn", "ended", "off-shift"]
"""Why somebody is not inside any more: they went, the scene became another one or is over, or they are not on shift."""


class FenceEntered(Body, frozen=True, kw_only=True):
    """A responder on shift is at the scene of an incident, whether or not they were asked to go there."""

    incident: str
    responder: str
    lon: float
    """Longitude in degrees, of the responder."""
    lat: float
    """Latitude in degrees, of the responder."""
    scene_m: float
    accuracy_m: float | None = None


class FenceDwelt(Body, frozen=True, kw_only=True):
    """A responder has stayed at the scene: they did not only pass through."""

    incident: str
    responder: str
    since: datetime


class FenceLeft(Body, frozen=True, kw_only=True):
    """A responder is not at the scene any more. Every entry has one, also when the incident ends."""

    incident: str
    responder: str
    since: datetime
    reason: LeftFor
