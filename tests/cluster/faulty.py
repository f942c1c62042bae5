"""A worker whose steps do harm where a test says so: `faust -A tests.cluster.faulty worker`.

`FAULTS` holds JSON. `steps`: for each step, what it does (`kill`, `freeze`, `hang`, `hold`, `busy`) and at which of the
events that it looks at, counted from 1; `once` is a folder in which it is noted, so that it is done once in all. `on`:
what a step does whenever it looks at an event with a text. `patience` holds seconds for the watchdog, `block` blocks
the event loop that many seconds after it began. Faust's own faults: `lost` and `raised` name the events of a reader,
counted from 1, that never reach the inbox, silently or because its agent raises; of `lost_after` on, none does.
"""

import asyncio
import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

import streams.worker
from streams.cluster.watchdog import Patience
from streams.cluster.working import Work
from streams.events import Event, Fact
from streams.handle import Step, StepFunction
from streams.pipeline import pipeline
from streams.state import State
from streams.worker import found, make

FAULTS: dict[str, Any] = json.loads(os.environ["FAULTS"])


def harm(what: str) -> None:
    """Do it."""
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "freeze":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif what == "hang":
        threading.Event().wait()
    elif what == "hold":  # in C, and nobody else comes to run
        re.match(r"(a+)+$", "a" * 64 + "b")
    elif what == "busy":
        until = time.monotonic() + FAULTS["busy_s"]
        while time.monotonic() < until:
            sum(range(1000))
    else:
        raise ValueError(what)


def harmful(name: str, function: StepFunction, what: str, at: int) -> StepFunction:
    """Give the step's function, doing harm after its own work at one of its events."""
    seen = 0
    done = Path(FAULTS["once"]) / f"{name}-{what}"

    def with_harm(state: State, event: Event) -> Iterable[Fact]:
        nonlocal seen
        seen += 1
        facts = list(function(state, event))
        if seen == at and not done.exists():
            done.touch()
            harm(what)
        return facts

    return with_harm


def harmful_on(function: StepFunction, what: str, text: str) -> StepFunction:
    """Give the step's function, doing harm at each event whose body has a text."""

    def with_harm(state: State, event: Event) -> Iterable[Fact]:
        if getattr(event.body, "text", "") == text:
            harm(what)
        return function(state, event)

    return with_harm


def changed(step: Step) -> Step:
    """Give a step as the test wants it."""
    if step.name in FAULTS.get("on", {}):
        return msgspec.structs.replace(step, function=harmful_on(step.function, *FAULTS["on"][step.name]))
    what = FAULTS.get("steps", {}).get(step.name)
    if what is None:
        return step
    return msgspec.structs.replace(step, function=harmful(step.name, step.function, *what))


class FaultyWork(Work):
    """Loses what Faust brings."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._put: Counter[str] = Counter()

    async def put(self, reader: str, event: Any) -> None:
        """Keep an event, or lose it."""
        self._put[reader] += 1
        n = self._put[reader]
        if n in FAULTS.get("raised", {}).get(reader, ()):
            raise LookupError("an agent raises")
        if n not in FAULTS.get("lost", {}).get(reader, ()) and n <= FAULTS.get("lost_after", {}).get(reader, n):
            await super().put(reader, event)


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    cluster, worlds = found()
    setattr(streams.worker, "Work", FaultyWork)  # noqa: B010  Faust's side of it alone is changed
    app = make(cluster, tuple(map(changed, pipeline(worlds))), Patience(**FAULTS.get("patience", {})))
    if "block" in FAULTS:

        async def block() -> None:
            app.loop.call_later(FAULTS["block"], time.sleep, 1e6)

        app.task(block)
    if "stays" in FAULTS:

        async def stay(*_: Any, **__: Any) -> None:
            await asyncio.Event().wait()

        app.on_before_shutdown.connect(stay, weak=False)

    return app
