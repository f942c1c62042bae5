"""Gives events to a follower (the projector) so that one which it cannot take stops nobody.

The same in the embedded engine and in the cluster, inside a transaction of theirs. What cannot be taken comes out as a
dead letter, as from a step. Next on the road: the caller writes the letters and commits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import structlog

from streams.database import Connection
from streams.events import DeadLettered, Event, Fact, encode, stamp
from streams.handle import operators_of
from streams.log import Stored
from streams.topics import topic_of

logger = structlog.get_logger()


class Follower(Protocol):
    """Something that keeps tables in step with the log, in the same transaction as its cursor."""

    name: str

    def follow(self, connection: Connection, events: Sequence[Stored]) -> None:
        """Take over events that were just written; repeats nothing, skips nothing."""
        ...

    def forget_uncommitted(self) -> None:
        """Drop whatever is remembered beside the tables: the last transaction was rolled back."""
        ...


def follow(
    follower: Follower, connection: Connection, events: Sequence[Stored], trouble: tuple[type[Exception], ...]
) -> list[Event]:
    """Have a follower take events inside the open transaction; give the dead letters of those that it cannot take.

    `trouble` names the errors that are the database's own: they are raised, for they say nothing of an event.
    """
    try:
        with _savepoint(connection):
            follower.follow(connection, events)
    except trouble:
        raise
    except Exception as error:  # one document that cannot be shown must not stop the line
        if len(events) > 1:
            half = len(events) // 2
            parts = (events[:half], events[half:])
            return [letter for part in parts for letter in follow(follower, connection, part, trouble)]
        event = events[0].event
        if isinstance(event.body, DeadLettered):  # a letter about a letter would never end
            logger.exception("a dead letter cannot be shown", follower=follower.name, id=event.id)
            return []
        return [_not_followed(follower.name, event, error)]
    return []


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    connection.execute("SAVEPOINT follower")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO follower")
        raise
    finally:
        connection.execute("RELEASE follower")


def _not_followed(name: str, event: Event, error: Exception) -> Event:
    body = DeadLettered(
        topic=topic_of(event.body).name,
        step=name,
        code="not-projected",
        detail=f"{type(error).__name__}: {error}"[:2000],
        original=encode(event).decode(),
        original_id=event.id,
    )
    return stamp(Fact(body=body, audience=operators_of(event)), event, f"{name}!", 0)
