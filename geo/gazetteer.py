"""Words to wards: which ward a message speaks of, how sure that is, and what to ask when it is not.

Before this on the road: `geo.written` finds positions in the text, `geo.matches` finds names, `geo.mentions` what they
may mean, `geo.weighing` what they mean together. After it: the report step takes what is asserted, and offers the
candidates to the sender or an operator when nothing is.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from geo import written, written_links
from geo.calibration import ASSERT_FROM, confidences
from geo.counties import COUNTIES
from geo.entries import Entry, areas_of, entries_of
from geo.matches import find
from geo.mentions import mentions
from geo.names import Names
from geo.near import Near
from geo.places import contains
from geo.resolution import Candidate, Place, Resolution, ask
from geo.wards import Wards
from geo.weighing import Weighed, weigh
from geo.words import Read, is_kind, read, tokens

__all__ = ["Candidate", "Gazetteer", "Place", "Resolution"]

MOST_CANDIDATES: Final = 10
UNLIKELY: Final = 0.3
"""Confidence below which no candidate is worth a question beside a county that is named."""
LEAST: Final = 0.002
"""Confidence below which a ward is not offered."""
EXACT_M: Final = 150.0
"""A written position that may be off by no more is taken as a phone's: the ward that holds it is asserted."""
FULL: Final = 36.0
"""Places a ward from which on a list is full: what is almost a name in it is that name. The country's has 39."""
MOST_THIN: Final = 15.0
"""How many times likelier that is another place, on no list, where the list is as thin as can be.

On the demo's own list (1.6 places a ward) and 543 texts of WardBench's dev split that speak of other counties: without
it 27 are asserted, with it 11, of which 6 say a name of the list as it stands; of 92 texts about its own wards 60 are
asserted rightly without, 58 with.
"""
_STRONG: Final = frozenset({"ward", "constituency", "county", "town", "city", "market", "estate", "village"})
_UNITS: Final = ("A.ADM1", "A.ADM2")  # GeoNames' counties and sub-counties: known from the wards


class Gazetteer:
    """An immutable index of the names of wards, sub-counties, counties and places over one set of boundaries.

    Safe to share between threads; sent to another process, it is built again there from its wards and places.
    """

    def __init__(self, wards: Wards, places: Iterable[Place] = ()) -> None:
        self._wards = wards
        self._places = tuple(places)
        self._entries: list[Entry] = []
        areas = {w.constituency for w in wards if w.constituency} | set(COUNTIES.values())
        self._names = Names(taken=areas)
        for entry, others in areas_of(wards):
            number = self._put(entry)
            self._names.add(number, entry.name, rooted=True, strong=True)
            for other in others:
                self._names.add(number, other, 0.95, strong=True)
        self._add_places(areas)
        self._names.ready()
        listed = sum(not entry.is_area and entry.kind != "ward" for entry in self._entries)
        self._thin = min(MOST_THIN, max(1.0, FULL * len(wards) / max(1, listed)))

    def __reduce__(self) -> tuple[type["Gazetteer"], tuple[Wards, tuple[Place, ...]]]:
        return Gazetteer, (self._wards, self._places)

    def _put(self, entry: Entry) -> int:
        self._entries.append(entry)
        return len(self._entries) - 1

    def _add_places(self, areas: set[str]) -> None:
        compact = {"".join(w for w in tokens(name) if not is_kind(w)) for name in areas}
        places = [p for p in self._places if p.kind not in _UNITS and p.lon == p.lon and p.lat == p.lat]
        for place, entry in zip(places, entries_of(self._wards, places, compact), strict=True):
            if entry is None or _is_unit(place.name):
                continue
            number = self._put(entry)
            strong = entry.kind in _STRONG
            self._names.add(number, place.name, strong=strong)
            for other in place.alternatives:
                if other != place.name and "".join(tokens(other)) not in compact:
                    self._names.add(number, other, 0.9, strong=strong)

    def resolve(self, text: str, near: Near | None = None) -> Resolution:
        """Find the wards a text may mean.

        `near` is where the sender was last known, as (lon, lat) in degrees, or an area path the text most likely
        speaks of; it weighs, it does not exclude. Never raises for any text.
        """
        near = _known(near)
        position = written.position(text)
        if position is not None and (by_position := self._by_position(position)) is not None:
            if by_position.asserted:
                return by_position
            by_words = self._by_words(text.replace(position.words, " "), (position.lon, position.lat))
            fits = by_words.asserted and by_words.candidates[0].path in {each.path for each in by_position.candidates}
            return by_words if fits else by_position
        return self._by_words(text, near)

    def _by_words(self, text: str, near: Near | None) -> Resolution:
        short = written.short_plus(text)
        said, weighed, areas = self._weigh(text if short is None else short.rest, near)
        if short is not None and (by_code := self._by_short_plus(short, weighed, areas, near)) is not None:
            return by_code
        return self._conclude(weighed, areas, said)

    def shares(self, text: str, near: Near | None = None) -> list[tuple[int, float, str]]:
        """Give what a text's words may mean before calibration: ward rows, shares of belief, kinds of what is named."""
        weighed = self._weigh(text, _known(near))[1]
        return [(each.row, each.share, self._entries[each.reading.entry].kind) for each in weighed]

    def _weigh(self, text: str, near: Near | None) -> tuple[Read, list[Weighed], list[Entry]]:
        said = self._parted(read(written_links.without(text)))
        weighed, areas = self._weigh_once(said, near, again=False)
        if areas and not self._inside(weighed, areas):
            otherwise, _ = self._weigh_once(said, near, again=True)
            if self._inside(otherwise, areas):  # "Kangai" in Murang'a is Kangari
                weighed = otherwise
        return said, weighed, areas

    def _inside(self, weighed: Sequence[Weighed], areas: Sequence[Entry]) -> bool:
        return bool(weighed) and any(contains(a.area, self._wards.ward(weighed[0].row).path) for a in areas)

    def _weigh_once(self, said: Read, near: Near | None, *, again: bool) -> tuple[list[Weighed], list[Entry]]:
        found = mentions(said, find(self._names, said, again=again), self._entries, self._thin)
        return weigh(found, self._entries, self._wards.rows_in, near)

    def _parted(self, said: Read) -> Read:
        """Part the words that run two together ("kibuyemarket"), and mend misspelt words for kinds of places."""
        for k in range(len(said.words) - 1, -1, -1):
            kind = self._names.kind(said.words[k])
            if kind is not None:
                said.words[k], said.said[k] = tokens(kind)[0], kind
                continue
            two = self._names.apart(said.words[k])
            if two is not None:
                inner = [read(each) for each in two]
                said.words[k : k + 1] = [w for each in inner for w in each.words]
                said.said[k : k + 1] = [w for each in inner for w in each.said]
        return said

    def _by_position(self, position: written.Written) -> Resolution | None:
        """Assert the ward that holds a position as exact as a phone's; of a rougher one only a ward that is sure."""
        located = self._wards.at(position.lon, position.lat, accuracy_m=position.accuracy_m)
        if not located.inside:
            return None
        chances, metres = dict(located.chances), dict(located.candidates)
        asserted = position.accuracy_m <= EXACT_M or located.confidence >= ASSERT_FROM
        near = {row for row, chance in chances.items() if chance >= LEAST} | {located.row}
        if asserted:
            near |= set(metres)  # an operator sees what lies beside, however unlikely
        ranked = sorted(near, key=lambda row: (asserted and row != located.row, -chances.get(row, 0.0), row))
        candidates = []
        for row in ranked[:MOST_CANDIDATES]:
            why = "the position written in the text"
            why += "" if position.accuracy_m <= EXACT_M else f", good to {position.accuracy_m:.0f} m"
            if row != located.row:
                away = metres[row] if row in metres else self._wards.distance_m(row, position.lon, position.lat)
                why += f", {away:.0f} m beyond the edge"
            why += f"; {position.note}" if position.note else ""
            share = chances.get(row, 0.0)
            candidates.append(self._candidate(row, share, position.words, why, position.lon, position.lat))
        if asserted:
            return Resolution(candidates=tuple(candidates), asserted=True)
        return ask(self._wards, candidates, None)

    def _by_short_plus(
        self, short: written.ShortPlus, weighed: Sequence[Weighed], areas: Sequence[Entry], near: Near | None
    ) -> Resolution | None:
        """Complete a short Plus code by the place named beside it, else by where the sender was."""
        beside = [(self._entries[each.reading.entry], each.share) for each in weighed]
        points = [(entry.lon, entry.lat, share, entry.name) for entry, share in beside if not entry.is_area]
        points += [(*self._middle(area.area), 0.3, area.name) for area in areas[-1:]]
        if isinstance(near, str):
            points.append((*self._middle(near), 0.02, "the sender's area"))
        elif near is not None:
            points.append((*near, 0.02, "where the sender was"))
        points = [point for point in points if point[0] == point[0]]  # a ward without an area has no middle
        total = sum(share for _, _, share, _ in points)
        meant: dict[int, tuple[float, float, float, str]] = {}
        for near_lon, near_lat, share, name in points:
            lon, lat = written.recover(short.code, near_lon, near_lat)
            row = self._wards.locate(lon, lat)
            if row >= 0:
                held = meant.get(row, (0.0, lon, lat, name))
                meant[row] = (held[0] + 0.97 * share / total, *held[1:])
        ranked = sorted(meant.items(), key=lambda item: (-item[1][0], item[0]))[:MOST_CANDIDATES]
        candidates = [
            self._candidate(row, share, short.words, f"the Plus code, completed by {name}", lon, lat)
            for row, (share, lon, lat, name) in ranked
        ]
        if not candidates:
            return None
        if candidates[0].confidence >= ASSERT_FROM:
            return Resolution(candidates=tuple(candidates), asserted=True)
        return ask(self._wards, candidates, areas[0].area if areas else None)

    def _middle(self, area: str) -> tuple[float, float]:
        rows = self._wards.rows_in(area)
        middles = [(w.lon, w.lat) for w in map(self._wards.ward, rows) if w.lon == w.lon]
        n = len(middles) or math.nan
        return sum(lon for lon, _ in middles) / n, sum(lat for _, lat in middles) / n

    def _conclude(self, weighed: Sequence[Weighed], areas: Sequence[Entry], said: Read) -> Resolution:
        by_ward = bool(weighed) and self._entries[weighed[0].reading.entry].kind == "ward"
        sure = confidences([each.share for each in weighed], by_ward=by_ward)
        offered = [
            self._explain(each, confidence, said, areas)
            for each, confidence in zip(weighed[:MOST_CANDIDATES], sure, strict=False)
            if confidence >= LEAST
        ]
        named = offered and not self._entries[weighed[0].reading.entry].is_area
        if named and offered[0].confidence >= ASSERT_FROM:
            return Resolution(candidates=tuple(offered), asserted=True)
        area = areas[0].area if areas else None
        if areas and (not offered or (offered[0].confidence < UNLIKELY and areas[-1].kind == "county")):
            asked = ask(self._wards, (), area)  # nothing but a county is known
            return Resolution(
                candidates=tuple(offered), asserted=False, question=asked.question, question_sw=asked.question_sw
            )
        return ask(self._wards, offered, area)

    def _explain(self, each: Weighed, sure: float, said: Read, areas: Sequence[Entry]) -> Candidate:
        match, entry, mention = each.reading.match, self._entries[each.reading.entry], each.mention
        words = " ".join(said.said[mention.first : mention.last])
        how = "" if match.quality > 0.99 else f", spelt otherwise ({entry.name})"
        if entry.is_area:
            return self._candidate(each.row, sure, words, f"in {entry.name}, which the text names")
        if entry.kind == "ward":
            why = f"the ward's name{how}"
        else:
            kind = "" if entry.kind in ("place", "city") else f" ({entry.kind})"
            why = f"{entry.name}{kind} lies there" if entry.shares[0][0] == each.row else f"{entry.name}{kind} is near"
            why += "" if match.quality > 0.99 else ", spelt otherwise"
        inside = [area.name for area in areas if contains(area.area, entry.area)]
        if inside:
            why += f", in {inside[-1]}, which the text names"
        if entry.kind == "ward":
            return self._candidate(each.row, sure, words, why)
        return self._candidate(each.row, sure, words, why, entry.lon, entry.lat)

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


def _known(near: Near | None) -> Near | None:
    """Give where the sender was; None for what is no position."""
    return near if near is None or isinstance(near, str) or all(map(math.isfinite, near)) else None


def _is_unit(name: str) -> bool:
    """Tell whether a name is that of an area ("Kisumu County"): places so called are known from the wards."""
    return tokens(name)[-1:] in (["county"], ["district"], ["province"], ["constituency"])
