"""The keeper: does what only one may do at a time, each duty for as long as its lease is held.

Any number of keepers may run; each duty is done by one of them, and another goes on within the lease's ten seconds
when that one dies or freezes, at once when it stops in good order. A keeper outlives PostgreSQL and Kafka going away:
it tries again by itself, a little later each time. The duties: `relay`, `deadlines`, `sending`, `pruning`, and what the
upper floor adds (the projector).
"""

import signal
import threading
from collections.abc import Callable, Sequence, Set
from types import FrameType
from typing import Final, Protocol, TypeVar

import psycopg
import structlog

from streams.clock import running
from streams.cluster.leases import FREED, TTL_S, Lease, LeaseLost, take
from streams.cluster.listening import Listening
from streams.cluster.postgres import Postgres
from streams.cluster.retry import wait_s
from streams.database import StorageError

LOOK_S: Final = 0.5
"""How long a duty waits to be woken before it looks anyway: a notification may be lost, a deadline gives none."""
PATIENCE: Final = 5
"""After so many failures in a row a duty is left to another keeper, if there is one."""
REST_S: Final = 3.0
"""How long it is left, before its lease is wanted again."""
STALL_S: Final = 90.0
"""How long one batch of a duty may take before the keeper gives up and wants to be started again."""

T = TypeVar("T")

logger = structlog.get_logger()


class Duty(Protocol):
    """Work for one at a time. It runs in a thread of its own, with connections that it opens in `begin` itself.

    Anything that it raises is logged; it is ended, and begun again a little later. Two may do it at once for a moment
    (a holder was frozen and comes back): its docstring says why that does no harm.
    """

    name: str
    """Name of the duty and of its lease."""

    @property
    def channels(self) -> tuple[str, ...]:
        """NOTIFY channels that wake it."""
        ...

    def begin(self, lease: Lease) -> None:
        """Open what it needs, with the lease just taken; nothing remembered from an earlier time may be believed."""
        ...

    def work(self) -> bool:
        """Do one batch; True when there may be more to do right now, False to be woken, or to look again soon."""
        ...

    def end(self) -> None:
        """Finish or drop what was begun, and close what `begin` opened, also when that failed half way."""
        ...


class Stalled(Exception):
    """A duty hangs; only a new process is sure to help."""


class Keeper:
    """Runs duties under leases, until stopped. `holder` must be new for each start of a process."""

    def __init__(
        self,
        address: str,
        duties: Sequence[Duty],
        *,
        holder: str,
        ttl_s: float = TTL_S,
        look_s: float = LOOK_S,
        stall_s: float = STALL_S,
    ) -> None:
        self._address, self._look_s, self._stall_s = address, look_s, stall_s
        self._ttl_s = ttl_s
        self._stopping = threading.Event()
        self._look = threading.Event()
        self._watches = [_Watch(duty, Lease(duty.name, holder, ttl_s), self._look, look_s) for duty in duties]

    def run(self) -> None:
        """Keep until `stop`; raises Stalled when a duty hangs (its lease then runs out by itself)."""
        channels = [FREED, *(channel for watch in self._watches for channel in watch.duty.channels)]
        listening = Listening(self._address, channels, self._wake, who="dharura keeper", look_s=self._look_s)
        threads = [
            threading.Thread(target=watch.run, name=f"keeper-{watch.duty.name}", daemon=True) for watch in self._watches
        ]
        listening.start()
        for thread in threads:
            thread.start()
        connection: Postgres | None = None
        try:
            connection = self._hold()
        finally:
            self.stop()
            listening.end()  # before leases are given back, which it hears
            self._release(connection)
            listening.stop()
            for thread in threads:
                thread.join(self._look_s)

    def stop(self) -> None:
        """Finish the batches that are being done, give the leases back, and return from `run`. From any thread."""
        self._stopping.set()
        self._look.set()

    def held(self) -> tuple[str, ...]:
        """Name the duties that this keeper does at present."""
        return tuple(watch.duty.name for watch in self._watches if watch.lease.held())

    # --- leases: the main thread -----------------------------------------------------------------------------------

    def _hold(self) -> Postgres | None:
        connection: Postgres | None = None
        failures = 0
        while not self._stopping.is_set():
            try:
                if connection is None:
                    connection = Postgres.connect(self._address, name="dharura keeper: leases")
                self._renew(connection)
                failures = 0
            except (StorageError, psycopg.Error) as error:
                logger.warning("the keeper waits for the database", detail=str(error))
                _close(connection)
                connection, failures = None, failures + 1
            if stalled := [watch for watch in self._watches if watch.busy_s() > self._stall_s]:
                _close(connection)
                raise Stalled(", ".join(f"{each.duty.name} has not come back" for each in stalled))
            self._look.wait(wait_s(failures) if failures else self._look_s)
            self._look.clear()
        return connection

    def _renew(self, connection: Postgres) -> None:
        for watch in self._watches:
            if watch.leaving:
                watch.lease.release(connection)
                watch.leaving = False
        # A third of the time is gone: with what is left, two more tries may fail.
        wanted = [watch for watch in self._watches if watch.lease.left_s() < self._ttl_s * 2 / 3 and watch.wants()]
        if wanted:
            granted = take(connection, [watch.lease for watch in wanted])
            for watch in wanted:
                if watch.lease in granted:
                    watch.woken.set()

    def _release(self, connection: Postgres | None) -> None:
        for watch in self._watches:
            watch.stop()
        for watch in self._watches:
            if not watch.ended.wait(max(0.0, self._stall_s - watch.busy_s())):
                logger.error("a duty does not end; its lease runs out by itself", duty=watch.duty.name)
                continue
            try:
                connection = connection or Postgres.connect(self._address, name="dharura keeper: leases")
                watch.lease.release(connection)
            except (StorageError, psycopg.Error) as error:
                logger.warning("a lease runs out by itself", duty=watch.duty.name, detail=str(error))
                _close(connection)
                connection = None
        _close(connection)

    def _wake(self, channels: Set[str]) -> None:
        if FREED in channels:
            self._look.set()
        for watch in self._watches:
            if not channels.isdisjoint(watch.duty.channels):
                watch.woken.set()


class _Watch:
    """One duty's thread: waits for its lease, works while it is held."""

    def __init__(self, duty: Duty, lease: Lease, look: threading.Event, look_s: float) -> None:
        self.duty, self.lease = duty, lease
        self.woken, self.ended = threading.Event(), threading.Event()
        self._look, self._look_s = look, look_s
        self.failures, self.leaving = 0, False
        self._rests_until = 0.0
        self._stopping = False
        self._since: float | None = None

    def stop(self) -> None:
        self._stopping = True
        self.woken.set()

    def wants(self) -> bool:
        """Say whether it wants its lease, or more of it."""
        return not self._stopping and running() >= self._rests_until

    def busy_s(self) -> float:
        """Give how long its present call has taken."""
        since = self._since
        return 0.0 if since is None else running() - since

    def run(self) -> None:
        while not self._stopping:
            if self.lease.held():
                self._try()
            else:
                self.woken.wait(self._look_s)
                self.woken.clear()
        self.ended.set()

    def _try(self) -> None:
        try:
            self._do()
        except LeaseLost as lost:
            logger.warning("lease lost", duty=self.duty.name, detail=str(lost))
        except Exception as error:  # whatever it is, the duty is begun again: nobody else would do it
            self.failures += 1
            if isinstance(error, StorageError | psycopg.Error | OSError):
                logger.warning("a duty waits", duty=self.duty.name, detail=str(error), failures=self.failures)
            else:
                logger.exception("a duty failed; it is begun again", duty=self.duty.name, failures=self.failures)
            if self.failures % PATIENCE == 0:
                self._rest()
            elif not self._stopping:
                self.woken.wait(wait_s(self.failures))

    def _do(self) -> None:
        try:
            self._timed(self._begin)
            logger.info("a duty begins", duty=self.duty.name, holder=self.lease.holder)
            while self.lease.held() and not self._stopping:
                self.woken.clear()
                more = self._timed(self.duty.work)
                self.failures = 0
                if not more and not self._stopping:
                    self.woken.wait(self._look_s)
        finally:
            self._timed(self.duty.end)

    def _rest(self) -> None:
        """Leave the duty to another keeper, if there is one: it may reach what this one cannot."""
        self._rests_until = running() + REST_S
        self.lease.forget()
        self.leaving = True
        self._look.set()

    def _begin(self) -> None:
        self.duty.begin(self.lease)

    def _timed(self, call: Callable[[], T]) -> T:
        self._since = running()
        try:
            return call()
        finally:
            self._since = None


def run_until_signal(keeper: Keeper) -> None:
    """Keep until SIGTERM or SIGINT, in the main thread; raises Stalled."""

    def stop(number: int, frame: FrameType | None) -> None:
        keeper.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        keeper.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _close(connection: Postgres | None) -> None:
    if connection is not None:
        connection.close()
