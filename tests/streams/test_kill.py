"""F1: the process is killed in the middle, again and again; what it had answered is there, once, with its effect."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

from streams import topics as t
from streams.database import FILE, connect
from streams.embedded import Embedded
from streams.events import Event, Fact, ReportDismissed, ReportReceived
from streams.handle import Step
from streams.log_sqlite import LogSqlite
from streams.state import State

ROOT = Path(__file__).parents[2]
KILLS = 20

# What is killed: a host with one step, fed by many at once; it prints each id when the append was answered.
NODE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from streams import topics as t
from streams.embedded import Embedded
from streams.events import Event, Fact, ReportDismissed, ReportReceived
from streams.handle import Step
from streams.log import line

def dismissing(state, heard):
    yield Fact(body=ReportDismissed(report=heard.id, reason="hoax", by="step"), audience=("public",))

async def client(host, name):
    for n in range(10**6):
        now = host.clock()
        body = ReportReceived(channel="web", text=f"{name}/{n}")
        event = Event(id=str(uuid5(NAMESPACE_URL, f"{name}/{n}")), cause="x", source="door", key="KE.042",
                      at=now, seen=now, audience=("public",), body=body)
        await host.append([line(event)])
        print(event.id, flush=True)

async def main():
    step = Step(name="dismissing", hears=(ReportReceived,), writes=(t.REPORTS,), function=dismissing)
    host = Embedded(Path(sys.argv[1]), (step,))
    host.start()
    print("started", flush=True)
    await asyncio.gather(*(client(host, f"{sys.argv[2]}/{n}") for n in range(8)))

asyncio.run(main())
"""


def life(data: Path, number: int, answers: int) -> list[str]:
    """Start a node, kill it after so many answers, and give the ids that it had answered."""
    command = [sys.executable, "-c", NODE, str(data), str(number)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        assert node.stdout.readline() == "started\n"
        answered = [node.stdout.readline().strip() for _ in range(answers)]
        node.kill()
        # What was in the pipe had been answered as well; its last line may be torn.
        answered += [text.strip() for text in node.stdout if text.endswith("\n")]
    return answered


def log(data: Path) -> list[Event]:
    with closing(connect(data / FILE)) as connection:
        kept = LogSqlite(connection)
        assert kept.verify() == kept.end()
        return [stored.event for stored in kept.read(0, 10_000_000)]


def dismissing(state: State, heard: Event) -> Iterator[Fact]:
    yield Fact(body=ReportDismissed(report=heard.id, reason="hoax", by="step"), audience=("public",))


async def come_to_rest(data: Path) -> None:
    step = Step(name="dismissing", hears=(ReportReceived,), writes=(t.REPORTS,), function=dismissing)
    host = Embedded(data, (step,))
    host.start()
    await host.settle()
    await asyncio.to_thread(host.stop)


def test_what_was_answered_survives_every_kill(tmp_path: Path) -> None:
    chance, answered = Random(20), list[str]()
    for number in range(KILLS):
        answered += life(tmp_path, number, chance.choice((0, 1, 3, 20, 60)))
        assert set(answered) <= {event.id for event in log(tmp_path)}
    asyncio.run(come_to_rest(tmp_path))
    events = log(tmp_path)
    reports = Counter(event.id for event in events if isinstance(event.body, ReportReceived))
    dismissed = Counter(event.body.report for event in events if isinstance(event.body, ReportDismissed))
    assert len(answered) > 100
    assert set(reports.values()) == {1}
    assert set(answered) <= set(reports)
    assert dismissed == reports
