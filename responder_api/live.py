"""Hold the conversation on `/live`: hello, then exactly what was missed or a stated resync, then live.

You are at the end of the road: a committed change stands in the feed, `tail` hands it to `publish`, and every socket
that may hear it gets the same bytes. Beside you: `live_handshake` (may it be opened), `live_socket` (one connection),
`live_talk` (what the client says), `live_catch_up` (from where it was to the present), `hub` (who hears what),
`live_room` (who is in). docs/live.md tells it from the client's side. Next on the road: somebody's phone.

Every place where a client could miss something ends in one of two ways: the hub hands it over, or the client is told.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog
from websockets.http11 import Request

from responder_api.hub import Delivery, Gap, Hub
from responder_api.live_catch_up import CatchUp
from responder_api.live_handshake import Refusal, masked, refusal
from responder_api.live_limits import COMING_BACK_PER_S, DEFAULTS, TICK_S, LiveSettings
from responder_api.live_protocol import Close, Heartbeat, say
from responder_api.live_reader import Reader
from responder_api.live_room import Room
from responder_api.live_session import NEVER, Due, Session
from responder_api.live_socket import Socket
from responder_api.live_talk import Authenticate, OnMessage, Talk
from responder_api.views import Frame, Position, Views

__all__ = ["Live", "LiveSettings"]

logger: Final = structlog.get_logger("dharura.live")


class Live:
    """The live sockets of one node.

    Args:
        views: the read model and its feed.
        authenticate: tells what a token says; raises Rejected (`token-expired`, or another code: sign in again).
        still_stands: asked again while the socket lives; gives None, or the code of why it no longer does.
        on_message: takes down `received` and `answer` (all their fields), gives the reply's fields; may raise Rejected.
        wall: seconds since 1970; roll: a number in [0, 1), for spreading.
    """

    def __init__(
        self,
        views: Views,
        authenticate: Authenticate,
        still_stands: Callable[[Any], Awaitable[str | None]],
        on_message: OnMessage,
        settings: LiveSettings = DEFAULTS,
        *,
        wall: Callable[[], float] = time.time,
        roll: Callable[[], float] = random.random,
    ) -> None:
        self._still_stands = still_stands
        self._settings = settings
        self._reader = Reader(views)
        self._room = Room(settings, wall, roll)
        self._talk = Talk(self._room, CatchUp(self._room, self._reader), authenticate, on_message)
        self._looking = asyncio.Semaphore(16)
        self._filling = False
        self._wanted = 0
        self._closing: asyncio.Task[None] | None = None

    # ---------------------------------------------------------------------------------------------- for the wiring

    @property
    def sockets(self) -> int:
        """How many sockets are open."""
        return len(self._room.sessions)

    @property
    def sent(self) -> int:
        """Change frames written or queued since the start, each client counted."""
        return self._room.sent

    @property
    def slow_closed(self) -> int:
        """Clients sent away because they took less than there was."""
        return self._room.slow_closed

    @property
    def resyncs(self) -> int:
        """Snapshots begun, the first of each client counted."""
        return self._room.resyncs

    @property
    def refused(self) -> int:
        """Handshakes refused."""
        return self._room.refused

    @property
    def position(self) -> Position:
        """How far this node has published."""
        return self._room.hub.position

    async def start(self) -> None:
        """Begin at the store's newest frame; until then handshakes are answered 503."""
        position = await self._reader.position()
        self._room.open(Hub(position.epoch, position.offset))
        self._ticker = self._room.spawn(self._tick_for_ever())

    def protocol(self) -> type[asyncio.Protocol]:
        """Give the class for `uvicorn.Config(ws=...)`: upgrades on the application's own port become our sockets."""
        live = self

        class LiveSocket(Socket):
            __slots__ = ()

            def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:  # noqa: ARG002 - uvicorn's
                super().__init__(live, live._settings.limits)
                _lodge(live, server_state.connections)

        return LiveSocket

    def publish(self, frames: Sequence[Frame]) -> None:
        """Send committed frames, in the feed's order, to everybody who may hear them. On the event loop.

        Frames published before are dropped; when some are missing before these, they are read from the store first.
        Before `start` nothing is done: it begins at the store's newest frame.
        """
        if not frames or not self._room.is_open:
            return
        self._wanted = max(self._wanted, frames[-1].offset)
        if self._filling:
            return
        deliveries = self._room.hub.publish(frames)
        if isinstance(deliveries, Gap):
            self._filling = True
            self._room.spawn(self._fill())
        else:
            self._deliver(deliveries)

    def recheck(self, account: str) -> None:
        """Look at an account's authorisation now rather than within the minute: something about it was changed."""
        now = self._room.now()
        for session in self._room.sessions.values():
            if session.account == account and session.check_at != NEVER:
                session.check_at = now
                session.reckon()
        self.tick(now)

    async def close(self) -> None:
        """Send everybody away with 1012 and a spread over which to come back, and wait until they are gone."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        for socket in tuple(self._room.sessions):
            self._room.end(socket, Close.RESTART, "restart", self._room.retry_after_ms())
        await self._room.is_empty.wait()
        await self._room.quiet()
        self._reader.close()

    # --------------------------------------------------------------------------------------------- a socket's owner

    def judge(self, request: Request) -> Refusal | None:
        """Say whether a handshake is refused."""
        refused = refusal(request, self._settings.allowed_origins) or self._no_room()
        if refused is not None:
            self._room.refused += 1
            logger.info("live-refused", code=refused.code, path=masked(request.path))
        return refused

    def _no_room(self) -> Refusal | None:
        come_back = 1 + round((1 + self.sockets / COMING_BACK_PER_S) * self._room.roll())
        if not self._room.is_open or self._closing is not None:
            return Refusal(503, "not-ready", "The server is starting or stopping.", come_back)
        if self.sockets >= self._settings.sockets or self._room.unknown >= self._settings.unknown:
            return Refusal(503, "too-many-sockets", "This node is full.", come_back)
        return None

    def opened(self, socket: Socket) -> None:
        """Wait for a hello."""
        self._room.enter(socket)

    def said(self, socket: Socket, data: bytes, *, text: bool) -> None:
        """Hear a message."""
        self._talk.said(socket.session, data, text=text)

    def slow(self, socket: Socket) -> None:
        """Send away a client whose queue is full."""
        self._room.slow(socket)

    def lost(self, socket: Socket) -> None:
        """Forget a client."""
        self._room.forget(socket)

    # ------------------------------------------------------------------------------------------------- from publish

    def _deliver(self, deliveries: Sequence[Delivery[Socket]]) -> None:
        for delivery in deliveries:
            wire = delivery.wire
            for socket in delivery.clients:
                # The one hot loop: a call less is felt at five thousand sockets, and so is a bound method kept in
                # the socket, which is one more place in memory to fetch than the transport itself.
                if socket.blocked:
                    socket.send(wire)
                else:
                    socket.transport.write(wire)
            self._room.sent += delivery.frames * len(delivery.clients)

    async def _fill(self) -> None:
        """Read what is missing between the hub and what was published, until nothing is."""
        hub = self._room.hub
        try:
            while hub.newest < self._wanted:
                frames = await self._reader.frames(hub.newest)
                deliveries = hub.publish(frames)
                if isinstance(deliveries, Gap) or not frames:
                    await self._begin_again()
                    return
                self._deliver(deliveries)
        except Exception:
            # The next batch published tries again; heartbeats keep telling the old position until then.
            logger.exception("live-fill-failed", newest=hub.newest, wanted=self._wanted)
        finally:
            self._filling = False

    async def _begin_again(self) -> None:
        """Rows that nobody heard were pruned: send everybody away; each comes back by position and is told its gap."""
        position = await self._reader.position()
        logger.error("live-feed-has-a-hole", newest=self._room.hub.newest, store=str(position))
        for socket in tuple(self._room.sessions):
            self._room.end(socket, Close.RESTART, "feed-gap", self._room.retry_after_ms())
        self._room.open(Hub(position.epoch, position.offset))

    # ------------------------------------------------------------------------------------------------- time passing

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.tick(self._room.now())

    def tick(self, now: float) -> None:
        """Do what is due for every socket at a moment of the loop's clock."""
        due = [session for session in self._room.sessions.values() if session.due <= now]
        beat = say(Heartbeat(str(self.position))) if due else b""
        for session in due:
            for need in session.needs(now):
                self._attend(session, need, now, beat)

    def _attend(self, session: Session, need: Due, now: float, beat: bytes) -> None:
        socket: Socket = session.socket
        if need == "heartbeat":
            socket.send(beat)
        elif need == "ping":
            socket.ping()
            session.pinged(now, socket.acked())
        elif need == "silent":
            self._silent(session, now)
        elif need == "recheck":
            self._room.spawn(self._look_again(session))
        elif need == "expired":
            self._room.refuse(socket, "token-expired")
        else:
            self._room.end(socket, Close.SILENT, "hello-timeout")

    def _silent(self, session: Session, now: float) -> None:
        """Cut a line on which nothing came back, unless the peer is still taking in what lies before the ping."""
        socket: Socket = session.socket
        acked = socket.acked()
        moving = acked is not None and session.acked is not None and acked > session.acked
        if socket.heard:
            session.heard(now)
        elif moving and socket.waiting:
            session.pinged(now, acked)
        else:
            self._room.end(socket, Close.SILENT, "ping-timeout")
            socket.abort()

    async def _look_again(self, session: Session) -> None:
        """Ask whether what the token said still stands. An answer that cannot be had changes nothing yet."""
        signed = session.signed
        try:
            async with self._looking, asyncio.timeout(self._settings.rhythm.ping):
                code = await self._still_stands(signed)
        except Exception:
            # Sending ten thousand responders away because a database is slow would be the worse mistake.
            logger.exception("live-recheck-failed", account=session.account)
            session.check_at = self._room.now() + self._settings.rhythm.ping
            session.reckon()
            return
        if session.signed is not signed:
            return
        if code is None:
            session.checked(self._room.now(), self._room.roll())
        else:
            self._room.refuse(session.socket, code)


def _lodge(live: Live, connections: set[object]) -> None:
    """Stand once, for all our sockets, among the connections that uvicorn closes and waits for.

    One by one they would count against `limit_concurrency`, and ten thousand listeners would shut the door to every
    request.
    """
    if not any(isinstance(connection, _Lodger) for connection in connections):
        connections.add(_Lodger(live, connections))


class _Lodger:
    """Our one entry in uvicorn's set of connections."""

    def __init__(self, live: Live, connections: set[object]) -> None:
        self._live = live
        self._connections = connections
        self._leaving: asyncio.Task[None] | None = None

    def shutdown(self) -> None:
        """Hear from uvicorn that the server stops."""
        self._leaving = asyncio.create_task(self._live.close())
        self._leaving.add_done_callback(lambda _: self._connections.discard(self))
