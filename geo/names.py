"""The name index: which known names stand in a text, also misspelt, run together or in another order. Pure.

Before this on the road: `geo.words` reads the text. Next: `geo.mentions` makes of the matches what is spoken of.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from geo.spelling import SHORTEST, Spelling
from geo.vocabulary import BEFORE, KINDS, LINKS
from geo.words import is_apart, is_common, is_kind, is_person, is_qualifier, read, tokens

LONGEST: Final = 6
"""Words of the longest name looked for; longer names are found by their first words."""
MOST_SPELT: Final = 3
"""Words of the longest run looked for among misspelt names."""

EXACT: Final = 1.0
REORDERED: Final = 0.7
CORE: Final = 0.86
"""A ward's name without the kind in it: "Milimani" for Market Milimani."""
UNQUALIFIED: Final = 0.75
"""A name without who runs it or for whom: "Kolanya" for SA Kolanya Girls."""
ROOT: Final = 0.55
"""A name without what tells it from its neighbours: "Nyalenda" for Nyalenda A."""
PART: Final = 0.95
"""One of two names joined by a slash."""
WORD: Final = 0.5
"""One word of several: "Kaloleni" for Shaurimoyo Kaloleni."""
KIND_FROM: Final = 0.6
"""How well a misspelt word for a kind of place must fit."""
HEAD: Final = 0.22
"""The first word of a place's longer name."""
_NUMERALS: Final = (("iii", "3"), ("ii", "2"), ("iv", "4"))
_RUN_ON: Final = (BEFORE - LINKS) | {"ya", "la", "wa", "kwa", "ward"}
"""What is run together with the name after it: "inlelan", "hukuchala"."""
_REMEMBERED: Final = 20_000  # spellings whose likenesses are kept: texts repeat their words


class Names:
    """An index of names; `entry` numbers are the caller's. Filled once, then only read.

    `taken` are names (of counties, of sub-counties) that never stand for something longer: "Kisumu" is not short for
    Kisumu Airport.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = frozenset("".join(tokens(name)) for name in taken)
        self._forms: dict[str, list[tuple[int, float]]] = {}
        self._sorted: dict[str, list[tuple[int, float]]] = {}
        self._spaced: set[str] = set()
        self._strong: set[str] = set()
        self._starts: set[str] = set()
        self._spelling = Spelling(())
        self._known: dict[str, list[tuple[str, float]]] = {}
        self._kinds = Spelling([w for w in {*KINDS.values(), "settlement", "hospitali", "barabara"} if len(w) > 5])
        self._kinds_known: dict[str, str] = {}

    def add(self, entry: int, name: str, worth: float = EXACT, *, rooted: bool = False, strong: bool = False) -> None:
        """Index a name with the shorter forms people use for it.

        `rooted` names (of areas) are also found by their root and each of their words; where a `strong` name stands,
        no misspelt other one is looked for.
        """
        if all(map(is_kind, tokens(name))):  # "Sokoni" is a ward; "market" is not it
            self._form(["=", *read(name).said], entry, worth, strong=False)
            return
        pieces = [piece for piece in name.replace("\\", "/").split("/") if piece.strip()]
        if len(pieces) > 1:
            for piece in pieces:
                words = tokens(piece)
                if not all(map(is_common, words)):
                    self._add(entry, words, worth * PART, rooted=rooted, strong=strong)
        self._add(entry, tokens(name), worth, rooted=rooted, strong=strong)

    def _add(self, entry: int, words: list[str], worth: float, *, rooted: bool, strong: bool) -> None:
        words = words[:LONGEST]
        core = [w for w in words if not is_kind(w)]
        plain = "".join(core)
        if core != words and plain in self._taken:  # "Kisumu" is not short for Kisumu Airport
            self._form(words, entry, worth, strong=strong)
            words = [*core, next(w for w in words if is_kind(w))]
            core, plain = words, "".join(words)
        if len(plain) < 3 or (core != words and all(is_weak(w) or is_qualifier(w) for w in core)):
            core, plain = words, "".join(words)
        elif rooted and core != words:
            self._form(words, entry, worth, strong=strong)
            worth *= CORE
        self._form(core, entry, worth, strong=strong)
        if 1 < len(core) <= 4:
            self._starts.update(core)
            self._sorted.setdefault(" ".join(sorted(core)), []).append((entry, worth * REORDERED))
        root = [w for w in core if not is_qualifier(w)]
        if root != core and root:
            apart = any(is_apart(w) for w in core)
            self._shortened(root, entry, worth * (ROOT if apart else UNQUALIFIED), strong=strong and not apart)
        if len(root) > 1:
            if rooted:
                for k, word in enumerate(root):
                    if len(word) > SHORTEST and k and word in self._taken:
                        self._form([word], entry, worth * WORD / 2, strong=False)
                    elif len(word) > SHORTEST:
                        self._shortened([word], entry, worth * WORD, strong=False)
            elif len(root[0]) > SHORTEST:
                self._shortened(root[:1], entry, worth * HEAD, strong=False)

    def _shortened(self, words: Sequence[str], entry: int, worth: float, *, strong: bool) -> None:
        if "".join(words) not in self._taken and not all(is_weak(w) or len(w) < 3 for w in words):
            self._form(words, entry, worth, strong=strong)

    def _form(self, words: Sequence[str], entry: int, worth: float, *, strong: bool) -> None:
        form = "".join(words)
        if len(form) < 3:
            return
        if len(words) > 1:
            self._spaced.add(" ".join(words))
        self._starts.add(words[0])
        known = self._forms.get(form)
        if known is None:
            self._forms[form] = [(entry, worth)]
        elif known[-1][0] != entry:
            known.append((entry, worth))
        if strong:
            self._strong.add(form)

    def ready(self) -> "Names":
        """Finish the index."""
        self._spelling = Spelling([f for f in self._forms if len(f) >= SHORTEST and not f.isdigit()], self._strong)
        return self

    def look(self, form: str, inside: Sequence[str]) -> Sequence[tuple[int, float]]:
        """Give what a form names, spelt by these words: (entry, worth). Everyday words at its ends must be its own."""
        hits = self._forms.get(form, ())
        if hits and len(inside) > 1 and (is_weak(inside[0]) or is_weak(inside[-1])):
            broken = len(form) > SHORTEST and form in self._strong and len(inside) == 2
            broken = broken and not (is_weak(inside[0]) and is_weak(inside[1]))  # "Mat umbei" is Matumbei
            return hits if broken or " ".join(inside) in self._spaced else ()
        return hits

    def reordered(self, words: Sequence[str]) -> tuple[str, Sequence[tuple[int, float]]]:
        """Give what these words name in another order, and the form it is found by."""
        if not all(word in self._starts for word in words):
            return "", ()
        form = " ".join(sorted(words))
        return form, self._sorted.get(form, ())

    def hits(self, form: str) -> Sequence[tuple[int, float]]:
        """Give what a known form names: (entry, worth)."""
        return self._forms.get(form, ())

    def is_strong(self, form: str) -> bool:
        """Tell whether a form is so well known that no other is looked for in its place."""
        return form in self._strong

    def longest(self, start: str) -> int:
        """Say how many words a name may have that begins with this one."""
        return LONGEST + 2 if start in self._starts else 2 if is_weak(start) else MOST_SPELT

    def alike(self, form: str) -> list[tuple[str, float]]:
        """List the known forms a spelling may stand for, with how well each fits."""
        found = self._known.get(form)
        if found is None:
            found = self._spelling.alike(form)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[form] = found
        return found

    def kind(self, word: str) -> str | None:
        """Give the kind word a misspelt one stands for ("settelment"), if it is no known name."""
        if len(word) < 6 or word in self._forms or is_common(word):
            return None
        found = self._kinds_known.get(word)
        if found is None:
            alike = self._kinds.alike(word)
            found = alike[0][0] if alike and alike[0][1] > KIND_FROM else ""
            if found and any(quality >= alike[0][1] and name in self._strong for name, quality in self.alike(word)):
                found = ""  # "masingi" is Masinga rather than "msingi"
            if len(self._kinds_known) >= _REMEMBERED:
                self._kinds_known.clear()
            self._kinds_known[word] = found
        return found or None

    def apart(self, word: str) -> tuple[str, str] | None:
        """Part a word that runs two together: a name and a kind of place, or two names, the longer first one best."""
        if len(word) < 7 or word in self._forms or is_common(word) or is_person(word):
            return None
        for numeral, figure in _NUMERALS:
            if word.endswith(numeral) and word[: -len(numeral)] + figure in self._strong:
                return word[: -len(numeral)], numeral
        if any(quality > 0.6 and name in self._strong for name, quality in self.alike(word)):
            return None  # "kagunga" is Kasgunga rather than "ka gunga"
        for cut in range(2, min(7, len(word) - 3)):
            left, right = word[:cut], word[cut:]
            if left in _RUN_ON and right in self._forms and (right in self._strong or len(right) > SHORTEST):
                return left, right
        for cut in range(len(word) - 3, 2, -1):
            left, right = word[:cut], word[cut:]
            if (right in KINDS and len(right) > 2 and left in self._forms) or (
                left in KINDS and len(left) > 3 and len(right) > SHORTEST and right in self._forms
            ):
                return left, right
        for cut in range(len(word) - 4, 3, -1):
            left, right = word[:cut], word[cut:]
            if left in self._strong and right in self._strong:
                return left, right
        return None


@lru_cache(maxsize=1 << 16)
def is_weak(word: str) -> bool:
    """Tell whether a word at the end of a run says that no name ends there: an everyday word, not a kind."""
    return (word in BEFORE or word in LINKS or is_common(word)) and not is_apart(word) and not is_kind(word)
