"""The guard around every step, the same in every host: a step sees one event, and whatever happens comes out as events.

A step that cannot take an event does not stop the line: its writes are thrown away and a `DeadLettered` fact with the
original, the step and the reason takes their place. Next on the road: the host commits what comes out of here.
"""

import traceback
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from geo.places import COUNTRY, Rejected
from streams.events import Body, DeadLettered, DeadLetterReplayed, Event, Fact, audience, decode, encode, stamp
from streams.log import Line, line
from streams.state import State
from streams.topics import Topic, carrier, topic_of

DAY: Final = "day"
"""Among an event's versions, when it is delivered again: when it was first seen."""

StepFunction = Callable[[State, Event], Iterable[Fact]]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the pipeline: which facts it hears, what it may write, and the plain function that does it."""

    name: str
    hears: tuple[type[Body], ...]
    writes: tuple[Topic, ...]
    function: StepFunction

    @property
    def reads(self) -> tuple[Topic, ...]:
        """The topics that carry what it hears."""
        return tuple(dict.fromkeys(carrier(kind) for kind in self.hears))


def handle(step: Step, state: State, event: Event) -> list[Line]:
    """Run one step on one event; give its outputs, or one dead letter (with `state.changes` emptied) when it fails."""
    try:
        outputs = []
        for n, fact in enumerate(step.function(state, event)):
            if topic_of(fact.body) not in step.writes:
                raise TypeError(f"step {step.name} may not write {type(fact.body).__name__}")
            outputs.append(line(stamp(fact, event, step.name, n)))
    except Rejected as error:
        return [_dead_letter(step, state, event, error.code, error.detail)]
    except Exception as error:  # noqa: BLE001  a bug in one step must not stop the others: it becomes a dead letter
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {frames[-1].name}:{frames[-1].lineno}" if frames else ""
        return [_dead_letter(step, state, event, "step-failed", f"{type(error).__name__}: {error}{place}")]
    return outputs


def hearers(steps: Iterable[Step]) -> Callable[[Event], tuple[str, ...]]:
    """Give a function that names the steps which an event is delivered to, in the order of the pipeline.

    A replay goes to the one step that it names; what another system wrote goes to none.
    """
    table: dict[type[Body], tuple[str, ...]] = {}
    for step in steps:
        for kind in step.hears:
            table[kind] = (*table.get(kind, ()), step.name)
    names = {name for heard_by in table.values() for name in heard_by}

    def hear(event: Event) -> tuple[str, ...]:
        if event.origin:
            return ()
        body = event.body
        if isinstance(body, DeadLetterReplayed):
            return (body.step,) if body.step in names else ()
        return table.get(type(body), ())

    return hear


def replayed(event: Event, body: DeadLetterReplayed, pipeline: Iterable[Step]) -> list[tuple[Step, Event]]:
    """Give the delivery that a replayed dead letter asks for: its original, under the replay's id, to its one step.

    It is seen now, for its deadlines run from now, and names the day it was first seen on (`DAY`): `streams.worlds`
    gives it the boundaries of that day. What cannot be delivered goes to a step that refuses it, so that it becomes a
    dead letter again.
    """
    try:
        original = decode(body.original.encode())
    except ValueError as error:
        return [(_refusing("invalid-body", f"the original cannot be read: {error}"), event)]
    versions = {DAY: original.seen.isoformat(), **original.versions}
    again = msgspec.structs.replace(original, id=event.id, cause=body.letter, seen=event.seen, versions=versions)
    steps = [(step, again) for step in pipeline if step.name == body.step]
    return steps or [(_refusing("step-unknown", f"no step is called {body.step[:40]!r}"), event)]


def _refusing(code: str, detail: str) -> Step:
    def refuse(state: State, event: Event) -> Iterable[Fact]:
        raise Rejected(code, detail)

    return Step(name="replay", hears=(DeadLetterReplayed,), writes=(), function=refuse)


def operators_of(event: Event) -> tuple[str, ...]:
    """Say whose task it is when nobody could take an event: its county's operators, or those whom it was for.

    A station's readings have the station as their key, and the operators of its county as their audience.
    """
    if event.key.startswith(COUNTRY):
        return audience(event.key, "operator")
    own = tuple(entry for entry in event.audience if entry.startswith("operator:"))
    return own or audience(COUNTRY, "operator")


def _dead_letter(step: Step, state: State, event: Event, code: str, detail: str) -> Line:
    state.changes.clear()
    fact = Fact(
        body=DeadLettered(
            topic=topic_of(event.body).name,
            step=step.name,
            code=code,
            detail=detail[:2000],
            original=encode(event).decode(),
            original_id=event.id,
        ),
        audience=operators_of(event),
    )
    return line(stamp(fact, event, f"{step.name}!", 0))
