"""What is over leaves the live view after a day, so that a season's reports do not bury what is going on.

You are behind both roads, where nothing is decided any more. The step only keeps the hours: when something of a county
is over (closed, dismissed, expired) or soon will be (a message goes out), it asks once for that time to come back a day
later, and then says `Filed`. Everything that was over by then goes with that one fact; what that is, the projector
knows. So the log grows by three facts in ten busy minutes, however much there was. Next: `projector` files, and tells
who saw it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from geo.places import COUNTRY
from streams.events import AlertIssued, DeadlineReached, DeadlineSet, Event, Fact, Filed, audience
from streams.state import State

KEPT = timedelta(hours=24)
"""How long what is over stays in the live view."""
SLOT_S = 600
"""What is over within so many seconds is filed together: few facts, and never too many frames at once.

Once more so many seconds are waited for what was begun: most messages have left by then. One that is tried for longer
goes with the next filing of its county.
"""


class Last(msgspec.Struct, frozen=True):
    """The newest time up to which filing is already asked for."""

    slot: datetime


def filing(state: State, event: Event) -> Iterator[Fact]:
    """Ask for the time when what is over now is to be filed; when it has come, say so."""
    match event.body:
        case DeadlineReached(step="filing") as body:
            yield Fact(body=Filed(before=body.due - KEPT), audience=_operators(event))
        case DeadlineReached():
            pass  # somebody else's
        case AlertIssued(previous="") as body if body.cap.msg_type != "Cancel":
            pass  # the first word of a warning ends nothing
        case _:
            yield from _over(state, event)


def _over(state: State, event: Event) -> Iterator[Fact]:
    slot = datetime.fromtimestamp((-(-event.seen.timestamp() // SLOT_S) + 1) * SLOT_S, UTC)
    last = state.get("last", Last)
    if last is not None and last.slot >= slot:
        return  # that filing takes this along
    state.put("last", Last(slot))
    deadline = DeadlineSet(step="filing", name="over", about=event.key, due=slot + KEPT)
    yield Fact(body=deadline, audience=_operators(event))


def _operators(event: Event) -> tuple[str, ...]:
    return audience(event.key, "operator") if event.key.startswith(COUNTRY) else event.audience
