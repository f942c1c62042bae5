"""Messages leave the cluster: `streams.effects.Effects` over PostgreSQL, as a duty of the keeper.

What makes it safe when two do it at once: a message is *taken* in a transaction that holds the log's lock and makes
sure of the lease, so each attempt is made by one, and an ask has one attempt. What the last holder took without writing
a receipt is settled by the next one (`Pending.unsure`): an ask is not repeated, a warning is. A holder that comes back
late can take nothing more; that it did send a message is still true and goes on the record.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

import psycopg
import structlog

from alerts.channels import Channel
from streams.clock import SteadyClock
from streams.cluster.deadlines import newest_seen
from streams.cluster.leases import Lease, LeaseLost
from streams.cluster.loop_thread import LoopThread
from streams.cluster.postgres import Postgres, postgres_error
from streams.cluster.writing import MESSAGES, Writing
from streams.database import StorageError
from streams.effects import Effects
from streams.events import Event, MessageAsked, MessageFailed, MessageSent, MessageTaken
from streams.log import Line, line
from streams.pending import Pending, message_event, named

AT_ONCE: Final = 16
"""How many messages are handed over side by side; they are taken, and written down, in one transaction."""
READY: Final = 4 * AT_ONCE
"""How many are looked up at once."""
FINISH_S: Final = 15.0
"""How long what was handed to a carrier may take to come to its end when the duty ends."""

Clock = Callable[[], datetime]

logger = structlog.get_logger()


class _Take(NamedTuple):
    asked: Event
    message: str
    attempt: "Future[int | None]"


class PostgresSending:
    """Adapter of `streams.effects.Sending`: coroutines of one event loop. `open` before use."""

    def __init__(self, address: str, clock: Callable[[datetime], Clock] = SteadyClock) -> None:
        self._address, self._make_clock = address, clock
        self._opened: tuple[Postgres, Lease, Clock] | None = None
        self._lock = asyncio.Lock()
        self._takes: list[_Take] = []
        self._receipts: list[Line] = []
        """Written with the next transaction: while the database is away they wait here."""
        self._ours: set[str] = set()
        """Messages that this process has taken, or is about to, and whose receipt is not written yet."""
        self._handed: set[str] = set()
        """Messages that are with a carrier at this moment."""
        self._calm = asyncio.Event()

    async def open(self, lease: Lease) -> None:
        """Begin under a lease, over a new connection; raises StorageError."""
        async with self._lock:
            connection = await asyncio.to_thread(Postgres.connect, self._address, name="dharura keeper: sending")
            self._drop()
            newest = await asyncio.to_thread(newest_seen, connection)
            self._opened = (connection, lease, self._make_clock(newest))

    async def close(self) -> bool:
        """Let what carriers have come to its end, write it down, and close; True when nothing is left over."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._come_to_rest(), FINISH_S)
        with suppress(StorageError):
            await self._through()
        async with self._lock:
            self._drop()
        return not self._ours

    async def settle(self) -> int:
        """Settle what was taken and is with nobody: by a holder before us, or in a commit that broke. Give how many."""
        await self._through()
        async with self._lock:
            return await asyncio.to_thread(self._settle, frozenset(self._ours))

    # --- what the effects need ---------------------------------------------------------------------------------------

    def clock(self) -> datetime:
        """Give the time."""
        return self._open()[2]()

    async def outgoing(self, limit: int = READY) -> list[Event]:
        """Give messages that may be sent."""
        async with self._lock:
            return await asyncio.to_thread(self._outgoing, limit)

    async def take(self, asked: Event) -> int | None:
        """Take one, durably; None when it may not be sent any more, or not by us. Raises StorageError."""
        body = asked.body
        if not isinstance(body, MessageAsked):
            raise TypeError(f"{asked.id} is no MessageAsked")
        take = _Take(asked, body.message, Future())
        self._takes.append(take)
        self._ours.add(body.message)
        attempt: int | None = None
        try:
            while not take.attempt.done():
                await self._through()
            attempt = take.attempt.result()
        finally:
            if attempt is None:  # also when nobody knows whether the commit came about: then it is settled as unsure
                self._ours.discard(body.message)
            else:
                self._handed.add(body.message)
        return attempt

    async def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Write receipts; without the database they wait in memory, and are written before anything else is done."""
        self._receipts.extend(lines)
        self._handed.difference_update(_messages(lines))
        if not self._handed:
            self._calm.set()
        try:
            await self._through()
        except StorageError as error:
            logger.warning("receipts wait for the database", waiting=len(self._receipts), code=error.code)
        return [None] * len(lines)

    # --- one transaction for all who wait ----------------------------------------------------------------------------

    async def _through(self) -> None:
        """Commit what is asked and said by now; whoever comes while that goes on is in the next one."""
        async with self._lock:
            takes, self._takes = self._takes, []
            receipts = list(self._receipts)
            if not takes and not receipts:
                return
            try:
                attempts = await asyncio.to_thread(self._commit, takes, receipts)
            except BaseException as error:
                for take in takes:
                    take.attempt.set_exception(error)
                    take.attempt.exception()  # whoever waits for it may be gone
                raise
            del self._receipts[: len(receipts)]
            self._ours.difference_update(_messages(receipts))
            for take, attempt in zip(takes, attempts, strict=True):
                take.attempt.set_result(attempt)

    def _commit(self, takes: Sequence[_Take], receipts: Sequence[Line]) -> list[int | None]:
        connection, lease, clock = self._open()
        with connection.transaction():
            attempts: list[int | None] = [None] * len(takes)
            taken: list[Line] = []
            if takes and _confirmed(lease, connection):
                connection.execute("SELECT 1 FROM log_end FOR UPDATE")  # nobody writes an end or a recall meanwhile
                free = dict(
                    connection.execute(
                        "SELECT message, attempts FROM sendable WHERE message = ANY(?)",
                        ([named(take.message) for take in takes],),
                    ).fetchall()
                )
                for n, take in enumerate(takes):
                    if (name := named(take.message)) in free:
                        attempts[n] = attempt = free.pop(name) + 1
                        body = MessageTaken(message=take.message, attempt=attempt)
                        taken.append(line(message_event(take.asked, f"taken/{attempt}", body, clock())))
            Writing(connection).write([*taken, *receipts])
        return attempts

    def _settle(self, ours: frozenset[str]) -> int:
        connection, lease, clock = self._open()
        try:
            found = connection.execute("SELECT message FROM outgoing WHERE taken <> 0").fetchall()
        except psycopg.Error as error:
            raise postgres_error(error) from error
        if not {message for (message,) in found} - {named(message) for message in ours}:
            return 0
        with connection.transaction():
            lease.confirm(connection)
            connection.execute("SELECT 1 FROM log_end FOR UPDATE")
            unsure = [line(event) for event in Pending(connection).unsure(clock())]
            left = [each for each in unsure if not _messages([each]) & ours]
            Writing(connection).write(left)
        return len(left)

    def _outgoing(self, limit: int) -> list[Event]:
        connection, _, clock = self._open()
        try:
            return Pending(connection).ready(clock(), min(limit, READY))
        except psycopg.Error as error:
            raise postgres_error(error) from error

    async def _come_to_rest(self) -> None:
        while self._handed:
            self._calm.clear()
            await self._calm.wait()

    def _open(self) -> tuple[Postgres, Lease, Clock]:
        if self._opened is None:
            raise StorageError("the duty has not begun")
        return self._opened

    def _drop(self) -> None:
        if self._opened is not None:
            self._opened[0].close()
        self._opened = None


class Sending:
    """The duty: messages of the cluster through the channels it was given."""

    name = "sending"
    channels = (MESSAGES,)

    def __init__(
        self,
        address: str,
        channels: Mapping[str, Channel],
        clock: Callable[[datetime], Clock] = SteadyClock,
    ) -> None:
        self._address, self._ways, self._clock = address, channels, clock
        self._runs: tuple[LoopThread, PostgresSending, Effects] | None = None

    def begin(self, lease: Lease) -> None:
        """Begin under the lease; what this process itself has with carriers goes on."""
        if self._runs is None:
            host = PostgresSending(self._address, self._clock)
            self._runs = (LoopThread("sending"), host, Effects(host, self._ways, AT_ONCE))
        loop, host, _ = self._runs
        loop.run(host.open(lease))

    def work(self) -> bool:
        """Settle what was left behind, then send what is ready."""
        if self._runs is None:
            raise RuntimeError("the duty has not begun")
        loop, host, effects = self._runs
        settled = loop.run(host.settle())
        if settled:
            logger.warning("messages were taken and have no receipt", settled=settled)
        return loop.run(effects.send_ready()) > 0

    def end(self) -> None:
        """Wait for what carriers have; what they still have after that, or is not written down, goes on meanwhile."""
        if self._runs is None:
            return
        loop, host, _ = self._runs
        if loop.run(host.close()):
            self._runs = None
            loop.close()


def _confirmed(lease: Lease, connection: Postgres) -> bool:
    try:
        lease.confirm(connection)
    except LeaseLost:
        return False
    return True


def _messages(lines: Sequence[Line]) -> set[str]:
    return {
        event.body.message for event, _ in lines if isinstance(event.body, MessageSent | MessageFailed | MessageTaken)
    }
