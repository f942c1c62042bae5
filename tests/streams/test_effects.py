"""Between us and a carrier: a receipt for every attempt, one ask at most, a warning until it is taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import uuid5

import pytest

from alerts.channels import Channel, Message, Receipt
from streams.database import StorageError
from streams.effects import Effects
from streams.embedded import Embedded
from streams.events import (
    NAMESPACE,
    AnyBody,
    AssignmentExpired,
    Event,
    MessageAsked,
    MessageFailed,
    MessageSent,
    MessageTaken,
)
from streams.log import Line, line
from streams.pending import RETRY_S

NOON = datetime(2026, 4, 26, 9, tzinfo=UTC)
SENT = Receipt(state="sent", provider_id="p-1")
BUSY = Receipt(state="failed", detail="busy", retry=True)
REFUSED = Receipt(state="failed", detail="no such number")


class Carrier:
    """A carrier outside that answers as it is told to, then takes everything."""

    name = "carrier"

    def __init__(self, *answers: Receipt | Exception) -> None:
        self.answers = list(answers)
        self.got: list[str] = []

    async def send(self, message: Message) -> Receipt:
        self.got.append(message.id)
        answer = self.answers.pop(0) if self.answers else SENT
        if isinstance(answer, Exception):
            raise answer
        return answer


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def sending(data: Path, carrier: Channel | None, hands: Hands) -> AsyncIterator[tuple[Embedded, Effects]]:
    host = Embedded(data, (), clock=hands)
    host.start()
    try:
        yield host, Effects(host, {"sms": carrier} if carrier else {})
    finally:
        await asyncio.to_thread(host.stop)


def event(name: str, body: AnyBody) -> Event:
    id_ = str(uuid5(NAMESPACE, f"effects/{name}"))
    return Event(id=id_, cause="x", source="test", key="KE.042", at=NOON, seen=NOON, audience=("public",), body=body)


def asked(name: str = "m", kind: Literal["ask", "warning"] = "warning", minutes: float = 60.0) -> Line:
    body = MessageAsked(
        message=name,
        kind=kind,
        channel="sms",
        to="+254700000001",
        recipient="r001",
        text="go",
        language="en",
        about=f"about/{name}",
        expires=NOON + timedelta(minutes=minutes),
    )
    return line(event(name, body))


def receipts(host: Embedded) -> list[MessageSent | MessageFailed]:
    bodies = (stored.event.body for stored in host.engine.log.read(0, 1000))
    return [body for body in bodies if isinstance(body, MessageSent | MessageFailed)]


async def test_a_message_leaves_once_with_its_receipt(tmp_path: Path) -> None:
    carrier = Carrier()
    async with sending(tmp_path, carrier, Hands()) as (host, effects):
        await host.append([asked("one"), asked("two", "ask")])
        assert await effects.send_ready() == 2
        assert await effects.send_ready() == 0
        assert sorted(carrier.got) == ["one", "two"]
        assert receipts(host) == [MessageSent(message=name, provider_id="p-1") for name in carrier.got]
        assert (effects.sent, effects.failed) == (2, 0)


async def test_it_is_written_down_that_a_message_is_taken_before_the_carrier_has_it(tmp_path: Path) -> None:
    class Looking(Carrier):
        async def send(self, message: Message) -> Receipt:
            newest = host.engine.log.read(host.end() - 1, 1)[0].event.body
            assert newest == MessageTaken(message=message.id, attempt=1)
            return await super().send(message)

    async with sending(tmp_path, Looking(), Hands()) as (host, effects):
        await host.append([asked("m", "ask")])
        await effects.send_ready()
        assert receipts(host) == [MessageSent(message="m", provider_id="p-1")]


@pytest.mark.parametrize("kind", ["ask", "warning"])
async def test_a_busy_carrier_is_tried_again_on_schedule(tmp_path: Path, kind: Literal["ask", "warning"]) -> None:
    carrier, hands = Carrier(BUSY, BUSY), Hands()
    async with sending(tmp_path, carrier, hands) as (host, effects):
        await host.append([asked("m", kind)])
        assert await effects.send_ready() == 1
        assert await effects.send_ready() == 0
        for wait in RETRY_S[:2]:
            hands.now += timedelta(seconds=wait + 0.001)
            assert await effects.send_ready() == 1
        assert [type(body).__name__ for body in receipts(host)] == ["MessageFailed", "MessageFailed", "MessageSent"]
        assert carrier.got == ["m"] * 3


async def test_a_carrier_that_comes_back_in_time_gets_the_warning_after_all(tmp_path: Path) -> None:
    carrier, hands = Carrier(*[BUSY] * 30), Hands()
    async with sending(tmp_path, carrier, hands) as (host, effects):
        await host.append([asked("m", minutes=360)])
        while (again := host.next_moment()) is not None:
            hands.now = max(hands.now, again)
            await effects.send_ready()
        assert isinstance(receipts(host)[-1], MessageSent)
        assert hands.now > NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "kind", "code", "again"),
    [
        (REFUSED, "warning", "refused", False),
        (ConnectionResetError("the line broke"), "warning", "channel-failed", True),
        # It may have arrived: a second ask does harm, a second warning little.
        (ConnectionResetError("the line broke"), "ask", "channel-failed", False),
    ],
)
async def test_what_went_wrong_decides_whether_it_is_tried_again(
    tmp_path: Path, answer: Receipt | Exception, kind: Literal["ask", "warning"], code: str, again: bool
) -> None:
    carrier, hands = Carrier(answer), Hands()
    async with sending(tmp_path, carrier, hands) as (host, effects):
        await host.append([asked("m", kind)])
        await effects.send_ready()
        (failed,) = receipts(host)
        assert isinstance(failed, MessageFailed)
        assert (failed.code, failed.retry) == (code, again)
        hands.now += timedelta(minutes=5)
        await effects.send_ready()
        assert carrier.got == ["m"] * (1 + again)


async def test_what_comes_too_late_does_not_leave(tmp_path: Path) -> None:
    carrier, hands = Carrier(), Hands()
    async with sending(tmp_path, carrier, hands) as (host, effects):
        await host.append([asked("m", minutes=1)])
        hands.now += timedelta(minutes=1)
        await effects.send_ready()
        assert carrier.got == []
        (failed,) = receipts(host)
        assert isinstance(failed, MessageFailed)
        assert (failed.code, failed.retry) == ("expired", False)


async def test_without_a_channel_nothing_leaves_and_the_reason_is_told(tmp_path: Path) -> None:
    async with sending(tmp_path, None, Hands()) as (host, effects):
        await host.append([asked("m")])
        await effects.send_ready()
        (failed,) = receipts(host)
        assert isinstance(failed, MessageFailed)
        assert (failed.code, failed.retry) == ("no-channel", False)


class Full(StorageError):
    """The disk is full, for a moment."""

    retry_after_s = 0


class Troubled:
    """A host whose disk refuses the first receipts."""

    def __init__(self, host: Embedded, refusals: int) -> None:
        self.host, self.left = host, refusals

    def clock(self) -> datetime:
        return self.host.clock()

    async def outgoing(self, limit: int = 50) -> list[Event]:
        return await self.host.outgoing(limit)

    async def take(self, asked: Event) -> int | None:
        return await self.host.take(asked)

    async def append(self, lines: list[Line]) -> list[int | None]:
        self.left -= 1
        if self.left >= 0:
            raise Full("no space left on the disk")
        return await self.host.append(lines)


async def test_a_receipt_waits_for_the_storage_and_the_message_does_not_leave_twice(tmp_path: Path) -> None:
    carrier = Carrier()
    async with sending(tmp_path, carrier, Hands()) as (host, _):
        effects = Effects(Troubled(host, 3), {"sms": carrier})
        await host.append([asked("m", "ask")])
        await effects.send_ready()
        assert carrier.got == ["m"]
        assert receipts(host) == [MessageSent(message="m", provider_id="p-1")]
        assert host.engine.pending.unsure(NOON) == []


class Overtaken(Troubled):
    """A host on which an assignment ends between the look at what is ready and the taking of it."""

    async def outgoing(self, limit: int = 50) -> list[Event]:
        ready = await self.host.outgoing(limit)
        over = AssignmentExpired(assignment="about/m", incident="i", responder="r001")
        await self.host.append([line(event("over", over))])
        return ready


async def test_an_ask_whose_assignment_ended_does_not_leave(tmp_path: Path) -> None:
    carrier = Carrier()
    async with sending(tmp_path, carrier, Hands()) as (host, _):
        await host.append([asked("m", "ask"), asked("n", "ask")])
        effects = Effects(Overtaken(host, 0), {"sms": carrier})
        assert await effects.send_ready() == 2
        assert carrier.got == ["n"]
        assert receipts(host) == [MessageSent(message="n", provider_id="p-1")]
        assert await effects.send_ready() == 0
