"""Workers as real processes, for the tests of faults."""

import json
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fixtures import clustered
from streams.cluster.access import Access, Cluster


class Ended(AssertionError):
    """A worker ended that should run; the message is the end of its log."""


class Worker(clustered.Worker):
    """One of several, with faults or without."""

    def __init__(
        self, name: str, access: Access, database: str, folder: Path, faults: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(
            Cluster(kafka=access, database=database, worker=name),
            folder,
            app="streams.worker" if faults is None else "tests.cluster.faulty",
            settings={
                "DHARURA_DATA": str(folder),
                "FAULTS": json.dumps({"once": str(folder)} | dict(faults or {})),
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
        )

    def alive(self) -> None:
        """Raise Ended when it does not run."""
        if not self._child.running:
            raise Ended(self.said()[-3000:])

    def said(self) -> str:
        """Give its log since its start."""
        return self.log.read_bytes()[self._begins :].decode(errors="replace")

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._child.running

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._child.send(number)

    @property
    def frozen(self) -> bool:
        """Whether it was stopped where it stands."""
        return "T" in Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def wait(self) -> int:
        """Wait until it ends by itself; give its status."""
        return self._child.ended()

    def stop(self) -> int:
        """Ask it to end; give its status."""
        self._child.send(signal.SIGTERM)
        return self.wait()


class Supervised:
    """Workers that are started again when they end, by whoever asks whether they live."""

    def __init__(self, *workers: Worker) -> None:
        self.workers = workers
        self.ends = 0
        for worker in workers:
            worker.begin()

    def alive(self) -> None:
        """Start again what has ended."""
        for worker in self.workers:
            if not worker.running:
                self.ends += 1
                worker.begin()


def end(workers: Sequence[Worker]) -> None:
    """Kill what still runs."""
    for worker in workers:
        worker.kill()
