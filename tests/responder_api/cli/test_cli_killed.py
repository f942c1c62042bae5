"""The server killed outright while a watch looks on: every accepted report is seen, each change once."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

SERVE = """
import argparse, sys
from responder_api.cli import serve
parser = argparse.ArgumentParser()
serve.add(parser.add_subparsers())
args = parser.parse_args(sys.argv[1:])
raise SystemExit(args.run(args))
"""
TIMES, REPORTS = 3, 12


class Killable:
    """`dharura serve` as a process of its own, on the folder and port of a house that was stopped."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DHARURA_")}
        words = ["serve", "--data", str(self.house.settings.data), "--port", str(self.house.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environ,
        )
        assert self.process.stdout is not None
        assert "listens" in self.process.stdout.readline()

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            self.process = None


@pytest.fixture
def killable(house: Any) -> Iterator[Killable]:
    house.stop()
    made = Killable(house)
    made.start()
    yield made
    made.kill()


def post(house: Any, turn: int, accepted: list[int], some: threading.Event) -> None:
    """Report until the server is gone; `some` is set once a few are accepted, a different number each turn."""
    try:
        for number in range(REPORTS):
            house.report(turn * REPORTS + number)
            accepted.append(turn * REPORTS + number)
            if number == turn:
                some.set()
    except httpx.HTTPError:
        return


def test_a_server_that_is_killed_is_followed_without_a_gap_or_a_repetition(
    house: Any, killable: Killable, watching: Callable[..., Any]
) -> None:
    watcher = watching()
    watcher.until(lambda each: each.feed.whole)
    accepted: list[int] = []
    for turn in range(TIMES):
        some = threading.Event()
        posting = threading.Thread(target=post, args=(house, turn, accepted, some))
        posting.start()
        some.wait()
        killable.kill()
        posting.join()
        killable.start()
    last = TIMES * REPORTS
    house.report(last)
    accepted.append(last)
    texts = {f"water everywhere {number}" for number in accepted}
    watcher.until(lambda each: texts <= {v.get("text") for (k, _), v in each.feed.documents.items() if k == "report"})
    killable.kill()
    watcher.leave()

    house.start()
    stood = [json.loads(frame.data)["position"] for frame in house.feed()]
    assert watcher.positions == stood[: len(watcher.positions)]
    assert len(watcher.positions) > len(accepted)
    assert [type(each).__name__ for each in watcher.news].count("Resync") == 1
