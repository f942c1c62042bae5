"""Ends a worker that stands still, so that it is started again: what looks alive and does nothing is the worst of all.

It has a thread of its own, and asks Kafka and PostgreSQL itself, so it works while the event loop or a step hangs. It
ends nothing while either of them is away, and forgets what it saw when the whole process was frozen meanwhile. Should
even this thread not come to run, because something holds the interpreter, the system ends the process (`marker`). Next:
`dharura worker` starts it again.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, Protocol

import msgspec
import structlog

from streams.clock import running
from streams.cluster.delivering import Running
from streams.cluster.lag import Offsets, Partition, Source, lags

EXIT: Final = 70
"""Status of a process that ended itself (EX_SOFTWARE of sysexits.h)."""
REST_S: Final = 12.0
"""How long a process that ended itself stays away: until Kafka has forgotten it (`streams.worker.SESSION_S`).

One that comes back before is handed what it had, without a look at what there is: a topic that was made anew, or
whatever else was shared out wrongly, would stand still for ever.
"""
TICK_S: Final = 1.0
"""How often it looks at this process."""
FROZEN_S: Final = 5.0
"""A look that comes so much too late means that the whole process was frozen, or its machine slept."""
LOOKS_S: Final = 30.0
"""Longer than any look at the servers takes before it is given up."""

logger = structlog.get_logger()


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How many seconds each thing may last."""

    held_s: float = 60.0
    """A partition held here that lags, and whose cursor stands still; or that only our own fetching feeds."""
    any_s: float = 120.0
    """The same of a partition, whoever holds it."""
    loop_s: float = 45.0
    """The event loop not having turned."""
    back_s: float = 45.0
    """Kafka having fewer records of a partition held here than were taken of it."""
    step_s: float = 20.0
    """One step looking at one event."""
    look_s: float = 2.0
    """Between two looks at the lag."""
    end_s: float = 45.0
    """The process ending, once it was told to: Faust may wait for ever for a part of its own that has crashed."""


class Seen(NamedTuple):
    """What one look at the servers gave."""

    ends: Mapping[Partition, Offsets]
    at: Mapping[Source, int]


class Watched(Protocol):
    """The worker, as the watchdog sees it."""

    def running(self) -> Running | None:
        """Give what a step is looking at: the same object for as long as it does."""
        ...

    def held(self) -> frozenset[Source]:
        """Give what this worker reads."""
        ...

    def delivered(self, source: Source) -> int:
        """Say how many records of a source Faust has brought, ever."""
        ...

    def idle(self, source: Source) -> bool:
        """Say that nothing of a source waits or is fetched."""
        ...

    def fill(self, source: Source, first: int, until: int) -> None:
        """Have records fetched that nobody brings."""
        ...


class _Still(NamedTuple):
    at: int
    since: float


class _Fed(NamedTuple):
    delivered: int
    since: float


class Stillness:
    """Which partitions stand still, from one look to the next. Takes the seconds as an argument."""

    def __init__(self, readers: Mapping[str, Iterable[str]], watched: Watched, patience: Patience) -> None:
        self._readers, self._watched, self._patience = readers, watched, patience
        self._still: dict[Source, _Still] = {}
        self._fed: dict[Source, _Fed] = {}
        self._taken: Mapping[Source, int] = {}
        self._back: dict[Source, float] = {}

    def forget(self) -> None:
        """Begin anew: what was seen before says nothing about now."""
        self._still.clear()
        self._fed.clear()
        self._back.clear()
        self._taken = {}

    def look(self, seen: Seen, now: float) -> str:
        """Take a look; give the reason to end the process, or ""."""
        held = self._watched.held()
        if reason := self._look_back(seen, held, now):
            return reason
        for source, lag in lags(self._readers, seen.ends, seen.at).items():
            at = seen.at.get(source, 0)
            # Nobody has ever read it: it may be a new release's, and its workers have only begun to come.
            unknown = source not in seen.at and source not in held
            if not lag or unknown:
                self._still.pop(source, None)
                self._fed.pop(source, None)
                continue
            still = self._still.get(source)
            if still is None or still.at != at:
                still = self._still[source] = _Still(at, now)
            if reason := self._judge(source, lag, now - still.since, ours=source in held):
                return reason
            if source in held and now > still.since and self._watched.idle(source):
                offsets = seen.ends[source.topic, source.number]
                if reason := self._feed(source, max(at, offsets.first), offsets.following, now):
                    return reason
        return ""

    def _look_back(self, seen: Seen, held: frozenset[Source], now: float) -> str:
        """Find a topic that was made anew, or lost its end: what is written to it now is taken for repeats."""
        # What was taken before this look's ends were asked for cannot be ahead of them.
        for source, taken in self._taken.items():
            ends = seen.ends.get((source.topic, source.number))
            if source not in held or ends is None or taken <= ends.following:
                self._back.pop(source, None)
            elif now - self._back.setdefault(source, now) >= self._patience.back_s:
                return f"Kafka has {ends.following} records of {_name(source)}, of which {taken} were taken"
        self._taken = seen.at
        return ""

    def _judge(self, source: Source, lag: int, still_s: float, *, ours: bool) -> str:
        if still_s >= (self._patience.held_s if ours else self._patience.any_s):
            whose = "held here" if ours else "held elsewhere or by nobody"
            return f"{_name(source)} ({whose}) has stood still for {still_s:.0f} s, {lag} records behind"
        return ""

    def _feed(self, source: Source, first: int, until: int, now: float) -> str:
        """Fetch what nobody brings; as long as Faust brings nothing itself, only for so long."""
        delivered = self._watched.delivered(source)
        fed = self._fed.get(source)
        if fed is None or fed.delivered != delivered:
            fed = self._fed[source] = _Fed(delivered, now)
        if now - fed.since >= self._patience.held_s:
            return f"Faust has brought nothing of {_name(source)} for {now - fed.since:.0f} s, though there is more"
        self._watched.fill(source, first, until)
        return ""


class Watchdog:
    """The threads that look. `look` asks the servers (None while one is away), `suspect` notes a delivery that hangs.

    `wind` is told again and again for how long the process may use the processor without being told again. `suspect`
    raises while it cannot be noted: then the process goes on hanging, for it would hang again.
    """

    def __init__(
        self,
        stillness: Stillness,
        watched: Watched,
        patience: Patience,
        look: Callable[[], Seen | None],
        suspect: Callable[[Running], None],
        wind: Callable[[float], None],
        end: Callable[[str], None] | None = None,
    ) -> None:
        self._stillness, self._watched, self._patience = stillness, watched, patience
        self._look, self._suspect, self._wind, self._end = look, suspect, wind, end or end_process
        self._beat = running()
        self._frozen = threading.Event()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._watch, name="dharura-watchdog", daemon=True),
            threading.Thread(target=self._watch_lag, name="dharura-lag", daemon=True),
        ]

    def start(self) -> None:
        """Begin to watch."""
        self._beat = running()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Watch no more but for the end of the process, which is to come now."""
        last = threading.Timer(self._patience.end_s, self._end, ["it was to end, and does not"])
        last.daemon = True
        last.start()
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def beat(self) -> None:
        """Say, from the event loop, that it turns."""
        self._beat = running()

    def _watch(self) -> None:
        looked = running()
        running_now: Running | None = None
        since = looked
        while not self._stopping.wait(TICK_S):
            self._wind(self._patience.step_s + TICK_S)
            now = running()
            if now - looked > TICK_S + FROZEN_S:
                logger.warning("the process was frozen", seconds=round(now - looked, 1))
                self._beat = since = now
                self._frozen.set()
            looked = now
            step = self._watched.running()
            if step is not running_now:
                running_now, since = step, now
            if step is not None and now - since >= self._patience.step_s:
                self._give_up_on(step, now - since)
            if now - self._beat >= self._patience.loop_s:
                self._end(f"the event loop has not turned for {now - self._beat:.0f} s")
        self._wind(0.0)

    def _give_up_on(self, step: Running, seconds: float) -> None:
        try:
            self._suspect(step)
        except Exception as error:  # noqa: BLE001  whatever it is: ended now, the worker would only hang again
            logger.warning("a step hangs, and it cannot be noted", **step._asdict(), error=str(error))
            return
        self._end(f"step {step.step} has looked at {step.topic}/{step.partition}@{step.offset} for {seconds:.0f} s")

    def _watch_lag(self) -> None:
        looked = running()
        while not self._stopping.wait(self._patience.look_s):
            try:
                seen = self._look()
                now = running()
                frozen, looked = now - looked > self._patience.look_s + LOOKS_S, now
                if seen is None or frozen or self._frozen.is_set():
                    self._frozen.clear()
                    self._stillness.forget()
                elif reason := self._stillness.look(seen, now):
                    self._end(reason)
            except Exception:
                logger.exception("the watchdog could not look at the lag")
                self._stillness.forget()


def end_process(reason: str) -> None:
    """Say why, then end this process at once: nothing that hangs is waited for."""
    logger.error("the worker ends itself to be started again", reason=reason)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(EXIT)


def _name(source: Source) -> str:
    return f"{source.reader}'s {source.topic}/{source.number}"
