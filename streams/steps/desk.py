"""Who works on what: gives an item to one operator at a time, until they are done, leave it, or fall silent.

You are beside the SMS road, where operators decide. The log puts requests into an order, so the first one has it; the
second is told who has it, and may take it over, which stays on the record. A claim is soft: it runs out by itself, so
that nobody who went home holds anything up. That a decision is refused while somebody else has the item is the door's
doing (`responder_api.desk`). Next: the live view shows each claim at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from alerts.cap import EAT
from streams.events import (
    AlertApproved,
    AlertCancelRequested,
    AlertRejected,
    Claimable,
    ClaimRequested,
    DeadlineReached,
    DeadlineSet,
    Event,
    Fact,
    IncidentClosed,
    IncidentMerged,
    ReleaseRequested,
    ReportDismissed,
    ReportJoinRequested,
    ReportPlaced,
    RequestRefused,
    WorkClaimed,
    WorkReleased,
)
from streams.state import State

HOLDS = timedelta(minutes=5)
"""How long a claim holds after its operator was last heard."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that stands. `due` is the one deadline that watches over it: renewing does not add another."""

    kind: Claimable
    by: str
    by_name: str
    until: datetime
    due: datetime


def desk(state: State, event: Event) -> Iterator[Fact]:
    """Decide who has an item."""
    match event.body:
        case ClaimRequested() as body:
            yield from _claimed(state, event, body)
        case ReleaseRequested() as body:
            held = state.get(f"claim/{body.about}", Held)
            if held is not None and held.by == body.by:
                yield _released(state, event, body.about, held, "left")
        case DeadlineReached(step="desk") as body:
            yield from _silent(state, event, body)
        case ReportDismissed(report=about) | ReportPlaced(report=about) | ReportJoinRequested(report=about):
            yield from _done(state, event, about)
        case IncidentClosed(incident=about) | IncidentMerged(incident=about):
            yield from _done(state, event, about)
        case AlertApproved(alert=about) | AlertRejected(alert=about) | AlertCancelRequested(alert=about):
            yield from _done(state, event, about)
        case _:
            pass


def _claimed(state: State, event: Event, body: ClaimRequested) -> Iterator[Fact]:
    held = state.get(f"claim/{body.about}", Held)
    now, until = event.seen, event.seen + HOLDS
    other = held if held is not None and held.by != body.by and held.until > now else None
    if other is not None and not body.take_over:
        detail = f"{other.by_name or other.by} works on this until {other.until.astimezone(EAT):%H:%M} (Kenya time)."
        refused = RequestRefused(request=event.id, code="claimed", detail=detail, about=body.about)
        yield Fact(body=refused, audience=event.audience)
        return
    if held is not None and held.by == body.by:
        until = max(until, held.until)
    due = held.due if held is not None else until
    state.put(f"claim/{body.about}", Held(kind=body.kind, by=body.by, by_name=body.by_name, until=until, due=due))
    claimed = WorkClaimed(
        about=body.about,
        kind=body.kind,
        by=body.by,
        until=until,
        by_name=body.by_name,
        taken_from=other.by if other is not None else "",
        taken_from_name=other.by_name if other is not None else "",
    )
    yield Fact(body=claimed, audience=_operators(event))
    if held is None:
        yield _deadline(event, body.about, due)


def _silent(state: State, event: Event, body: DeadlineReached) -> Iterator[Fact]:
    held = state.get(f"claim/{body.about}", Held)
    if held is None or held.due != body.due:
        return  # a deadline of an earlier claim
    if held.until <= body.due:
        yield _released(state, event, body.about, held, "expired")
        return
    state.put(f"claim/{body.about}", msgspec.structs.replace(held, due=held.until))
    yield _deadline(event, body.about, held.until)


def _done(state: State, event: Event, about: str) -> Iterator[Fact]:
    held = state.get(f"claim/{about}", Held)
    if held is not None:
        yield _released(state, event, about, held, "done")


def _deadline(event: Event, about: str, due: datetime) -> Fact:
    return Fact(body=DeadlineSet(step="desk", name="claim", about=about, due=due), audience=_operators(event))


def _released(state: State, event: Event, about: str, held: Held, ground: str) -> Fact:
    state.drop(f"claim/{about}")
    body = WorkReleased(about=about, kind=held.kind, by=held.by, ground=ground)  # type: ignore[arg-type]  # one of WorkReleased's grounds, from the callers above
    return Fact(body=body, audience=_operators(event))


def _operators(event: Event) -> tuple[str, ...]:
    """Give the operators among those who may see what happened: to take, renew and leave work is their business."""
    return tuple(entry for entry in event.audience if entry.startswith("operator:"))
