"""Hands over what must leave the house: one asked message, one channel, one receipt.

The order is what makes it safe: take (durable; a recalled message cannot be taken), send, write the receipt. A crash
between the two writes leaves the message *unsure*, which `streams.pending` settles at the next start. This is the one
place where facts cause something that cannot be undone.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from alerts.channels import Channel, Message
from streams.database import StorageError
from streams.events import Event, MessageAsked, MessageFailed, MessageSent
from streams.log import Line, line
from streams.pending import message_event, not_sent, too_late

LOOK_S = 1.0
"""How long it waits for news before it looks for messages whose retry has come."""
AT_ONCE = 8
"""How many messages are handed over side by side."""

logger = structlog.get_logger()


class Sending(Protocol):
    """What the effects need of a host."""

    def clock(self) -> datetime:
        """Give the time."""
        ...

    async def outgoing(self, limit: int = 50) -> list[Event]:
        """Give messages that may be sent."""
        ...

    async def take(self, asked: Event) -> int | None:
        """Take one, durably; None when it may not be sent any more."""
        ...

    async def append(self, lines: list[Line]) -> list[int | None]:
        """Write events durably."""
        ...


class Effects:
    """Sends what is asked through the channels it was given, until stopped."""

    def __init__(self, host: Sending, channels: Mapping[str, Channel], at_once: int = AT_ONCE) -> None:
        self._host, self._channels, self._at_once = host, channels, at_once
        self._news = asyncio.Event()
        self.sent = self.failed = 0
        self.sent_at: datetime | None = None

    def wake(self) -> None:
        """Say that there may be something to send (from the event loop)."""
        self._news.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            try:
                if not await self.send_ready():
                    await self._wait()
            except StorageError as error:
                logger.warning("effects wait for the storage", code=error.code)
                await asyncio.sleep(error.retry_after_s)

    async def send_ready(self) -> int:
        """Send everything that is ready now; give how many were handled."""
        ready = await self._host.outgoing()
        for start in range(0, len(ready), self._at_once):
            await asyncio.gather(*(self._send(event) for event in ready[start : start + self._at_once]))
        return len(ready)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), LOOK_S)
        except TimeoutError:
            return
        self._news.clear()

    async def _send(self, asked: Event) -> None:
        body = asked.body
        if not isinstance(body, MessageAsked):
            raise TypeError(f"{asked.id} is no MessageAsked")
        attempt = await self._host.take(asked)
        if attempt is None:
            return
        outcome = await self._hand_over(body, attempt)
        name = "sent" if isinstance(outcome, MessageSent) else f"failed/{attempt}"
        await self._write(message_event(asked, name, outcome, self._host.clock()))

    async def _write(self, receipt: Event) -> None:
        """Write a receipt however long it takes: without it the message would stay taken until the next start."""
        while True:
            try:
                await self._host.append([line(receipt)])
                return
            except StorageError as error:
                logger.warning("a receipt waits for the storage", code=error.code)
                await asyncio.sleep(error.retry_after_s)

    async def _hand_over(self, asked: MessageAsked, attempt: int) -> MessageSent | MessageFailed:
        late = too_late(asked, self._host.clock())
        outcome = late if late is not None else await self._through_channel(asked, attempt)
        if isinstance(outcome, MessageSent):
            self.sent += 1
            self.sent_at = self._host.clock()
        else:
            self.failed += 1
        return outcome

    async def _through_channel(self, asked: MessageAsked, attempt: int) -> MessageSent | MessageFailed:
        channel = self._channels.get(asked.channel)
        if channel is None:
            detail = f"no {asked.channel} channel is set up (docs/operations.md)"
            return not_sent(asked, attempt, self._host.clock(), "no-channel", detail, retry=False)
        try:
            receipt = await channel.send(_message(asked))
        except Exception as error:  # a channel's failure is a receipt like any other
            logger.exception("channel failed", channel=asked.channel)
            detail, unharmful = f"{type(error).__name__}: {error}", asked.kind != "ask"
            return not_sent(asked, attempt, self._host.clock(), "channel-failed", detail, retry=unharmful)
        if receipt.state == "failed":
            return not_sent(asked, attempt, self._host.clock(), "refused", receipt.detail, retry=receipt.retry)
        return MessageSent(message=asked.message, provider_id=receipt.provider_id)


def _message(asked: MessageAsked) -> Message:
    return Message(
        id=asked.message,
        to=asked.to,
        text=asked.text,
        language=asked.language,
        kind=asked.kind,
        urgency="high" if asked.kind in ("ask", "warning") else "normal",
        expires=asked.expires,
    )
