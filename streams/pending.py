"""What the log still owes: deadlines not yet reached and messages not yet sent.

Both are noted in the transaction that writes the fact that made them, so neither can be lost or done twice by a crash.
A message is *taken* (durably) before its channel gets it. After a crash a taken `ask` is not sent again, because its
responder may have it and silence already goes to the next person; every other kind is sent again, because a warning
twice is better than none.
"""

import sqlite3
from datetime import UTC, datetime

from streams.events import (
    AnyBody,
    DeadlineReached,
    DeadlineSet,
    Event,
    MessageAsked,
    MessageFailed,
    MessageRecalled,
    MessageSent,
    MessageTaken,
    decode,
    derive,
    encode,
)

RETRY_S = (2.0, 8.0, 30.0, 120.0, 300.0)
"""Waits between attempts of one message; after the last it is given up."""


class Pending:
    """Deadlines and outgoing messages, over an open connection whose transactions the caller owns."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def note(self, event: Event) -> None:
        """Take note of an event that was just written to the log."""
        body = event.body
        execute = self._connection.execute
        if isinstance(body, DeadlineSet):
            execute("INSERT OR IGNORE INTO deadline VALUES (?,?,?)", (event.id, body.due.timestamp(), encode(event)))
        elif isinstance(body, DeadlineReached):
            execute("DELETE FROM deadline WHERE id = ?", (event.cause,))
        elif isinstance(body, MessageAsked):
            execute("INSERT OR IGNORE INTO outgoing VALUES (?,0,0,0,?)", (body.message, encode(event)))
        elif isinstance(body, MessageRecalled):
            execute("DELETE FROM outgoing WHERE message = ? AND taken = 0", (body.message,))
        elif isinstance(body, MessageTaken):
            execute("UPDATE outgoing SET taken = 1, attempts = ? WHERE message = ?", (body.attempt, body.message))
        elif isinstance(body, MessageSent):
            execute("DELETE FROM outgoing WHERE message = ?", (body.message,))
        elif isinstance(body, MessageFailed):
            self._failed(event, body)

    def _failed(self, event: Event, body: MessageFailed) -> None:
        row = self._connection.execute("SELECT attempts FROM outgoing WHERE message = ?", (body.message,)).fetchone()
        if row is None:
            return
        if not body.retry or row[0] > len(RETRY_S):
            self._connection.execute("DELETE FROM outgoing WHERE message = ?", (body.message,))
            return
        wait = RETRY_S[max(0, row[0] - 1)]
        self._connection.execute(
            "UPDATE outgoing SET taken = 0, retry_at = ? WHERE message = ?",
            (event.seen.timestamp() + wait, body.message),
        )

    def due(self, now: datetime, limit: int = 100) -> list[Event]:
        """Give the `DeadlineReached` events of the deadlines that have come, oldest first."""
        rows = self._connection.execute(
            "SELECT event FROM deadline WHERE due <= ? ORDER BY due, id LIMIT ?", (now.timestamp(), limit)
        )
        return [_reached(decode(data), now) for (data,) in rows]

    def next_due(self) -> datetime | None:
        """Give the time of the next deadline or retry."""
        row = self._connection.execute("SELECT min(due) FROM deadline").fetchone()
        return None if row[0] is None else datetime.fromtimestamp(row[0], UTC)

    def ready(self, now: datetime, limit: int = 100) -> list[Event]:
        """Give the `MessageAsked` events that may be sent now."""
        rows = self._connection.execute(
            "SELECT event FROM outgoing WHERE taken = 0 AND retry_at <= ? ORDER BY retry_at, message LIMIT ?",
            (now.timestamp(), limit),
        )
        return [decode(data) for (data,) in rows]

    def next_retry(self) -> datetime | None:
        """Give the time at which the next message may be tried again."""
        row = self._connection.execute("SELECT min(retry_at) FROM outgoing WHERE taken = 0").fetchone()
        return None if row[0] is None else datetime.fromtimestamp(row[0], UTC)

    def attempts(self, message: str) -> int | None:
        """Give how often a message was taken, or None when it may not be taken now."""
        row = self._connection.execute(
            "SELECT attempts FROM outgoing WHERE message = ? AND taken = 0", (message,)
        ).fetchone()
        return None if row is None else int(row[0])

    def unsure(self, now: datetime) -> list[Event]:
        """Give the events that settle messages which were taken but have no receipt, as after a crash."""
        rows = self._connection.execute(
            "SELECT event, attempts FROM outgoing WHERE taken = 1 ORDER BY message"
        ).fetchall()
        return [_unsure(decode(data), attempts, now) for data, attempts in rows]


def message_event(asked: Event, name: str, body: AnyBody, now: datetime) -> Event:
    """Put the envelope around what happened to a message; `name` makes the id, so saying it twice is saying it once."""
    return Event(
        id=derive(asked.id, name, 0),
        cause=asked.id,
        source="effects",
        key=asked.key,
        at=now,
        seen=now,
        audience=asked.audience,
        body=body,
    )


def _unsure(asked: Event, attempts: int, now: datetime) -> Event:
    body = asked.body
    if not isinstance(body, MessageAsked):
        raise TypeError(f"{asked.id} is no MessageAsked")
    again = body.kind != "ask"
    detail = "stopped while sending; " + ("it will be sent again" if again else "not repeated: it may have arrived")
    failed = MessageFailed(message=body.message, code="unsure", detail=detail, retry=again)
    return message_event(asked, f"failed/{attempts}", failed, now)


def _reached(event: Event, now: datetime) -> Event:
    body = event.body
    if not isinstance(body, DeadlineSet):
        raise TypeError(f"{event.id} is no DeadlineSet")
    return Event(
        id=derive(event.id, "clock", 0),
        cause=event.id,
        source="clock",
        key=event.key,
        at=body.due,
        seen=max(now, body.due),
        audience=event.audience,
        body=DeadlineReached(step=body.step, name=body.name, about=body.about, due=body.due),
    )
