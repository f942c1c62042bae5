"""A supervisor over real little processes."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from responder_api.supervising import TRIES, CannotStart, Supervisor
from streams.cluster.watchdog import REST_S
from streams.worker import SESSION_S

QUICK: Any = {"retry_s": (0.001, 0.01), "tick_s": 0.005}


def child(folder: Path, then: str) -> tuple[str, ...]:
    """Give a command that notes each start of it with its process id, and then does something."""
    return (sys.executable, "-c", f"import os; print(os.getpid(), file=open({str(folder / 'starts')!r}, 'a')); {then}")


def starts(folder: Path) -> list[int]:
    noted = folder / "starts"
    return [int(line) for line in noted.read_text().split()] if noted.exists() else []


def until_started(folder: Path, count: int) -> None:
    while len(starts(folder)) < count:
        select.select([], [], [], 0.005)


@contextmanager
def supervised(supervisor: Supervisor) -> Iterator[None]:
    """Run it in a thread; what it raises is raised at the end."""
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(supervisor.run)
        try:
            yield
        finally:
            supervisor.stop()
    running.result()


def test_a_child_that_has_to_be_set_right_is_not_tried_again(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="keeper does not start"):
        Supervisor({"keeper": child(tmp_path, "raise SystemExit(2)")}, **QUICK).run()
    assert len(starts(tmp_path)) == 1


def test_a_child_that_never_comes_up_is_given_up(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    commands = {
        "steps": child(tmp_path, "raise SystemExit(1)"),
        "keeper": child(other, "import signal; signal.pause()"),
    }
    with pytest.raises(CannotStart, match="steps does not start"):
        Supervisor(commands, **QUICK).run()
    assert len(starts(tmp_path)) == TRIES
    for pid in starts(other):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    commands = {"steps": child(tmp_path, "import signal; signal.pause()")}
    with supervised(Supervisor(commands, **QUICK)):
        for n in range(1, TRIES):
            until_started(tmp_path, n)
            os.kill(starts(tmp_path)[-1], signal.SIGKILL)
        until_started(tmp_path, TRIES)
    assert len(set(starts(tmp_path))) == TRIES


def test_children_may_finish_what_they_do_when_told_to_end(tmp_path: Path) -> None:
    then = (
        "import signal, sys\n"
        f"def end(*_): open({str(tmp_path / 'done')!r}, 'w').write('done'); sys.exit(0)\n"
        f"signal.signal(signal.SIGTERM, end); open({str(tmp_path / 'ready')!r}, 'w').close()\n"
        "while True: signal.pause()"
    )
    with supervised(Supervisor({"steps": (sys.executable, "-c", then)}, **QUICK)):
        while not (tmp_path / "ready").exists():
            select.select([], [], [], 0.005)
    assert (tmp_path / "done").read_text() == "done"


def test_who_ended_itself_for_standing_still_stays_away_until_it_is_forgotten(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    commands = {"steps": child(tmp_path, "raise SystemExit(70)"), "keeper": child(other, "raise SystemExit(71)")}
    with pytest.raises(CannotStart, match="keeper"):  # it has been tried until it was given up meanwhile
        Supervisor(commands, **QUICK, rest_s={70: 60.0}).run()
    assert len(starts(tmp_path)) == 1
    assert REST_S > SESSION_S
