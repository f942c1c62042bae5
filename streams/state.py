"""The small keyed collection that a step keeps for one topic key.

A step reads and writes items by name; nothing it writes is seen by anyone until the host commits it together with the
step's outputs and cursor. An item is a frozen struct, so throwing a failed step's writes away is all that undoing
takes.
"""

from typing import Protocol, TypeVar, cast

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class Shelf(Protocol):
    """Where a host keeps the items of one step and key."""

    def load(self, item: str, kind: type[T]) -> T | None:
        """Give the committed item, or None."""
        ...


class State:
    """One step's items for one key while it looks at one event: reads fall through to the shelf, writes stay here."""

    __slots__ = ("_shelf", "changes")

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.changes: dict[str, msgspec.Struct | None] = {}

    def get(self, item: str, kind: type[T]) -> T | None:
        """Give an item, or None when there is none."""
        if item in self.changes:
            return cast("T | None", self.changes[item])
        return self._shelf.load(item, kind)

    def put(self, item: str, value: msgspec.Struct) -> None:
        """Keep an item (a frozen struct)."""
        self.changes[item] = value

    def drop(self, item: str) -> None:
        """Forget an item."""
        self.changes[item] = None
