"""The embedded host: log, steps, state and read model in one process and one SQLite file.

One writer thread owns the file. Appends from the door gather while it works and go out together (group commit): each is
answered only when its transaction is on the disk. Then the pipeline takes a turn. `streams.effects` hands over what
must leave the house; `responder_api.tail` tells the sockets what became visible.
"""

import asyncio
import fcntl
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import structlog

from streams.clock import SteadyClock
from streams.database import FILE, StorageError, connect
from streams.engine import Engine, Follower
from streams.events import Event, MessageAsked, MessageTaken
from streams.handle import Step
from streams.log import Line, line
from streams.log_damage import check_tail
from streams.pending import Pending, message_event

IDLE_S = 0.5
"""How long the writer waits for work before it looks at the deadlines again."""
GATHER = 512
"""How many appends one group commit takes at most."""

logger = structlog.get_logger()


VERIFIED_AT_START = 1_000_000
"""How many of the newest log rows are checked against their hashes at each start (`dharura doctor` checks all)."""


class AlreadyRunning(Exception):
    """Another process works in this data folder."""


def _lock(data: Path) -> IO[str]:
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
            self._lock = opened.enter_context(_lock(data))
            report_tail(data / FILE)
            self.engine = Engine(opened.enter_context(closing(connect(data / FILE))), pipeline, followers)
            self.engine.log.verify(newest=VERIFIED_AT_START)
            self._reader = opened.enter_context(closing(connect(data / FILE, read_only=True)))
            opened.pop_all()
        self._ready = Pending(self._reader)
        self.clock = clock or SteadyClock(floor=self._newest())
        self.trouble: StorageError | None = None
        """Why nothing can be written just now; None when all is well."""
        self._jobs: queue.SimpleQueue[_Append | _Take | None] = queue.SimpleQueue()
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
        """Settle what a crash left unsure, then begin to work."""
        unsure = self.engine.pending.unsure(self.clock())
        if unsure:
            self.engine.append([line(event) for event in unsure])
        self._thread.start()

    def stop(self) -> None:
        """Finish what was begun and close the file. Blocks until done."""
        self._stopping = True
        self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join()
        self._reader.close()
        self.engine.connection.close()
        self._lock.close()

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

    async def outgoing(self, limit: int = 50) -> list[Event]:
        """Give the messages that may be sent now."""
        return await asyncio.to_thread(self._outgoing, limit)

    def _outgoing(self, limit: int) -> list[Event]:
        return self._ready.ready(self.clock(), limit)

    def _work(self) -> None:
        backoff = 0.0
        while True:
            jobs = self._gather(backoff or IDLE_S)
            changed = self._append(jobs) if jobs else False
            try:
                turned = self.engine.turn(self.clock())
                self.trouble = None if turned or not self.trouble else self._probe()
                backoff = 0.0
            except StorageError as error:
                logger.warning("storage", code=error.code, detail=str(error))
                self.trouble, turned = error, False
                backoff = min(2.0, backoff * 2 or 0.1)
            except Exception:
                logger.exception("the pipeline stopped; it tries again")
                turned = False
                backoff = min(2.0, backoff * 2 or 0.1)
            if changed or turned:
                for listener in self._listeners:
                    listener()
            if self._stopping and not turned and self._jobs.empty():
                return

    def _gather(self, wait_s: float) -> list[_Append | _Take]:
        jobs: list[_Append | _Take] = []
        try:
            first = self._jobs.get(timeout=0.0 if self.engine.behind else self._wait(wait_s))
            jobs = [] if first is None else [first]
            while len(jobs) < GATHER:
                job = self._jobs.get_nowait()
                if job is not None:
                    jobs.append(job)
        except queue.Empty:
            pass
        return jobs

    def _wait(self, wait_s: float) -> float:
        due = self.engine.pending.next_due()
        if due is None:
            return wait_s
        return max(0.001, min(wait_s, (due - self.clock()).total_seconds()))

    def _append(self, jobs: Sequence[_Append | _Take]) -> bool:
        results: list[list[int | None] | int | None] = []
        try:
            with self.engine.transaction():
                results = [
                    self.engine.write(job.lines) if isinstance(job, _Append) else self._take(job.asked) for job in jobs
                ]
        except Exception as error:  # noqa: BLE001  whoever waits for the append gets it
            if isinstance(error, StorageError):
                self.trouble = error
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
