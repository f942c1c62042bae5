"""From matches to mentions: which runs of a text speak of a place, what each may mean, and whether it is one at all.

Before this on the road: `geo.matches` finds known names. Next: `geo.weighing` chooses among the meanings of all
mentions together. Pure.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from geo.entries import Entry
from geo.kinds import UNITS, fit_of
from geo.matches import Match
from geo.places import contains
from geo.vocabulary import ALONG, AT, BEFORE, BESIDE, BETWEEN, LINKS, RIGHTWARD, TITLES
from geo.words import BREAK, Read, is_common, is_kind, is_person, is_qualifier

MOST_READINGS: Final = 400
LEAST: Final = 1e-5
"""Readings that weigh less, also beside the best of their mention, are left out."""
SPELT_SO: Final = 4.0
"""The power of a spelling's fit: bad misspellings are rare, and names that are in no list are not."""
NESTED: Final = 0.02
"""What is left of a reading that leaves out words of a longer name it stands in, when that is well known."""
NESTED_DOUBTED: Final = 0.1
"""The same when the longer name is itself misspelt or cut short."""
SHORT: Final = 7.0
"""Letters up to which a name that is on no list is easily like one that is; the longer, the more rarely."""
ALIKE: Final = 4.0
"""The power with which that falls: of "Suodh East Nyakach" none but South East Nyakach is meant."""
UNIT_ALIKE: Final = 0.3
"""What is left of that where it is like a ward's or a county's name: those are all listed."""
_JOINING: Final = LINKS | {"na", "to", "ni", "gi"}
_OWN_KINDS: Final = frozenset({"school", "primary", "secondary", "academy", "hospital", "river", "hill"})
_OF_ITS_KIND: Final = 0.4


class Reading(NamedTuple):
    """One meaning of a mention: the entry, its weight against the others, and the match it rests on."""

    entry: int
    weight: float
    match: Match


class Mention(NamedTuple):
    """A run of tokens that may speak of a place; `doubt` are the odds that it does not. `kinds` stand beside it.

    `pull` is how likely it is the place of the event, not the end of a road or what the place lies by; `fullest` what
    its best reading would weigh if its name were spelt and whole as said. Of a `line` it is one end.
    """

    first: int
    last: int
    readings: list[Reading]
    doubt: float
    kinds: frozenset[str]
    pull: float
    fullest: float
    line: bool = False


def mentions(read: Read, matches: Sequence[Match], entries: Sequence[Entry], thin: float = 1.0) -> list[Mention]:
    """Make mentions of matches: the longest and best-spelt names first, what lies within one with it.

    `thin`: how many times likelier than in a full list a name that is almost one of these is another, on no list.
    """
    groups: list[list[Match]] = []
    for match in sorted(matches, key=lambda m: (-_strength(m), m.first, -m.last)):
        for group in groups:
            head = group[0]
            if match.first < head.last and head.first < match.last:
                if (head.first <= match.first and match.last <= head.last) or _strength(match) > 0.75 * _strength(head):
                    group.append(match)
                break
        else:
            groups.append([match])
    covered = {k for group in groups for match in group[:1] for k in range(match.first, match.last)}
    made = [_mention(read, group, entries, covered, thin) for group in groups]
    spoken = [m for m in made if m.readings and not any(_is_kind_of(m, other) for other in made)]
    return _pulled(read, sorted(spoken, key=lambda m: m.first), entries)


def _is_kind_of(mention: Mention, other: Mention) -> bool:
    """Tell whether a mention is but the kind beside another's name."""
    kind_only = mention.readings[0].match.form.startswith("=")
    return (
        kind_only
        and mention is not other
        and other.doubt < 1.0
        and other.first <= mention.first
        and mention.last <= other.last
    )


def _pulled(read: Read, made: list[Mention], entries: Sequence[Entry]) -> list[Mention]:
    """Judge of each mention beside others whether it is the place itself."""
    if len(made) < 2:
        return made
    roads = ["road" in m.kinds or _along(read, m) for m in made]
    for k in range(1, len(made)):
        if made[k].first - made[k - 1].last <= 1 and BREAK not in read.words[made[k - 1].last : made[k].first]:
            linked = "road" in made[k].kinds or "road" in made[k - 1].kinds
            roads[k - 1], roads[k] = roads[k - 1] or linked, roads[k] or linked
        if roads[k - 1] and made[k].first - made[k - 1].last == 1 and read.said[made[k - 1].last] in ("to", "2", "na"):
            roads[k] = True
    only = all(road or m.doubt > 2.0 for road, m in zip(roads, made, strict=True))
    lines = list(roads) if only else [False] * len(made)
    for k in range(len(made) - 1):
        if any(_word(read, made[k].first - back) in BETWEEN for back in (1, 2)):
            lines[k : k + 2] = roads[k : k + 2] = [True, True]
    pulled = []
    for k, mention in enumerate(made):
        pull = mention.pull
        if roads[k] and not lines[k]:
            pull *= 0.12
        elif k and _word(read, mention.first - 1) in BESIDE | LINKS | {"to"}:
            pull *= 0.35
        kind = entries[mention.readings[0].entry].kind
        pull *= (
            0.2 if kind in ("city", "county", "constituency") else 0.2 if kind in ("river", "lake", "forest") else 1.0
        )
        if "ward" in mention.kinds:
            pull *= 1.5
        pulled.append(mention._replace(pull=pull, line=lines[k]))
    return pulled


def _along(read: Read, mention: Mention) -> bool:
    before = [_word(read, k) for k in (mention.first - 1, mention.first - 2)]
    return before[0] in ALONG or (before[0] in ("to", "ya", "kwa") and before[1] in ("road", "njia", "barabara", "way"))


def _strength(match: Match) -> float:
    return match.letters * match.quality * min(1.0, 0.8 + 0.25 * match.hits[0][1])


def _mention(read: Read, group: list[Match], entries: Sequence[Entry], covered: set[int], thin: float) -> Mention:
    head = group[0]
    kinds, qualifiers, first, last = _beside(read, head.first, head.last)
    around = [entries[number].area for number, _ in head.hits if entries[number].is_area]
    nested = NESTED if head.quality > 0.99 and head.hits[0][1] > 0.6 else NESTED_DOUBTED
    best: dict[int, Reading] = {}
    top = fullest = 0.0
    for match in group:
        within = frozenset(w for w in read.words[match.first : match.last] if is_kind(w))
        mine, theirs = (kinds, qualifiers) if match is head else _beside(read, match.first, match.last)[:2]
        inner = 1.0
        factor = match.quality**SPELT_SO
        if match.last - match.first < head.last - head.first:
            left_out = [w for k, w in enumerate(read.words[head.first : head.last], head.first)
                        if not match.first <= k < match.last]  # fmt: skip
            if not all(is_kind(w) for w in left_out):
                inner = nested
        mine = mine | within
        theirs = theirs | {w for w in read.words[match.first : match.last] if is_qualifier(w)}
        for number, worth in match.hits[:MOST_READINGS]:
            entry = entries[number]
            bare = not (mine or theirs or entry.foreign)  # as most names are
            fit = (entry.prior if entry.shares else 1.0) if bare else fit_of(entry, mine, theirs)
            weight = factor * worth * fit
            if inner < 1.0 and not (entry.shares and any(contains(area, entry.area) for area in around)):
                weight *= inner  # but the ward of "Garissa Township" is Township
            fullest = max(fullest, weight / factor / worth)
            held = best.get(number)
            if held is None or held.weight < weight:
                best[number] = Reading(number, weight, match)
                top = max(top, factor * worth)
    least = max(LEAST, 20 * LEAST * max((r.weight for r in best.values()), default=0.0))
    readings = sorted((r for r in best.values() if r.weight > least), key=lambda r: -r.weight)
    if kinds & _OWN_KINDS:
        fullest = max(fullest, _OF_ITS_KIND)  # no school of this name is listed: the town is not all it may mean
    if kinds & {"county", "constituency"}:  # "Kwale county" speaks of no place called Kwale
        areas = {r.match.form for r in readings if entries[r.entry].is_area}
        readings = [r for r in readings if entries[r.entry].is_area or r.match.form not in areas]
        counties = [r for r in readings if entries[r.entry].kind == "county" and r.match is head]
        readings = counties if counties and "sub" not in kinds else readings
    is_unit = any(entries[number].kind in UNITS for number, worth in head.hits[:3] if worth > 0.9)
    doubt = _doubt(read, head, kinds, covered, thin, is_unit=is_unit) / max(top**0.5, 0.05) if readings else 0.0
    return Mention(first, last, readings, doubt, kinds, 1.0, fullest)


def _beside(read: Read, first: int, last: int) -> tuple[frozenset[str], frozenset[str], int, int]:
    """Give the kinds and the qualifiers that stand beside a run and belong to it, and the run with them."""
    words, said = read.words, read.said
    kinds: set[str] = set()
    qualifiers: set[str] = set()
    k = last
    while k < len(words) and k < last + 4:
        word = words[k]
        if is_kind(word):
            if said[k] in RIGHTWARD and k + 1 < len(words) and not (is_kind(words[k + 1]) or words[k + 1] == BREAK):
                break
            kinds.add(word)
        elif is_qualifier(word) and not (len(word) == 1 and said[k] in ("a", "i", "u", "r", "e", "n", "2")):
            qualifiers.add(word)
        else:
            break
        k += 1
    end, begin = k, first
    k = first - 1
    linked = False
    while k >= 0 and k >= first - 6:
        word = words[k]
        if said[k] in LINKS:
            linked = True
        elif is_kind(word) and (linked or said[k] in RIGHTWARD):
            kinds.add(word)
            linked, begin = False, k
        else:
            break
        k -= 1
    return frozenset(kinds), frozenset(qualifiers), begin, end


def _doubt(read: Read, match: Match, kinds: frozenset[str], covered: set[int], thin: float, *, is_unit: bool) -> float:
    """Judge the odds that a run of words is no listed place: an everyday word, a person, something longer."""
    words = [w for w in read.words[match.first : match.last] if not is_kind(w)] or read.words[match.first : match.last]
    before = _word(read, match.first - 1)
    placed = before in AT or (before in _JOINING and _word(read, match.first - 2) in AT)
    if "ward" in kinds and match.form.startswith("="):
        odds = 0.4  # "Sokoni ward"
    elif all(map(is_common, words)):
        odds = 5.0 if is_unit else 25.0 if len(words) == 1 and not kinds else 5.0
        odds *= 0.3 if is_unit and placed else 1.0
    elif all(is_person(w) or is_common(w) for w in words):
        odds = 1.2 * len(words)
    else:
        odds = 0.1 if match.letters > 5 else 0.2 if match.letters > 3 else 0.7
    if before in TITLES:
        odds *= 5.0
    if kinds:
        odds *= 0.35
    if placed:
        odds *= 0.5
    elif before in BEFORE:
        odds *= 0.7
    if match.quality < 1.0:
        unlisted = 1.0 + (thin - 1.0) * min(1.0, SHORT / match.letters) ** ALIKE * (UNIT_ALIKE if is_unit else 1.0)
        odds += 1.2 * (1.0 - match.quality) * (0.4 if kinds or placed else 1.5) * unlisted
    odds += 0.5 * (_is_name(read, match.first - 1, covered) + _is_name(read, match.last, covered))
    return odds


def _word(read: Read, k: int) -> str:
    return read.said[k] if 0 <= k < len(read.said) else BREAK


def _is_name(read: Read, k: int, covered: set[int]) -> bool:
    """Tell whether an unknown word stands there that may be part of a longer name."""
    if not 0 <= k < len(read.words) or k in covered:
        return False
    word = read.words[k]
    return word.isalpha() and len(word) > 3 and not (is_common(word) or word in BEFORE or is_qualifier(word))
