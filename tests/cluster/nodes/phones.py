"""Clients of `/live` that come back by themselves, as docs/live.md asks, and keep book of what they were told."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

_WAIT = re.compile(r"retry_after_ms=(\d+)")
MOST_WAIT_MS = 1000
"""Nobody here waits longer than this before coming back: the spread is for ten thousand."""


class Phone:
    """One client; `got` are the offsets of the changes since its last snapshot, or since it began at a position.

    `at` is the address that it listens to, or tries.
    """

    def __init__(self, urls: Sequence[str], token: str, *, position: str | None = None) -> None:
        self._urls = [url.replace("http", "ws", 1) + "/live" for url in urls]
        self._token, self._turn = token, 0
        self.position = position
        self.base = 0 if position is None else offset_of(position)
        self.view: str | None = None
        self.got: list[int] = []
        self.frames: list[dict[str, Any]] = []
        self.resyncs: list[str] = []
        self.closed: list[int] = []
        self.welcomes = 0
        self.at = ""
        self._moved = asyncio.Condition()

    async def run(self) -> None:
        """Listen and come back, to the next address each time, until cancelled."""
        while True:
            url = self._urls[self._turn % len(self._urls)]
            self._turn, self.at = self._turn + 1, url
            wait_ms = 50
            try:
                async with connect(url, compression=None, open_timeout=60, ping_interval=None) as line:
                    hello = {"type": "hello", "token": self._token, "position": self.position, "view": self.view}
                    await line.send(json.dumps(hello))
                    async for data in line:
                        await self._take(json.loads(data))
                    wait_ms = self._ended(line.close_code, line.close_reason)
            except ConnectionClosed as closed:
                wait_ms = self._ended(*((closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")))
            except (OSError, InvalidHandshake, TimeoutError):
                pass
            await asyncio.sleep(min(wait_ms, MOST_WAIT_MS) / 1000)  # as the server asked

    async def until(self, holds: Callable[["Phone"], bool]) -> None:
        """Wait until something holds."""
        async with self._moved:
            await self._moved.wait_for(lambda: holds(self))

    async def heard(self, offset: int) -> None:
        """Wait until everything up to an offset was heard."""
        await self.until(lambda phone: phone.position is not None and offset_of(phone.position) >= offset)

    def _ended(self, code: int | None, said: str | None) -> int:
        self.closed.append(code or 1006)
        asked = _WAIT.search(said or "")
        return int(asked[1]) if asked else 50

    async def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self.view, self.welcomes = frame["view"], self.welcomes + 1
        elif kind == "resync":
            self.resyncs.append(frame["reason"])
        elif kind == "snapshot" and frame["part"] == frame["of"]:
            self.position, self.base, self.got = frame["position"], offset_of(frame["position"]), []
        elif kind == "change":
            self.position = frame["position"]
            self.got.append(offset_of(frame["position"]))
            self.frames.append(frame)
        elif kind == "heartbeat" and self.position is not None:
            self.position = frame["position"]
        async with self._moved:
            self._moved.notify_all()


def offset_of(position: str) -> int:
    return int(position.rpartition(":")[2])


@asynccontextmanager
async def listening(phones: Sequence[Phone]) -> AsyncIterator[None]:
    """Have phones listen; all have been welcomed and shown what there is when this begins."""
    tasks = [asyncio.create_task(phone.run()) for phone in phones]
    try:
        for phone in phones:
            await phone.until(lambda each: each.position is not None and each.welcomes > 0)
        yield
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
