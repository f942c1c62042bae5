"""What a gazetteer knows of each name: its class, its weight, and the wards it may lie in with their shares. Pure.

Before this on the road: a county's place file. After it: `geo.names` indexes the names, `geo.weighing` the shares.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.counties import COUNTIES
from geo.places import metres_per_degree
from geo.resolution import Place, kind_of
from geo.vocabulary import CLASS_OF, COUNTY_SPELT, LONG_RIVERS
from geo.wards import Wards
from geo.words import is_kind, is_qualifier, tokens

SHORE_M: Final = 3000.0
"""A place outside all wards (a beach, a pier, rounding) belongs to the nearest ward within this distance."""
TOLD_WITHIN_M: Final = 5000.0
"""A place may lie this far outside the ward it is said to be in (ten times as far if boundaries are approximate)."""
POSITION_ERROR_M: Final = 250.0
"""Standard error taken for a place's position an axis, with the edges' own: a school's is read off a map or GPS."""
ROUNDED_ERROR_M: Final = 700.0
"""The same for a position on a whole minute of arc: uniform within 930 m."""
TOWN_ERROR_M: Final = 1800.0
"""A town that gave its name to a county or sub-county is larger than a ward: its name says as much of those around."""

LONG_RIVER: Final = 0.3
"""The chance that what happens at a river of many wards happens where the file has its name."""

PRIOR: Final[dict[str, float]] = {
    "ward": 1.0, "city": 0.5, "town": 0.26, "market": 0.26, "estate": 0.26, "village": 0.26, "location": 0.2,
    "locality": 0.14, "school": 0.09, "hospital": 0.1, "station": 0.09, "hill": 0.07, "river": 0.06, "farm": 0.07,
    "forest": 0.05, "road": 0.05, "lake": 0.05, "beach": 0.15, "junction": 0.2, "bridge": 0.12, "stage": 0.15,
    "island": 0.12, "well": 0.03, "church": 0.07, "airport": 0.08,
}  # fmt: skip
"""How likely a bare name means a place of this class, against a ward's; by WardBench's development split."""
OTHER_PRIOR: Final = 0.06

_RING: Final = [(0.0, 0.0, 4)] + [
    (r * math.cos(math.radians(a + turn)), r * math.sin(math.radians(a + turn)), 1)
    for r, turn in ((0.75, 0.0), (1.35, 30.0), (2.1, 0.0))
    for a in range(0, 360, 60)
]
"""Where a position in doubt is looked up: offsets in standard errors, and how often each counts."""


class Entry(NamedTuple):
    """One name's meaning. `shares`: (ward row, chance) for where it lies; areas have none.

    `said_kinds` are the kinds in its name that fit its class, `foreign` those that do not: "Got" in Got Nyasumbi, a
    school.
    """

    name: str
    kind: str
    area: str
    lon: float
    lat: float
    prior: float
    shares: tuple[tuple[int, float], ...]
    apart: frozenset[str]
    said_kinds: frozenset[str]
    foreign: frozenset[str] = frozenset()

    @property
    def is_area(self) -> bool:
        """Whether this is a county or a sub-county."""
        return not self.shares


def parts(words: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Give the qualifiers and the kinds among the words of a name."""
    return frozenset(w for w in words if is_qualifier(w)), frozenset(w for w in words if is_kind(w))


_NONE: Final[frozenset[str]] = frozenset()
_WITHOUT_KIND: Final = frozenset({"place", "town", "city", "estate", "village", "locality", "location"})
"""Classes whose names tell more of the kind than the class does."""
_COUNTY_CODE: Final = {"".join(tokens(name)): code for code, name in COUNTIES.items()} | {
    "".join(tokens(name)): code for code, names in COUNTY_SPELT.items() for name in names
}


def county_code(label: str) -> str:
    """Give the three-digit code of a county given by name or code, "" if it is none."""
    label = label.strip()
    if label.isascii() and label.isdigit():
        return label.zfill(3) if label.zfill(3) in COUNTIES else ""
    return _COUNTY_CODE.get("".join(w for w in tokens(label) if w != "county"), "")


def entries_of(wards: Wards, places: Sequence[Place], towns: set[str]) -> list[Entry | None]:
    """Make the entries of places, in their order; None for one that lies in no ward.

    `towns` are compact names of counties and sub-counties: a place so called is the town that named it.
    """
    lons = np.array([p.lon for p in places], dtype=float)
    lats = np.array([p.lat for p in places], dtype=float)
    kinds = [kind_of(p.kind) for p in places]
    words = [tokens(p.name) for p in places]
    compact = ["".join(w for w in each if not is_kind(w)) for each in words]
    errors = np.where(_rounded(lons) & _rounded(lats), ROUNDED_ERROR_M, POSITION_ERROR_M)
    named = np.array([k in ("town", "city", "market") and c in towns for k, c in zip(kinds, compact, strict=True)])
    errors = np.where(named, TOWN_ERROR_M, errors) if len(places) else errors
    found = _shares(wards, lons, lats, errors)
    around = [("".join(tokens(w.county)), "".join(tokens(w.constituency))) for w in wards]
    paths = [w.path for w in wards]
    made: list[Entry | None] = []
    for place, known, each, held, is_town in zip(places, kinds, words, found, named.tolist(), strict=True):
        shares, kind = held, known
        if is_town:
            kind = "city" if _named_after("".join(w for w in each if not is_kind(w)), held, around) else "town"
        if place.ward and (row := _told(wards, place)) >= 0:
            shares = ((row, 1.0),)
        elif place.county:
            shares = _doubted(shares, county_code(place.county), paths)
        if not shares:
            near = wards.at(place.lon, place.lat, radius_m=0.0).nearest
            if near is None or near[1] > SHORE_M:
                made.append(None)
                continue
            shares = ((near[0], 0.9),)
        apart, said = parts(each)
        own = said if kind in _WITHOUT_KIND else frozenset(k for k in said if CLASS_OF.get(k, k) == kind)
        if kind == "river" and LONG_RIVERS.intersection(each):
            shares = tuple((row, LONG_RIVER * share) for row, share in shares)
        made.append(
            Entry(
                place.name, kind, paths[shares[0][0]], place.lon, place.lat, PRIOR.get(kind, OTHER_PRIOR), shares,
                apart, own, said - own,
            )
        )  # fmt: skip
    return made


def _named_after(name: str, shares: Sequence[tuple[int, float]], around: Sequence[tuple[str, str]]) -> bool:
    """Tell whether the county or sub-county a town lies in bears its name."""
    return any(part.startswith(name) for row, _ in shares for part in around[row])


def _rounded(degrees: NDArray[np.float64]) -> NDArray[np.bool_]:
    minutes = degrees * 60.0
    rounded: NDArray[np.bool_] = np.abs(minutes - np.round(minutes)) < 0.002
    return rounded


def _shares(
    wards: Wards, lons: NDArray[np.float64], lats: NDArray[np.float64], errors: NDArray[np.float64]
) -> list[tuple[tuple[int, float], ...]]:
    """Share each position out over the wards within its error: at most three, with 0.1 or more; none in no ward."""
    if not len(lons):
        return []
    scales = [metres_per_degree(lat) for lat in range(-5, 7)]
    across = np.array([s[0] for s in scales])[np.clip(np.round(np.nan_to_num(lats)) + 5, 0, 11).astype(int)]
    along = scales[5][1]
    rows = np.stack(
        [wards.locate(lons + dx * errors / across, lats + dy * errors / along) for dx, dy, _ in _RING], axis=1
    )
    counts = np.array([count for _, _, count in _RING])
    sure = (rows == rows[:, :1]).all(axis=1) & (rows[:, 0] >= 0)
    shares: list[tuple[tuple[int, float], ...]] = []
    for is_sure, each in zip(sure.tolist(), rows, strict=True):
        if is_sure:
            shares.append(((int(each[0]), 1.0),))
            continue
        votes: dict[int, int] = {}
        for row, count in zip(each.tolist(), counts.tolist(), strict=True):
            if row >= 0:
                votes[row] = votes.get(row, 0) + count
        total = sum(votes.values())
        kept = sorted(((n / total, row) for row, n in votes.items()), key=lambda item: (-item[0], item[1]))[:4]
        shares.append(tuple((row, share) for share, row in kept if share >= 0.05))
    return shares


def _told(wards: Wards, place: Place) -> int:
    """Give the row of the ward a place is said to lie in, -1 if it is not said or cannot be: codes change."""
    rows = wards.rows_in(place.ward)
    row = rows[0] if len(rows) == 1 else wards.find(place.ward)
    limit = TOLD_WITHIN_M * (10.0 if wards.approximate else 1.0)
    return row if row >= 0 and wards.distance_m(row, place.lon, place.lat) <= limit else -1


def _doubted(shares: tuple[tuple[int, float], ...], county: str, paths: list[str]) -> tuple[tuple[int, float], ...]:
    """Doubt a position that lies in another county than the place is listed under."""
    if not county or not shares or paths[shares[0][0]][3:6] == county:
        return shares
    mine = [(row, share) for row, share in shares if paths[row][3:6] == county]
    if mine:
        total = sum(share for _, share in mine)
        return tuple((row, 0.8 * share / total) for row, share in mine)
    return tuple((row, 0.4 * share) for row, share in shares)


def areas_of(wards: Wards) -> Iterable[tuple[Entry, list[str]]]:
    """List the wards, sub-counties and counties of a boundary file as entries, with their other names."""
    for ward in wards:
        words = tokens(ward.name)
        apart, said = parts(words)
        yield (
            Entry(ward.name, "ward", ward.path, ward.lon, ward.lat, PRIOR["ward"], ((ward.row, 1.0),), apart, said),
            [],
        )
    for area, name in {w.path.rpartition(".")[0]: w.constituency for w in wards if w.constituency}.items():
        apart, said = parts(tokens(name))
        yield Entry(name, "constituency", area, math.nan, math.nan, 1.0, (), apart, said), []
    for code, name in COUNTIES.items():
        yield (
            Entry(name, "county", f"KE.{code}", math.nan, math.nan, 1.0, (), _NONE, _NONE),
            [*COUNTY_SPELT.get(code, ())],
        )
