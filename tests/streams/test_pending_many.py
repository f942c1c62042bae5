"""Many facts noted at once leave what they leave one by one."""

from contextlib import closing
from random import Random

import msgspec
import pytest

from streams.database import connect
from streams.events import (
    AnyBody,
    DeadlineReached,
    Event,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageTaken,
)
from streams.pending import ENDED_S, Pending, message_event
from tests.streams.test_pending import HOUR, NOON, asked, deadline, ended, fact


def owing(seed: int) -> list[Event]:
    """Give facts that owe something, in an order in which they may happen."""
    rng, found = Random(seed), [ended("never")]
    for n in range(rng.randrange(30)):
        start, seen = len(found), NOON + rng.random() * 30 * HOUR
        due, message = deadline(f"{seed}/{n}", seen), asked(f"{seed}/{n}", rng.choice(["ask", "warning"]))
        body = DeadlineReached(step="dispatch", name="offer", about="a", due=seen)
        story = [due, msgspec.structs.replace(fact(f"reached/{n}", body), cause=due.id)]
        said: list[AnyBody] = [
            MessageRecalled(message=f"{seed}/{n}", reason="over"),
            *(MessageTaken(message=f"{seed}/{n}", attempt=attempt) for attempt in (1, 2)),
            MessageSent(message=f"{seed}/{n}"),
            *(MessageFailed(message=f"{seed}/{n}", code="c", detail="d", retry=retry) for retry in (True, False)),
        ]
        receipts = [message_event(message, f"{n}", each, seen) for each in rng.sample(said, rng.randrange(5))]
        for part in (story, [message, *receipts], [ended(f"{n % 5}", seen)]):
            at = start
            for each in part[: rng.randrange(len(part) + 1)]:
                at = rng.randrange(at, len(found)) + 1 if at < len(found) else len(found)
                found.insert(at, each)
                at += 1
    return found


@pytest.mark.parametrize("seed", range(40))
def test_many_are_noted_as_each_one_by_one(seed: int) -> None:
    events, rng = owing(seed), Random(seed)
    kept = []
    with closing(connect(":memory:")) as single, closing(connect(":memory:")) as together:
        for event in events:
            Pending(single).note(event)
        rest = list(events)
        while rest:
            size = rng.randrange(len(rest)) + 1
            Pending(together).note_all(rest[:size])
            del rest[:size]
        for connection in (single, together):
            tables = ("deadline", "outgoing", "ended")
            kept.append([connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in tables])  # noqa: S608  one of these
    # A late end may go a moment earlier or later: it is older than any ask can wait.
    young = [[row for row in rows[2] if row[1] >= (NOON + 30 * HOUR).timestamp() - ENDED_S] for rows in kept]
    assert kept[0][:2] == kept[1][:2]
    assert young[0] == young[1]
