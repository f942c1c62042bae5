"""Workers as real processes, and a keeper beside them, for the tests of faults."""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from fixtures.servers.children import Child
from streams.cluster.access import Access
from streams.cluster.keeper import Keeper
from streams.cluster.relay import Relay

READY = b"reading begins"
"""What a worker says when it reads where its cursors say."""


class Ended(AssertionError):
    """A worker ended that should run; the message is the end of its log."""


class Worker:
    """`faust -A streams.worker worker`, or another app, as a process."""

    def __init__(
        self, name: str, access: Access, database: str, folder: Path, faults: Mapping[str, Any] | None = None
    ) -> None:
        self.name = name
        app = "streams.worker" if faults is None else "tests.cluster.faulty"
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-m", "faust", "-A", app, "worker"]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DHARURA_")}
        environment |= {
            "DHARURA_KAFKA": ",".join(access.bootstrap),
            "DHARURA_DATABASE": database,
            "DHARURA_TOPIC_PREFIX": access.prefix,
            "DHARURA_WORKER": name,
            "DHARURA_DATA": str(folder),
            "FAULTS": json.dumps({"once": str(folder)} | dict(faults or {})),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        self._child = Child(command, self.log, environment=environment)
        self._begins = 0

    def begin(self) -> None:
        """Start it, without waiting."""
        self._begins = self._child.begin()

    def ready(self, sign: bytes = READY) -> None:
        """Wait until it has said so since its start."""
        self._child.ready(sign, self._begins)

    def start(self) -> None:
        """Start it and wait until it reads."""
        self.begin()
        self.ready()

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

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.end(signal.SIGKILL)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._child.send(number)

    def wait(self) -> int:
        """Wait until it ends by itself; give its status."""
        process = self._child._process
        assert process is not None
        return process.wait()

    def stop(self) -> int:
        """Ask it to end; give its status."""
        self._child.send(signal.SIGTERM)
        return self.wait()


@contextmanager
def keeping(access: Access, database: str) -> Iterator[Relay]:
    """Keep a relay at work in a thread."""
    relay = Relay(database, access)
    keeper = Keeper(database, [relay], holder=f"test-{uuid4().hex[:8]}", look_s=0.2)
    thread = threading.Thread(target=keeper.run, name="test-keeper", daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        keeper.stop()
        thread.join()


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
