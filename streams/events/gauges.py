"""What sensors say, judged against their station's marks."""

from datetime import datetime
from typing import Literal

import msgspec

from streams.events.values import Body, Severity


class ReadingsReceived(Body, frozen=True, kw_only=True):
    """A batch of one station's readings; `times` and `values` go together, `values` in `unit`. None is a gap."""

    station: str
    parameter: Literal["level", "rain"]
    unit: str
    times: tuple[datetime, ...]
    values: tuple[float | None, ...]
    datum: str = ""
    quality: tuple[str, ...] = ()


class ReadingFlag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a reading was not taken at its word."""

    flag: str
    at: datetime
    value: float | None = None
    detail: str = ""


class ReadingsJudged(Body, frozen=True, kw_only=True):
    """What became of a batch: counts, flags (the first 20), and where the series stands, in the station's unit."""

    station: str
    accepted: int
    repeated: int = 0
    late: int = 0
    flagged: int = 0
    flags: tuple[ReadingFlag, ...] = ()
    level: float | None = None
    level_at: datetime | None = None
    rate_per_hour: float | None = None
    mark: str = ""
    unit: str = ""
    datum: str = ""


class Arrival(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ward downstream and the minutes the water needs to get there."""

    ward: str
    minutes: float = 0.0


class LevelCrossed(Body, frozen=True, kw_only=True):
    """A series rose over a mark, or fell back below its clearing level."""

    station: str
    station_name: str
    river: str
    parameter: str
    mark: str
    direction: Literal["up", "down"]
    severity: Severity
    value: float
    unit: str
    datum: str
    level: float | None = None
    """Where the series stands once the whole batch is judged; `value` is the reading that crossed."""
    measure: str = "value"
    """What crossed: the reading itself, its rise an hour, or its sum over a while; `measured` in that measure."""
    measured: float | None = None
    rate_per_hour: float | None = None
    lon: float = 0.0
    lat: float = 0.0
    wards: tuple[Arrival, ...] = ()
    raised: tuple[str, ...] = ()
    """Names of the marks that stand raised once the whole batch is judged."""


class CrossingCorrected(Body, frozen=True, kw_only=True):
    """A late reading showed that a crossing told before was at another time, or (`now` none) was not at all."""

    station: str
    mark: str
    direction: Literal["up", "down"]
    was: datetime
    now: datetime | None = None
    raised: tuple[str, ...] = ()
