"""What the log still owes: deadlines not yet reached and messages not yet sent.

Both are noted in the transaction that writes the fact that made them, so neither can be lost or done twice by a crash.
A message is *taken* (durably) before its channel gets it. After a crash a taken `ask` is not sent again, because its
responder may have it and silence already goes to the next person; every other kind is sent again, because a warning
twice is better than none. The moment an assignment's end is written its ask cannot be taken any more, however far
behind the step is that will recall it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from streams.database import Connection
from streams.events import (
    CONTRACT,
    AnyBody,
    AssignmentAccepted,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentWithdrawn,
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
"""Waits between attempts of one message; the last is repeated until the message's time is over."""
ENDED_S = 86_400.0
"""How long an assignment's end is kept here: longer than any ask can wait."""

# Column `taken` of a message: 0 to be sent, 1 being sent, 2 being sent and recalled meanwhile (not to be tried again).
_RECALLED = 2


_OWING = frozenset(
    (
        DeadlineSet,
        DeadlineReached,
        MessageAsked,
        MessageRecalled,
        MessageTaken,
        MessageSent,
        MessageFailed,
        AssignmentAccepted,
        AssignmentDeclined,
        AssignmentExpired,
        AssignmentWithdrawn,
    )
)
"""Facts that change what is owed."""
_ROWS = 500
"""How many rows one statement writes."""
_LONGEST: Final = 600
"""How many characters of a name an index takes."""
_MOST: Final = 2**30
"""How many attempts are counted: a column takes no more than twice as many."""


class Pending:
    """Deadlines and outgoing messages, over a connection to either database whose transactions the caller owns."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, event: Event) -> None:
        """Take note of an event that was just written to the log; of what another system wrote nothing is owed here."""
        if type(event.body) in _OWING:
            self.note_all((event,))

    def note_all(self, events: Iterable[Event]) -> None:
        """Take note of events as of each one by one, in their order, with as few statements as that takes."""
        deadlines, reached, asked, ended, receipts = [], [], [], {}, []
        for event in events:
            body = event.body
            if event.origin or type(body) not in _OWING:
                continue
            if isinstance(body, DeadlineSet):
                deadlines.append((event.id, body.due.timestamp(), encode(event)))
            elif isinstance(body, DeadlineReached):
                reached.append((named(event.cause),))
            elif isinstance(body, MessageAsked):
                about = named(body.about) if body.kind == "ask" else ""
                asked.append((named(body.message), about, 0, 0, 0, encode(event)))
            elif isinstance(body, AssignmentAccepted | AssignmentDeclined | AssignmentExpired | AssignmentWithdrawn):
                name = named(body.assignment)
                ended[name] = (name, event.seen.timestamp())
            else:
                receipts.append(event)
        # What is set is set before it is reached, and what is asked is asked before there is a receipt.
        self._rows("INSERT INTO deadline VALUES {} ON CONFLICT DO NOTHING", deadlines)
        self._rows("DELETE FROM deadline WHERE id IN (VALUES {})", reached)
        self._rows("INSERT INTO outgoing VALUES {} ON CONFLICT DO NOTHING", asked)
        if ended:
            newest = max(at for _, at in ended.values())
            self._connection.execute("DELETE FROM ended WHERE at < ?", (newest - ENDED_S,))
        self._rows(
            "INSERT INTO ended VALUES {} ON CONFLICT (assignment) DO UPDATE SET at = excluded.at", list(ended.values())
        )
        for event in receipts:
            self._note_receipt(event, event.body)

    def _rows(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            marks = ",".join(["(" + ",".join("?" * len(some[0])) + ")"] * len(some))
            self._connection.execute(statement.format(marks), [value for row in some for value in row])

    def _note_receipt(self, event: Event, body: AnyBody) -> None:
        execute = self._connection.execute
        if isinstance(body, MessageRecalled):
            execute("DELETE FROM outgoing WHERE message = ? AND taken = 0", (named(body.message),))
            execute("UPDATE outgoing SET taken = 2 WHERE message = ?", (named(body.message),))
        elif isinstance(body, MessageTaken):
            attempt = max(0, min(body.attempt, _MOST))
            execute("UPDATE outgoing SET taken = 1, attempts = ? WHERE message = ?", (attempt, named(body.message)))
        elif isinstance(body, MessageSent):
            execute("DELETE FROM outgoing WHERE message = ?", (named(body.message),))
        elif isinstance(body, MessageFailed):
            self._failed(event, body)

    def _failed(self, event: Event, body: MessageFailed) -> None:
        name = named(body.message)
        row = self._connection.execute("SELECT taken, attempts FROM outgoing WHERE message = ?", (name,)).fetchone()
        if row is None:
            return
        if not body.retry or row[0] == _RECALLED:
            self._connection.execute("DELETE FROM outgoing WHERE message = ?", (name,))
            return
        self._connection.execute(
            "UPDATE outgoing SET taken = 0, retry_at = ? WHERE message = ?",
            (event.seen.timestamp() + retry_wait_s(row[1]), name),
        )

    def due(self, now: datetime, limit: int = 1000) -> list[Event]:
        """Give the `DeadlineReached` events of the deadlines that have come, oldest first."""
        rows = self._connection.execute(
            "SELECT event FROM deadline WHERE due <= ? ORDER BY due, id LIMIT ?", (now.timestamp(), limit)
        )
        return [_reached(decode(data), now) for (data,) in rows]

    def next_due(self) -> datetime | None:
        """Give the time of the next deadline."""
        row = self._connection.execute("SELECT min(due) FROM deadline").fetchone()
        return None if row[0] is None else datetime.fromtimestamp(row[0], UTC)

    def ready(self, now: datetime, limit: int = 100) -> list[Event]:
        """Give the `MessageAsked` events that may be sent now."""
        rows = self._connection.execute(
            "SELECT event FROM sendable WHERE retry_at <= ? ORDER BY retry_at, message LIMIT ?",
            (now.timestamp(), limit),
        )
        return [decode(data) for (data,) in rows]

    def next_retry(self) -> datetime | None:
        """Give the time at which the next message may be tried (again)."""
        row = self._connection.execute("SELECT min(retry_at) FROM sendable").fetchone()
        return None if row[0] is None else datetime.fromtimestamp(row[0], UTC)

    def attempts(self, message: str) -> int | None:
        """Give how often a message was taken, or None when it may not be taken now."""
        row = self._connection.execute("SELECT attempts FROM sendable WHERE message = ?", (named(message),)).fetchone()
        return None if row is None else int(row[0])

    def unsure(self, now: datetime) -> list[Event]:
        """Give the events that settle messages which were taken but have no receipt, as after a crash."""
        rows = self._connection.execute(
            "SELECT event, attempts FROM outgoing WHERE taken <> 0 ORDER BY message"
        ).fetchall()
        return [_unsure(decode(data), attempts, now) for data, attempts in rows]


def named(text: str) -> str:
    """Give a message's or an assignment's name as its column holds it: whatever is written in it, it can be kept.

    PostgreSQL has no NUL in text, and an index takes only so much. Names of our own come out as they are.
    """
    if "\x00" not in text and len(text) <= _LONGEST:
        return text
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def retry_wait_s(attempt: int) -> float:
    """Give the wait after an attempt that failed, counted from 1."""
    return RETRY_S[min(max(attempt, 1), len(RETRY_S)) - 1]


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
        contract=CONTRACT,
    )


def too_late(asked: MessageAsked, now: datetime) -> MessageFailed | None:
    """Give the failure of a message whose time was over before it could leave; None while it may still leave."""
    if asked.expires is None or asked.expires > now:
        return None
    return MessageFailed(message=asked.message, code="expired", detail="its time was over before it could leave")


def not_sent(asked: MessageAsked, attempt: int, now: datetime, code: str, detail: str, *, retry: bool) -> MessageFailed:
    """Give the failure of an attempt; where `retry` can help, it is tried again until its time is over.

    A message without an end of its time is given up when the waits are used up.
    """
    if asked.expires is None:
        left = attempt <= len(RETRY_S)
    else:
        left = now.timestamp() + retry_wait_s(attempt) < asked.expires.timestamp()
    return MessageFailed(message=asked.message, code=code, detail=detail[:500], retry=retry and left)


def _unsure(asked: Event, attempts: int, now: datetime) -> Event:
    body = asked.body
    if not isinstance(body, MessageAsked):
        raise TypeError(f"{asked.id} is no MessageAsked")
    is_ask = body.kind == "ask"
    detail = "stopped while sending" + ("; not repeated, as it may have arrived" if is_ask else "")
    failed = not_sent(body, attempts, now, "unsure", detail, retry=not is_ask)
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
