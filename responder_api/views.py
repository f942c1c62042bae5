"""Say what the read model promises to whoever looks at it: the port between what happened and what is shown.

You are at the end of both roads. A projector folds the log into documents and, in the same transaction, adds one
feed row per change; this port reads both back. Adapters stand beside it (`views_sqlite`, and PostgreSQL for the
cluster). Next: `hub` decides who hears a frame, `live` sends it, the REST routes answer with documents.

Everything here blocks on a database. Call it from a thread, never from the event loop.
"""

from typing import Protocol, Self

import msgspec


class Position(msgspec.Struct, frozen=True):
    """How far somebody is along the feed: which feed (epoch) and the last offset they have had.

    A restored backup is another feed: it gets a new epoch, so that an old position can never be answered with
    frames that merely wear the same numbers. Wire form `epoch:offset`.
    """

    epoch: str
    offset: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `epoch:offset`; ValueError when it is not that, when the epoch is empty or the offset negative."""
        epoch, colon, digits = text.rpartition(":")
        if not colon or not epoch or len(epoch) > 64 or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
            raise ValueError("a position is written epoch:offset")
        return cls(epoch, int(digits))


class Frame(msgspec.Struct, frozen=True):
    """One row of the feed: a change of one document, encoded once when it was projected.

    `data` is the complete JSON text a client receives: `{"type":"change","position":"epoch:offset",
    "op":"put"|"gone","kind":...,"id":...,"value":{...}, "cause":event id,"at":RFC 3339}` (`value` only with put).
    `audience` is who may see it, as the step that made the event decided. When a document leaves somebody's sight,
    the projector writes them a `gone` frame under the audience that lost it.
    """

    offset: int
    kind: str
    audience: tuple[str, ...]
    data: bytes


class Document(msgspec.Struct, frozen=True):
    """One document as it stands: what it is, who may see it, and the JSON text of its value."""

    kind: str
    id: str
    audience: tuple[str, ...]
    data: bytes


class Views(Protocol):
    """The read model and its feed. Safe to call from several threads at once."""

    def position(self) -> Position:
        """Give the position of the newest frame that can be read; offset 0 when there has been none.

        Offsets are dense: each frame's is one more than the one before, in commit order, from 1. Once an offset
        can be read, no smaller one ever appears later.
        """
        ...

    def oldest(self) -> int:
        """Give the smallest offset that can still be replayed; newest + 1 when nothing can."""
        ...

    def replay(self, after: int, limit: int) -> list[Frame]:
        """Give the frames after an offset, oldest first, at most `limit`, whoever they are for.

        The caller filters. A first frame that is not `after + 1` means that the rows between were pruned.
        """
        ...

    def snapshot(
        self, keys: frozenset[str], kinds: frozenset[str] | None, areas: frozenset[str] | None
    ) -> tuple[Position, list[Document]]:
        """Give every live document these keys may see, and the position at which they are so.

        Keys are those of `audience.keys_of`; kinds and areas narrow as `hub.Scope` does (None: no narrowing).
        Both answers come from one read transaction: the documents hold every frame up to the position and none
        after it.
        """
        ...

    def find(
        self,
        kind: str,
        keys: frozenset[str],
        *,
        areas: frozenset[str] | None = None,
        after: str | None = None,
        limit: int = 100,
        filed: bool = False,
    ) -> list[Document]:
        """List live documents of one kind that these keys may see, by id, after an id, at most `limit`.

        With `filed` those that are filed away instead: what was over for a day, and is in nobody's snapshot any more.
        """
        ...

    def get(self, kind: str, id_: str) -> Document | None:
        """Give one document as it stands, live or filed, whoever it is for, or None. The caller asks `may_see`."""
        ...
