"""Tells this node's sockets, effects and waiting requests what was just committed.

The writer thread calls `committed`, or on a cluster's node the thread that hears the projector
(`streams.cluster.listening`); on the event loop the new rows of the feed are read in order and handed to the live
sockets. Nothing is remembered here but how far it has read: a crash loses nothing, clients come back with positions,
and while the database is away nothing is skipped.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from responder_api.views import Frame, Views
from streams.database import StorageError

PAGE = 2000

logger = structlog.get_logger()


class Tail:
    """Follows the feed of one node."""

    def __init__(self, views: Views, log_end: Callable[[], int]) -> None:
        self._views, self._log_end = views, log_end
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._moved = asyncio.Condition()
        self._read = 0
        self._log_done = 0
        self._listeners: list[Callable[[Sequence[Frame]], None]] = []

    def listen(self, listener: Callable[[Sequence[Frame]], None]) -> None:
        """Have `listener` called on the loop with each batch of new frames, in order, and after each commit."""
        self._listeners.append(listener)

    def committed(self) -> None:
        """Say (from any thread) that something was committed."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closing: nobody is left to be told
                self._loop.call_soon_threadsafe(self._news.set)

    async def start(self) -> None:
        """Begin at the newest frame that there is."""
        self._read = (await asyncio.to_thread(self._views.position)).offset
        self._log_done = await asyncio.to_thread(self._log_end)
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Hand over new frames until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._hand_over()
            except StorageError as error:
                logger.warning("the feed waits for the database", code=error.code, detail=str(error))
                await asyncio.sleep(error.retry_after_s)
                self._news.set()

    async def reached(self, log_offset: int, seconds: float) -> bool:
        """Wait until the consequences of a log row can be read, or the time is over."""
        async with self._moved:
            try:
                await asyncio.wait_for(self._moved.wait_for(lambda: self._log_done >= log_offset), seconds)
            except TimeoutError:
                return False
        return True

    async def _hand_over(self) -> None:
        done, frames = await asyncio.to_thread(self._look)
        while True:
            if frames:
                self._read = frames[-1].offset
            for listener in self._listeners:
                listener(frames)
            if len(frames) < PAGE:
                break
            frames = await asyncio.to_thread(self._views.replay, self._read, PAGE)
        async with self._moved:
            self._log_done = done
            self._moved.notify_all()

    def _look(self) -> tuple[int, Sequence[Frame]]:
        # In this order: what was done before the feed was read can be read in it.
        return self._log_end(), self._views.replay(self._read, PAGE)
