"""Labels that were likely exchanged between two wards, by the names of the places inside them. Pure.

A school called Nyalenda B Primary is no proof of where Nyalenda B is; several such names in one ward, and those of that
ward's label in the other, are worth a look. Nothing is exchanged here: people who know the place decide.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from geo.boundaries import Boundaries
from geo.labels import Finding
from geo.resolution import Place

CROSSED: Final = 2
"""Places that must speak for an exchange, at least one for each of the two."""
ELSEWHERE: Final = 3
"""Places that must speak for one name being elsewhere."""
TIMES: Final = 2.0
"""How many times more places must speak for it than against it."""

Words = tuple[str, ...]


def exchanged(boundaries: Boundaries, places: Sequence[Place]) -> list[Finding]:
    """Find wards of one constituency whose names the places inside them give to each other."""
    names = [_labels(name) for name in boundaries.columns["ward"]]
    inside = _inside(boundaries, places)
    constituencies: dict[str, list[int]] = defaultdict(list)
    for row, code in enumerate(boundaries.columns["constituency_code"]):
        constituencies[code].append(row)
    findings = []
    for rows in constituencies.values():
        votes = _votes(rows, names, inside)
        met = set()
        for n, a in enumerate(rows):
            for b in rows[n + 1 :]:
                crossed = votes[a, b] + votes[b, a]
                straight = votes[a, a] + votes[b, b]
                if min(votes[a, b], votes[b, a]) and crossed >= CROSSED and crossed > TIMES * straight:
                    met |= {a, b}
                    findings.append(_exchange(boundaries, a, b, votes))
        for a in set(rows) - met:
            most, elsewhere = max((votes[a, b], -b) for b in rows)
            if most >= ELSEWHERE and most > TIMES * votes[a, a]:
                findings.append(_elsewhere(boundaries, a, -elsewhere, votes))
    return findings


def _exchange(boundaries: Boundaries, a: int, b: int, votes: dict[tuple[int, int], int]) -> Finding:
    one, other = boundaries.columns["ward"][a], boundaries.columns["ward"][b]
    detail = (
        f"likely exchanged: of places named after {one}, {votes[a, b]} lie in {other} and {votes[a, a]} in it; "
        f"of those named after {other}, {votes[b, a]} lie in {one} and {votes[b, b]} in it"
    )
    return Finding(kind="swapped-names", level="warning", detail=detail, rows=(a, b))


def _elsewhere(boundaries: Boundaries, a: int, b: int, votes: dict[tuple[int, int], int]) -> Finding:
    one, other = boundaries.columns["ward"][a], boundaries.columns["ward"][b]
    detail = f"of places named after {one}, {votes[a, b]} lie in {other} and {votes[a, a]} in it"
    return Finding(kind="name-elsewhere", level="note", detail=detail, rows=(a, b))


def _votes(
    rows: Sequence[int], names: Sequence[tuple[Words, ...]], inside: dict[int, list[Words]]
) -> dict[tuple[int, int], int]:
    """Count, for two wards of a constituency, the places named after the one that lie in the other."""
    votes = {(a, b): 0 for a in rows for b in rows}
    labels = [(label, row) for row in rows for label in names[row]]
    for b in rows:
        for said in inside.get(b, ()):
            meant = [(len(label), a) for label, a in labels if _contains(said, label)]
            longest = max((length for length, _ in meant), default=0)
            named = {a for length, a in meant if length == longest}  # Upper Savannah is not Savannah
            if len(named) == 1:
                votes[named.pop(), b] += 1
    return votes


def _inside(boundaries: Boundaries, places: Sequence[Place]) -> dict[int, list[Words]]:
    """List the words of the names of the places in each ward, each name once."""
    points = shapely.points([(place.lon, place.lat) for place in places])
    found = shapely.STRtree(points).query(boundaries.geometries, predicate="contains")
    inside: dict[int, set[Words]] = defaultdict(set)
    for row, n in zip(*np.asarray(found).tolist(), strict=True):
        inside[row].add(_words(places[n].name))
    return {row: sorted(names) for row, names in inside.items()}


def _labels(name: str) -> tuple[Words, ...]:
    """Give the names in a ward's label: Gatitu/Muruguru is called by both together and by each of them."""
    return tuple(dict.fromkeys(filter(None, (_words(name), *map(_words, name.split("/"))))))


def _words(name: str) -> Words:
    return tuple("".join(c if c.isalnum() or c == "'" else " " for c in name.casefold()).replace("'", "").split())


def _contains(said: Words, name: Words) -> bool:
    return any(said[n : n + len(name)] == name for n in range(len(said) - len(name) + 1))
