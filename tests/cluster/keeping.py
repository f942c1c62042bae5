"""Keepers to run, in threads and as processes that can be killed and frozen, and what they are given to do."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import NAMESPACE_URL, uuid4, uuid5

import msgspec

from streams.cluster.keeper import Duty, Keeper
from streams.cluster.postgres import Postgres
from streams.cluster.writing import LOG, Writing
from streams.events import AnyBody, DeadlineSet, Event, MessageAsked, ReportReceived, decode
from streams.log import line
from streams.topics import topic_of

ROOT = Path(__file__).parents[2]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a keeper's process is to do; `fault` befalls it when it passes `point` for the `at`-th time."""

    database: str
    duties: tuple[str, ...]
    bootstrap: str = ""
    prefix: str = ""
    ttl_s: float = 1.0
    point: str = ""
    at: int = 1
    fault: str = "KILL"
    sent: str = ""


class Process:
    """A keeper as a process; its lines are read as they come."""

    def __init__(self, plan: Plan) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster.keeper_process", msgspec.json.encode(plan).decode()],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        assert self._child.stdout is not None
        self._child.stdout.close()

    def says(self, words: str) -> str:
        """Wait for a line with these words; AssertionError when the process ends without it."""
        assert self._child.stdout is not None
        heard = []
        for said in self._child.stdout:
            heard.append(said)
            if words in said:
                return said
        raise AssertionError(f"no {words!r} in\n{''.join(heard)}")

    @property
    def dead(self) -> bool:
        return self._child.poll() is not None

    @property
    def frozen(self) -> bool:
        """Whether it has stopped itself."""
        return os.waitid(os.P_PID, self._child.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG) is not None

    def freezes(self) -> None:
        """Wait until it has stopped itself."""
        os.waitid(os.P_PID, self._child.pid, os.WSTOPPED | os.WNOWAIT)

    def freeze(self) -> None:
        self._child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()

    def dies(self) -> int:
        """Wait for its end and give how it ended."""
        return self._child.wait()

    def stop(self) -> int:
        self._child.send_signal(signal.SIGTERM)
        return self._child.wait()


@contextmanager
def keeping(address: str, *duties: Duty, holder: str = "", ttl_s: float = 10.0) -> Iterator[Keeper]:
    """Run a keeper in a thread; what it raises is raised at the end."""
    keeper = Keeper(address, duties, holder=holder or uuid4().hex, ttl_s=ttl_s)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(keeper.run)
        try:
            yield keeper
        finally:
            keeper.stop()
    running.result()


def event(name: str, body: AnyBody, key: str = "KE.042") -> Event:
    """Give an event, the same for the same name but for its time, which is now."""
    now = datetime.now(UTC)
    return Event(
        id=str(uuid5(NAMESPACE_URL, name)),
        cause=name,
        source="test",
        key=key,
        at=now,
        seen=now,
        audience=(f"operator:{key}",),
        body=body,
    )


def report(name: str, key: str = "KE.042", text: str = "") -> Event:
    return event(name, ReportReceived(channel="web", text=text or name), key)


def deadline(name: str, due: datetime) -> Event:
    return event(name, DeadlineSet(step="desk", name="claim", about=name, due=due))


def asked(name: str, kind: str = "ask") -> Event:
    body = msgspec.convert(
        {
            "type": "MessageAsked",
            "message": str(uuid5(NAMESPACE_URL, f"message {name}")),
            "kind": kind,
            "channel": "sms",
            "to": "+254700000001",
            "recipient": "r001",
            "text": name,
            "language": "en",
            "about": str(uuid5(NAMESPACE_URL, f"assignment {name}")),
            "pages": 1,
        },
        MessageAsked,
    )
    return event(name, body)


def write(connection: Postgres, events: Sequence[Event]) -> None:
    """Write events as a step's outputs are written."""
    with connection.transaction():
        Writing(connection).write([line(each) for each in events])


def logged(connection: Postgres) -> list[Event]:
    """Give the log."""
    return [decode(data) for (data,) in connection.execute('SELECT event FROM log ORDER BY "offset"').fetchall()]


def wait_for(address: str, enough: Callable[[list[Event]], bool]) -> list[Event]:
    """Wait until the log holds enough, looking each time that it grows."""
    connection = Postgres.connect(address)
    try:
        connection.execute(f"LISTEN {LOG}")
        while not enough(found := logged(connection)):
            for _ in connection.raw.notifies(stop_after=1):
                pass
        return found
    finally:
        connection.close()


def in_order(events: Sequence[Event]) -> dict[tuple[str, str], list[str]]:
    """Give the ids of each topic and key, in order."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in events:
        found.setdefault((topic_of(each.body).name, each.key), []).append(each.id)
    return found


def handed_over(path: Path) -> list[str]:
    """Give the texts that a carrier's file took, in order."""
    return [json.loads(said)["text"] for said in path.read_text().splitlines()] if path.exists() else []
