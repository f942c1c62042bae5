"""Where a worker keeps the steps' items that it works on: read in bulk, kept in memory while they are its own.

A key's items are loaded in one statement when it is first touched, and stay as long as its partition's cursor has the
version that this worker gave it: nobody else can have changed them then. What was written goes out with the turn; after
a turn that failed it is forgotten and read again.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar, cast

import msgspec

from streams.cluster.postgres import Postgres
from streams.cluster.writing import plain
from streams.state import State

T = TypeVar("T", bound=msgspec.Struct)

AT_ONCE: Final = 20_000
"""How many items of one key are loaded with it; one with more is looked up item by item."""
HELD: Final = 400_000
"""How many items stay in memory before whole keys are let go, the longest unused first."""

_LOAD: Final = """
SELECT w.n, s.item, s.value FROM unnest(?::int[], ?::text[], ?::text[]) AS w (n, step, key)
CROSS JOIN LATERAL (
    SELECT item, value FROM state WHERE state.step = w.step AND state."key" = w.key LIMIT ?
) AS s
"""
_ONE: Final = 'SELECT value FROM state WHERE step = ? AND "key" = ? AND item = ?'
_PUT: Final = """
INSERT INTO state (step, "key", item, value) SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bytea[])
ON CONFLICT (step, "key", item) DO UPDATE SET value = excluded.value
"""
_DROP: Final = """
DELETE FROM state USING unnest(?::text[], ?::text[], ?::text[]) AS gone (step, key, item)
WHERE state.step = gone.step AND state."key" = gone.key AND state.item = gone.item
"""


class Where(NamedTuple):
    """Whose items: one step's for one key, which has one partition number."""

    step: str
    partition: int
    key: str


class _Key:
    """The items of one step and key: as they came (bytes) until they are looked at, then as structs."""

    __slots__ = ("complete", "items", "raw")

    def __init__(self) -> None:
        self.raw: dict[str, bytes] = {}
        self.items: dict[str, msgspec.Struct | None] = {}
        self.complete = True
        """Whether an item that is not here is nowhere."""

    def __len__(self) -> int:
        return len(self.raw) + len(self.items) + 1


class ShelfPostgres:
    """All steps' items of one worker, over a connection whose transactions the caller owns."""

    def __init__(self, connection: Postgres, held: int = HELD, at_once: int = AT_ONCE) -> None:
        self._connection = connection
        self._held, self._at_once = held, at_once
        self._keys: OrderedDict[Where, _Key] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def touch(self, wanted: Iterable[Where]) -> None:
        """Load what of these keys is not in memory, in one statement; raises psycopg.Error."""
        missing = []
        for where in dict.fromkeys(wanted):
            if where in self._keys:
                self._keys.move_to_end(where)
            else:
                missing.append(where)
        if not missing:
            return
        rows = self._connection.execute(
            _LOAD,
            (
                list(range(len(missing))),
                [where.step for where in missing],
                [plain(where.key) for where in missing],
                self._at_once + 1,
            ),
        )
        found = [_Key() for _ in missing]
        for n, item, value in rows:
            found[n].raw[item] = value
        for where, key in zip(missing, found, strict=True):
            key.complete = len(key.raw) <= self._at_once
            self._keys[where] = key
            self._count += len(key)

    def state(self, where: Where) -> State:
        """Give the state of a step and key, to be looked at by one event."""
        return State(_OneShelf(self, where))

    def load(self, where: Where, item: str, kind: type[T]) -> T | None:
        """Give one item as the last delivery left it, or None."""
        key = self._keys.get(where)
        if key is None:
            self.touch([where])
            key = self._keys[where]
        if item in key.items:
            return cast("T | None", key.items[item])
        data = key.raw.pop(plain(item), None)
        if data is None and not key.complete:
            row = self._connection.execute(_ONE, (where.step, plain(where.key), plain(item))).fetchone()
            data = None if row is None else row[0]
        elif data is None:
            return None
        else:
            self._count -= 1
        value = None if data is None else msgspec.json.decode(data, type=kind)
        self._put(key, item, value)
        return value

    def keep(self, where: Where, state: State) -> None:
        """Take over what a delivery wrote, for the deliveries after it."""
        if not state.changes:
            return
        if where not in self._keys:
            self.touch([where])
        key = self._keys[where]
        for item, value in state.changes.items():
            if key.raw.pop(plain(item), None) is not None:
                self._count -= 1
            self._put(key, item, value)

    def _put(self, key: _Key, item: str, value: msgspec.Struct | None) -> None:
        held = item in key.items
        if value is not None or not key.complete:
            key.items[item] = value
            self._count += not held
        elif held:
            del key.items[item]
            self._count -= 1

    def forget(self, step: str, partition: int) -> None:
        """Let go of all items of a partition number: it is, or may be, somebody else's."""
        for where in [each for each in self._keys if each.step == step and each.partition == partition]:
            self._count -= len(self._keys.pop(where))

    def trim(self) -> None:
        """Let go of the keys longest unused until few enough items are held; between turns only."""
        while self._count > self._held and len(self._keys) > 1:
            _, key = self._keys.popitem(last=False)
            self._count -= len(key)


class _OneShelf:
    __slots__ = ("_shelf", "_where")

    def __init__(self, shelf: ShelfPostgres, where: Where) -> None:
        self._shelf, self._where = shelf, where

    def load(self, item: str, kind: type[T]) -> T | None:
        return self._shelf.load(self._where, item, kind)


Changes = dict[tuple[Where, str], msgspec.Struct | None]
"""What deliveries changed: whose item, and what became of it."""


def store(connection: Postgres, changes: Changes) -> None:
    """Write changes into the open transaction; raises psycopg.Error."""
    puts: list[tuple[str, str, str, bytes]] = []
    drops: list[tuple[str, str, str]] = []
    for (where, item), value in changes.items():
        name = (where.step, plain(where.key), plain(item))
        if value is None:
            drops.append(name)
        else:
            puts.append((*name, msgspec.json.encode(value)))
    if puts:
        connection.execute(_PUT, [list(column) for column in zip(*puts, strict=True)])
    if drops:
        connection.execute(_DROP, [list(column) for column in zip(*drops, strict=True)])
