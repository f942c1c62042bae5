"""Labels that were likely exchanged between two wards, by the names of the places inside them. Pure.

A school called Nyalenda B Primary is no proof of where Nyalenda B is; several such names in one ward, and those of that
ward's label in the other, are worth a look. Nothing is exchanged here: people who know the place decide.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
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
Votes = Counter[tuple[int, int]]
"""How many places are named after the first ward and lie in the second."""


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
        for a, b in sorted(votes):
            crossed, straight = votes[a, b] + votes[b, a], votes[a, a] + votes[b, b]
            if a < b and votes[b, a] and crossed >= CROSSED and crossed > TIMES * straight:
                met |= {a, b}
                findings.append(_exchange(boundaries, a, b, votes))
        for (a, b), n in votes.most_common():  # the first of a ward is where most of its places are
            if a not in met and n >= ELSEWHERE and n > TIMES * votes[a, a] and a != b:
                findings.append(_elsewhere(boundaries, a, b, votes))
            met.add(a)
    return findings


def _exchange(boundaries: Boundaries, a: int, b: int, votes: Votes) -> Finding:
    one, other = boundaries.columns["ward"][a], boundaries.columns["ward"][b]
    detail = (
        f"likely exchanged: of places named after {one}, {votes[a, b]} lie in {other} and {votes[a, a]} in it; "
        f"of those named after {other}, {votes[b, a]} lie in {one} and {votes[b, b]} in it"
    )
    return Finding(kind="swapped-names", level="warning", detail=detail, rows=(a, b))


def _elsewhere(boundaries: Boundaries, a: int, b: int, votes: Votes) -> Finding:
    one, other = boundaries.columns["ward"][a], boundaries.columns["ward"][b]
    detail = f"of places named after {one}, {votes[a, b]} lie in {other} and {votes[a, a]} in it"
    return Finding(kind="name-elsewhere", level="note", detail=detail, rows=(a, b))


def _votes(rows: Sequence[int], names: Sequence[tuple[Words, ...]], inside: Mapping[int, Sequence[Words]]) -> Votes:
    """Count, for two wards of a constituency, the places named after the one that lie in the other."""
    labels: dict[str, list[tuple[Words, int]]] = defaultdict(list)
    for row in rows:
        for label in names[row]:
            labels[label[0]].append((label, row))
    votes: Votes = Counter()
    for b in rows:
        for said in inside.get(b, ()):
            meant = [
                (len(label), a)
                for n, word in enumerate(said)
                for label, a in labels.get(word, ())
                if said[n : n + len(label)] == label
            ]
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
