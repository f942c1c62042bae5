"""Hold the conversation on `/live`: hello, then exactly what was missed or a stated resync, then live.

You are at the end of the road: a committed change stands in the feed, `tail` hands it to `publish`, and every socket
that may hear it gets the same bytes. Beside you: `live_handshake` (may it be opened), `live_socket` (one connection),
`live_session` (who it is, what is due), `live_reader` (the store), `hub` (who hears what), `live_protocol` (the words).
docs/live.md tells it from the client's side. Next on the road: somebody's phone.

Every place where a client could miss something ends in one of two ways: the hub hands it over, or the client is told.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

import msgspec
import structlog
from websockets.http11 import Request

from geo.places import Rejected
from responder_api import audience, live_protocol
from responder_api.audience import Viewer
from responder_api.hub import Delivery, Future, Gap, Hub, Replay, Scope, Snapshot, plan
from responder_api.live_handshake import Refusal, masked, refusal
from responder_api.live_protocol import Close, Failure, Hello, Ping, Pong, Renewed, Resync, Token, Welcome, say
from responder_api.live_reader import Reader
from responder_api.live_session import NEVER, Due, Rhythm, SignedIn, view_id
from responder_api.live_session import Session as _Session
from responder_api.live_socket import Limits, Socket
from responder_api.views import Frame, Position, Views

logger = structlog.get_logger("dharura.live")

STEP: Final = 32 * 1024
"""Bytes handed over before the client must have taken them."""
FAULTS_MOST: Final = 5
"""Frames that cannot be understood before the client is sent away."""
INBOX_MOST: Final = 16
"""Messages waiting to be handled before the client is not read any more."""
SNAPSHOTS_AT_ONCE: Final = 512
"""Snapshots under way: they are the one thing whose memory grows with the number of clients that come at once."""
RESYNCS_MOST: Final = 3
TICK_S: Final = 1.0


class LiveSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a node allows."""

    allowed_origins: frozenset[str] = frozenset()
    """Besides the server's own host."""
    sockets: int = 12_000
    unknown: int = 4_000
    """Sockets that have not said who they are."""
    per_account: int = 64
    drain_s: float = 60.0
    """For each 32 KB of what is caught up with: 2G does some 2 KB/s on a good day."""
    handle_s: float = 30.0
    """For an answer to be taken down."""
    rhythm: Rhythm = Rhythm()
    limits: Limits = Limits()


DEFAULTS: Final = LiveSettings()


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
        authenticate: Callable[[str], Awaitable[SignedIn]],
        still_stands: Callable[[Any], Awaitable[str | None]],
        on_message: Callable[[Viewer, dict[str, Any]], Awaitable[dict[str, Any]]],
        settings: LiveSettings = DEFAULTS,
        *,
        wall: Callable[[], float] = time.time,
        roll: Callable[[], float] = random.random,
    ) -> None:
        self._authenticate = authenticate
        self._still_stands = still_stands
        self._on_message = on_message
        self._settings = settings
        self._wall = wall
        self._roll = roll
        self._reader = Reader(views)
        self._hub: Hub[Socket] | None = None
        self._sessions: dict[Socket, _Session] = {}
        self._unknown = 0
        self._accounts: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._filling = False
        self._wanted = 0
        self._closing: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()
        self._at_door = asyncio.Semaphore(64)
        self._snapshots = asyncio.Semaphore(SNAPSHOTS_AT_ONCE)
        self.sent = 0
        """Change frames written or queued, each client counted."""
        self.slow_closed = 0
        self.resyncs = 0
        self.refused = 0

    # ---------------------------------------------------------------------------------------------- for the wiring

    @property
    def sockets(self) -> int:
        """How many sockets are open."""
        return len(self._sessions)

    @property
    def position(self) -> Position:
        """How far this node has published."""
        return self._running.position

    async def start(self) -> None:
        """Begin at the store's newest frame; until then handshakes are answered 503."""
        position = await self._reader.position()
        self._hub = Hub(position.epoch, position.offset)
        self._spawn(self._tick_for_ever())

    def protocol(self) -> type[asyncio.Protocol]:
        """Give the class for `uvicorn.Config(ws=...)`: upgrades on the application's own port become our sockets."""
        live = self

        class LiveSocket(Socket):
            __slots__ = ()

            def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:  # noqa: ARG002 - uvicorn's
                super().__init__(live, live._settings.limits)
                live._lodge(server_state)

        return LiveSocket

    def publish(self, frames: Sequence[Frame]) -> None:
        """Send committed frames, in the feed's order, to everybody who may hear them. On the event loop.

        Frames published before are dropped; when some are missing before these, they are read from the store first.
        """
        if not frames:
            return
        self._wanted = max(self._wanted, frames[-1].offset)
        if self._filling:
            return
        deliveries = self._running.publish(frames)
        if isinstance(deliveries, Gap):
            self._filling = True
            self._spawn(self._fill())
        else:
            self._deliver(deliveries)

    def recheck(self, account: str) -> None:
        """Look at an account's authorisation now rather than within the minute: something about it was changed."""
        now = asyncio.get_running_loop().time()
        for session in self._sessions.values():
            if session.account == account and session.check_at != NEVER:
                session.check_at = now
                session.reckon()
        self.tick(now)

    async def close(self) -> None:
        """Send everybody away with 1012 and a spread over which to come back, and wait until they are gone."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    # --------------------------------------------------------------------------------------------- a socket's owner

    def judge(self, request: Request) -> Refusal | None:
        """Say whether a handshake is refused."""
        refused = refusal(request, self._settings.allowed_origins)
        if refused is None and (self._hub is None or self._closing is not None):
            refused = Refusal(503, "not-ready", "The server is starting or stopping.", self._retry_after_s())
        full = len(self._sessions) >= self._settings.sockets or self._unknown >= self._settings.unknown
        if refused is None and full:
            refused = Refusal(503, "too-many-sockets", "This node is full.", self._retry_after_s())
        if refused is not None:
            self.refused += 1
            logger.info("live-refused", code=refused.code, path=masked(request.path))
        return refused

    def opened(self, socket: Socket) -> None:
        """Wait for a hello."""
        self._sessions[socket] = socket.session = _Session(socket, self._now(), self._settings.rhythm)
        self._unknown += 1

    def said(self, socket: Socket, data: bytes, *, text: bool) -> None:
        """Put a message in the client's inbox; one task empties it, in order."""
        session: _Session = socket.session
        if session.inbox is None:
            session.inbox = deque()
        session.inbox.append((data, text))
        if len(session.inbox) >= INBOX_MOST:
            socket.pause_reading()
        if session.working is None:
            session.working = self._spawn(self._work(session))

    def slow(self, socket: Socket) -> None:
        """Send a client away that takes less than there is; what it missed it gets by its position."""
        self.slow_closed += 1
        self._end(socket, Close.SLOW, "slow-consumer", self._retry_after_ms())

    def lost(self, socket: Socket) -> None:
        """Forget a client."""
        session = self._sessions.pop(socket)
        if session.signed is None:
            self._unknown -= 1
        else:
            self._accounts[session.account] -= 1
            if not self._accounts[session.account]:
                del self._accounts[session.account]
        self._running.leave(socket)
        for task in (session.working, session.catching):
            if task is not None:
                task.cancel()
        if not self._sessions:
            self._gone.set()

    # ------------------------------------------------------------------------------------------------- from publish

    def _deliver(self, deliveries: Sequence[Delivery[Socket]]) -> None:
        for delivery in deliveries:
            wire = delivery.wire
            for socket in delivery.clients:
                # The one hot loop: a method call less is felt at five thousand sockets.
                if socket.blocked:
                    socket.send(wire)
                else:
                    socket.write(wire)
            self.sent += delivery.frames * len(delivery.clients)

    async def _fill(self) -> None:
        """Read what is missing between the hub and what was published, until nothing is."""
        hub = self._running
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
        logger.error("live-feed-has-a-hole", newest=self._running.newest, store=str(position))
        for socket in tuple(self._sessions):
            self._end(socket, Close.RESTART, "feed-gap", self._retry_after_ms())
        self._hub = Hub(position.epoch, position.offset)

    # --------------------------------------------------------------------------------------------- what clients say

    async def _work(self, session: _Session) -> None:
        socket, inbox = session.socket, session.inbox
        try:
            while inbox and socket.is_open:
                data, text = inbox.popleft()
                if len(inbox) == INBOX_MOST // 2:
                    socket.resume_reading()
                await self._handle(session, data, text=text)
        finally:
            session.working = None
            session.inbox = None

    async def _handle(self, session: _Session, data: bytes, *, text: bool) -> None:
        try:
            if not text:
                raise Rejected("frame-not-understood", "Messages are text frames of JSON.")
            message = live_protocol.read(data)
            said = message.said
            if isinstance(said, Hello) is not (session.signed is None):
                raise Rejected("frame-not-understood", "The first message, and only the first, is hello.")
        except Rejected as rejected:
            self._fault(session, rejected, None, fatal=session.signed is None)
            return
        try:
            if isinstance(said, Hello):
                await self._hello(session, said)
            elif isinstance(said, Token):
                await self._renew(session, said)
            elif isinstance(said, Ping):
                session.socket.send(say(Pong(position=str(self.position), ref=said.ref)))
            elif session.signed is not None:
                await self._take_down(session, session.signed.viewer, message.fields, said.ref)
        except Rejected as rejected:
            self._fault(session, rejected, said.ref, fatal=isinstance(said, Hello))

    def _fault(self, session: _Session, rejected: Rejected, ref: str | None, *, fatal: bool) -> None:
        """Tell a client what was wrong; one that cannot even say hello, or goes on and on, is sent away."""
        session.socket.send(say(Failure(code=rejected.code, detail=rejected.detail[:500], ref=ref)))
        session.faults += 1
        if fatal or session.faults >= FAULTS_MOST:
            self._end(session.socket, Close.BAD_FRAME, rejected.code)

    async def _hello(self, session: _Session, hello: Hello) -> None:
        socket = session.socket
        given, areas = live_protocol.position(hello), live_protocol.areas(hello)
        session.scope = Scope(kinds=None if hello.kinds is None else frozenset(hello.kinds), areas=areas)
        session.hello_by = self._now() + self._settings.rhythm.sign_in
        session.reckon()
        signed = await self._sign_in(session, hello.token)
        if signed is None:
            return
        keys = frozenset(audience.keys_of(signed.viewer))
        session.known(signed, keys, self._now(), self._wall(), self._roll())
        self._unknown -= 1
        self._accounts[session.account] += 1
        if self._accounts[session.account] > self._settings.per_account:
            self._end(socket, Close.TOO_MANY, "too-many-sockets", self._retry_after_ms())
            return
        view = view_id(keys, session.scope)
        how = await self._plan(given, same_view=hello.view in (None, view))
        if isinstance(how, Future):
            raise Rejected("position-in-future", f"Position {given} has not come yet; say null to begin afresh.")
        socket.send(
            say(
                Welcome(
                    position=str(self.position),
                    epoch=self._running.epoch,
                    heartbeat_s=self._settings.rhythm.heartbeat,
                    viewer=signed.viewer,
                    view=view,
                    expires_in_s=self._expires_in(session),
                    retry_after_ms=self._retry_after_ms(),
                    ref=hello.ref,
                )
            )
        )
        self._begin(session, how)

    async def _plan(self, given: Position | None, *, same_view: bool) -> Replay | Snapshot | Future:
        hub = self._running
        newest = hub.newest
        if given is not None and given.epoch == hub.epoch and given.offset > newest:
            # Another node, or the store itself, may be further than this node has heard.
            newest = max(newest, (await self._reader.position()).offset)
        how = plan(given, epoch=hub.epoch, oldest=await self._reader.oldest(), newest=newest)
        return how if same_view or not isinstance(how, Replay) else Snapshot("scope-changed")

    async def _renew(self, session: _Session, token: Token) -> None:
        signed = await self._sign_in(session, token.token)
        if signed is None:
            return
        if signed.viewer.account != session.account:
            self._end(session.socket, Close.FORBIDDEN, "forbidden")
            return
        before, keys = session.keys, frozenset(audience.keys_of(signed.viewer))
        session.known(signed, keys, self._now(), self._wall(), self._roll())
        renewed = Renewed(expires_in_s=self._expires_in(session), view=view_id(keys, session.scope), ref=token.ref)
        session.socket.send(say(renewed))
        if keys != before:
            self._begin(session, Snapshot("scope-changed"))

    async def _sign_in(self, session: _Session, token: str) -> SignedIn | None:
        """Ask who a token belongs to; None when the client was sent away instead."""
        try:
            async with self._at_door:
                return await self._authenticate(token)
        except Rejected as rejected:
            session.socket.send(say(Failure(code=rejected.code, detail=rejected.detail[:500])))
            self._end(session.socket, _close_for(rejected.code), rejected.code)
        except Exception:
            logger.exception("live-sign-in-failed", peer=session.socket.peer)
            self._end(session.socket, Close.TRY_LATER, "not-ready", self._retry_after_ms())
        return None

    async def _take_down(self, session: _Session, viewer: Viewer, fields: dict[str, Any], ref: str | None) -> None:
        try:
            async with asyncio.timeout(self._settings.handle_s):
                answer = await self._on_message(viewer, fields)
        except Rejected as rejected:
            # Refused for what it asks, not for how: no fault of the client's software.
            session.socket.send(say(Failure(code=rejected.code, detail=rejected.detail[:500], ref=ref)))
        except Exception:
            logger.exception("live-message-failed", account=session.account)
            session.socket.send(say(Failure(code="internal", detail="It was not taken down. Send it again.", ref=ref)))
        else:
            session.socket.send(live_protocol.reply(answer, ref))

    # -------------------------------------------------------------------------------------------------- catching up

    def _begin(self, session: _Session, how: Replay | Snapshot) -> None:
        if session.catching is not None:
            session.catching.cancel()
        session.beat_at = NEVER
        session.reckon()
        self._running.leave(session.socket)
        session.catching = self._spawn(self._catch_up(session, how))

    async def _catch_up(self, session: _Session, how: Replay | Snapshot) -> None:
        """Bring a client to the present: by replay, or by a snapshot and what came after it."""
        socket = session.socket
        try:
            for _ in range(RESYNCS_MOST):
                if isinstance(how, Replay):
                    self._running.join(socket, session.keys, session.scope, how.after)
                else:
                    await self._show(session, how)
                if not socket.is_open or await self._walk(session):
                    return
                how = Snapshot("too-old")
            self._end(socket, Close.TRY_LATER, "not-ready", self._retry_after_ms())
        except Exception:
            logger.exception("live-catch-up-failed", account=session.account)
            self._end(socket, Close.TRY_LATER, "not-ready", self._retry_after_ms())

    async def _show(self, session: _Session, how: Snapshot) -> None:
        """Say that there is a gap, and give the whole state as it is at one position."""
        self.resyncs += 1
        socket = session.socket
        socket.send(say(Resync(how.reason)))
        async with self._snapshots:
            position, parts = await self._reader.snapshot(session.keys, session.scope)
            if not socket.is_open:
                return
            self._running.join(socket, session.keys, session.scope, position.offset)
            for part in parts:
                socket.send(part)
                await self._taken(socket)
                if not socket.is_open:
                    return

    async def _walk(self, session: _Session) -> bool:
        """Hand over frame after frame until the client is live; False when the store has lost what comes next."""
        socket, hub = session.socket, self._running
        while socket.is_open:
            step = hub.catch_up(socket, STEP)
            if step.state == "store":
                page = await self._reader.page(hub.offset(socket))
                if not socket.is_open:
                    break
                replayed = hub.replay(socket, page, STEP)
                if isinstance(replayed, Gap):
                    hub.leave(socket)
                    return False
                step = replayed
            if step.wire:
                socket.send(step.wire)
                self.sent += step.frames
            if step.state == "live":
                session.live(self._now())
                break
            await self._taken(socket)
        return True

    async def _taken(self, socket: Socket) -> None:
        """Wait until a client has taken what it was given; one that does not is sent away."""
        if not socket.blocked:
            await asyncio.sleep(0)
            return
        try:
            async with asyncio.timeout(self._settings.drain_s):
                await socket.drained()
        except TimeoutError:
            self.slow(socket)

    # ------------------------------------------------------------------------------------------------- time passing

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.tick(self._now())

    def tick(self, now: float) -> None:
        """Do what is due for every socket at a moment of the loop's clock."""
        due = [session for session in self._sessions.values() if session.due <= now]
        beat = say(live_protocol.Heartbeat(str(self.position))) if due else b""
        for session in due:
            for need in session.needs(now):
                self._attend(session, need, now, beat)

    def _attend(self, session: _Session, need: Due, now: float, beat: bytes) -> None:
        socket: Socket = session.socket
        if need == "heartbeat":
            socket.send(beat)
        elif need == "ping":
            socket.ping()
            session.pinged(now, socket.acked())
        elif need == "silent":
            self._silent(session, now)
        elif need == "recheck":
            self._spawn(self._look_again(session))
        elif need == "expired":
            self._end(socket, Close.EXPIRED, "token-expired", 0)
        else:
            self._end(socket, Close.SILENT, "hello-timeout")

    def _silent(self, session: _Session, now: float) -> None:
        """Cut a line on which nothing came back, unless the peer is still taking in what lies before the ping."""
        socket: Socket = session.socket
        acked = socket.acked()
        moving = acked is not None and session.acked is not None and acked > session.acked
        if socket.heard:
            session.heard(now)
        elif moving and socket.waiting:
            session.pinged(now, acked)
        else:
            self._end(socket, Close.SILENT, "ping-timeout")
            socket.abort()

    async def _look_again(self, session: _Session) -> None:
        """Ask whether what the token said still stands. An answer that cannot be had changes nothing yet."""
        signed = session.signed
        try:
            async with self._at_door, asyncio.timeout(self._settings.rhythm.ping):
                code = await self._still_stands(signed)
        except Exception:
            # Sending ten thousand responders away because a database is slow would be the worse mistake.
            logger.exception("live-recheck-failed", account=session.account)
            session.check_at = self._now() + self._settings.rhythm.ping
            session.reckon()
            return
        if session.signed is not signed:
            return
        if code is None:
            session.checked(self._now(), self._roll())
        else:
            self._end(session.socket, _close_for(code), code)

    # -------------------------------------------------------------------------------------------------------- ending

    def _end(self, socket: Socket, code: Close, why: str, retry_after_ms: int | None = None) -> None:
        if self._hub is not None:
            self._hub.leave(socket)
        socket.close(code, why, retry_after_ms)

    async def _close(self) -> None:
        if self._sessions:
            self._gone.clear()
            for socket in tuple(self._sessions):
                self._end(socket, Close.RESTART, "restart", self._retry_after_ms())
            await self._gone.wait()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._reader.close()

    def _lodge(self, server_state: Any) -> None:
        """Stand once, for all our sockets, among the connections that uvicorn closes and waits for.

        One by one they would count against `limit_concurrency`, and ten thousand listeners would shut the door to
        every request.
        """
        if not any(isinstance(connection, _Lodger) for connection in server_state.connections):
            server_state.connections.add(_Lodger(self, server_state.connections))

    # -------------------------------------------------------------------------------------------------------- within

    @property
    def _running(self) -> Hub[Socket]:
        if self._hub is None:
            raise RuntimeError("start() comes first")
        return self._hub

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _expires_in(self, session: _Session) -> int:
        return max(0, round(session.expires_at - self._now()))

    def _retry_after_ms(self) -> int:
        """Spread those who come back: a thousand a second."""
        return live_protocol.shares((0.25, 0.25 + len(self._sessions) / 1000), self._roll())

    def _retry_after_s(self) -> int:
        return 1 + round(live_protocol.shares((0, 1 + len(self._sessions) / 1000), self._roll()) / 1000)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


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


def _close_for(code: str) -> Close:
    if code == "token-expired":
        return Close.EXPIRED
    return Close.FORBIDDEN if code == "forbidden" else Close.UNAUTHENTICATED
