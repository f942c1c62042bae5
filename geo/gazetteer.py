"""Words to wards: which ward a message speaks of, how sure that is, and what to ask when it is not.

Before this on the road: `geo.written` finds positions in the text, `geo.names` finds names. After it: the report step
takes what is asserted, and offers the candidates to the sender or an operator when nothing is.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from geo import written
from geo.counties import COUNTIES
from geo.names import Match, Names
from geo.places import COUNTRY, area_path, contains, distance_m
from geo.resolution import Candidate, Place, Resolution, ask, kind_of
from geo.wards import Wards
from geo.words import is_common, phrases, tokens

__all__ = ["Candidate", "Gazetteer", "Place", "Resolution"]

ASSERT_FROM: Final = 0.6
"""Confidence from which on a ward is asserted; all confidences together are at most 1."""
MOST_CANDIDATES: Final = 10
SHORE_M: Final = 3000.0
"""A place outside all wards (a beach, a pier, rounding) belongs to the nearest ward within this distance."""
TOLD_WITHIN_M: Final = 5000.0
"""A place may lie this far outside the ward it is said to be in (ten times as far if boundaries are approximate)."""
NEAR_SCALE_M: Final = 30_000.0
"""Distance at which what lies near the sender's last known place has lost two thirds of its advantage."""

_WORTH: Final[dict[str, float]] = {
    "ward": 1.0, "constituency": 0.3, "river": 0.5, "road": 0.5, "school": 0.85, "hill": 0.7, "namesake": 0.3,
}  # fmt: skip
_PLACE: Final = 0.92
_OTHER_COUNTY: Final = 0.12
_OTHER_CONSTITUENCY: Final = 0.35
_OUTSIDE_NEAR: Final = 0.25
_NOWHERE: Final = 0.30  # the weight of "none of these", against which candidates are measured
_SHARPNESS: Final = 3.0
_NAMESAKE_WARD: Final = 0.6  # "Moiben" is a ward, and the sub-county around it
_UNITS: Final = (["county"], ["district"], ["province"], ["constituency"])  # places so called are areas, not places
_CONTEXT_FROM: Final = 0.85  # spelt worse than this, a county's name says nothing of the others


class _Entry(NamedTuple):
    name: str
    kind: str
    row: int  # -1 for an area
    area: str
    worth: float
    lon: float
    lat: float


class Gazetteer:
    """An immutable index of the names of wards, sub-counties, counties and places over one set of boundaries."""

    def __init__(self, wards: Wards, places: Iterable[Place] = ()) -> None:
        self._wards = wards
        self._entries: list[_Entry] = []
        areas = {w.path.rpartition(".")[0]: w.constituency for w in wards if w.constituency}
        self._names = Names(taken=[*COUNTIES.values(), *areas.values()])
        area_names = {"".join(tokens(name)) for name in (*COUNTIES.values(), *areas.values())}
        for ward in wards:
            self._add(_Entry(ward.name, "ward", ward.row, ward.path, 1.0, ward.lon, ward.lat), rooted=True)
        for area, name in areas.items():
            self._add(_Entry(name, "constituency", -1, area, 1.0, math.nan, math.nan))
        for code, name in COUNTIES.items():
            entry = _Entry(name, "county", -1, area_path(code), 1.0, math.nan, math.nan)
            self._add(entry, [f"{name} county"])
        self._add_places(list(places), area_names)
        self._names.ready()

    def _add(self, entry: _Entry, alternatives: Iterable[str] = (), *, rooted: bool = False) -> None:
        number = len(self._entries)
        self._entries.append(entry)
        self._names.add(number, entry.name, rooted=rooted)
        for name in alternatives:
            self._names.add(number, name, 0.96)

    def _add_places(self, places: Sequence[Place], area_names: set[str]) -> None:
        lons, lats = np.array([p.lon for p in places], dtype=float), np.array([p.lat for p in places], dtype=float)
        for place, found in zip(places, self._wards.locate(lons, lats).tolist(), strict=True):
            if tokens(place.name)[-1:] in _UNITS:
                continue
            told = self._told(place)
            row = told if told >= 0 else found if found >= 0 else self._ashore(place)
            if row >= 0:
                kind = kind_of(place.kind)
                if "".join(tokens(place.name)) in area_names:
                    kind = "namesake"  # its name says the county or sub-county as often as the place
                worth = _WORTH.get(kind, _PLACE) if told < 0 or kind == "namesake" else _PLACE
                path = self._wards.ward(row).path
                others = [name for name in place.alternatives if "".join(tokens(name)) not in area_names]
                self._add(_Entry(place.name, kind, row, path, worth, place.lon, place.lat), others)

    def _told(self, place: Place) -> int:
        """Give the row of the ward a place is said to lie in, -1 if it is not said or cannot be: codes change."""
        rows = self._wards.rows_in(place.ward)
        row = rows[0] if len(rows) == 1 else self._wards.find(place.ward)
        limit = TOLD_WITHIN_M * (10.0 if self._wards.approximate else 1.0)
        return row if row >= 0 and self._wards.distance_m(row, place.lon, place.lat) <= limit else -1

    def _ashore(self, place: Place) -> int:
        nearest = self._wards.at(place.lon, place.lat, radius_m=0.0).nearest
        return nearest[0] if nearest is not None and nearest[1] <= SHORE_M else -1

    def resolve(self, text: str, near: tuple[float, float] | str | None = None) -> Resolution:
        """Find the wards a text may mean.

        `near` is where the sender was last known, as (lon, lat) in degrees, or an area path the text most likely
        speaks of; it weighs, it does not exclude. Never raises for any text.
        """
        position = written.position(text)
        if position is not None and (by_position := self._by_position(position)) is not None:
            return by_position
        words = phrases(text)
        best = _settle(self._names.find(words), self._entries)
        counties, constituencies = self._areas(best)
        areas = {(m.first, m.last) for m in best if self._entries[m.entry].row < 0}
        evidence: defaultdict[int, dict[tuple[int, int], tuple[float, Match]]] = defaultdict(dict)
        for match in best:
            entry = self._entries[match.entry]
            if entry.row < 0:
                continue
            weight = self._weight(match, words) * self._context(entry, counties, constituencies, near)
            span, held = (match.first, match.last), evidence[entry.row]
            if span in areas and entry.kind == "ward" and "ward" not in words:
                weight *= _NAMESAKE_WARD
            if span not in held or held[span][0] < weight:
                held[span] = (weight, match)
        scored = []
        for row, held in evidence.items():
            _, match = max(held.values(), key=lambda item: item[0])
            doubt = math.prod(1.0 - each for each, _ in held.values())
            scored.append((1.0 - doubt, row, match))
        return self._conclude(scored, words, counties, constituencies)

    def _areas(self, best: Sequence[Match]) -> tuple[set[str], set[str]]:
        """List the counties and sub-counties a text names; what may be either is taken for the larger."""
        named: dict[str, dict[tuple[int, int], str]] = {"county": {}, "constituency": {}}
        for match in best:
            entry = self._entries[match.entry]
            if entry.kind in named and match.quality >= _CONTEXT_FROM:
                named[entry.kind][match.first, match.last] = entry.area
        smaller = {area for span, area in named["constituency"].items() if span not in named["county"]}
        return set(named["county"].values()), smaller

    def _by_position(self, position: written.Written) -> Resolution | None:
        located = self._wards.at(position.lon, position.lat, accuracy_m=position.accuracy_m)
        if not located.candidates or not located.inside:
            return None
        candidates = []
        for row, metres in located.candidates[:MOST_CANDIDATES]:
            mine = row == located.row
            share = located.confidence if mine else (1.0 - located.confidence) / (len(located.candidates) - 1)
            why = "the position written in the text" + ("" if mine else f", {metres:.0f} m beyond the edge")
            candidates.append(self._candidate(row, share, position.words, why, position.lon, position.lat))
        return Resolution(candidates=tuple(candidates), asserted=True)

    def _weight(self, match: Match, words: Sequence[str]) -> float:
        """Weigh one match by itself: how well it is spelt, what it is, and whether its words could be anything."""
        entry, run = self._entries[match.entry], words[match.first : match.last]
        weight = match.quality * entry.worth
        if match.quality < 1.0 and entry.kind != "ward":
            beside = [*words[max(0, match.first - 2) : match.first], *words[match.last : match.last + 2]]
            if entry.kind in beside:
                weight = min(1.0, weight * 1.12)  # "soko la Kibuye": the kind is said, in another order
        if all(is_common(w) for w in run):
            weight *= 0.25 if len(run) == 1 else 0.7
        if match.letters < 4:
            weight *= 0.5
        return min(weight, 0.98)

    def _context(
        self, entry: _Entry, counties: set[str], constituencies: set[str], near: tuple[float, float] | str | None
    ) -> float:
        factor = 1.0
        if counties and not any(contains(area, entry.area) for area in counties):
            factor *= _OTHER_COUNTY
        if constituencies and not any(contains(area, entry.area) for area in constituencies):
            factor *= _OTHER_CONSTITUENCY
        if isinstance(near, str):
            factor *= 1.0 if contains(near, entry.area) or near == COUNTRY else _OUTSIDE_NEAR
        elif near is not None:
            metres = distance_m(*near, entry.lon, entry.lat)
            factor *= _OUTSIDE_NEAR + (1.0 - _OUTSIDE_NEAR) * math.exp(-metres / NEAR_SCALE_M)
        return factor

    def _conclude(
        self,
        scored: list[tuple[float, int, Match]],
        words: Sequence[str],
        counties: set[str],
        constituencies: set[str],
    ) -> Resolution:
        weights = [score**_SHARPNESS for score, _, _ in scored]
        total = sum(weights) + _NOWHERE**_SHARPNESS
        ranked = sorted(
            (
                (w / total * min(1.0, score + 0.05), row, match)
                for w, (score, row, match) in zip(weights, scored, strict=True)
            ),
            key=lambda item: (-item[0], item[1]),
        )[:MOST_CANDIDATES]
        if not ranked and constituencies:
            area = min(constituencies)
            inside = self._wards.rows_in(area)[:MOST_CANDIDATES]
            why = f"in {self._wards.ward(inside[0]).constituency}, which the text names"
            listed = tuple(self._candidate(row, 1.0 / (len(inside) + 1), "", why) for row in inside)
            return ask(self._wards, listed, area)
        candidates = tuple(self._explain(confidence, row, match, words) for confidence, row, match in ranked)
        if candidates and candidates[0].confidence >= ASSERT_FROM:
            return Resolution(candidates=candidates, asserted=True)
        return ask(self._wards, candidates, min(counties) if counties else None)

    def _explain(self, confidence: float, row: int, match: Match, words: Sequence[str]) -> Candidate:
        entry, said = self._entries[match.entry], " ".join(words[match.first : match.last])
        how = "" if match.quality > 0.95 else ", spelt or shortened otherwise"
        if entry.kind == "ward":
            return self._candidate(row, confidence, said, f"the ward's name{how}")
        kind = "" if entry.kind in ("place", "namesake") else f" ({entry.kind})"
        return self._candidate(row, confidence, said, f"{entry.name}{kind} lies there{how}", entry.lon, entry.lat)

    def _candidate(
        self, row: int, confidence: float, matched: str, why: str, lon: float | None = None, lat: float | None = None
    ) -> Candidate:
        ward = self._wards.ward(row)
        return Candidate(
            ward_row=row,
            path=ward.path,
            confidence=round(confidence, 4),
            matched=matched,
            why=why,
            lon=ward.lon if lon is None else lon,
            lat=ward.lat if lat is None else lat,
        )


def _settle(matches: list[Match], entries: Sequence[_Entry]) -> list[Match]:
    """Keep the matches that no better match over more letters overlaps.

    The name of an area does not hide the ward in it: "Garissa Township" is a sub-county, and its ward is Township.
    """
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (-m.letters * m.quality, m.first, m.entry)):
        entry, strength = entries[match.entry], match.letters * match.quality
        if not any(
            other.first < match.last
            and match.first < other.last
            and (other.first, other.last) != (match.first, match.last)
            and strength < other.letters * other.quality * 0.999
            and not (entries[other.entry].row < 0 <= entry.row and contains(entries[other.entry].area, entry.area))
            for other in kept
        ):
            kept.append(match)
    return kept
