"""Bring a client from where it was to the present: replay, or a stated resync and a snapshot, then live.

You are between a hello (`live_talk`) and the stream of what is published (`live`). The hub says what is next and when
nothing is missing; the store is asked where the hub's memory does not reach. A client is never handed more than it
has room for: each step waits until the one before has been taken.
"""

import asyncio
from typing import Final

import structlog

from responder_api.hub import Future, Gap, Replay, Snapshot, plan
from responder_api.live_limits import RESYNCS_MOST, SNAPSHOTS_AT_ONCE, STEP_BYTES
from responder_api.live_protocol import Resync, say
from responder_api.live_reader import Reader
from responder_api.live_room import Room
from responder_api.live_session import NEVER, Session
from responder_api.live_socket import Socket
from responder_api.views import Position

logger: Final = structlog.get_logger("dharura.live")


class CatchUp:
    """Catching up, for everybody in a room."""

    def __init__(self, room: Room, reader: Reader) -> None:
        self._room = room
        self._reader = reader
        self._snapshots = asyncio.Semaphore(SNAPSHOTS_AT_ONCE)

    async def plan(self, given: Position | None, *, same_view: bool) -> Replay | Snapshot | Future:
        """Choose how a client catches up; a position reached through other eyes is none."""
        hub = self._room.hub
        newest = hub.newest
        if given is not None and given.epoch == hub.epoch and given.offset > newest:
            # Another node, or the store itself, may be further than this node has heard.
            newest = max(newest, (await self._reader.position()).offset)
        how = plan(given, epoch=hub.epoch, oldest=await self._reader.oldest(), newest=newest)
        return how if same_view or not isinstance(how, Replay) else Snapshot("scope-changed")

    def begin(self, session: Session, how: Replay | Snapshot) -> None:
        """Start over from a position or a snapshot; what was under way is dropped."""
        if session.catching is not None:
            session.catching.cancel()
        session.welcomed = True
        session.beat_at = NEVER
        session.reckon()
        self._room.hub.leave(session.socket)
        session.catching = self._room.spawn(self._run(session, how))

    async def _run(self, session: Session, how: Replay | Snapshot) -> None:
        socket: Socket = session.socket
        try:
            for _ in range(RESYNCS_MOST):
                if isinstance(how, Replay):
                    self._room.hub.join(socket, session.keys, session.scope, how.after)
                else:
                    await self._show(session, how)
                if not socket.is_open or await self._walk(session):
                    return
                how = Snapshot("too-old")
            self._room.later(socket)
        except Exception:
            logger.exception("live-catch-up-failed", account=session.account)
            self._room.later(socket)
        finally:
            if session.catching is asyncio.current_task():
                session.catching = None

    async def _show(self, session: Session, how: Snapshot) -> None:
        """Say that there is a gap, and give the whole state as it is at one position."""
        self._room.resyncs += 1
        socket: Socket = session.socket
        socket.send(say(Resync(how.reason)))
        async with self._snapshots:
            position, parts = await self._reader.snapshot(session.keys, session.scope)
            # Joined before the first part leaves: what is published meanwhile is behind this client, not lost to it.
            self._room.hub.join(socket, session.keys, session.scope, position.offset)
            for part in parts:
                socket.send(part)
                if not await self._taken(socket):
                    return

    async def _walk(self, session: Session) -> bool:
        """Hand over frame after frame until the client is live; False when the store has lost what comes next."""
        socket: Socket = session.socket
        hub = self._room.hub
        while socket.is_open:
            step = hub.catch_up(socket, STEP_BYTES)
            if step.state == "store":
                page = await self._reader.page(hub.offset(socket))
                if socket not in hub:
                    break
                replayed = hub.replay(socket, page, STEP_BYTES)
                if isinstance(replayed, Gap):
                    hub.leave(socket)
                    return False
                step = replayed
            if step.wire:
                socket.send(step.wire)
                self._room.sent += step.frames
            if step.state == "live":
                session.live(self._room.now())
                break
            await self._taken(socket)
        return True

    async def _taken(self, socket: Socket) -> bool:
        """Wait until a client has taken what it was given; one that does not is sent away, and False."""
        if not socket.blocked:
            await asyncio.sleep(0)
            return socket.is_open
        try:
            async with asyncio.timeout(self._room.settings.drain_s):
                return await socket.drained()
        except TimeoutError:
            self._room.slow(socket)
            return False
