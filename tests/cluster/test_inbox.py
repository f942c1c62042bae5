"""What a worker has read waits in order, bounded, and is shared out fairly."""

import asyncio
from typing import NamedTuple

from streams.cluster.inbox import Inbox
from streams.cluster.lag import Source
from streams.cluster.records import Record

REPORTS, LEVELS = Source("incidents", "dharura.reports", 3), Source("incidents", "dharura.levels", 3)
OTHER = Source("archive", "dharura.reports", 4)


class Event(NamedTuple):
    acknowledged: list[int]
    offset: int

    def ack(self) -> bool:
        self.acknowledged.append(self.offset)
        return True


def record(source: Source, offset: int) -> Record:
    return Record(source.topic, source.number, offset, b"KE.042", b"{}", {})


async def fill(inbox: Inbox, source: Source, *offsets: int) -> list[int]:
    told: list[int] = []
    for offset in offsets:
        await inbox.put(source, record(source, offset), Event(told, offset))
    return told


def offsets(inbox: Inbox, most: int = 100) -> dict[tuple[str, int], list[tuple[str, int]]]:
    return {slot: [(each.topic, each.offset) for each in found] for slot, found in inbox.ready(most).items()}


async def test_what_is_looked_at_stays_until_it_is_done() -> None:
    inbox = Inbox()
    inbox.hold([REPORTS])
    told = await fill(inbox, REPORTS, 5, 6, 7)
    for _ in range(2):
        assert offsets(inbox) == {
            ("incidents", 3): [("dharura.reports", 5), ("dharura.reports", 6), ("dharura.reports", 7)]
        }
    for event in inbox.done({REPORTS: 7, OTHER: 99}):
        event.ack()
    assert told == [5, 6]
    assert offsets(inbox) == {("incidents", 3): [("dharura.reports", 7)]}


async def test_a_full_queue_makes_its_agent_wait_and_no_other() -> None:
    inbox = Inbox(most=2)
    inbox.hold([REPORTS, OTHER])
    await fill(inbox, REPORTS, 1, 2)
    waiting = asyncio.create_task(fill(inbox, REPORTS, 3))
    await fill(inbox, OTHER, 1)
    assert not waiting.done()
    await asyncio.to_thread(inbox.done, {REPORTS: 2})
    await waiting
    assert offsets(inbox)["incidents", 3] == [("dharura.reports", 2), ("dharura.reports", 3)]


async def test_all_queues_together_are_bounded_but_an_empty_one_always_takes() -> None:
    inbox = Inbox(most=10, most_in_all=3)
    inbox.hold([REPORTS, OTHER])
    await fill(inbox, REPORTS, 1, 2, 3)
    await fill(inbox, OTHER, 1)
    waiting = [asyncio.create_task(fill(inbox, source, 9)) for source in (REPORTS, OTHER)]
    await asyncio.wait(waiting, timeout=0)
    assert not any(each.done() for each in waiting)
    await asyncio.to_thread(inbox.done, {REPORTS: 4})
    await asyncio.gather(*waiting)


async def test_partitions_that_are_another_workers_are_forgotten_and_nobody_waits_for_them() -> None:
    inbox = Inbox(most=1)
    inbox.hold([REPORTS])
    told = await fill(inbox, REPORTS, 1)
    waiting = asyncio.create_task(fill(inbox, REPORTS, 2))
    await asyncio.wait([waiting], timeout=0)
    inbox.hold([OTHER])
    await waiting
    await fill(inbox, REPORTS, 3)
    assert offsets(inbox) == {}
    assert not told
    inbox.hold([REPORTS])  # ours again: nothing is left of before
    assert offsets(inbox) == {}


async def test_what_was_fetched_comes_before_what_waits() -> None:
    inbox = Inbox()
    inbox.hold([REPORTS, LEVELS])
    await fill(inbox, REPORTS, 8)
    await fill(inbox, LEVELS, 1)
    assert inbox.shut(REPORTS)
    assert not inbox.shut(REPORTS)
    assert not inbox.shut(OTHER)
    assert offsets(inbox) == {("incidents", 3): [("dharura.levels", 1)]}
    inbox.insert(REPORTS, [record(REPORTS, 6), record(REPORTS, 7)])
    found = offsets(inbox)["incidents", 3]
    assert [offset for topic, offset in found if topic == "dharura.reports"] == [6, 7, 8]
    assert len(inbox.done({REPORTS: 9})) == 1  # who fetched does not wait for an answer


async def test_a_turn_is_shared_out_fairly() -> None:
    inbox = Inbox()
    sources = [Source("archive", "dharura.reports", n) for n in range(12)]
    inbox.hold(sources)
    for source in sources:
        await fill(inbox, source, *range(1 if source.number else 200))
    found = offsets(inbox, 30)
    assert len(found) == 12  # who has little is not kept waiting by who has much
    assert sum(map(len, found.values())) == 30
    seen: set[tuple[str, int]] = set()
    for _ in range(12):
        seen |= set(offsets(inbox, 1))
    assert len(seen) > 1
