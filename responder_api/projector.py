"""Keeps the read model and the feed in step with the log, in the log's own transaction.

A follower of the engine: it is handed each batch of committed-to-be events once. Each document that a batch changes
gets one new row of the feed, encoded here once for everybody who will ever receive it; a document that leaves
somebody's sight writes them a `gone`. Feed offsets are dense because there is one writer.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from responder_api import projection
from responder_api.views import Position
from streams.events import (
    AnyBody,
    AssignmentMoved,
    AssignmentOffered,
    Event,
    IncidentGrew,
    IncidentMerged,
    IncidentOpened,
    IncidentSplit,
)
from streams.log import Stored

SCHEMA = """
CREATE TABLE IF NOT EXISTS view (
    kind TEXT NOT NULL, id TEXT NOT NULL, audience TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed ("offset" INTEGER PRIMARY KEY, kind TEXT NOT NULL, audience TEXT NOT NULL, frame BLOB
NOT NULL); CREATE TABLE IF NOT EXISTS trail (about TEXT NOT NULL, "offset" INTEGER NOT NULL, PRIMARY KEY (about,
"offset")) WITHOUT ROWID; CREATE TABLE IF NOT EXISTS part_of (whole TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY
(whole, part)) WITHOUT ROWID; CREATE INDEX IF NOT EXISTS view_phone ON view (json_extract(CAST(value AS TEXT),
'$.phone')) WHERE kind = 'responder';
"""

KEEP_FRAMES = 200_000
"""How many of the newest frames can be replayed; whoever was away longer gets a snapshot."""
CACHED_DOCUMENTS = 50_000


class Projector:
    """The follower that writes documents, feed and trail."""

    name = "projector"

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._cache: dict[tuple[str, str], tuple[dict[str, Any], tuple[str, ...]] | None] = {}

    def follow(self, connection: sqlite3.Connection, events: Sequence[Stored]) -> None:
        """Project a batch inside the caller's transaction; on any failure nothing of it stays."""
        try:
            _Batch(connection, self._epoch, self._cache).project(events)
        except BaseException:
            self._cache.clear()
            raise
        if len(self._cache) > CACHED_DOCUMENTS:
            self._cache.clear()

    def forget_uncommitted(self) -> None:
        """Drop the cache: the transaction around the last batch was rolled back."""
        self._cache.clear()


class _Batch:
    def __init__(
        self,
        connection: sqlite3.Connection,
        epoch: str,
        cache: dict[tuple[str, str], tuple[dict[str, Any], tuple[str, ...]] | None],
    ) -> None:
        self._connection, self._epoch, self._cache = connection, epoch, cache
        self._changed: dict[tuple[str, str], Event] = {}
        self._before: dict[tuple[str, str], tuple[str, ...]] = {}

    def project(self, events: Sequence[Stored]) -> None:
        parts = []
        for _, event in events:
            for kind, id_, value, audience, new in projection.changes(event, self._get):
                if new:
                    self._cache.setdefault((kind, id_), None)  # nothing to look up: this is its first word
                self._change((kind, id_), value, audience, event)
            parts += _parts(event.body)
        self._connection.executemany("INSERT OR IGNORE INTO part_of VALUES (?,?)", parts)
        self._write()

    def _get(self, kind: str, id_: str) -> tuple[dict[str, Any], tuple[str, ...]] | None:
        where = (kind, id_)
        if where not in self._cache:
            row = self._connection.execute(
                "SELECT value, audience FROM view WHERE kind = ? AND id = ?", where
            ).fetchone()
            self._cache[where] = None if row is None else (msgspec.json.decode(row[0]), tuple(row[1].split()))
        return self._cache[where]

    def _change(self, where: tuple[str, str], value: dict[str, Any], audience: tuple[str, ...], event: Event) -> None:
        standing = self._get(*where)
        if where not in self._before:
            self._before[where] = standing[1] if standing else ()
        self._cache[where] = (value, audience)
        self._changed[where] = event

    def _write(self) -> None:
        row = self._connection.execute('SELECT max("offset") FROM feed').fetchone()
        offset = row[0] or 0
        views, frames = [], []
        for (kind, id_), event in self._changed.items():
            standing = self._cache[(kind, id_)]
            if standing is None:
                continue
            value, audience = standing
            data = msgspec.json.encode(value)
            views.append((kind, id_, " ".join(audience), data))
            lost = tuple(entry for entry in self._before[(kind, id_)] if entry not in audience)
            if lost:
                offset += 1
                frames.append((offset, kind, " ".join(lost), self._frame(offset, "gone", kind, id_, None, event)))
            offset += 1
            frames.append((offset, kind, " ".join(audience), self._frame(offset, "put", kind, id_, data, event)))
        self._connection.executemany("INSERT OR REPLACE INTO view VALUES (?,?,?,?)", views)
        self._connection.executemany("INSERT INTO feed VALUES (?,?,?,?)", frames)
        if offset % 1000 < len(frames):
            self._connection.execute('DELETE FROM feed WHERE "offset" <= ?', (offset - KEEP_FRAMES,))

    def _frame(self, offset: int, op: str, kind: str, id_: str, data: bytes | None, event: Event) -> bytes:
        value = b"" if data is None else b',"value":' + data
        head = f'{{"type":"change","position":"{Position(self._epoch, offset)}","op":"{op}","kind":"{kind}"'
        rest = msgspec.json.encode({"id": id_, "cause": event.id, "at": event.at})
        return head.encode() + value + b"," + rest[1:]


def _parts(body: AnyBody) -> list[tuple[str, str]]:
    match body:
        case IncidentOpened() | IncidentGrew() if body.report:
            return [(body.incident, body.report)]
        case AssignmentOffered() | AssignmentMoved():
            return [(body.incident, body.assignment)]
        case IncidentMerged():
            return [(body.into, body.incident)]
        case IncidentSplit():
            return [(body.into, report) for report in body.reports]
        case _:
            return []
