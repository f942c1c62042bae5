"""Reports that keep coming, for as long as a fault lasts: as many as are taken, and some always wait."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from streams.events import Event
from tests.cluster.ledger import Ledger, Lost, calls

AHEAD = 30
"""How many reports may wait before no more are made."""
AT_ONCE = 5
PATIENCE = 1800
"""Looks without any news after which whoever should take the reports counts as stuck."""


class Load:
    """What is reported (`rung`), each batch when enough of the ones before were taken."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self.rung: list[Event] = []
        self._ledger, self._name = ledger, name
        self._before = self._taken()
        self._over = threading.Event()
        self._running: Future[None]

    @property
    def taken(self) -> int:
        """How many of the reports were taken by now."""
        return self._taken() - self._before

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, with the load going on; Lost when it does not go on."""
        while not holds():
            if self._running.done():
                self._running.result()
            self._ledger.wait()

    def more(self, count: int) -> None:
        """Wait until so many more were taken."""
        wanted = self.taken + count
        self.until(lambda: self.taken >= wanted)

    def last(self, since: float, seconds: float) -> None:
        """Wait until so many seconds have passed since a moment of the monotonic clock."""
        self.until(lambda: time.monotonic() - since >= seconds)

    def start(self, pool: ThreadPoolExecutor) -> None:
        """Begin to report."""
        self._running = pool.submit(self._run)

    def stop(self) -> None:
        """Report no more; Lost when nobody took anything any more."""
        self._over.set()
        self._running.result()

    def _taken(self) -> int:
        return int(self._ledger.one("SELECT count(*) FROM heard WHERE step = 'reports'"))

    def _run(self) -> None:
        still, seen = 0, 0
        while not self._over.is_set():
            taken = self.taken
            still, seen = (still + 1, seen) if taken == seen else (0, taken)
            if still > PATIENCE:
                raise Lost(f"of {len(self.rung)} reports {taken} were taken, and nobody takes more")
            if len(self.rung) - taken < AHEAD:
                batch = calls(self._name, AT_ONCE, first=len(self.rung))
                self._ledger.produce(batch)
                self.rung += batch
            else:
                self._ledger.wait()


@contextmanager
def load(ledger: Ledger, name: str) -> Iterator[Load]:
    """Keep reports coming; no more when it ends, and nothing of them is in doubt then."""
    made = Load(ledger, name)
    with ThreadPoolExecutor(1) as pool:
        made.start(pool)
        try:
            yield made
        finally:
            made.stop()
