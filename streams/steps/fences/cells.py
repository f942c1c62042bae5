"""What stands in which cell: scenes where positions look for them, people where scenes do. Part of `fences`."""

from collections.abc import Iterable
from typing import Final

import msgspec

from geo.fence_index import cell_of, cells_of
from geo.fences import Box, Fix
from streams.state import State

LEVELS: Final = (2, 5, 8)
"""Sizes of the cells that list scenes: 2, 18 and 142 km."""
PEOPLE_IN: Final = LEVELS[:2]
"""Sizes of the cells that list people. Whoever is inside a scene too wide for these is found by their next position."""


class Listed(msgspec.Struct, frozen=True):
    """Ids of the incidents, or of the people, in one cell."""

    ids: tuple[str, ...] = ()


def list_scene(state: State, incident: str, box: Box, *, listed: bool) -> None:
    """List a scene in the cells that its box touches, or take it out of them."""
    for cell in cells_of(box, LEVELS):
        _list(state, f"scenes/{_name(*cell)}", incident, listed=listed)


def scenes_near(state: State, fix: Fix) -> Iterable[str]:
    """Name the incidents whose scenes a fix may be in."""
    cells = (_name(*cell_of(level, fix.lon, fix.lat)) for level in LEVELS)
    return [id_ for cell in cells for id_ in _listed(state, f"scenes/{cell}")]


def list_person(state: State, who: str, before: Fix | None, after: Fix | None) -> None:
    """List somebody where they are now, and no more where they were."""
    for level in PEOPLE_IN:
        was = None if before is None else _name(*cell_of(level, before.lon, before.lat))
        now = None if after is None else _name(*cell_of(level, after.lon, after.lat))
        if was != now:
            for cell, listed in ((was, False), (now, True)):
                if cell is not None:
                    _list(state, f"people/{cell}", who, listed=listed)


def people_near(state: State, box: Box) -> Iterable[str]:
    """Name the people who may be in a box; nobody where it is wider than the cells that list them."""
    cells = cells_of(box, LEVELS)
    if cells[0][0] not in PEOPLE_IN:
        return []
    return dict.fromkeys(who for cell in cells for who in _listed(state, f"people/{_name(*cell)}"))


def _list(state: State, where: str, id_: str, *, listed: bool) -> None:
    others = tuple(each for each in _listed(state, where) if each != id_)
    ids = (*others, id_) if listed else others
    if ids:
        state.put(where, Listed(ids))
    else:
        state.drop(where)


def _listed(state: State, where: str) -> tuple[str, ...]:
    return (state.get(where, Listed) or Listed()).ids


def _name(level: int, column: int, row: int) -> str:
    return f"{level}/{column}/{row}"
