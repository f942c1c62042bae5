"""Bound what one client can cost: time to send, bytes sent, time to take the answer.

You are around the whole application. `Limits` (ASGI) gives every request its id, ends bodies that are too large or
too slow with a problem document, turns an error nobody caught into `internal`, and adds the headers browsers need.
`Patient` (uvicorn's HTTP protocol) covers what ASGI never sees: a request head that trickles in or has no end, and a
client that does not take its answer. Next: the application's own routes.
"""

import asyncio
import logging
import uuid
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from responder_api.errors import REQUEST_ID, Refused, answer

_log = logging.getLogger("dharura.door")

_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY: Final = "base-uri 'self'; object-src 'none'; frame-ancestors 'none'"


class Limits:
    """ASGI middleware: at most `max_body_bytes` a body, within `body_seconds` of its first being asked for."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, body_seconds: float) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        REQUEST_ID.set(str(uuid.uuid4()))
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        guarded = _Request(scope, receive, send, self._max_body_bytes, self._body_seconds)
        try:
            await self._app(scope, guarded.receive, guarded.send)
        except Exception as error:
            # The last place where an answer can still be given.
            if guarded.refusal is None:
                _log.exception("request %s failed: %s %s", REQUEST_ID.get(), scope["method"], ascii(scope["path"]))
            if guarded.started:
                raise
            await answer(guarded.refusal or error)(scope, receive, guarded.send_start)


class _Request:
    """One request: what has come of its body, and whether its answer has begun."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_bytes: int, seconds: float) -> None:
        headers = Headers(scope=scope)
        self._scope = scope
        self._receive = receive
        self._send = send
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._deadline: float | None = None
        self._read = 0
        self._body_open = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._replaced = False
        self.refusal: Refused | None = None
        self.started = False

    async def receive(self) -> Message:
        """Take the next piece of the body; Refused when it is one too many or does not come."""
        if not self._body_open:
            return await self._receive()
        loop = asyncio.get_running_loop()
        self._deadline = self._deadline or loop.time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self.refusal = Refused("body-too-slow", f"The body may take {self._seconds:g} seconds.")
            raise self.refusal from None
        self._read += len(message.get("body", b""))
        if self._read > self._max_bytes:
            self.refusal = Refused("body-too-large", f"The body may have {self._max_bytes:,} bytes.")
            raise self.refusal
        self._body_open = message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass the answer on; an answer made after a refusal is replaced by the refusal."""
        if self._replaced:
            return
        if self.refusal is not None and not self.started:
            self._replaced = True
            await answer(self.refusal)(self._scope, self._receive, self.send_start)
            return
        await self.send_start(message)

    async def send_start(self, message: Message) -> None:
        """Add the headers every answer has."""
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            page = headers.get("content-type", "").startswith("text/html")
            headers.setdefault("content-security-policy", _PAGE_POLICY if page else _POLICY)
            headers["x-request-id"] = REQUEST_ID.get()
            if self._scope["scheme"] == "https":
                headers.setdefault("strict-transport-security", "max-age=31536000")
            if self._body_open:
                # What is left of the body must not be read to the end only to be thrown away.
                headers["connection"] = "close"
        await self._send(message)


class Patient(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with bounds on the request head and on an answer that is not taken.

    A connection is closed when a request head is not complete `head_seconds` after the connection opened or the
    head began, when it is longer than `head_bytes`, and when a full send buffer has not drained for `drain_seconds`.
    Between requests uvicorn's own keep-alive timeout counts.
    """

    head_seconds: float = 10.0
    head_bytes: int = 64 << 10
    drain_seconds: float = 30.0

    _head_timer: asyncio.TimerHandle | None = None
    _drain_timer: asyncio.TimerHandle | None = None
    _head_read: int = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start waiting for the first request head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers with the connection."""
        self._head_complete()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head; a head that has no end is answered 400."""
        if self._head_timer is not None:
            # Only what came before counts: this piece may end the head and carry the body.
            if self._head_read > self.head_bytes:
                self._head_complete()
                self.send_400_response("Request head too long.")
                return
            self._head_read += len(data)
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            return  # upgraded to a live socket, which keeps its own time
        if getattr(self.cycle, "response_complete", False) and self.timeout_keep_alive_task is None:
            # A further head begins, or bytes that begin none: either ended uvicorn's keep-alive timer.
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """Stop the clock: from here `Limits` counts."""
        self._head_complete()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """Start waiting for the client to take its answer."""
        super().pause_writing()
        if self._drain_timer is None:
            self._drain_timer = self.loop.call_later(self.drain_seconds, self._abort)

    def resume_writing(self) -> None:
        """Stop waiting: the client takes its answer again."""
        if self._drain_timer is not None:
            self._drain_timer.cancel()
            self._drain_timer = None
        super().resume_writing()

    def _wait_for_head(self) -> None:
        if self._head_timer is None:
            self._head_read = 0
            self._head_timer = self.loop.call_later(self.head_seconds, self._abort)

    def _head_complete(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _abort(self) -> None:
        self.transport.abort()


def protocol(**bounds: Any) -> type[Patient]:
    """Make a `Patient` with other bounds, for `uvicorn.Config(http=...)`."""
    return type("Patient", (Patient,), bounds)
