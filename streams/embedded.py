"""The embedded host: log, steps, state and read model in one process and one SQLite file.

One writer thread owns the file. Appends from the door gather while it works and go out together (group commit): each is
answered only when its transaction is on the disk. Then the pipeline takes a turn. `streams.effects` hands over what
must leave the house; `responder_api.tail` tells the sockets what became visible.
"""

import asyncio
import fcntl
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import structlog

from streams.clock import SteadyClock
from streams.database import FILE, StorageError, connect, storage_error
from streams.engine import Engine
from streams.events import Event, MessageAsked, MessageTaken
from streams.following import Follower
from streams.handle import Step
from streams.log import Line, line
from streams.log_damage import check_tail
from streams.pending import Pending, message_event
from streams.shelf_sqlite import check_form

IDLE_S = 0.5
"""How long the writer waits for work before it looks at the deadlines again."""
GATHER = 512
"""How many appends one group commit takes at most."""

logger = structlog.get_logger()


VERIFIED_AT_START = 1_000_000
"""How many of the newest log rows are checked against their hashes at each start (`dharura doctor` checks all)."""


class AlreadyRunning(Exception):
    """Another process works in this data folder."""


def lock_folder(data: Path) -> IO[str]:
    """Take a data folder for this process alone, until the file given is closed; AlreadyRunning when another has it."""
    lock = (data / "dharura.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AlreadyRunning(
            f"another process works in {data}; stop it first, or choose another DHARURA_DATA"
        ) from None
    return lock


def report_tail(path: Path) -> None:
    """Say what a crash cut off; LogDamaged when more than that is missing. Call it before anything opens the file."""
    found = check_tail(path)
    if found.dropped:
        logger.warning("the last write was cut off", dropped_bytes=found.dropped, lost="nothing that was answered 202")


class _Append(NamedTuple):
    lines: Sequence[Line]
    done: "Future[list[int | None]]"


class _Take(NamedTuple):
    asked: Event
    done: "Future[int | None]"


_Job = _Append | _Take
_Settled = Future[None]


class Embedded:
    """The host. `start` before use; every async method may be called from the event loop only."""

    def __init__(
        self,
        data: Path,
        pipeline: Sequence[Step],
        followers: Sequence[Follower] = (),
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        with ExitStack() as opened:  # a start that refuses lets go of all it opened
            self._lock = opened.enter_context(lock_folder(data))
            report_tail(data / FILE)
            self.engine = Engine(opened.enter_context(closing(connect(data / FILE))), pipeline, followers)
            check_form(self.engine.connection)
            self.engine.log.verify(newest=VERIFIED_AT_START)
            self._reader = opened.enter_context(closing(connect(data / FILE, read_only=True)))
            opened.pop_all()
        self._ready = Pending(self._reader)
        self._reading = threading.Lock()
        self.clock = clock or SteadyClock(floor=self._newest())
        self.trouble: StorageError | None = None
        """Why nothing can be written just now; None when all is well."""
        self._jobs: queue.SimpleQueue[_Job | _Settled | None] = queue.SimpleQueue()
        self._settling: list[_Settled] = []
        self._listeners: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._work, name="dharura-writer", daemon=True)
        self._stopping = False

    @property
    def epoch(self) -> str:
        """Identity of this log."""
        return self.engine.log.epoch

    def end(self) -> int:
        """Give the newest offset of the log."""
        return self.engine.log.end()

    def done(self) -> int:
        """Give the offset up to which every step and the read model have gone."""
        return self.engine.done

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called (from the writer thread) after each commit that changed anything."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Settle what a crash left unsure, bring followers up to date, then begin to work."""
        unsure = self.engine.pending.unsure(self.clock())
        if unsure:
            self.engine.append([line(event) for event in unsure])
        while self._catch_up():
            pass
        self._thread.start()

    def _catch_up(self) -> bool:
        with self.engine.transaction():
            return self.engine.catch_up(self.engine.done)

    def stop(self) -> None:
        """Finish what was begun and close the file. Blocks until done."""
        self._stopping = True
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join()
        # Whoever asked what may be sent may have been cancelled since; the thread that looks it up goes on.
        with self._reading:
            self._reader.close()
        self.engine.connection.close()
        self._lock.close()

    async def close(self) -> None:
        """As `stop`, from the event loop."""
        await asyncio.to_thread(self.stop)

    async def append(self, lines: Sequence[Line]) -> list[int | None]:
        """Write events; give their offsets (None: the id was there) once they are on the disk. Raises StorageError."""
        done: Future[list[int | None]] = Future()
        self._jobs.put(_Append(lines, done))
        return await asyncio.wrap_future(done)

    async def take(self, asked: Event) -> int | None:
        """Mark a message as about to be sent; give its attempt, or None when it was recalled or taken meanwhile."""
        done: Future[int | None] = Future()
        self._jobs.put(_Take(asked, done))
        return await asyncio.wrap_future(done)

    async def settle(self) -> None:
        """Wait until the steps have seen everything in the log and every deadline that has come."""
        done: _Settled = Future()
        self._jobs.put(done)
        await asyncio.wrap_future(done)

    def next_moment(self) -> datetime | None:
        """Give when something happens by itself: the next deadline, or message that may be tried again."""
        return min(filter(None, (self._ready.next_due(), self._ready.next_retry())), default=None)

    async def outgoing(self, limit: int = 50) -> list[Event]:
        """Give the messages that may be sent now; none once it is stopping."""
        return await asyncio.to_thread(self._outgoing, limit)

    def _outgoing(self, limit: int) -> list[Event]:
        with self._reading:
            return [] if self._stopping else self._ready.ready(self.clock(), limit)

    def _work(self) -> None:
        backoff = 0.0
        while True:
            changed = turned = idle = False
            try:
                jobs = self._gather(backoff)
                changed = bool(jobs) and self._append(jobs)
                turned = self.engine.turn(self.clock())
                idle = not turned
                self.trouble = None if turned or not self.trouble else self._probe()
                backoff = 0.0
            except (StorageError, sqlite3.Error) as error:
                self.trouble = error if isinstance(error, StorageError) else storage_error(error)
                logger.warning("storage", code=self.trouble.code, detail=str(error))
                backoff = min(2.0, backoff * 2 or 0.1)
            except Exception:
                logger.exception("the pipeline stopped; it tries again")
                backoff = min(2.0, backoff * 2 or 0.1)
            if changed or turned:
                self._tell()
            if idle:
                self._settle()
            if self._stopping and not turned and self._jobs.empty():
                return

    def _tell(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                logger.exception("a listener failed")

    def _settle(self) -> None:
        for done in self._settling:
            if done.set_running_or_notify_cancel():
                done.set_result(None)
        self._settling.clear()

    def _gather(self, backoff: float) -> list[_Job]:
        jobs: list[_Job] = []
        timeout = backoff or (0.0 if self.engine.behind else self._wait())
        try:
            job = self._jobs.get(timeout=timeout)
            while True:
                if isinstance(job, Future):
                    self._settling.append(job)
                # Once it runs, whoever waits for it can go away without harm; what was given up before is not begun.
                elif job is not None and job.done.set_running_or_notify_cancel():
                    jobs.append(job)
                if len(jobs) == GATHER:
                    break
                job = self._jobs.get_nowait()
        except queue.Empty:
            pass
        return jobs

    def _wait(self) -> float:
        due = self.engine.pending.next_due()
        if due is None:
            return IDLE_S
        return max(0.001, min(IDLE_S, (due - self.clock()).total_seconds()))

    def _append(self, jobs: Sequence[_Job]) -> bool:
        results: list[list[int | None] | int | None] = []
        try:
            with self.engine.transaction():
                results = [
                    self.engine.write(job.lines) if isinstance(job, _Append) else self._take(job.asked) for job in jobs
                ]
        except Exception as error:  # noqa: BLE001  whoever waits for the append gets it
            if isinstance(error, StorageError):
                self.trouble = error
            elif len(jobs) > 1:  # one that cannot be written must not take the others with it
                alone = [self._append([job]) for job in jobs]
                return any(alone)
            for job in jobs:
                job.done.set_exception(error)
            return False
        for job, result in zip(jobs, results, strict=True):
            job.done.set_result(result)  # type: ignore[arg-type]  # each job's result has its job's type
        return True

    def _take(self, asked: Event) -> int | None:
        if not isinstance(asked.body, MessageAsked):
            raise TypeError(f"{asked.id} is no MessageAsked")
        attempts = self.engine.pending.attempts(asked.body.message)
        if attempts is None:
            return None
        attempt = attempts + 1
        taken = MessageTaken(message=asked.body.message, attempt=attempt)
        self.engine.write([line(message_event(asked, f"taken/{attempt}", taken, self.clock()))])
        return attempt

    def _probe(self) -> StorageError | None:
        try:
            with self.engine.transaction():
                self.engine.shelf.move("probe", self.engine.log.end())
        except StorageError as error:
            return error
        return None

    def _newest(self) -> datetime:
        newest = self.engine.log.read(max(0, self.engine.log.end() - 1), 1)
        return newest[0].event.seen if newest else datetime.fromtimestamp(0, UTC)
