"""The embedded host on a real file: what is answered is written, and nothing that one caller does harms another."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid5

import msgspec
import pytest

from streams import topics as t
from streams.embedded import AlreadyRunning, Embedded
from streams.events import (
    NAMESPACE,
    AnyBody,
    DeadlineReached,
    DeadlineSet,
    Event,
    Fact,
    MessageAsked,
    MessageFailed,
    MessageTaken,
    ReportDismissed,
    ReportReceived,
)
from streams.handle import Step
from streams.log import line
from streams.state import State

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)


def event(name: str, body: AnyBody | None = None) -> Event:
    id_ = str(uuid5(NAMESPACE, f"embedded/{name}"))
    body = body or ReportReceived(channel="web", text=name)
    return Event(id=id_, cause="x", source="door", key="KE.042", at=NOON, seen=NOON, audience=("public",), body=body)


def dismissing(state: State, heard: Event) -> Iterator[Fact]:
    yield Fact(body=ReportDismissed(report=heard.id, reason="hoax", by="step"), audience=("public",))


STEPS = (Step(name="dismissing", hears=(ReportReceived,), writes=(t.REPORTS,), function=dismissing),)


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def started(
    data: Path, steps: tuple[Step, ...] = STEPS, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[Embedded]:
    host = Embedded(data, steps, clock=clock)
    host.start()
    try:
        yield host
    finally:
        await asyncio.to_thread(host.stop)


def log(host: Embedded) -> list[Event]:
    return [stored.event for stored in host.engine.log.read(0, 100_000)]


async def test_what_is_answered_is_there_and_has_been_through_the_steps_when_settled(tmp_path: Path) -> None:
    async with started(tmp_path) as host:
        assert await host.append([line(event("one")), line(event("two"))]) == [1, 2]
        assert await host.append([line(event("two"))]) == [None]
        await host.settle()
        assert host.done() == host.end() == 4
    async with started(tmp_path) as host:
        await host.settle()
        assert [type(each.body).__name__ for each in log(host)] == ["ReportReceived"] * 2 + ["ReportDismissed"] * 2


async def test_appends_side_by_side_all_get_their_own_offsets(tmp_path: Path) -> None:
    async with started(tmp_path) as host:
        many = [host.append([line(event(f"{n}")), line(event(f"{n}/b"))]) for n in range(300)]
        offsets = [offset for found in await asyncio.gather(*many) for offset in found]
        assert len(set(offsets)) == 600
        await host.settle()
        found = {each.id: number for number, each in enumerate(log(host), start=1)}
        assert [found[event(f"{n}").id] for n in range(300)] == offsets[::2]
        assert host.engine.log.verify() == host.end() == 1200


async def test_whoever_stops_waiting_stops_nobody_else(tmp_path: Path) -> None:
    async with started(tmp_path) as host:
        for n in range(20):
            given_up = asyncio.ensure_future(host.append([line(event(f"given up/{n}"))]))
            await asyncio.wait({given_up}, timeout=0)  # until it waits
            given_up.cancel()
            assert await host.append([line(event(f"kept/{n}"))]) != [None]
            with suppress(asyncio.CancelledError):
                await given_up
        settled = asyncio.ensure_future(host.settle())
        await asyncio.wait({settled}, timeout=0)
        settled.cancel()
        await host.settle()
        assert host.done() == host.end()


async def test_one_that_cannot_be_written_takes_nobody_with_it(tmp_path: Path) -> None:
    async with started(tmp_path) as host:
        bad = msgspec.structs.replace(event("bad"), id="no uuid at all")
        together = [host.append([line(event(f"{n}"))]) for n in range(5)]
        answers = await asyncio.gather(*together[:3], host.append([line(bad)]), *together[3:], return_exceptions=True)
        assert [type(answer) for answer in answers] == [list, list, list, ValueError, list, list]
        await host.settle()
        assert host.end() == 10


async def test_a_listener_that_fails_is_told_again_and_stops_nothing(tmp_path: Path) -> None:
    told: list[int] = []
    async with started(tmp_path) as host:

        def fails() -> None:
            raise RuntimeError("nobody there")

        host.listen(fails)
        host.listen(lambda: told.append(host.end()))
        await host.append([line(event("one"))])
        await host.append([line(event("two"))])
        await host.settle()
    assert told[-1] == 4


async def test_a_deadline_is_heard_by_itself_when_its_time_comes(tmp_path: Path) -> None:
    """On the real clock: nobody prods the host, it wakes for the deadline."""
    heard = threading.Event()
    async with started(tmp_path) as host:
        host.listen(lambda: heard.set() if any(isinstance(each.body, DeadlineReached) for each in log(host)) else None)
        due = host.clock() + timedelta(milliseconds=30)
        await host.append([line(event("d", DeadlineSet(step="x", name="y", about="z", due=due)))])
        await asyncio.to_thread(heard.wait)
        (reached,) = [each for each in log(host) if isinstance(each.body, DeadlineReached)]
        assert reached.seen >= due


async def test_a_clock_that_is_moved_by_hand_decides_what_is_due(tmp_path: Path) -> None:
    hands = Hands()
    async with started(tmp_path, clock=hands) as host:
        due = NOON + timedelta(hours=1)
        await host.append([line(event("d", DeadlineSet(step="x", name="y", about="z", due=due)))])
        await host.settle()
        assert host.next_moment() == due
        hands.now = due - timedelta(microseconds=1)
        await host.settle()
        assert host.end() == 1
        hands.now = due
        await host.settle()
        assert host.end() == 2
        assert host.next_moment() is None


def asked(name: str, kind: str) -> Event:
    body = msgspec.convert(
        {
            "type": "MessageAsked",
            "message": name,
            "kind": kind,
            "channel": "sms",
            "to": "+254700000001",
            "recipient": "r001",
            "text": "go",
            "language": "en",
            "about": f"assignment/{name}",
            "expires": "2026-04-26T12:00:00Z",
        },
        MessageAsked,
    )
    return event(name, body)


async def test_a_message_is_taken_by_one_alone(tmp_path: Path) -> None:
    async with started(tmp_path, clock=Hands()) as host:
        ask = asked("m", "ask")
        await host.append([line(ask)])
        assert await host.outgoing() == [ask]
        assert sorted(map(str, await asyncio.gather(*(host.take(ask) for _ in range(4))))) == ["1"] + ["None"] * 3
        assert await host.outgoing() == []
        assert sum(isinstance(each.body, MessageTaken) for each in log(host)) == 1


async def test_a_start_settles_what_the_last_process_left_unsure(tmp_path: Path) -> None:
    hands = Hands()
    ask, warning = asked("a", "ask"), asked("w", "warning")
    async with started(tmp_path, clock=hands) as host:
        await host.append([line(ask), line(warning)])
        assert (await host.take(ask), await host.take(warning)) == (1, 1)
    for _ in range(2):
        async with started(tmp_path, clock=hands) as host:
            await host.settle()
            failed = {each.body.message: each.body for each in log(host) if isinstance(each.body, MessageFailed)}
            assert {name: body.retry for name, body in failed.items()} == {"a": False, "w": True}
            assert await host.take(ask) is None
    hands.now += timedelta(minutes=1)
    async with started(tmp_path, clock=hands) as host:
        assert await host.outgoing() == [warning]
        assert await host.take(warning) == 2


async def test_a_data_folder_has_one_host(tmp_path: Path) -> None:
    async with started(tmp_path):
        with pytest.raises(AlreadyRunning):
            Embedded(tmp_path, STEPS)
    async with started(tmp_path) as host:
        await host.settle()


async def test_the_clock_starts_no_earlier_than_the_newest_fact(tmp_path: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(days=2)
    async with started(tmp_path) as host:
        await host.append([line(msgspec.structs.replace(event("one"), seen=ahead))])
    async with started(tmp_path) as host:
        assert host.clock() >= ahead


async def test_it_closes_the_file_only_when_nobody_looks_into_it_any_more(tmp_path: Path) -> None:
    loop, inside, gate = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def clock() -> datetime:
        if threading.current_thread().name.startswith("asyncio"):  # the thread that looks up what may be sent
            loop.call_soon_threadsafe(inside.set)
            gate.wait()
        return NOON

    host = Embedded(tmp_path, STEPS, clock=clock)
    host.start()
    looking = asyncio.create_task(host.outgoing())
    await inside.wait()
    stopping = threading.Thread(target=host.stop)
    stopping.start()
    host._thread.join()
    gate.set()
    assert await looking == []
    stopping.join()
    assert await host.outgoing() == [], "what comes too late finds nothing"
