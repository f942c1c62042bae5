"""Keep who is in on this node: sessions, the hub they listen to, counters; and send people away.

You are in the middle of the live part: `live` opens and closes the room, `live_talk` and `live_catch_up` act in it.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from responder_api.hub import Hub
from responder_api.live_limits import COMING_BACK_PER_S, LiveSettings
from responder_api.live_protocol import Close, shares
from responder_api.live_session import Session, SignedIn
from responder_api.live_socket import Socket


class Room:
    """Everybody connected to this node."""

    def __init__(
        self,
        settings: LiveSettings,
        wall: Callable[[], float] = time.time,
        roll: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self.sessions: dict[Socket, Session] = {}
        self.unknown = 0
        self.sent = 0
        self.slow_closed = 0
        self.resyncs = 0
        self.refused = 0
        self.is_empty = asyncio.Event()
        self.is_empty.set()
        self.roll = roll
        self.wall = wall
        self._hub: Hub[Socket] | None = None
        self._accounts: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_open(self) -> bool:
        """Whether there is a hub to listen to."""
        return self._hub is not None

    @property
    def hub(self) -> Hub[Socket]:
        """Who hears what. RuntimeError before the room is open."""
        if self._hub is None:
            raise RuntimeError("start() comes first")
        return self._hub

    def open(self, hub: Hub[Socket]) -> None:
        """Let everybody who comes from now on listen to a hub."""
        self._hub = hub

    # ---------------------------------------------------------------------------------------------- coming and going

    def enter(self, socket: Socket) -> None:
        """Take in somebody who has not yet said who they are."""
        self.sessions[socket] = socket.session = Session(socket, self.now(), self.settings.rhythm)
        self.unknown += 1
        self.is_empty.clear()

    def know(self, session: Session, signed: SignedIn, keys: frozenset[str]) -> bool:
        """Note who somebody is; False when that account holds too many sockets already."""
        first = session.signed is None
        session.known(signed, keys, self.now(), self.wall(), self.roll())
        if first:
            self.unknown -= 1
            self._accounts[session.account] += 1
        return self._accounts[session.account] <= self.settings.per_account

    def forget(self, socket: Socket) -> None:
        """Let go of somebody whose line is gone."""
        session = self.sessions.pop(socket)
        if session.signed is None:
            self.unknown -= 1
        else:
            self._accounts[session.account] -= 1
            if not self._accounts[session.account]:
                del self._accounts[session.account]
        self.hub.leave(socket)
        for task in (session.working, session.catching):
            if task is not None:
                task.cancel()
        if not self.sessions:
            self.is_empty.set()

    def end(self, socket: Socket, code: Close, why: str, retry_after_ms: int | None = None) -> None:
        """Send somebody away: nothing published from now on is theirs."""
        self.hub.leave(socket)
        socket.close(code, why, retry_after_ms)

    def refuse(self, socket: Socket, code: str) -> None:
        """Send somebody away because of who they are, or no longer are."""
        close = {"token-expired": Close.EXPIRED, "forbidden": Close.FORBIDDEN}.get(code, Close.UNAUTHENTICATED)
        self.end(socket, close, code)

    def slow(self, socket: Socket) -> None:
        """Send somebody away who takes less than there is; what they missed they get by their position."""
        self.slow_closed += 1
        self.end(socket, Close.SLOW, "slow-consumer", self.retry_after_ms())

    def later(self, socket: Socket) -> None:
        """Send somebody away because we cannot serve them just now."""
        self.end(socket, Close.TRY_LATER, "not-ready", self.retry_after_ms())

    def retry_after_ms(self) -> int:
        """Give a wait before coming back, spread over all who may be coming back with them."""
        return shares((0.25, 0.25 + len(self.sessions) / COMING_BACK_PER_S), self.roll())

    # --------------------------------------------------------------------------------------------------------- tasks

    def now(self) -> float:
        """Give the loop's time, in seconds."""
        return asyncio.get_running_loop().time()

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Run something beside; it is kept until done, and ends with the room."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def quiet(self) -> None:
        """End whatever still runs."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
