"""How events come into the cluster's log: under one lock, as the last thing before a transaction commits.

Whoever holds the row lock of `log_end` is the only one who gives numbers, and holds it until the commit: so a number
is visible only when all before it are. Whatever else a transaction locks, it locks before; and it uses no pipelines,
because PostgreSQL does not count how long one that is half sent waits for its process (`postgres.IDLE_MS`). Next on
the road: `relay` publishes what stands in the outbox; the projector follows the log.
"""

from collections.abc import Sequence
from typing import Final

from streams.cluster.postgres import Postgres
from streams.events import Event, MessageAsked
from streams.log import Line
from streams.pending import Pending
from streams.subject import subject_of
from streams.topics import topic_of

LOG: Final = "dharura_log"
"""Channel that says that the log grew."""
OUTBOX: Final = "dharura_outbox"
"""Channel that says that there is something to publish."""
MESSAGES: Final = "dharura_messages"
"""Channel that says that there is a message to send."""

MOST: Final = 600
"""How many characters of a key, subject or cause are indexed; the event itself has all of them."""

# Row by row through the index: a log in which they are not would else be read whole, with everybody waiting.
KNOWN: Final = """
SELECT asked.id::text FROM unnest(?::uuid[]) AS asked (id)
CROSS JOIN LATERAL (SELECT 1 FROM log WHERE log.id = asked.id LIMIT 1) AS found
"""
"""Says which of some ids are in the log."""

# One statement, because others wait for the lock meanwhile.
_INSERT: Final = """
WITH ended AS (
    UPDATE log_end SET "offset" = ?
), waiting AS (
    INSERT INTO outbox ("offset") SELECT unnest(?::bigint[])
), written AS (
    INSERT INTO log ("offset", topic, "key", subject, id, cause, event)
    SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::uuid[], ?::text[], ?::bytea[])
)
SELECT pg_notify(channel, '') FROM unnest(?::text[]) AS told (channel)
"""


class Writing:
    """The one way into the log, over a connection whose transactions the caller owns. Nothing is kept between calls."""

    def __init__(self, connection: Postgres) -> None:
        self._connection = connection
        self._pending = Pending(connection)

    def write(self, lines: Sequence[Line], *, on_kafka: bool = False) -> list[int | None]:
        """Add events inside the open transaction, as the last thing before it commits; None where an id is there.

        What is not `on_kafka` yet waits in the outbox. What each new event owes is noted (`streams.pending`). Raises
        psycopg.Error.
        """
        known, made = ([], lines) if not on_kafka else (lines, [])
        inputs, outputs = self.write_turn(known, made)
        return inputs + outputs

    def write_turn(self, inputs: Sequence[Line], outputs: Sequence[Line]) -> tuple[list[int | None], list[int | None]]:
        """Add what was taken from Kafka, then what was made of it, as `write` does; give the offsets of each."""
        lines = [*inputs, *outputs]
        if not lines:
            return [], []
        offsets = self._numbered(lines)
        new = [(line, offset) for line, offset in zip(lines, offsets, strict=True) if offset is not None]
        if new:
            self._insert(new, [offset for offset in offsets[len(inputs) :] if offset is not None])
            self._pending.note_all(event for (event, _), _ in new)
        return offsets[: len(inputs)], offsets[len(inputs) :]

    def _numbered(self, lines: Sequence[Line]) -> list[int | None]:
        execute, ids = self._connection.execute, [line.event.id for line in lines]
        locked = execute('SELECT "offset" FROM log_end FOR UPDATE')
        # A statement of its own: it sees what was committed before the lock was given.
        found = execute(KNOWN, (ids,))
        row = locked.fetchone()
        if row is None:
            raise LookupError("log_end has no row: the tables were not prepared")
        seen, end = {id_ for (id_,) in found}, int(row[0])
        offsets: list[int | None] = []
        for id_ in ids:
            if id_ in seen:
                offsets.append(None)
                continue
            seen.add(id_)
            end += 1
            offsets.append(end)
        return offsets

    def _insert(self, new: Sequence[tuple[Line, int]], unpublished: Sequence[int]) -> None:
        events = [line.event for line, _ in new]
        self._connection.execute(
            _INSERT,
            (
                new[-1][1],
                unpublished,
                [offset for _, offset in new],
                [topic_of(event.body).name for event in events],
                [name(event.key) for event in events],
                [name(subject_of(event)) for event in events],
                [event.id for event in events],
                [name(event.cause) for event in events],
                [line.data for line, _ in new],
                _channels(events, published=not unpublished),
            ),
        )


def _channels(events: Sequence[Event], *, published: bool) -> list[str]:
    told = [LOG] if published else [LOG, OUTBOX]
    return [*told, MESSAGES] if any(isinstance(event.body, MessageAsked) for event in events) else told


def plain(text: str) -> str:
    """Give a text as a column can hold it: PostgreSQL has no NUL in text."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def name(text: str) -> str:
    """Give a text as an indexed column can hold it: no longer than an index takes, whatever is written in it."""
    return plain(text[:MOST])
