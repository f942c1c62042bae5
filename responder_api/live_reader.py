"""Read the views for thousands of clients that come back at once, without asking the database thousands of times.

You are between `live` and the port `views`. Reads run on a few threads of their own, so that a storm of reconnections
never takes the threads that requests need. Whoever asks for a page that is being read waits for that same read.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from responder_api.hub import Entry, Scope, prepare
from responder_api.live_protocol import snapshot_parts
from responder_api.views import Frame, Position, Views

T = TypeVar("T")

PAGE: Final = 256
"""Frames in a page. Pages begin at multiples of it, so that clients at different positions share them."""
PAGES_KEPT: Final = 32
OLDEST_FRESH_S: Final = 5.0
"""How long the oldest replayable offset is believed. A wrong belief is found out by the page that does not connect."""


class Reader:
    """The views, read off the event loop, at most `threads` at a time."""

    def __init__(self, views: Views, *, threads: int = 2) -> None:
        self._views = views
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="live-read")
        self._pages: OrderedDict[int, list[Entry]] = OrderedDict()
        self._reading: dict[object, asyncio.Task[object]] = {}
        self._oldest = (0, float("-inf"))

    def close(self) -> None:
        """Let the threads go; reads under way end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def position(self) -> Position:
        """Give the position of the newest frame in the store."""
        return await self._shared("position", self._views.position)

    async def oldest(self) -> int:
        """Give the oldest replayable offset, as of a few seconds ago."""
        now = asyncio.get_running_loop().time()
        if now - self._oldest[1] > OLDEST_FRESH_S:
            self._oldest = (await self._shared("oldest", self._views.oldest), now)
        return self._oldest[0]

    async def frames(self, after: int) -> list[Frame]:
        """Give the next page of frames after an offset, for the hub itself to publish."""
        return await self._shared(("frames", after), lambda: self._views.replay(after, PAGE))

    async def page(self, after: int) -> list[Entry]:
        """Give prepared frames that include the next one after an offset; they may begin before it.

        Empty, or not connecting, when the rows are not there any more.
        """
        start = after - after % PAGE
        kept = self._pages.get(start)
        if kept and kept[-1].offset > after:
            self._pages.move_to_end(start)
            return kept
        entries: list[Entry] = []
        for _ in range(2):
            entries = await self._shared(("page", start), lambda: [prepare(f) for f in self._views.replay(start, PAGE)])
            # A read that was under way before this client came may end just short of it: then once more.
            if entries and entries[-1].offset > after:
                break
        self._pages[start] = entries
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return entries

    async def snapshot(self, keys: frozenset[str], scope: Scope) -> tuple[Position, list[bytes]]:
        """Give what these keys see, as wire frames of bounded size, and the position at which they see it."""

        def read() -> tuple[Position, list[bytes]]:
            position, documents = self._views.snapshot(keys, scope.kinds, scope.areas)
            return position, list(snapshot_parts(position, documents))

        return await self._shared(("snapshot", keys, scope), read)

    def _shared(self, what: object, read: Callable[[], T]) -> Awaitable[T]:
        """Run a read in a thread, or wait for the same one under way. A waiter's cancellation is its own."""
        task = self._reading.get(what)
        if task is None:
            task = asyncio.ensure_future(self._run(read))
            self._reading[what] = task
            task.add_done_callback(lambda done: self._read(what, done))
        return asyncio.shield(task)  # type: ignore[arg-type]  # what is filed under `what` gives a T

    def _read(self, what: object, done: "asyncio.Task[object]") -> None:
        del self._reading[what]
        if not done.cancelled():
            done.exception()  # seen: whoever still waits gets it; with nobody left it is nobody's

    async def _run(self, read: Callable[[], object]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._pool, read)
