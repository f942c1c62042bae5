"""Which known names stand in a text: exactly, in another order, run together or misspelt. Pure.

Before this on the road: `geo.words` reads the text; `geo.names` holds the names. Next: `geo.mentions` makes of the
matches what is spoken of.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from geo.names import MOST_SPELT, Names
from geo.spelling import SHORTEST
from geo.vocabulary import BEFORE, LINKS
from geo.words import BREAK, Read, is_apart, is_common, is_kind, is_verb

KNOWN_TOO: Final = 0.75
"""What is left of a misspelling that is itself the name of an obscure place."""
SURE_FROM: Final = 5
"""Letters below which only well-known names are looked for among those an edit away."""
NAMING: Final = frozenset(
    {"town", "market", "river", "hospital", "airport", "lake", "island", "hill", "road", "estate"}
)
"""Kinds that are part of wards' names, and misspelt with them: "molindi town"."""
SETTLING: Final = 8
"""Telling letters from which on several words that are known need no other spelling."""


class Match(NamedTuple):
    """A run of a text's tokens that may name each of `hits` (entry, worth), spelt so well (0 to 1)."""

    first: int
    last: int
    form: str
    quality: float
    letters: int
    hits: Sequence[tuple[int, float]]


def find(names: Names, text: Read, *, again: bool = False) -> list[Match]:
    """List every match in a text's tokens; matches may overlap.

    `again`: what is known exactly was not what is meant: look also for names it may be a misspelling of.
    """
    words = text.words
    kinds = [is_kind(word) for word in words]
    found: list[Match] = []
    settled = [kind or word == BREAK for kind, word in zip(kinds, words, strict=True)]
    exact = [False] * len(words)
    for first in range(len(words)):
        for last, form, hits in _known(names, text, first, kinds):
            letters = _letters(words[first:last], kinds[first:last])
            found.append(Match(first, last, form, 1.0, letters, hits))
            exact[first:last] = [True] * (last - first)
            if not again and (names.is_strong(form) or (last - first > 1 and letters >= SETTLING)):
                settled[first:last] = [True] * (last - first)
    for first in range(len(words)):
        if not kinds[first] and words[first] not in BEFORE and words[first] not in LINKS:
            for last, form, inside in _unknown(names, words, first, kinds, settled, again=again):
                letters = _letters(words[first:last], kinds[first:last])
                for known, quality in _spelt_so(names, form, inside, known_too=all(exact[first:last])):
                    found.append(Match(first, last, known, quality, letters, names.hits(known)))
    return found


def _known(
    names: Names, text: Read, first: int, kinds: Sequence[bool]
) -> Iterator[tuple[int, str, Sequence[tuple[int, float]]]]:
    """Look up the runs that begin at a token, with and without the kinds of places within them."""
    words = text.words
    whole = core = ""
    telling: list[str] = []
    for last in range(first, min(first + names.longest(words[first]), len(words))):
        word = words[last]
        if word == BREAK:
            return
        whole += word
        if not kinds[last]:
            core += word
            telling.append(word)
        if not telling:  # "Sokoni" is a ward's name, though it says "market"
            form = "=" + "".join(text.said[first : last + 1])
            hits = names.hits(form)
        else:
            form, hits = whole, names.look(whole, words[first : last + 1])
            if not hits and not kinds[last] and not kinds[first]:
                if core != whole:
                    form, hits = core, names.look(core, telling)
                if not hits and 2 <= len(telling) <= 4:
                    form, hits = names.reordered(telling)
        if hits:
            yield last + 1, form, hits


def _unknown(
    names: Names, words: Sequence[str], first: int, kinds: Sequence[bool], settled: Sequence[bool], *, again: bool
) -> Iterator[tuple[int, str, list[str]]]:
    """Give the runs that begin at a token and may be a misspelt name: (end, form, telling words)."""
    form = whole = ""
    inside: list[str] = []
    open_ = False
    for last in range(first, len(words)):
        word = words[last]
        if word == BREAK or len(inside) == MOST_SPELT or word in BEFORE or word in LINKS:
            return
        open_ = open_ or not settled[last]
        if kinds[last]:
            if inside and open_ and whole == form and word in NAMING:
                yield last + 1, form + word, [*inside, word]  # "molindi town"
            whole += word
            continue
        inside.append(word)
        form += word
        whole += word
        if len(inside) == 1 and is_verb(word) and not again:
            return
        if open_ and len(form) >= SHORTEST and (again or not names.is_strong(form)) and _may_be_name(names, inside):
            yield last + 1, form, inside


def _may_be_name(names: Names, inside: Sequence[str]) -> bool:
    """Tell whether words are worth looking for among misspelt names, all together."""
    telling = [w for w in inside if not is_common(w) and not is_apart(w)]
    if len(telling) == len(inside):
        return True
    if inside[0][0].isdigit() or not telling:
        return False
    if any(is_apart(w) for w in inside):
        return True
    return len(inside) == 2 and len(telling[0]) > 3 and not names.is_strong(telling[0])


def _spelt_so(names: Names, form: str, inside: Sequence[str], *, known_too: bool) -> Iterator[tuple[str, float]]:
    """Give the known forms a run may be a misspelling of, and how well each fits."""
    word = inside[-1]
    anchors = [w for w in inside if len(w) > 3 and names.is_strong(w)] if len(inside) > 1 else ()
    for known, quality in names.alike(form):
        if (len(word) == 1 and known[-1] != word) or (word.isdigit() and not known.endswith(word)):
            continue  # the letter of "Nyalenda B" is never the misspelt one
        if len(form) < SURE_FROM and quality < 0.8 and not names.is_strong(known):
            continue
        if (known_too and not names.is_strong(known)) or (anchors and not _anchored(form, known, anchors)):
            continue
        yield known, quality * (KNOWN_TOO if known_too else 1.0)


def _anchored(form: str, known: str, anchors: Sequence[str]) -> bool:
    """Tell whether a known name keeps the known words of a run, and is like the rest: "nairobi hses" is no ward."""
    for word in anchors:
        if word not in known:
            return False
        left, rest = form.replace(word, "", 1), known.replace(word, "", 1)
        if OSA.distance(left, rest) > max(1, len(left) // 4):
            return False
    return True


def _letters(run: Sequence[str], kinds: Sequence[bool]) -> int:
    """Count the letters that tell one name from another: those of its kind do not."""
    telling = sum(len(word) for word, kind in zip(run, kinds, strict=True) if not kind)
    return telling or sum(map(len, run))
