"""Hear what clients say on `/live`: hello, a newer token, received, an answer, a ping.

You are where a message of a client has been read off the line. Hello leads to `live_catch_up`; `received` and `answer`
go to the handler that the wiring gives, and so into the log: that is where an answered phone stops ringing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from geo.places import Rejected
from responder_api import audience, live_protocol
from responder_api.audience import Viewer
from responder_api.hub import Future, Scope, Snapshot
from responder_api.live_catch_up import CatchUp
from responder_api.live_limits import FAULTS_MOST, INBOX_MOST, SIGN_INS_AT_ONCE
from responder_api.live_protocol import Close, Failure, Hello, Ping, Pong, Renewed, Token, Welcome, say
from responder_api.live_room import Room
from responder_api.live_session import Session, SignedIn, view_id
from responder_api.live_socket import Socket

logger: Final = structlog.get_logger("dharura.live")

Authenticate = Callable[[str], Awaitable[SignedIn]]
"""Tells what a token says; raises Rejected: `token-expired`, or another code where only signing in anew helps."""
OnMessage = Callable[[Viewer, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Takes down a client's `received` or `answer`, all its fields; gives the fields of the reply; may raise Rejected."""


class Talk:
    """Everybody's messages, each client's in their order."""

    def __init__(self, room: Room, catch_up: CatchUp, authenticate: Authenticate, on_message: OnMessage) -> None:
        self._room = room
        self._catch_up = catch_up
        self._authenticate = authenticate
        self._on_message = on_message
        self._at_door = asyncio.Semaphore(SIGN_INS_AT_ONCE)

    def said(self, session: Session, data: bytes, *, text: bool) -> None:
        """Put a message in the client's inbox; one task empties it. Who fills it too fast is not read meanwhile."""
        if session.inbox is None:
            session.inbox = deque()
        session.inbox.append((data, text))
        if len(session.inbox) >= INBOX_MOST:
            session.socket.pause_reading()
        if session.working is None:
            session.working = self._room.spawn(self._work(session))

    async def _work(self, session: Session) -> None:
        socket, inbox = session.socket, session.inbox
        try:
            while inbox and socket.is_open:
                data, text = inbox.popleft()
                if len(inbox) == INBOX_MOST // 2:
                    socket.resume_reading()
                await self._handle(session, data, text=text)
        except Exception:
            logger.exception("live-conversation-failed", account=session.account)
            self._room.later(socket)
        finally:
            session.working = None
            session.inbox = None

    async def _handle(self, session: Session, data: bytes, *, text: bool) -> None:
        ref = None
        try:
            if not text:
                raise Rejected("frame-not-understood", "Messages are text frames of JSON.")
            message = live_protocol.read(data)
            said, ref = message.said, message.said.ref
            if isinstance(said, Hello) is not (session.signed is None):
                raise Rejected("frame-not-understood", "The first message, and only the first, is hello.")
            if isinstance(said, Hello):
                await self._hello(session, said)
            elif isinstance(said, Token):
                await self._renew(session, said)
            elif isinstance(said, Ping):
                session.socket.send(say(Pong(position=str(self._room.hub.position), ref=ref)))
            elif session.signed is not None:
                await self._take_down(session, session.signed.viewer, message.fields, ref)
        except Rejected as rejected:
            self._fault(session, rejected, ref)

    def _fault(self, session: Session, rejected: Rejected, ref: str | None) -> None:
        """Tell a client what was wrong; one that cannot say hello, or goes on and on, is sent away."""
        self._fail(session, rejected, ref)
        session.faults += 1
        if not session.welcomed or session.faults >= FAULTS_MOST:
            self._room.end(session.socket, Close.BAD_FRAME, rejected.code)

    def _fail(self, session: Session, rejected: Rejected, ref: str | None) -> None:
        session.socket.send(say(Failure(code=rejected.code, detail=rejected.detail[:500], ref=ref)))

    # --------------------------------------------------------------------------------------------------- who it is

    async def _hello(self, session: Session, hello: Hello) -> None:
        socket: Socket = session.socket
        given, areas = live_protocol.position(hello), live_protocol.areas(hello)
        session.scope = Scope(kinds=None if hello.kinds is None else frozenset(hello.kinds), areas=areas)
        session.hello_by = self._room.now() + self._room.settings.rhythm.sign_in
        session.reckon()
        signed = await self._sign_in(session, hello.token, hello.ref)
        if signed is None:
            return
        keys = frozenset(audience.keys_of(signed.viewer))
        if not self._room.know(session, signed, keys):
            self._room.end(socket, Close.TOO_MANY, "too-many-sockets", self._room.retry_after_ms())
            return
        view = view_id(keys, session.scope)
        how = await self._catch_up.plan(given, same_view=hello.view in (None, view))
        if isinstance(how, Future):
            raise Rejected("position-in-future", f"Position {given} has not come yet; null begins afresh.")
        welcome = Welcome(
            position=str(self._room.hub.position),
            epoch=self._room.hub.epoch,
            heartbeat_s=self._room.settings.rhythm.heartbeat,
            viewer=signed.viewer,
            view=view,
            expires_in_s=session.expires_in(self._room.now()),
            retry_after_ms=self._room.retry_after_ms(),
            ref=hello.ref,
        )
        socket.send(say(welcome))
        self._catch_up.begin(session, how)

    async def _renew(self, session: Session, token: Token) -> None:
        signed = await self._sign_in(session, token.token, token.ref)
        if signed is None:
            return
        if signed.viewer.account != session.account:
            self._room.refuse(session.socket, "forbidden")
            return
        before, keys = session.keys, frozenset(audience.keys_of(signed.viewer))
        self._room.know(session, signed, keys)
        left = session.expires_in(self._room.now())
        session.socket.send(say(Renewed(expires_in_s=left, view=view_id(keys, session.scope), ref=token.ref)))
        if keys != before:
            self._catch_up.begin(session, Snapshot("scope-changed"))

    async def _sign_in(self, session: Session, token: str, ref: str | None) -> SignedIn | None:
        """Ask who a token belongs to; None when the client was sent away instead."""
        try:
            async with self._at_door:
                return await self._authenticate(token)
        except Rejected as rejected:
            self._fail(session, rejected, ref)
            self._room.refuse(session.socket, rejected.code)
        except Exception:
            logger.exception("live-sign-in-failed", peer=session.socket.peer)
            self._room.later(session.socket)
        return None

    # ------------------------------------------------------------------------------------------------ what it tells

    async def _take_down(self, session: Session, viewer: Viewer, fields: dict[str, Any], ref: str | None) -> None:
        try:
            async with asyncio.timeout(self._room.settings.handle_s):
                answer = await self._on_message(viewer, fields)
        except Rejected as rejected:
            # Refused for what it asks, not for how: no fault of the client's software.
            self._fail(session, rejected, ref)
        except Exception:
            logger.exception("live-message-failed", account=session.account)
            self._fail(session, Rejected("internal", "It was not taken down. Send it again."), ref)
        else:
            session.socket.send(live_protocol.reply(answer, ref))
