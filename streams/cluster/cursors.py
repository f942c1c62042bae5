"""Where each reader stands in each partition number: read at the start, moved by compare-and-set.

A cursor is a whole vector, {topic: next offset}, because a step takes its topics together; `version` counts its moves.
`turn` moves it in the transaction that writes what came of the records. Next on the road: `turn`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from streams.cluster.postgres import Postgres
from streams.database import Rows

_FRESH: Final = """
INSERT INTO partition_cursor (reader, partition, version, offsets)
SELECT reader, ?, 0, offsets FROM unnest(?::text[], ?::jsonb[]) AS new (reader, offsets) ON CONFLICT DO NOTHING
"""
_MOVE: Final = """
WITH moves AS (
    SELECT * FROM unnest(?::text[], ?::int[], ?::bigint[], ?::jsonb[]) AS m (reader, partition, version, offsets)
), locked AS MATERIALIZED (
    SELECT c.reader, c.partition FROM partition_cursor c JOIN moves m USING (reader, partition)
    ORDER BY c.reader, c.partition FOR UPDATE OF c
)
UPDATE partition_cursor c SET version = c.version + 1, offsets = m.offsets, moved = now()
FROM moves m JOIN locked USING (reader, partition)
WHERE c.reader = m.reader AND c.partition = m.partition AND c.version = m.version
RETURNING c.reader, c.partition
"""

logger = structlog.get_logger()

Place = tuple[str, int]
"""A reader and a partition number."""


class Cursor(NamedTuple):
    """A reader's vector as it was last committed, and how often it was moved."""

    version: int
    offsets: Mapping[str, int]


class Cursors:
    """The cursors one worker holds, over a connection that is its own."""

    def __init__(self, connection: Postgres, readers: Sequence[str]) -> None:
        self._connection, self._readers = connection, list(readers)
        self.held: dict[Place, Cursor] = {}
        self.lost = 0
        """Records that Kafka deleted before they were taken."""

    def begin(
        self,
        reader: str,
        partition: int,
        beginnings: Mapping[str, int],
        ends: Mapping[str, int] | None = None,
        again: Mapping[str, int] | None = None,
    ) -> Cursor:
        """Read a cursor, or make it, as `Turns.begin` says; raises StorageError."""
        with self._connection.transaction():
            rows = self._rows(partition, reader)
            if reader not in rows:
                # Either all of this release's readers are here from the start, or this one came later than they did.
                new = {reader: _among(rows, beginnings)} if rows else {each: {} for each in self._readers}
                self._connection.execute(
                    _FRESH, (partition, list(new), [json.dumps(offsets) for offsets in new.values()])
                )
                rows = self._rows(partition, reader)
            own = rows.pop(reader)
            offsets = self._whole(reader, own.offsets, _among(rows, beginnings) if own.offsets else beginnings)
            placed = self._within(reader, partition, offsets, beginnings, ends or {}, again or {})
            if placed != offsets:
                self.move({(reader, partition): Cursor(own.version, placed)})
                own = Cursor(own.version + 1, placed)
        self.held[reader, partition] = Cursor(own.version, placed)
        return self.held[reader, partition]

    def _rows(self, partition: int, reader: str) -> dict[str, Cursor]:
        execute = self._connection.execute
        # Whoever moves this one just now comes first, so that what is read stays true until the commit.
        execute("SELECT 1 FROM partition_cursor WHERE reader = ? AND partition = ? FOR UPDATE", (reader, partition))
        rows = execute("SELECT reader, version, offsets FROM partition_cursor WHERE partition = ?", (partition,))
        return {reader: Cursor(version, offsets) for reader, version, offsets in rows}

    def _whole(self, reader: str, offsets: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
        new = {topic: offset for topic, offset in others.items() if topic not in offsets}
        if new and offsets:
            logger.info("a reader begins with topics that are new to it", reader=reader, offsets=new)
        return {**offsets, **new}

    def _within(
        self,
        reader: str,
        partition: int,
        offsets: Mapping[str, int],
        beginnings: Mapping[str, int],
        ends: Mapping[str, int],
        again: Mapping[str, int],
    ) -> dict[str, int]:
        placed = dict(offsets)
        for topic, offset in offsets.items():
            where = {"reader": reader, "topic": topic, "partition": partition, "offset": offset}
            if offset < beginnings.get(topic, 0):
                placed[topic] = beginnings[topic]
                self.lost += placed[topic] - offset
                logger.error("Kafka deleted records that nobody had taken", **where, beginning=placed[topic])
            elif topic in ends and offset > ends[topic]:
                placed[topic] = min(again.get(topic, ends[topic]), ends[topic])
                logger.error(
                    "Kafka has fewer records than were taken from it", **where, end=ends[topic], at=placed[topic]
                )
        return placed

    def move(self, moves: Mapping[Place, Cursor]) -> Rows:
        """Move cursors inside the open transaction; each has the version it was read with and its new offsets.

        The rows are the (reader, partition) that nobody else had moved; `moved` when it is committed. Raises
        psycopg.Error.
        """
        return self._connection.execute(
            _MOVE,
            (
                [reader for reader, _ in moves],
                [partition for _, partition in moves],
                [cursor.version for cursor in moves.values()],
                [json.dumps(cursor.offsets) for cursor in moves.values()],
            ),
        )

    def is_at(self, place: Place, cursor: Cursor) -> bool:
        """Say whether a cursor is still the version that it was read with; raises psycopg.Error."""
        row = self._connection.execute(
            "SELECT version FROM partition_cursor WHERE reader = ? AND partition = ?", place
        ).fetchone()
        return row is not None and row[0] == cursor.version

    def skip(self, place: Place, topic: str, first: int, until: int) -> None:
        """Step over offsets that Kafka does not have, and write it at once: nothing may come behind them for long.

        Where somebody else has moved the cursor nothing is written, and the next turn finds that out. Raises
        StorageError.
        """
        held = self.held.get(place)
        if held is None or held.offsets.get(topic) != first:
            return
        moves = {place: Cursor(held.version, {**held.offsets, topic: until})}
        with self._connection.transaction():
            moved = self.move(moves).fetchall()
        if moved:
            self.moved(moves)

    def moved(self, moves: Mapping[Place, Cursor]) -> None:
        """Take note that moves were committed."""
        self.held.update({place: Cursor(cursor.version + 1, cursor.offsets) for place, cursor in moves.items()})


def _among(others: Mapping[str, Cursor], beginnings: Mapping[str, int]) -> dict[str, int]:
    """Say where one begins who came later: at the place of the slowest of the others, else at the beginning."""
    return {
        topic: min((c.offsets[topic] for c in others.values() if topic in c.offsets), default=beginning)
        for topic, beginning in beginnings.items()
    }
