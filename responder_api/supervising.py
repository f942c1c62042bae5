"""Keeps child processes running: starts them again when they end, ends them when it is told to end.

`cli/worker` supervises the Faust worker and the keeper with it. A child that ends is nothing special here: the worker's
watchdog ends it on purpose. But one that has never come to run is not tried for ever: somebody has to mend a setting.
"""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from streams.clock import running

TICK_S: Final = 0.2
SETTLED_S: Final = 30.0
"""Who has run for so long has come up: what ends it later is no matter of its settings."""
RETRY_S: Final = (0.5, 30.0)
"""Shortest and longest wait before a child is started again."""
TRIES: Final = 6
"""How often a child may fail in a row that has never come up."""
UNUSABLE: Final = 2
"""Exit status of our own commands for what the user has to mend."""
FINISH_S: Final = 60.0
"""How long children may take to finish what they do."""

logger = structlog.get_logger()


class CannotStart(Exception):
    """A child does not come up; the message says which, and its status."""


class Supervisor:
    """Runs children, each by its name and command, until `stop` or until one cannot be started."""

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        environment: Mapping[str, str] = os.environ,
        *,
        retry_s: tuple[float, float] = RETRY_S,
        tick_s: float = TICK_S,
        rest_s: Mapping[int, float] | None = None,
    ) -> None:
        """Take the commands; `rest_s` says how long a child that ended with a status stays away at least."""
        self._children = [
            _Child(name, command, dict(environment), retry_s, rest_s or {}) for name, command in commands.items()
        ]
        self._tick_s = tick_s
        self._stopping = threading.Event()

    def run(self) -> None:
        """Keep the children running; returns when all have ended after `stop`. Raises CannotStart."""
        try:
            while not self._stopping.is_set():
                for child in self._children:
                    child.look(running())
                self._stopping.wait(self._tick_s)
        finally:
            self._end()

    def stop(self) -> None:
        """Have `run` end the children and return. From any thread, and from a signal's handler."""
        self._stopping.set()

    def _end(self) -> None:
        for child in self._children:
            child.ask()
        until = running() + FINISH_S
        for child in self._children:
            child.end(until - running())


class _Child:
    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        retry_s: tuple[float, float],
        rest_s: Mapping[int, float],
    ) -> None:
        self._name, self._environment, self._retry_s, self._rest_s = name, environment, retry_s, rest_s
        # When we are killed, it is told to end: whoever starts us again must not find it still there.
        self._command = [*_told_when_we_die(), *command]
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._next = 0.0
        self._settled = False
        self._failures = 0

    def look(self, now: float) -> None:
        if self._process is None:
            if now >= self._next:
                self._started = now
                self._process = subprocess.Popen(  # noqa: S603  our own commands
                    self._command, env=self._environment, stdin=subprocess.DEVNULL
                )
                logger.info("started", child=self._name, pid=self._process.pid)
            return
        status = self._process.poll()
        lived = now - self._started
        if status is None:
            self._settled = self._settled or lived >= SETTLED_S
            return
        self._process = None
        self._failures = 0 if lived >= SETTLED_S else self._failures + 1
        if not self._settled and (status == UNUSABLE or self._failures == TRIES):
            raise CannotStart(f"{self._name} does not start (status {status})")
        wait = max(min(self._retry_s[1], self._retry_s[0] * 2**self._failures), self._rest_s.get(status, 0.0))
        self._next = now + wait
        logger.warning(
            "ended, and is started again", child=self._name, status=status, lived_s=round(lived), wait_s=wait
        )

    def ask(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def end(self, within_s: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, within_s))
        except subprocess.TimeoutExpired:
            logger.warning("it does not end by itself and is killed", child=self._name)
            self._process.kill()
            self._process.wait()


def _told_when_we_die() -> Sequence[str]:
    setpriv = shutil.which("setpriv")
    return () if setpriv is None else (setpriv, "--pdeathsig", "TERM", "--")
