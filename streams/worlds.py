"""The world of the day: a step looks at an event with the boundaries that counted when it was seen.

`pipeline` binds each step that needs the world through here, so every host, and every replay, picks the same one. Only
the boundaries have a day: places, stations, plan and rules are those of the running release, and a fact names theirs.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache, wraps
from typing import Final

from streams.events import Event, Fact
from streams.handle import DAY, StepFunction
from streams.state import State
from streams.world import World

Days = Sequence[tuple[datetime, str]]
"""Since when which boundary version counted, ascending."""
WorldFunction = Callable[[World, State, Event], Iterable[Fact]]
KEPT: Final = 2
"""How many earlier worlds stay in memory."""


class Worlds:
    """The present world, and those of earlier boundary versions, read when an event of their day comes.

    `days` is asked once, at the first event: by then the host has noted what counts from its start on. `earlier` makes
    the world of a version; it raises Rejected `boundary-version-unknown` when that is not kept, and the event becomes a
    dead letter: other boundaries would give other facts.
    """

    _days: Days | None = None

    def __init__(
        self,
        now: World,
        days: Callable[[], Days] = tuple,
        earlier: Callable[[str], World] | None = None,
    ) -> None:
        self.now = now
        self._ask = days
        self._earlier = None if earlier is None else lru_cache(maxsize=KEPT)(earlier)

    def of(self, event: Event) -> World:
        """Give the world to look at an event with.

        That is the one whose boundaries the event itself names, as what a replay leads to does, else the one of the day
        it was seen on; what was seen before the first day goes with the first.
        """
        if self._days is None:
            self._days = self._ask()
        if self._earlier is None or not self._days:
            return self.now
        version = event.versions.get("boundaries")
        if version is None or not any(version == each for _, each in self._days):
            day = datetime.fromisoformat(event.versions[DAY]) if DAY in event.versions else event.seen
            n = bisect_right(self._days, day, key=lambda each: each[0])
            version = self._days[max(n - 1, 0)][1]
        return self.now if version == self.now.wards.version else self._earlier(version)

    def given_to(self, function: WorldFunction) -> StepFunction:
        """Make a step's function of one that takes the world as well."""

        @wraps(function)  # which step it is of is read from it (`streams.usage`)
        def with_world(state: State, event: Event) -> Iterable[Fact]:
            return function(self.of(event), state, event)

        return with_world
