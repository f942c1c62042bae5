"""All mentions of a text together: how likely each ward is meant, and how likely none that is listed. Pure.

Before this on the road: `geo.mentions`. Next: `geo.calibration` turns the share into a confidence, `geo.gazetteer`
asserts or asks. Each mention may be the place of the event; the others then tell how well it stands there.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from geo.entries import Entry
from geo.mentions import Mention, Reading
from geo.near import Near
from geo.places import COUNTRY, contains

UNLISTED: Final = 0.07
"""The chance that a place of this name is meant that no list has; a ward's is smaller, the wards are all listed."""
UNLISTED_WARD: Final = 0.02
IN_COUNTY: Final = 25.0
"""How much likelier a text names a county when it speaks of a ward there than when of any ward."""
OUT_OF_COUNTY: Final = 0.03
IN_CONSTITUENCY: Final = 80.0
OUT_OF_CONSTITUENCY: Final = 0.15
BESIDE: Final = 40.0
"""The same of a place beside another; it falls with distance."""
BESIDE_KM: Final = 7.0
FAR: Final = 0.12
NEAR: Final = 12.0
NEAR_KM: Final = 20.0
FAR_FROM_SENDER: Final = 0.25
SAME_NAME_KM: Final = 10.0
"""A place this near a ward of its name speaks of the ward."""
END_OF_LINE: Final = 0.4
"""The chance that what lies between two places lies in the ward of one of them, when those differ."""
MOST: Final = 60
"""Readings of a mention that are compared; the rest counts as unlisted."""
_AREA_WEIGHT: Final = 0.8
_AREA_ALONE: Final = 0.2
_BESIDE_DEG: Final = 0.5  # beyond, what is beside adds nothing
_KM_PER_DEGREE: Final = 111.2


class Weighed(NamedTuple):
    """A ward's share of belief, the reading that speaks most for it, and the mention that is of."""

    row: int
    share: float
    reading: Reading
    mention: Mention


class _Spoken(NamedTuple):
    mention: Mention
    named: float  # the chance that it is a place at all
    places: list[tuple[Reading, Entry, float]]  # with the share of each
    areas: list[tuple[Reading, Entry, float]]
    around: list[tuple[float, float, float]]  # where those are: lon, lat, share
    placed: float  # their share together
    rest: float
    wards: list[Entry]  # those of this very name


def km(a: Entry, b: Entry) -> float:
    """Measure between two entries, kilometres, as on a plane: Kenya lies on the equator."""
    return math.hypot(a.lon - b.lon, a.lat - b.lat) * _KM_PER_DEGREE


def weigh(
    found: Sequence[Mention], entries: Sequence[Entry], rows_in: Callable[[str], Sequence[int]], near: Near | None
) -> tuple[list[Weighed], list[Entry]]:
    """Give the wards meant with their shares of belief, likeliest first, and the areas named, largest first."""
    spoken = [_spoken(mention, entries) for mention in _once(found)]
    mass: dict[int, float] = {}
    best: dict[int, tuple[float, Reading, Mention]] = {}

    def gain(row: int, gained: float, reading: Reading, mention: Mention) -> None:
        mass[row] = mass.get(row, 0.0) + gained
        if row not in best or best[row][0] < gained:
            best[row] = (gained, reading, mention)

    nothing = math.prod(1.0 - each.named for each in spoken)
    for target in spoken:
        others = [each for each in spoken if each is not target]
        surest = max((each.named for each in others if each.mention.pull >= target.mention.pull), default=0.0)
        pull = target.named * (1.0 - (1.0 - min(target.mention.pull, 1.0)) * surest) * max(target.mention.pull, 1.0)
        nothing += pull * target.rest
        for reading, area, share in target.areas:
            whole = pull * share * _AREA_WEIGHT * _area_support(area, others)
            inside = rows_in(area.area) if area.kind == "constituency" else ()
            nothing += whole / (len(inside) + 1)
            for row in inside:
                gain(row, whole / (len(inside) + 1), reading, target.mention)
        for reading, entry, share in target.places:
            support = pull * share * _support(entry, others, near)
            nothing += support * (1.0 - min(1.0, sum(part for _, part in entry.shares)))
            for row, part in entry.shares:
                gained = support * part
                if target.mention.line and not any(_lies_in(other, row) for other in others if other.mention.line):
                    nothing += gained * (1.0 - END_OF_LINE)
                    gained *= END_OF_LINE
                gain(row, gained, reading, target.mention)
    total = nothing + sum(mass.values())
    areas = _areas(spoken)
    weighed = [
        Weighed(row, share / total, best[row][1], best[row][2]) for row, share in mass.items() if share > 1e-4 * total
    ]
    return sorted(weighed, key=lambda w: (-w.share, w.row)), areas


def _once(found: Sequence[Mention]) -> Sequence[Mention]:
    """Leave out what is said again: it does not support itself."""
    said: dict[str, Mention] = {}
    for mention in found:
        form = mention.readings[0].match.form
        if form not in said or mention.doubt < said[form].doubt:
            said[form] = mention
    return list(said.values())


def _spoken(mention: Mention, entries: Sequence[Entry]) -> _Spoken:
    places: list[tuple[Reading, Entry, float]] = []
    areas: list[tuple[Reading, Entry, float]] = []
    wards: list[Entry] = []
    for reading in mention.readings:
        entry = entries[reading.entry]
        share = reading.weight
        if entry.is_area:
            areas.append((reading, entry, share))
        else:
            places.append((reading, entry, share))
    if not mention.kinds or "ward" in mention.kinds:
        best = max((reading.weight for reading, _, _ in places), default=0.0)
        wards = [entry for reading, entry, _ in places if entry.kind == "ward" and reading.weight > 0.4 * best]
    if wards:
        places = [each for each in places if each[1].kind == "ward" or not _of_a_ward(each[1], wards)]
    chance = UNLISTED_WARD if wards else UNLISTED
    total = sum(r.weight for r, _, _ in places) + sum(share for _, _, share in areas) + chance * mention.fullest
    places = [(reading, entry, reading.weight / total) for reading, entry, _ in places]
    areas = [(reading, entry, share / total) for reading, entry, share in areas]
    around = [(entry.lon, entry.lat, share) for _, entry, share in places[:MOST]]
    placed = sum(share for _, _, share in around)
    rest = chance * mention.fullest / total
    return _Spoken(mention, 1.0 / (1.0 + mention.doubt), places, areas, around, placed, rest, wards)


def _of_a_ward(entry: Entry, wards: Sequence[Entry]) -> bool:
    """Tell whether a place shares its name with a ward around or beside it, and so says the same."""
    return any(km(entry, ward) < SAME_NAME_KM or entry.shares[0][0] == ward.shares[0][0] for ward in wards)


def _lies_in(spoken: _Spoken, row: int) -> bool:
    return any(
        share > 0.2 and any(each == row and part > 0.3 for each, part in entry.shares)
        for _, entry, share in spoken.places
    )


def _support(entry: Entry, others: Sequence[_Spoken], near: Near | None) -> float:
    """Multiply up how much likelier the other mentions and the sender's whereabouts are if this place is meant."""
    support = 1.0
    for other in others:
        likelier = 0.0
        for _, area, share in other.areas:
            likelier += share * _in_area(area, entry)
        likelier += FAR * other.placed
        for lon, lat, share in other.around:
            if -_BESIDE_DEG < lon - entry.lon < _BESIDE_DEG and -_BESIDE_DEG < lat - entry.lat < _BESIDE_DEG:
                away = math.hypot(lon - entry.lon, lat - entry.lat) * _KM_PER_DEGREE
                likelier += share * BESIDE * math.exp(-away / BESIDE_KM)
        support *= 1.0 - other.named + other.named * likelier
    if isinstance(near, str):
        support *= 1.0 if near == COUNTRY else NEAR if contains(near, entry.area) else FAR_FROM_SENDER
    elif near is not None:
        away = math.hypot(near[0] - entry.lon, near[1] - entry.lat) * _KM_PER_DEGREE
        support *= FAR_FROM_SENDER + NEAR * math.exp(-away / NEAR_KM)
    return support


def _area_support(area: Entry, others: Sequence[_Spoken]) -> float:
    """Say how much likelier the other areas named are if all of this one is meant; beside a place it rarely is."""
    support = 1.0
    for other in others:
        likelier = sum(share * _in_area(named, area) for _, named, share in other.areas) + _AREA_ALONE * other.placed
        support *= 1.0 - other.named + other.named * likelier
    return support


def _in_area(area: Entry, entry: Entry) -> float:
    if area.kind == "county":
        return IN_COUNTY if contains(area.area, entry.area) else OUT_OF_COUNTY
    if contains(area.area, entry.area):
        return IN_CONSTITUENCY
    return OUT_OF_CONSTITUENCY if contains(area.area[:6], entry.area) else OUT_OF_COUNTY


def _areas(spoken: Sequence[_Spoken]) -> list[Entry]:
    named = [(area, share * each.named) for each in spoken for _, area, share in each.areas if share * each.named > 0.3]
    return [area for area, _ in sorted(named, key=lambda item: (len(item[0].area), -item[1]))]
