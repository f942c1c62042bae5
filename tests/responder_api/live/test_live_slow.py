"""Who reads slowly, or not at all, costs nobody else anything and misses nothing."""

import asyncio
import json
import os
import re
import socket as system_socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from responder_api.live_limits import Limits, LiveSettings
from responder_api.live_socket import Socket

if TYPE_CHECKING:
    from tests.responder_api.live.conftest import Node

SMALL = Limits(queue_bytes=64 * 1024, transport_bytes=8192, kernel_bytes=32 * 1024, unsent_bytes=4096)
DEAF: dict[str, Any] = {"max_queue": 1, "close_timeout": 0}
"""A client that reads only when it is told to, and does not wait for goodbyes."""
CHANGE = re.compile(rb'\{"type": "change", "position": "e1:(\d+)"')
TEXT = "maji yamejaa barabarani " * 40


def socket_of(node: "Node", account: str) -> Socket:
    (found,) = [socket for socket, session in node.live._room.sessions.items() if session.account == account]
    return found


def in_flight(socket: Socket) -> int:
    """Give how many segments wait to be acknowledged (tcpi_unacked)."""
    info = socket.transport.get_extra_info("socket").getsockopt(system_socket.IPPROTO_TCP, system_socket.TCP_INFO, 28)
    return int.from_bytes(info[24:28], sys.byteorder)


def resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Tap(asyncio.Protocol):
    """A client stripped to the bone, so that a thousand fit beside the server: counts what it gets."""

    def __init__(self, name: str, wanted: int) -> None:
        self.name, self.wanted = name, wanted
        self.data = bytearray()
        self.got: list[int] = []
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        hello = json.dumps({"type": "hello", "token": self.name, "position": "e1:0"}).encode()
        self.hello = bytes((0x81, 0x80 | 126)) + len(hello).to_bytes(2, "big") + bytes(4) + hello
        self.transport = transport
        transport.write(
            b"GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self.data += data
        if self.hello:
            head, end, rest = bytes(self.data).partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.data = bytearray(rest)
            self.transport.write(self.hello if len(self.hello) > 133 else _short(self.hello))
            self.hello = b""
        self._frames()

    def _frames(self) -> None:
        at = 0
        while len(self.data) >= at + 4:
            size, start = self.data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(self.data[at + 2 : at + 4], "big"), at + 4
            if len(self.data) < start + size:
                break
            if self.data[at] == 0x81 and (found := CHANGE.match(self.data, start)):
                self.got.append(int(found[1]))
            at = start + size
        del self.data[:at]
        if self.got and self.got[-1] >= self.wanted and not self.done.done():
            self.done.set_result(None)


def _short(frame: bytes) -> bytes:
    """Write a frame of at most 125 bytes with the short length, as RFC 6455 wants."""
    return bytes((frame[0], 0x80 | (len(frame) - 8))) + frame[4:]


async def test_a_slow_client_among_a_thousand_is_told_to_come_back_and_misses_nothing(start: Any) -> None:  # F17
    frames, crowd = 240, 1000
    limits = msgspec.structs.replace(SMALL, cut_s=3600)  # how soon the line is cut is not the matter here
    async with start(settings=LiveSettings(limits=limits)) as node:
        loop = asyncio.get_running_loop()
        taps = []
        for number in range(crowd):
            _, tap = await loop.create_connection(partial(Tap, f"p{number}", frames), "127.0.0.1", node.port)
            taps.append(tap)
        async with node.call(node.narrow_line(), max_queue=1) as slow:
            await slow.say(type="hello", token="slow", position="e1:0")
            await slow.next()
            others = {s for s, session in node.live._room.sessions.items() if session.account != "slow"}
            before, most, offset = resident_bytes(), 0, 0
            while offset < frames:
                offset = node.change(entries=("public",), text=TEXT, n=offset).offset
                # What one reads must not depend on how another reads: nothing of the others ever waits here.
                assert not any(socket.blocked for socket in others)
                if node.live.slow_closed == 0:
                    most = max(most, socket_of(node, "slow").waiting)
                # It takes one kilobyte or so while a thousand others take all there is.
                if offset % 8 == 0 and node.live.slow_closed == 0:
                    await slow.next()
                else:
                    await asyncio.sleep(0)
            await asyncio.gather(*(tap.done for tap in taps))
            assert node.live.slow_closed == 1
            assert most <= SMALL.queue_bytes + SMALL.transport_bytes + 2048
            assert resident_bytes() - before < 50 * 1024 * 1024
            code, why = await slow.end()
            assert code == 4008
            assert why.startswith("slow-consumer retry_after_ms=")
        assert all(tap.got == list(range(1, frames + 1)) for tap in taps)
        async with node.phone("slow", position=slow.position) as again:
            await again.reach(frames)
        assert slow.got + again.got == list(range(1, frames + 1))
        for tap in taps:
            tap.transport.abort()


async def test_a_client_that_never_reads_is_gone_within_45_seconds_and_its_queue_is_bounded(start: Any) -> None:  # F18
    limits = Limits(transport_bytes=8192, kernel_bytes=32 * 1024, unsent_bytes=4096)
    async with start(settings=LiveSettings(limits=limits)) as node:
        async with node.call(node.narrow_line(), **DEAF) as deaf:
            await deaf.say(type="hello", token="deaf", position="e1:0")
            await deaf.next()
            socket = socket_of(node, "deaf")
            while socket.waiting < 100_000:
                node.change(entries=("public",), text=TEXT)
                await asyncio.sleep(0)
            # Until nothing more may be sent though there is much: window 0.
            while in_flight(socket):  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(0)
            began = node.live._room.now()
            seconds = 0
            while socket.is_open:
                seconds += 1
                node.live.tick(began + seconds)
                assert socket.waiting <= limits.queue_bytes + limits.transport_bytes
            assert 15 < seconds < 45
            await node.live._room.is_empty.wait()
        assert len(node.live._room.hub) == 0


async def test_a_client_that_never_reads_while_much_happens_is_gone_when_its_queue_is_full(start: Any) -> None:  # F18
    settings = LiveSettings(limits=Limits(queue_bytes=64 * 1024, transport_bytes=8192, kernel_bytes=32768, cut_s=0.05))
    async with start(settings=settings) as node, node.call(node.narrow_line(), **DEAF) as deaf:
        await deaf.say(type="hello", token="deaf", position="e1:0")
        await deaf.next()
        while node.live.slow_closed == 0:
            node.change(entries=("public",), text=TEXT)
            await asyncio.sleep(0)
        await node.live._room.is_empty.wait()  # cut, though it never took its close frame


async def test_a_phone_on_a_slow_line_is_not_taken_for_dead_while_it_takes_things_in(start: Any) -> None:
    """At 2 KB/s a ping waits behind what was sent before it; what counts is that bytes still arrive."""
    limits = Limits(transport_bytes=8192, kernel_bytes=16 * 1024, unsent_bytes=4096)
    async with start(settings=LiveSettings(limits=limits)) as node, node.call(node.narrow_line(), **DEAF) as phone:
        await phone.say(type="hello", token="amina", position="e1:0")
        await phone.next()
        socket = socket_of(node, "amina")
        while not (socket.blocked and socket.waiting > 60_000):
            node.change(entries=("public",), text=TEXT)
            await asyncio.sleep(0)
        now = node.live._room.now() + 15
        node.live.tick(now)
        for _ in range(3):
            socket.heard = False  # as if its pong were still on the way
            acked = socket.acked() or 0
            while (socket.acked() or 0) == acked:
                await phone.next()
            now += 20
            node.live.tick(now)
            assert socket.is_open
        socket.heard = False
        now += 20
        node.live.tick(now)
        while socket.is_open and socket.waiting:  # nothing more is read: nothing more moves
            now += 20
            node.live.tick(now)
        assert not socket.is_open


async def test_a_client_that_hangs_is_gone_though_its_kernel_still_takes_our_pings(node: "Node") -> None:  # F18
    async with node.call(**DEAF) as hung:
        await hung.say(type="hello", token="hung", position="e1:0")
        await hung.next()
        socket = socket_of(node, "hung")
        hung.line.transport.pause_reading()
        now = node.live._room.now() + 15
        node.live.tick(now)
        pinged = node.live._room.sessions[socket].acked or 0
        while (socket.acked() or 0) <= pinged:  # noqa: ASYNC110 - the kernel tells nobody
            await asyncio.sleep(0)
        node.live.tick(now + 20)
        await node.live._room.is_empty.wait()


async def test_a_client_that_answers_pings_stays(node: "Node") -> None:
    async with node.phone() as phone:
        await phone.until("snapshot")
        (socket,) = node.live._room.sessions
        now = node.live._room.now()
        for _ in range(5):
            now += 15
            node.live.tick(now)
            assert not socket.heard
            await phone.say(type="ping")  # our pong comes before this is answered
            await phone.until("pong")
            now += 20
            node.live.tick(now)
            assert socket.is_open


async def test_who_asks_and_does_not_read_does_not_fill_memory_with_answers(start: Any) -> None:
    settings = LiveSettings(limits=Limits(transport_bytes=4096, kernel_bytes=8192, unsent_bytes=2048, cut_s=0.05))
    async with start(settings=settings) as node:
        line = node.narrow_line(2048)
        async with node.call(line, **DEAF) as phone:
            await phone.say(type="hello", token="amina")
            await phone.until("snapshot")
            socket = socket_of(node, "amina")
            phone.line.transport.pause_reading()
            while not socket.blocked:
                node.change(entries=("public",), text=TEXT)
                await asyncio.sleep(0)
            waiting = socket.waiting
            for _ in range(200):
                await phone.line.ping(os.urandom(120))
            socket.heard = False
            while not socket.heard:
                await phone.line.ping(os.urandom(120))
                await asyncio.sleep(0)
            assert socket.waiting <= waiting


async def test_what_the_kernel_holds_back_is_bounded_too(node: "Node") -> None:
    async with node.phone():
        (socket,) = node.live._room.sessions
        option = socket.transport.get_extra_info("socket").getsockopt
        assert option(system_socket.SOL_SOCKET, system_socket.SO_SNDBUF) <= Limits().kernel_bytes
