"""A clock that does not jump: wall time, carried forward by the monotonic clock.

A server whose wall clock is set back or forward by an hour must neither ask people again nor forget to (F24). The
steady clock starts at the wall clock (or at the newest time in the log, if that is later) and then follows the wall
clock by at most half a percent of the time that passes.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

SLEW = 0.005
"""Greatest correction, in seconds a second."""


def running() -> float:
    """Give seconds that nobody can set; where the system can tell, also those that the machine slept through."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SteadyClock:
    """Calling it gives the time (UTC), from any thread; it never goes back and never jumps."""

    def __init__(
        self,
        floor: datetime | None = None,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = running,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._lock = threading.Lock()
        self._at = monotonic()
        self._time = max(wall(), floor.timestamp() if floor else 0.0)

    def __call__(self) -> datetime:
        """Give the time now."""
        return datetime.fromtimestamp(self._read(), UTC)

    def offset(self) -> timedelta:
        """Give how far the wall clock is ahead of this one: more than a few seconds wants an operator's look."""
        return timedelta(seconds=self._wall() - self._read())

    def _read(self) -> float:
        with self._lock:
            now = self._monotonic()
            passed = now - self._at
            self._at = now
            reading = self._time + passed
            allowed = SLEW * passed
            self._time = reading + max(-allowed, min(allowed, self._wall() - reading))
            return self._time
