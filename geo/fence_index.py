"""Thousands of fences and of people who move: a fix is judged against the fences around it, not against all.

You are beside the two roads, where somebody has many fences at once; the county's own few, which must outlive the
process, are kept by `streams.steps.fences` under the same cells. A fence is listed in the cells that its box touches,
in a grid whose cells are about as large as it is, so that a fix looks at one cell of each size in use.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from geo.fences import Box, Change, Fence, Fix, Presence, end, judge

Cell = tuple[int, int, int]
"""Level, column, row: a cell of level n is FINEST_DEG * 2**n wide and high."""

FINEST_DEG: Final = 0.005
"""Side of the smallest cells: about 550 m."""
_LEVELS: Final = 17
"""The widest cells are 328 degrees, which is wide enough for any box on this side of the world."""


class Fences:
    """Fences by cell and who is inside; for one owner, not for several threads. Not across the 180th meridian."""

    def __init__(self, fences: Iterable[Fence] = ()) -> None:
        self._fences: dict[str, Fence] = {}
        self._inside: dict[str, dict[str, Presence]] = {}
        self._of: dict[str, dict[str, Presence]] = {}
        self._newest: dict[str, datetime] = {}
        self._cells: dict[Cell, list[str]] = {}
        self._levels: dict[int, int] = {}
        for fence in fences:
            self.put(fence)

    def __len__(self) -> int:
        return len(self._fences)

    def put(self, fence: Fence) -> None:
        """Watch a fence, or draw one anew: who is inside stays so until a fix of theirs says otherwise."""
        self._unlist(fence.id)
        self._fences[fence.id] = fence
        cells = cells_of(fence.box())
        self._levels[cells[0][0]] = self._levels.get(cells[0][0], 0) + 1
        for cell in cells:
            self._cells.setdefault(cell, []).append(fence.id)

    def drop(self, fence: str, at: datetime, reason: str = "ended") -> tuple[Change, ...]:
        """End a fence and give the close of every entry; nothing for one that is not here."""
        self._unlist(fence)
        self._fences.pop(fence, None)
        inside = self._inside.pop(fence, {})
        for who in inside:
            self._forget(self._of, who, fence)
        return end(inside.values(), at, reason)

    def fix(self, who: str, fix: Fix) -> tuple[Change, ...]:
        """Judge a fix against every fence: exits first, each kind in the order of the fences' ids.

        One that is no newer than the newest of this person changes nothing.
        """
        newest = self._newest.get(who)
        if newest is not None and fix.at <= newest:
            return ()
        self._newest[who] = fix.at
        inside = self._of.get(who, {})
        changes: list[Change] = []
        for id_ in self._near(fix.lon, fix.lat).union(inside):
            after, said = judge(self._fences[id_], inside.get(id_), who, fix)
            if after.inside:
                self._inside.setdefault(id_, {})[who] = after
                self._of.setdefault(who, {})[id_] = after
            elif said:
                self._forget(self._inside, id_, who)
                self._forget(self._of, who, id_)
            changes += said
        return tuple(sorted(changes, key=_order)) if len(changes) > 1 else tuple(changes)

    def leave(self, who: str, at: datetime, reason: str = "ended") -> tuple[Change, ...]:
        """Watch a person no more: close what they are inside of and forget their newest fix."""
        self._newest.pop(who, None)
        inside = self._of.pop(who, {})
        for id_ in inside:
            self._forget(self._inside, id_, who)
        return end(inside.values(), at, reason)

    def inside(self, fence: str) -> tuple[Presence, ...]:
        """Give who is inside a fence, in the order of their ids."""
        return tuple(each for _, each in sorted(self._inside.get(fence, {}).items()))

    def _near(self, lon: float, lat: float) -> set[str]:
        found: set[str] = set()
        for level in self._levels:
            found.update(self._cells.get(cell_of(level, lon, lat), ()))
        return found

    def _unlist(self, fence: str) -> None:
        known = self._fences.get(fence)
        if known is None:
            return
        cells = cells_of(known.box())
        level = cells[0][0]
        self._levels[level] -= 1
        if not self._levels[level]:
            del self._levels[level]
        for cell in cells:
            self._cells[cell].remove(fence)
            if not self._cells[cell]:
                del self._cells[cell]

    @staticmethod
    def _forget(table: dict[str, dict[str, Presence]], one: str, other: str) -> None:
        row = table.get(one)
        if row is not None:
            row.pop(other, None)
            if not row:
                del table[one]


def cells_of(box: Box, levels: Sequence[int] = range(_LEVELS)) -> list[Cell]:
    """List the cells that a box (degrees) touches, all of the finest level that will do.

    They are four at most, but for a box that is wider than the cells of the last level.
    """
    west, south, east, north = box
    wide = max(east - west, north - south)
    # A box that is no wider than a cell touches two of them each way at most.
    level = next((each for each in levels if wide <= FINEST_DEG * 2.0**each), levels[-1])
    (_, left, bottom), (_, right, top) = cell_of(level, west, south), cell_of(level, east, north)
    return [(level, column, row) for column in range(left, right + 1) for row in range(bottom, top + 1)]


def cell_of(level: int, lon: float, lat: float) -> Cell:
    """Give the cell of a level that holds a position."""
    side = FINEST_DEG * 2.0**level
    return level, math.floor(lon / side), math.floor(lat / side)


def _order(change: Change) -> tuple[bool, str]:
    return change.kind != "exit", change.fence  # an entry and its dwelling stay in the order in which they were made
