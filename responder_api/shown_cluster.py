"""Waits until what follows from an event can be read: over the cluster, by who has heard what. See `host.Shown`.

An event has no place in the log while a worker has not taken it, so it is followed by causes: every step that hears it
must have heard it, and so on for what the steps made of it; then the read model must have come past the last of them.
All who wait are looked after in one round of queries, and nobody asks the database while nobody waits.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

import structlog

from responder_api.host import Written
from streams.cluster.heard import heard
from streams.cluster.host import PROJECTOR
from streams.cluster.pool import Pool
from streams.database import StorageError, cursor_of
from streams.events import Event
from streams.handle import Step, hearers
from streams.log import readable

ROUND_S: Final = 0.02
"""The wait between two rounds of queries while anybody waits."""
OLD: Final = timedelta(seconds=60)
"""Who said the same longer ago than this has had its consequences; who heard it may be forgotten by now."""

logger = structlog.get_logger()


class Story:
    """One event and what has followed from it so far. Pure: `ByConsequence` tells it what the database says."""

    def __init__(self, root: str, hearers: Callable[[Event], Iterable[str]], now: datetime) -> None:
        self._hearers, self._now = hearers, now
        self.unseen: set[str] = {root}
        """Ids that are not in the log yet."""
        self.waiting: dict[str, set[str]] = {}
        """Events in the log → the steps that have not heard them yet."""
        self.parents: set[str] = set()
        """Events that all their steps have heard, and whose outputs were not looked at yet."""
        self.newest = 0
        """The largest offset of all its events."""
        self._known: set[str] = set()

    def stands(self, offset: int, event: Event) -> None:
        """Take in an event of the story that is in the log; some name themselves as their cause and come again."""
        if event.id in self._known:
            return
        self._known.add(event.id)
        self.unseen.discard(event.id)
        self.newest = max(self.newest, offset)
        steps = set() if self._now - event.seen > OLD else set(self._hearers(event))
        self.waiting[event.id] = steps
        self._settle(event.id)

    def heard(self, id_: str, step: str) -> None:
        """Take in that a step has heard an event, and that all it made of it is in the log."""
        if id_ in self.waiting:
            self.waiting[id_].discard(step)
            self._settle(id_)

    def _settle(self, id_: str) -> None:
        if not self.waiting[id_]:
            del self.waiting[id_]
            self.parents.add(id_)

    @property
    def complete(self) -> bool:
        """Whether nothing more will follow."""
        return not (self.unseen or self.waiting or self.parents)


class ByConsequence:
    """Adapter of `host.Shown` over the cluster's database. For one event loop."""

    def __init__(self, database: str, steps: Sequence[Step], clock: Callable[[], datetime]) -> None:
        self._pool = Pool(database, most=1, name="dharura node: waits")
        self._thread = ThreadPoolExecutor(1, "dharura-waits")
        self._clock = clock
        self._hearers = hearers(steps)
        self._stories: dict[Story, asyncio.Future[None]] = {}
        self._following: asyncio.Task[None] | None = None

    async def reached(self, written: Written, seconds: float) -> bool:
        """See `Shown`."""
        story = Story(written.id, self._hearers, self._clock())
        shown = self._stories[story] = asyncio.get_running_loop().create_future()
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow(), name="shown")
        try:
            async with asyncio.timeout(seconds):
                await shown
        except TimeoutError:
            return False
        finally:
            del self._stories[story]
        return True

    async def close(self) -> None:
        """Stop looking; who waits learns at the end of their time that it is not known."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._pool.close()

    async def _follow(self) -> None:
        while self._stories:
            stories = list(self._stories)
            try:
                projected = await asyncio.get_running_loop().run_in_executor(self._thread, self._look, stories)
            except StorageError as error:
                logger.warning("consequences cannot be looked up", code=error.code)
                projected = -1
            for story in stories:
                shown = self._stories.get(story)
                if story.complete and story.newest <= projected and shown is not None and not shown.done():
                    shown.set_result(None)
            await asyncio.sleep(ROUND_S)

    # --- in the thread ---------------------------------------------------------------------------------------------

    def _look(self, stories: Sequence[Story]) -> int:
        """Bring every story up to date; give the offset up to which the read model has come."""
        self._find(stories)
        while self._hear(stories) | self._branch(stories):
            pass
        return cursor_of(self._pool, PROJECTOR)

    def _find(self, stories: Sequence[Story]) -> None:
        unseen = _by_id((story.unseen, story) for story in stories)
        if unseen:
            rows = self._pool.execute('SELECT "offset", event FROM log WHERE id = ANY(?::uuid[])', (list(unseen),))
            for offset, data in rows:
                event = readable(data)
                if event is not None:
                    for story in unseen.get(event.id, ()):
                        story.stands(offset, event)

    def _hear(self, stories: Sequence[Story]) -> bool:
        """Look who has heard what; True when some event has been heard by all its steps."""
        waiting = _by_id((story.waiting, story) for story in stories)
        if not waiting:
            return False
        asked = {(step, id_) for story in stories for id_, steps in story.waiting.items() for step in steps}
        for step, id_ in heard(self._pool, asked):
            for story in waiting.get(id_, ()):
                story.heard(id_, step)
        return any(story.parents for story in stories)

    def _branch(self, stories: Sequence[Story]) -> bool:
        """Look what was made of what all have heard; True when there was any."""
        parents = _by_id((story.parents, story) for story in stories)
        if not parents:
            return False
        rows = self._pool.execute(
            'SELECT cause, "offset", event FROM log WHERE cause = ANY(?::text[])', (list(parents),)
        ).fetchall()
        for story in stories:
            story.parents.clear()
        for cause, offset, data in rows:
            event = readable(data)
            if event is not None:
                for story in parents.get(cause, ()):
                    story.stands(offset, event)
        return bool(rows)


def _by_id(named: Iterable[tuple[Iterable[str], Story]]) -> Mapping[str, list[Story]]:
    found: dict[str, list[Story]] = {}
    for ids, story in named:
        for id_ in ids:
            found.setdefault(id_, []).append(story)
    return found
