"""A node's tail hands over every frame once and in order, also those that came while it could not read."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from fixtures.servers.postgresql import Postgresql
from responder_api.projecting import FEED
from responder_api.tail import Tail
from responder_api.views import Frame
from streams.cluster.listening import Listening
from streams.database import StorageError
from tests.contracts.read_models import Kept, Teller, opened, postgres_kept

pytestmark = pytest.mark.system("postgresql")


class Node:
    """The tail of one node, with what wakes it; `heard` are the numbers that it handed over."""

    def __init__(self, address: str, kept: Kept) -> None:
        self.tail = Tail(kept.views, lambda: 0)
        self.listening = Listening(address, [FEED], lambda _: self.tail.committed(), who="test", look_s=0.05)
        self.heard: list[int] = []
        self._more = asyncio.Event()
        self.tail.listen(self._take)

    def _take(self, frames: Sequence[Frame]) -> None:
        self.heard += [frame.offset for frame in frames]
        self._more.set()

    async def until(self, count: int) -> None:
        while len(self.heard) < count:
            self._more.clear()
            await self._more.wait()

    async def start(self) -> "asyncio.Task[None]":
        await self.tail.start()
        self.listening.start()
        return asyncio.create_task(self.tail.run())

    async def stop(self, running: "asyncio.Task[None]") -> None:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.to_thread(self.listening.stop)


@pytest.fixture
def kept(database: str) -> Iterator[Kept]:
    with postgres_kept(database) as made:
        yield made


async def test_a_node_that_starts_hears_what_comes_and_nothing_from_before(kept: Kept, database: str) -> None:
    teller = Teller(kept)
    teller.tell(opened("i1"))
    node = Node(database, kept)
    running = await node.start()
    for n in range(2, 6):
        await asyncio.to_thread(teller.tell, opened(f"i{n}"))
        await node.until(n - 1)
    await node.stop(running)
    assert node.heard == [2, 3, 4, 5]


async def test_what_was_written_while_the_database_was_away_from_a_node_is_handed_over(
    database: str, kept: Kept, postgres: Postgresql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StorageError, "retry_after_s", 0.01)
    node = Node(database, kept)
    running = await node.start()
    Teller(kept).tell(opened("i1"))
    await node.until(1)
    await asyncio.to_thread(postgres.stop)
    node.tail.committed()  # it reads, and there is nobody
    await asyncio.to_thread(postgres.start)
    with postgres_kept(database, empty=False) as again:
        teller = Teller(again)
        for n in range(2, 5):
            await asyncio.to_thread(teller.tell, opened(f"i{n}"))
        await node.until(4)
    await node.stop(running)
    assert node.heard == [1, 2, 3, 4]
