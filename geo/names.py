"""The name index: which known names stand in a text, also misspelt, run together or in another order. Pure.

Before this on the road: `geo.words` makes tokens. Next: `geo.gazetteer` weighs the matches and chooses wards.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.vocabulary import BEFORE
from geo.words import BREAK, is_common, is_direction, is_kind, skeleton, tokens

LONGEST: Final = 5
"""Words of the longest name looked for; longer names are found by their first words."""
FUZZY_FROM: Final = 5
"""Letters from which on a misspelling is looked for: shorter names are too alike."""
MOST: Final = 1200
"""Names that sound alike from which on sound tells little: only those that begin alike are compared."""
SETTLED: Final = 0.9
"""Worth of a well-spelt match from which on no misspelt name is looked for in the same words."""

EXACT: Final = 1.0
REORDERED: Final = 0.88
CORE: Final = 0.86
"""A name without its kind: "Kibuye" for Kibuye Market."""
ROOT: Final = 0.62
"""A name without what tells it from its neighbours: "Nyalenda" for Nyalenda A."""
PART: Final = 0.92
"""One of two names joined by a slash."""
WORD: Final = 0.6
"""One word of several: "Kaloleni" for Shaurimoyo Kaloleni."""


class Match(msgspec.Struct, frozen=True):
    """A run of a text's tokens that may name entry `entry`, how well (0 to 1), and by how many telling letters."""

    first: int
    last: int
    entry: int
    quality: float
    letters: int
    spelt: str


class Names:
    """An index of names; `entry` numbers are the caller's. Filled once, then only read.

    `taken` are names (of counties, of sub-counties) that never stand for something longer: "Kisumu" is not short for
    Kisumu Airport.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = frozenset("".join(tokens(name)) for name in taken)
        self._forms: dict[str, list[tuple[int, float]]] = {}
        self._sorted: dict[str, list[tuple[int, float]]] = {}
        self._skeletons: dict[str, list[str]] = {}
        self._near: dict[str, list[str]] = {}

    def add(self, entry: int, name: str, worth: float = EXACT, *, rooted: bool = False) -> None:
        """Index a name with the shorter forms people use for it; `rooted` names also by their root."""
        for part in name.split("/") if "/" in name else [name]:
            self._add(entry, tokens(part), worth * (PART if part is not name else 1.0), rooted=rooted)
        if "/" in name:
            self._add(entry, tokens(name), worth, rooted=False)

    def _add(self, entry: int, words: list[str], worth: float, *, rooted: bool) -> None:
        words = words[:LONGEST]
        self._form("".join(words), entry, worth)
        if len(words) > 1:
            self._sorted.setdefault(" ".join(sorted(words)), []).append((entry, worth * REORDERED))
        core = [w for w in words if not is_kind(w)]
        if core != words:
            self._shortened(core, entry, worth * CORE)
        root = [w for w in core if not is_direction(w)]
        if rooted and root != core:
            self._shortened(root, entry, worth * ROOT)
        if rooted and len(root) > 1:
            for word in root:
                if len(word) >= FUZZY_FROM:
                    self._shortened([word], entry, worth * WORD)

    def _shortened(self, words: Sequence[str], entry: int, worth: float) -> None:
        if "".join(words) not in self._taken and not all(is_common(w) or len(w) < 3 for w in words):
            self._form("".join(words), entry, worth)

    def _form(self, form: str, entry: int, worth: float) -> None:
        if len(form) < 3:
            return
        known = self._forms.setdefault(form, [])
        if all(other != entry for other, _ in known):
            known.append((entry, worth))
        if len(known) == 1 and len(form) >= FUZZY_FROM:
            self._skeletons.setdefault(skeleton(form), []).append(form)

    def ready(self) -> "Names":
        """Finish the index: skeletons of misspelt names are found by leaving out one consonant on either side."""
        near: defaultdict[str, list[str]] = defaultdict(list)
        for bones in self._skeletons:
            for key in _shorter(bones):
                near[bones[:1] + key].append(bones)
        self._near = near
        return self

    def find(self, words: Sequence[str]) -> list[Match]:
        """List every match in a text's tokens, longer runs first; matches may overlap."""
        found: list[Match] = []
        settled = [False] * len(words)
        for length in range(min(LONGEST, len(words)), 0, -1):
            for first in range(len(words) - length + 1):
                run = words[first : first + length]
                if BREAK in run:
                    continue
                form = "".join(run)
                forms = self._forms.get(form, ())
                if not forms and length > 1:
                    forms = self._sorted.get(" ".join(sorted(run)), ())
                if forms:
                    letters = _letters(run)
                    found += [Match(first, first + length, e, worth, letters, form) for e, worth in forms]
                    if any(worth >= SETTLED for _, worth in forms):
                        settled[first : first + length] = [True] * length
        for length in range(min(3, len(words)), 0, -1):
            for first in range(len(words) - length + 1):
                run = words[first : first + length]
                if BREAK not in run and not all(settled[first : first + length]):
                    found += self._misspelt(run, first)
        return found

    def _misspelt(self, run: Sequence[str], first: int) -> Iterator[Match]:
        form = "".join(run)
        if len(form) < FUZZY_FROM or run[0] in BEFORE or run[-1] in BEFORE or all(is_common(w) for w in run):
            return
        if len(run) > 1 and is_common(run[0]) and not is_direction(run[0]):
            return
        bones = skeleton(form)
        alike = {bones, *(b for key in _shorter(bones) for b in self._near.get(bones[:1] + key, ()))}
        choices = [known for b in alike for known in self._skeletons.get(b, ()) if known != form]
        if len(choices) > MOST:
            choices = [known for known in choices if known[:2] == form[:2]]
        if len(run[-1]) == 1:  # the letter of "Nyalenda B" is never the misspelt one
            choices = [known for known in choices if known[-1] == form[-1]]
        letters = _letters(run)
        most = 1 if letters < 7 else 2 if letters < 12 else 3
        nearest = process.extract(form, choices, scorer=OSA.distance, score_cutoff=most, limit=5)
        for known, distance, _ in nearest:
            if distance > nearest[0][1]:
                break
            quality = 1.0 - 1.4 * distance / max(len(known), len(form)) - (0.1 if known[0] != form[0] else 0.0)
            for entry, worth in self._forms[known]:
                yield Match(first, first + len(run), entry, worth * quality, letters, known)


def _letters(run: Sequence[str]) -> int:
    """Count the letters that tell one name from another: those of its kind do not."""
    return sum(len(w) for w in run if not is_kind(w)) or sum(map(len, run))


def _shorter(bones: str) -> set[str]:
    """Give a skeleton and all that leave out one of its consonants."""
    return {bones, *(bones[:i] + bones[i + 1 :] for i in range(len(bones)))} if len(bones) > 2 else {bones}
