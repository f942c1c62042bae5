"""Carry one WebSocket: bytes in and out on uvicorn's transport, with a bounded queue. Knows nobody and no feed.

You are between uvicorn, which hands over the transport of an upgrade request, and `live`, which holds the conversation.
The protocol itself is `websockets`' sans-I/O core: it reads handshake and frames, answers pings and closes. What is
sent to many is not asked of it: an unmasked text frame is the same bytes for everybody, so these are written to the
transport as they are.

The queue. As long as the transport takes bytes, they go straight to it. When it says that the peer is slow, the next
ones wait here as references to the bytes all slow clients share. Past the bound the client is told 4008 and to come
back with its position; what waited is dropped, as it will be replayed.
"""

import asyncio
import logging
import socket as system_socket
import struct
from collections import deque
from typing import Any, Final, Protocol, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from responder_api.live_handshake import Refusal, answer
from responder_api.live_limits import MESSAGE_MOST, Limits
from responder_api.live_protocol import Close, reason

_LOG: Final = logging.getLogger("dharura.live.socket")
_LOG.setLevel(logging.WARNING)  # the core logs each opening and closing at INFO: twenty thousand lines a storm

_DATA: Final = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)
PING: Final = b"\x89\x00"
_TCP_INFO_ACKED: Final = 120  # offset of tcpi_bytes_acked, u64, in Linux's struct tcp_info
_TCP_NOTSENT_LOWAT: Final = 25
_REASON_MOST: Final = 123  # a control frame's payload is at most 125 bytes, 2 of them the code


class Owner(Protocol):
    """What a socket asks of whoever it belongs to. All calls come on the event loop."""

    def judge(self, request: Request) -> Refusal | None:
        """Say whether a handshake is refused."""
        ...

    def opened(self, socket: "Socket") -> None:
        """Hear that the handshake succeeded."""
        ...

    def said(self, socket: "Socket", data: bytes, *, text: bool) -> None:
        """Hear a whole message."""
        ...

    def slow(self, socket: "Socket") -> None:
        """Hear that the queue is full; the socket is to be closed."""
        ...

    def lost(self, socket: "Socket") -> None:
        """Hear, once, that an opened socket is gone."""
        ...


class Socket(asyncio.Protocol):
    """One connection, from upgrade request to loss."""

    __slots__ = (
        "_core",
        "_cut",
        "_drained",
        "_limits",
        "_loop",
        "_opened",
        "_owner",
        "_parts",
        "_paused",
        "_queue",
        "_queued",
        "_text",
        "blocked",
        "heard",
        "is_open",
        "session",
        "transport",
    )

    def __init__(self, owner: Owner, limits: Limits, session: Any = None) -> None:
        self._owner = owner
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._core = ServerProtocol(max_size=MESSAGE_MOST, logger=_LOG)
        self._queue: deque[bytes] | None = None
        self._queued = 0
        self._paused = False
        self._opened = False
        self._parts: bytearray | None = None
        self._text = True
        self._cut: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None
        self.is_open = False
        """Between the handshake and the first word of goodbye."""
        self.blocked = True
        """Whether bytes must go through `send`; when False, `transport.write` takes them. For the fan-out's loop."""
        self.heard = False
        """Whether anything came in since the owner last cleared this."""
        self.session = session
        """What the owner keeps beside it."""

    # ------------------------------------------------------------------------------------------- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over a transport."""
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=self._limits.transport_bytes)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (system_socket.AF_INET, system_socket.AF_INET6):
            sock.setsockopt(system_socket.SOL_SOCKET, system_socket.SO_SNDBUF, self._limits.kernel_bytes // 2)
            sock.setsockopt(system_socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, self._limits.unsent_bytes)

    def data_received(self, data: bytes) -> None:
        """Feed the core, answer what it answers, and hand on what was said."""
        self.heard = True
        self._core.receive_data(data)
        for event in self._core.events_received():
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, Frame) and event.opcode in _DATA:
                self._message(event)
        self._flush()

    def eof_received(self) -> None:
        """See the peer's half of the line end; the transport closes the rest."""
        self._core.receive_eof()
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Let go of everything."""
        self._shut()
        if self._cut is not None:
            self._cut.cancel()
        if self._opened:
            self._opened = False
            self._owner.lost(self)

    def pause_writing(self) -> None:
        """Hear that the peer takes less than it is given."""
        self._paused = True
        self.blocked = True

    def resume_writing(self) -> None:
        """Hear that the transport has room again: give it what waited."""
        self._paused = False
        queue = self._queue
        while queue and not self._paused:
            data = queue.popleft()
            self._queued -= len(data)
            self.transport.write(data)
        if not queue and not self._paused:
            self._queue = None
            self.blocked = not self.is_open
            self._wake()

    # ------------------------------------------------------------------------------------------------- for the owner

    @property
    def waiting(self) -> int:
        """Bytes that were sent and have not left for the kernel."""
        return self._queued + self.transport.get_write_buffer_size()

    @property
    def peer(self) -> str:
        """The other end's address, for logs."""
        name = self.transport.get_extra_info("peername")
        return str(name[0]) if name else "?"

    def send(self, data: bytes) -> None:
        """Send whole frames, or let them wait; the owner hears `slow` when too much waits. Nothing once closing."""
        if not self.is_open:
            return
        if not self.blocked:
            self.transport.write(data)
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(data)
        self._queued += len(data)
        if self._queued > self._limits.queue_bytes or len(self._queue) > self._limits.queue_writes:
            self._owner.slow(self)

    async def drained(self) -> bool:
        """Wait until nothing waits here any more; False when the socket is closing."""
        while self.is_open and self.blocked:
            self._drained = self._drained or self._loop.create_future()
            await asyncio.shield(self._drained)
        return self.is_open

    def ping(self) -> None:
        """Ask the peer for a sign of life."""
        if self.is_open:
            self.heard = False
            self.transport.write(PING)

    def acked(self) -> int | None:
        """Give how many bytes the peer's kernel has acknowledged so far, where the system tells."""
        sock = self.transport.get_extra_info("socket")
        try:
            info = sock.getsockopt(system_socket.IPPROTO_TCP, system_socket.TCP_INFO, _TCP_INFO_ACKED + 8)
            return int(struct.unpack_from("=Q", info, _TCP_INFO_ACKED)[0])
        except (AttributeError, OSError, struct.error):
            return None

    def pause_reading(self) -> None:
        """Stop hearing the peer for a while: it says more than can be handled."""
        if self.is_open:
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Hear the peer again."""
        if self.is_open:
            self.transport.resume_reading()

    def close(self, code: Close, why: str, retry_after_ms: int | None = None) -> None:
        """Say goodbye with a code and a reason; what waited is dropped; the line is cut when the peer is too slow."""
        if not self.is_open:
            return
        self._shut()
        if self._core.state is State.OPEN:
            # Hearing the peer's own close frame needs reading.
            self.transport.resume_reading()
            self._core.send_close(code, reason(why, retry_after_ms)[:_REASON_MOST])
        self._flush()

    def abort(self) -> None:
        """Cut the line at once."""
        self._shut()
        self.transport.abort()

    # ------------------------------------------------------------------------------------------------------- within

    def _handshake(self, request: Request) -> None:
        refused = self._owner.judge(request)
        self._core.send_response(self._core.accept(request) if refused is None else answer(refused))
        self._flush()
        if self._core.state is State.OPEN:
            self._opened = self.is_open = True
            self.blocked = self._paused
            self._owner.opened(self)

    def _message(self, frame: Frame) -> None:
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        if not frame.fin:
            self._parts = (self._parts or bytearray()) + frame.data
            return
        data = bytes(frame.data) if self._parts is None else bytes(self._parts + frame.data)
        self._parts = None
        if self.is_open:
            self._owner.said(self, data, text=self._text)

    def _flush(self) -> None:
        """Write what the core has to say, and follow it when it has left the open state."""
        writes = self._core.data_to_send()
        if self._paused and self.is_open and self._core.state is State.OPEN:
            # Only pongs: a peer that asks and does not read shall not fill memory with answers.
            return
        if self.is_open and self._core.state is not State.OPEN:
            self._shut()
        for data in writes:
            if data:
                self.transport.write(data)
            else:
                self.transport.close()
        if self._core.state is not State.OPEN and self._cut is None:
            self._cut = self._loop.call_later(self._limits.cut_s, self.transport.abort)

    def _shut(self) -> None:
        self.is_open = False
        self.blocked = True
        self._queue = None
        self._queued = 0
        self._wake()

    def _wake(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
