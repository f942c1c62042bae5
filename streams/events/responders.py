"""Who can be asked: the county's list, shifts and positions."""

from streams.events.values import Body


class ResponderEnrolled(Body, frozen=True, kw_only=True):
    """A responder is on the county's list, or the entry changed; the newest one counts."""

    responder: str
    name: str
    title: str
    organisation: str
    phone: str
    skills: tuple[str, ...]
    home: str
    """Area path of the home ward (or wider)."""
    languages: tuple[str, ...] = ("en",)
    has_app: bool = False
    active: bool = True
    lon: float | None = None
    lat: float | None = None


class ShiftChanged(Body, frozen=True, kw_only=True):
    """A responder went on or off shift."""

    responder: str
    on: bool
    by: str = ""


class PositionShared(Body, frozen=True, kw_only=True):
    """A responder on shift shared a position (WGS 84 degrees)."""

    responder: str
    lon: float
    lat: float
    accuracy_m: float | None = None
