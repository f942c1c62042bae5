"""What a report is about, and how bad it sounds.

You are on the SMS road, after a report has been placed in a ward: `classify` names the hazard, `severity` grades the
words. Each answer comes with its parts, so that an operator can see why; neither is more than a first guess that a
person may overrule. Next: once the report has joined an incident, `alerts.evidence` weighs what speaks for it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from alerts import lexicon
from alerts.cap import Severity
from alerts.parts import Part
from alerts.plans import HAZARDS, SEVERITIES, Hazard, Plan

RULES: Final = "scoring-1"
"""Version of the rules and word lists here; goes into what was decided by them."""

_FUZZY_FROM: Final = 6
"""Shorter words are taken as written: one letter changed makes another word or a place of them."""
_TWO_SLIPS_FROM: Final = 11
_TOKENS_READ: Final = 300
_PHRASE: Final = 4
_REACH: Final = 3
"""How many words a number may stand away from what it counts."""


class Classified(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hazard a text speaks of, the words that said so (folded), and each hazard's points."""

    hazard: Hazard
    words: tuple[str, ...] = ()
    points: dict[Hazard, int] = {}


class Grade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A severity read from words: its parts count levels (1 Minor to 4 Extreme), the highest one decides."""

    severity: Severity
    parts: tuple[Part, ...]
    rules: str = RULES


def _stemmed(term: str) -> str:
    return " ".join(map(lexicon.stem, term.split()))


def _hazard_terms() -> dict[str, tuple[Hazard, int]]:
    """Gather the terms by what they are after stemming; of two that fall together the stronger one stays."""
    found: dict[str, tuple[Hazard, int]] = {}
    for hazard, terms in lexicon.HAZARD_TERMS.items():
        for term, weight in terms.items():
            stemmed = _stemmed(term)
            if weight > found.get(stemmed, (hazard, 0))[1]:
                found[stemmed] = (hazard, weight)
    return found


_HAZARD_OF: Final = _hazard_terms()
_CONCEPT_OF: Final = {_stemmed(term): concept for concept, terms in lexicon.PEOPLE_TERMS.items() for term in terms}
_LISTED: Final = [
    *(term for terms in lexicon.HAZARD_TERMS.values() for term in terms),
    *(term for terms in lexicon.PEOPLE_TERMS.values() for term in terms),
]
_VOCABULARY: Final = sorted({word for term in _LISTED for word in term.split()})
_KNOWN: Final = frozenset(_VOCABULARY).union(
    lexicon.NUMBER_WORDS,
    lexicon.NEGATIONS,
    *(term.split() for term in (*lexicon.MINOR_TERMS, *lexicon.GRAVE_TERMS, *lexicon.HOAX_TERMS)),
)
"""Words that stand as they are."""
_FIRST: Final = frozenset(term.split()[0] for term in (*_HAZARD_OF, *_CONCEPT_OF))
_LONG: Final = [word for word in _VOCABULARY if len(word) >= _FUZZY_FROM]


def _spelt(word: str) -> str:
    """Give the listed word that this one was meant to be: one slip in 6 letters or more, two in 11 or more."""
    if word in _KNOWN or len(word) < _FUZZY_FROM or word[0].isdigit() or lexicon.stem(word) != word:
        return word
    slips = 1 if len(word) < _TWO_SLIPS_FROM else 2
    found = process.extractOne(word, _LONG, scorer=DamerauLevenshtein.distance, score_cutoff=slips)
    # The first letter is rarely the wrong one, and names differ from words by it (Moro, moto).
    return found[0] if found is not None and found[0][0] == word[0] else word


@lru_cache(maxsize=8192)
def _listed(token: str) -> str:
    return lexicon.stem(_spelt(token))


@lru_cache(maxsize=256)
def _words(text: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Give the words of a text as the lists have them, and for each the first form it was written in.

    Several rules read one report in a row, so the last texts are kept; nobody changes what is given.
    """
    tokens = lexicon.tokens(text)[:_TOKENS_READ]
    words = tuple(_listed(token) for token in tokens)
    return words, dict(zip(reversed(words), reversed(tokens), strict=True))


def _as_written(phrase: str, written: dict[str, str]) -> str:
    return " ".join(written.get(word, word) for word in phrase.split())


def _phrases(words: Sequence[str]) -> Iterable[tuple[int, int, str]]:
    """List the runs of one to four words that could be terms, with start and length, longest first at each place."""
    for i, word in enumerate(words):
        if word not in _FIRST:
            continue
        for length in range(min(_PHRASE, len(words) - i), 0, -1):
            yield i, length, " ".join(words[i : i + length])


def classify(text: str) -> Classified:
    """Name the hazard a text speaks of; `other` when nothing in it is known.

    Each term counts once. A word inside a phrase that was matched does not count again for the same hazard.
    """
    points: dict[Hazard, int] = {}
    said: dict[Hazard, dict[str, None]] = {}
    taken: dict[Hazard, int] = {}
    words, written = _words(text)
    for i, length, phrase in _phrases(words):
        hazard, weight = _HAZARD_OF.get(phrase, (None, 0))
        if hazard is None or taken.get(hazard, 0) > i or phrase in said.get(hazard, {}):
            continue
        taken[hazard] = i + length
        said.setdefault(hazard, {})[phrase] = None
        points[hazard] = points.get(hazard, 0) + weight
    if not points:
        return Classified(hazard="other")
    best = max(points, key=lambda hazard: (points[hazard], -HAZARDS.index(hazard)))
    said_words = tuple(_as_written(phrase, written) for phrase in said[best])
    return Classified(hazard=best, words=said_words, points=points)


_HUNDREDS: Final = frozenset({100, 1000})


def _figure(word: str) -> int | None:
    """Read one word as a number."""
    value = lexicon.NUMBER_WORDS.get(word)
    if value is None:
        digits = word.replace(",", "")
        # Six digits and more are phone numbers and the like.
        if digits.isascii() and digits.isdigit() and len(digits) <= 5:
            value = int(digits)
    return value


def _counted(words: Sequence[str]) -> list[str]:
    """Put numbers of several words into one: `kumi na wawili`, `mia mbili`, `twenty five`, `two hundred`."""
    out: list[str] = []
    for word in words:
        value = lexicon.NUMBER_WORDS.get(word)
        joined = len(out) > 1 and out[-1] == "na"
        before = _figure(out[-2 if joined else -1]) if out else None
        if value is None or before is None:
            out.append(word)
        elif before % 10 == 0 and 10 <= before < 100 and value < 10:
            out[-2 if joined else -1 :] = [str(before + value)]
        elif not joined and ((before in _HUNDREDS and value < 100) or (before < 100 and value in _HUNDREDS)):
            out[-1] = str(before * value)
        else:
            out.append(word)
    return out


def _number(words: Sequence[str], i: int) -> int | None:
    """Read the count that stands at word `i`; None for other words, times and distances."""
    if i and words[i - 1] in lexicon.NOT_A_COUNT_BEFORE:
        return None
    if i + 1 < len(words) and words[i + 1] in lexicon.NOT_A_COUNT_AFTER:
        return None
    return _figure(words[i]) or None


def _count(words: Sequence[str], i: int, length: int) -> int:
    """Find how many the words at `i` speak of: the nearest number within reach, else one."""
    near = sorted(
        (distance, at)
        for at in range(max(0, i - _REACH), min(len(words), i + length + _REACH))
        if not i <= at < i + length
        for distance in [i - at if at < i else at - i - length + 1]
    )
    for _, at in near:
        count = _number(words, at)
        if count is not None:
            return count
    return 1


_LEVELS: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "dead": ((1, 3), (3, 4)),
    "trapped": ((1, 3), (5, 4)),
    "missing": ((1, 3), (3, 4)),
    "injured": ((1, 2), (3, 3), (10, 4)),
    "people": ((10, 3), (100, 4)),
    "household": ((3, 2), (10, 3), (50, 4)),
}
"""From how many people of a kind on an incident has which level."""


def _level(concept: str, count: int) -> int:
    return max((level for least, level in _LEVELS.get(concept, ()) if count >= least), default=0)


def _people(words: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Find who is hurt and how: for each concept the greatest count and its words; nothing negated, no animals."""
    found: dict[str, tuple[int, str]] = {}
    skip = 0
    for i, length, phrase in _phrases(words):
        concept = _CONCEPT_OF.get(phrase)
        if i < skip or concept is None:
            continue
        skip = i + length
        before = words[max(0, i - 2) : i]
        if lexicon.NEGATIONS.intersection(before) or lexicon.ANIMALS.intersection(before[-1:]):
            continue
        count = _count(words, i, length)
        if concept not in found or count > found[concept][0]:
            found[concept] = (count, phrase)
    return found


def _has(words: Sequence[str], terms: Iterable[str]) -> str:
    text = f" {' '.join(words)} "
    return next((term for term in terms if f" {term} " in text), "")


def severity(text: str, hazard: Hazard, plan: Plan) -> Grade:
    """Grade what a report says: Minor to Extreme, never Unknown.

    It starts from what the hazard is worth by itself (`plan`), goes up with people dead, trapped, missing, hurt or
    many, and one level further where children, the sick or the old are among those in danger; words that make it small
    take one level off, but never from people in danger.
    """
    plain, written = _words(text)
    words = _counted(plain)
    least = plan.hazard(hazard).least
    parts = [Part("hazard", max(1, SEVERITIES.index(least)), f"{hazard} counts as {least} by itself")]
    people = _people(words)
    danger = 0
    for concept, (count, phrase) in people.items():
        level = _level(concept, count)
        if level:
            danger = max(danger, level)
            parts.append(Part(concept, level, f"{count} by '{_as_written(phrase, written)}'"))
    if danger and "vulnerable" in people:
        danger = min(4, danger + 1)
        parts.append(
            Part("vulnerable", danger, f"'{_as_written(people['vulnerable'][1], written)}' among those in danger")
        )
    grave = _has(words, lexicon.GRAVE_TERMS)
    if grave:
        parts.append(Part("haste", 2, f"'{grave}'"))
    level = int(max(part.value for part in parts))
    minor = _has(words, lexicon.MINOR_TERMS)
    if minor and not danger:
        level = max(1, level - 1)
        parts.append(Part("minor", -1, f"'{minor}'"))
    return Grade(severity=SEVERITIES[level], parts=tuple(parts))


def hoax_words(text: str) -> tuple[str, ...]:
    """List the words of a text that say it is not so, or that it is only passed on; each place counts once."""
    words = f" {' '.join(lexicon.tokens(text)[:_TOKENS_READ])} "
    found = []
    for term in sorted(lexicon.HOAX_TERMS, key=len, reverse=True):
        if f" {term} " in words:
            found.append(term)
            words = words.replace(f" {term} ", " | ")
    return tuple(found)
