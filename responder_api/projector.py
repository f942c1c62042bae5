"""Keeps the read model and the feed in step with the log, in the log's own transaction.

A follower of the engine, or in the cluster of `projecting`: it is handed each batch of events once. Each document that
a batch changes gets one new row of the feed, encoded here once for everybody who will ever receive it; a document that
leaves somebody's sight writes them a `gone`, and so does one that is filed away. Feed offsets are dense because there
is one writer at a time.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from responder_api import projection
from responder_api.projection.change import Value
from responder_api.projection.over import PARTS, county_of, is_over, whole_of
from responder_api.projection.owners import writer_of, writer_of_document
from responder_api.projection.presences import presence_of
from responder_api.views import Position
from streams.database import Connection
from streams.events import (
    AnyBody,
    AssignmentMoved,
    AssignmentOffered,
    Event,
    FenceEntered,
    Filed,
    IncidentGrew,
    IncidentMerged,
    IncidentOpened,
    IncidentSplit,
)
from streams.log import Stored

KEEP_FRAMES = 200_000
"""How many of the newest frames can be replayed; whoever was away longer gets a snapshot."""
CACHED_DOCUMENTS = 50_000

_KEEP: Final = """
INSERT INTO {} (kind, id, audience, value, "key", over) VALUES (?,?,?,?,?,?) ON CONFLICT (kind, id) DO UPDATE
SET audience = excluded.audience, value = excluded.value, "key" = excluded."key", over = excluded.over
"""

Where = tuple[str, str]
"""A document: its kind and id."""


class Over(NamedTuple):
    """Since when nothing is left to do about a document (POSIX seconds), and with which county it is filed."""

    key: str
    at: float


class Standing(NamedTuple):
    """A document as it stands, who may see it, and whether it is over or already filed away."""

    value: Value
    audience: tuple[str, ...]
    over: Over | None = None
    filed: bool = False


Cache = dict[Where, Standing | None]


class Projector:
    """The follower that writes documents and feed."""

    name = "projector"

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._cache: Cache = {}

    def follow(self, connection: Connection, events: Sequence[Stored]) -> None:
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
    def __init__(self, connection: Connection, epoch: str, cache: Cache) -> None:
        self._connection, self._epoch, self._cache = connection, epoch, cache
        self._changed: dict[Where, Event] = {}
        self._before: Cache = {}
        self._parts: list[tuple[str, str]] = []

    def project(self, events: Sequence[Stored]) -> None:
        for _, event in events:
            if isinstance(event.body, Filed):
                self._file(event, event.body)
                continue
            back = []
            for kind, id_, value, audience, new in projection.changes(event, self._get):
                if new:
                    self._cache.setdefault((kind, id_), None)  # nothing to look up: this is its first word
                if self._change((kind, id_), value, audience, event) and kind == "incident":
                    back.append(id_)
            self._parts += _parts(event.body)
            for incident in back:
                self._bring_back(incident, event)
        self._flush()

    # --- what changes ---------------------------------------------------------------------------------------------

    def _get(self, kind: str, id_: str) -> tuple[Value, tuple[str, ...]] | None:
        standing = self._load((kind, id_))
        return None if standing is None else standing[:2]

    def _load(self, where: Where) -> Standing | None:
        if where not in self._cache:
            self._cache[where] = self._read(where)
        return self._cache[where]

    def _read(self, where: Where) -> Standing | None:
        for table, filed in (("view", False), ("filed", True)):
            row = self._connection.execute(
                f'SELECT value, audience, "key", over FROM {table} WHERE kind = ? AND id = ?',  # noqa: S608 (ours)
                where,
            ).fetchone()
            if row is not None:
                data, audience, key, over = row
                noted = None if over is None else Over(key, over)
                return Standing(msgspec.json.decode(data), tuple(audience.split()), noted, filed)
        return None

    def _change(self, where: Where, value: Value, audience: tuple[str, ...], event: Event) -> bool:
        """Take a change; tell whether it brings a document back that was filed away."""
        standing = self._load(where)
        over, filed = None, False
        if is_over(where[0], value):
            over = standing.over if standing is not None else None
            over = over or Over(county_of(event.key, audience), event.seen.timestamp())
        if standing is not None and standing.filed:
            # Late news of what is over do not bring it back, nor do news of one part of it.
            filed = over is not None or self._is_filed(whole_of(where[0], value))
        self._put(where, Standing(value, audience, over, filed), event)
        return standing is not None and standing.filed is not filed

    def _is_filed(self, incident: str | None) -> bool:
        whole = self._load(("incident", incident)) if incident else None
        return whole is not None and whole.filed

    def _put(self, where: Where, standing: Standing, event: Event) -> None:
        self._before.setdefault(where, self._cache[where])
        self._cache[where] = standing
        self._changed[where] = event

    # --- what leaves the live view, and comes back -----------------------------------------------------------------

    def _file(self, event: Event, body: Filed) -> None:
        self._flush()  # what is over is looked for in the tables
        rows = self._connection.execute(
            # What is of no county goes with any.
            """SELECT kind, id FROM view WHERE "key" IN (?, '') AND over <= ? ORDER BY kind, id""",
            (event.key, body.before.timestamp()),
        ).fetchall()
        writer = writer_of(event.origin)
        for where in rows:
            standing = self._load(where)
            if standing is not None and writer_of_document(standing.value) == writer:
                self._move(where, event, filed=True)

    def _bring_back(self, incident: str, event: Event) -> None:
        """Bring back what is part of an incident that was filed and is open again, but for what is over by itself."""
        self._flush()
        self._move_parts(incident, event, filed=False)

    def _move(self, where: Where, event: Event, *, filed: bool) -> None:
        standing = self._load(where)
        if standing is None or standing.filed is filed:
            return
        self._put(where, standing._replace(filed=filed), event)
        if where[0] == "incident":
            self._move_parts(where[1], event, filed=filed)

    def _move_parts(self, incident: str, event: Event, *, filed: bool) -> None:
        kinds = ",".join("?" * len(PARTS))
        rows = self._connection.execute(
            f"SELECT kind, id FROM part_of JOIN {'view' if filed else 'filed'} ON id = part "  # noqa: S608 (ours)
            f"AND kind IN ({kinds}) WHERE whole = ? ORDER BY kind, id",
            (*PARTS, incident),
        ).fetchall()
        for where in rows:
            standing = self._load(where)
            # A report may have moved on to another incident, and so may what was merged.
            if standing is None or whole_of(where[0], standing.value) != incident:
                continue
            if filed or standing.over is None:
                self._move(where, event, filed=filed)

    # --- writing ----------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        if self._parts:
            self._connection.executemany("INSERT INTO part_of VALUES (?,?) ON CONFLICT DO NOTHING", self._parts)
        self._write()
        self._parts, self._changed, self._before = [], {}, {}

    def _write(self) -> None:
        row = self._connection.execute('SELECT max("offset") FROM feed').fetchone()
        offset = row[0] or 0
        rows: dict[bool, list[tuple[object, ...]]] = {False: [], True: []}
        moved: dict[bool, list[Where]] = {False: [], True: []}
        frames = []
        for (kind, id_), event in self._changed.items():
            standing, before = self._cache[(kind, id_)], self._before[(kind, id_)]
            if standing is None:
                continue
            value, audience, over, filed = standing
            data = msgspec.json.encode(value)
            rows[filed].append((kind, id_, " ".join(audience), data, *(over or (None, None))))
            if before is not None and before.filed is not filed:
                moved[before.filed].append((kind, id_))
            had = before.audience if before is not None and not before.filed else ()
            lost = tuple(entry for entry in had if filed or entry not in audience)
            if lost:
                offset += 1
                frames.append((offset, kind, " ".join(lost), self._frame(offset, "gone", kind, id_, None, event)))
            if not filed:
                offset += 1
                frames.append((offset, kind, " ".join(audience), self._frame(offset, "put", kind, id_, data, event)))
        for filed, table in ((False, "view"), (True, "filed")):
            if moved[filed]:
                self._connection.executemany(f"DELETE FROM {table} WHERE kind = ? AND id = ?", moved[filed])  # noqa: S608
            if rows[filed]:
                self._connection.executemany(_KEEP.format(table), rows[filed])
        if frames:
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
        case FenceEntered():
            return [(body.incident, presence_of(body.incident, body.responder))]
        case IncidentMerged():
            return [(body.into, body.incident)]
        case IncidentSplit():
            return [(body.into, report) for report in body.reports]
        case _:
            return []
