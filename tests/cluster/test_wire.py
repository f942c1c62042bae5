"""A wire carries what is said; while it is cut nothing arrives and nobody is told, and afterwards all of it does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, suppress

import pytest

from fixtures.servers.children import LOOPBACK, free_port
from fixtures.servers.wire import Way, Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.end()


class Heard:
    """A server that keeps what it hears, and says back each of it."""

    def __init__(self) -> None:
        self.said = b""
        self.ended = 0
        self.moved = asyncio.Condition()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(ConnectionResetError):
            while data := await reader.read(100):
                writer.write(data)
                await self._note(data)
        self.ended += 1
        await self._note(b"")

    async def until(self, said: bytes, ended: int = 0) -> None:
        async with self.moved:
            await self.moved.wait_for(lambda: (self.said, self.ended) == (said, ended))

    async def _note(self, data: bytes) -> None:
        async with self.moved:
            self.said += data
            self.moved.notify_all()


@pytest.fixture
async def heard(wire: Wire) -> AsyncIterator[tuple[Heard, int]]:
    server, port = Heard(), free_port()
    listening = await asyncio.start_server(server.take, LOOPBACK, port)
    async with listening:
        yield server, wire.to(port)


async def test_what_is_said_while_it_is_cut_there_arrives_when_it_is_healed(
    wire: Wire, heard: tuple[Heard, int]
) -> None:
    server, port = heard
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"one")
    assert await reader.readexactly(3) == b"one"
    wire.cut("there")
    writer.write(b"two")
    await writer.drain()
    writer.close()  # given up, and on its way all the same
    await _nothing(wire, "there")
    assert server.said == b"one"
    wire.heal()
    await server.until(b"onetwo", ended=1)


async def test_what_is_said_while_it_is_cut_back_is_done_and_its_answer_comes_late(
    wire: Wire, heard: tuple[Heard, int]
) -> None:
    server, port = heard
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"one")
    assert await reader.readexactly(3) == b"one"
    wire.cut("back")
    writer.write(b"two")
    await server.until(b"onetwo")
    answer = asyncio.ensure_future(reader.readexactly(3))
    await _nothing(wire, "back")
    assert not answer.done()
    wire.heal()
    assert await answer == b"two"
    writer.close()
    await server.until(b"onetwo", ended=1)


async def test_who_connects_while_it_is_cut_waits(wire: Wire, heard: tuple[Heard, int]) -> None:
    server, port = heard
    wire.cut()
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"one")
    answer = asyncio.ensure_future(reader.readexactly(3))
    await _nothing(wire)
    assert (server.said, answer.done()) == (b"", False)
    wire.heal()
    assert await answer == b"one"
    writer.close()
    await server.until(b"one", ended=1)


async def test_where_nobody_listens_the_client_is_told(wire: Wire) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, wire.to(free_port()))
    assert await reader.read() == b""
    writer.close()


async def _nothing(wire: Wire, *ways: Way) -> None:
    """Give the cut wire, and whoever listens, every opportunity to pass something on."""
    for _ in range(50):
        wire.cut(*ways)  # done in the wire's own loop, which looks at every socket meanwhile
        await asyncio.sleep(0)
