"""A clock that does not jump: wall time, carried forward by the monotonic clock.

A server whose wall clock is set back or forward by an hour must neither ask people again nor forget to (F24). The
steady clock starts at the wall clock (or at the newest time in the log, if that is later) and then follows the wall
clock by at most half a percent of the time that passes.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SLEW = 0.005
"""Greatest correction, in seconds a second."""


class SteadyClock:
    """Calling it gives the time (UTC); it never goes back and never jumps."""

    def __init__(
        self,
        floor: datetime | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._at = monotonic()
        self._time = max(wall(), floor.timestamp() if floor else 0.0)

    def __call__(self) -> datetime:
        """Give the time now."""
        now = self._monotonic()
        passed = now - self._at
        self._at = now
        reading = self._time + passed
        allowed = SLEW * passed
        self._time = reading + max(-allowed, min(allowed, self._wall() - reading))
        return datetime.fromtimestamp(self._time, UTC)

    def offset(self) -> timedelta:
        """Give how far the wall clock is ahead of this one: more than a few seconds wants an operator's look."""
        return timedelta(seconds=self._wall() - self._time)
