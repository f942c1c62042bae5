"""The name index: which known names stand in a text, also misspelt, run together or in another order. Pure.

Before this on the road: `geo.words` reads the text. Next: `geo.mentions` makes of the matches what is spoken of.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from geo.spelling import SHORTEST, Spelling
from geo.vocabulary import BEFORE, KINDS, LINKS
from geo.words import BREAK, Read, is_apart, is_common, is_kind, is_person, is_qualifier, is_verb, read, tokens

LONGEST: Final = 6
"""Words of the longest name looked for; longer names are found by their first words."""
MOST_SPELT: Final = 3
"""Words of the longest run looked for among misspelt names."""

EXACT: Final = 1.0
REORDERED: Final = 0.9
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
_RUN_ON: Final = frozenset(
    "in at around near hapa hapo huku huko pale wa ya la na kwa gi ka opposite behind ward ase mu".split()
)
"""What is run together with the name after it: "inlelan", "hukuchala"."""
_KNOWN_TOO: Final = 0.3  # what is left of a misspelling that is itself the name of an obscure place
_REMEMBERED: Final = 20_000  # spellings whose likenesses are kept: texts repeat their words


class Match(NamedTuple):
    """A run of a text's tokens that may name each of `hits` (entry, worth), spelt so well (0 to 1)."""

    first: int
    last: int
    form: str
    quality: float
    letters: int
    hits: Sequence[tuple[int, float]]


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
        self._kinds = Spelling([word for word in KINDS if len(word) > 5])
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
        if len(plain) < 3 or (core != words and all(_weak(w) or is_qualifier(w) for w in core)):
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
        if "".join(words) not in self._taken and not all(_weak(w) or len(w) < 3 for w in words):
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
        self._spelling = Spelling([f for f in self._forms if len(f) >= SHORTEST and not f.isdigit()])
        return self

    def find(self, text: Read) -> list[Match]:
        """List every match in a text's tokens; matches may overlap."""
        words = text.words
        found: list[Match] = []
        settled = [is_kind(w) or w == BREAK for w in words]
        exact = [False] * len(words)
        for first in range(len(words)):
            for last, form, forms in self._known_from(text, first):
                inside = words[first:last]
                letters = _letters(inside)
                found.append(Match(first, last, form, 1.0, letters, forms))
                exact[first:last] = [True] * len(inside)
                if form in self._strong or (len(inside) > 1 and letters > 7):
                    settled[first:last] = [True] * len(inside)
        for first in range(len(words)):
            for last, form, inside in self._unknown_from(words, first, settled):
                found += self._misspelt(words, first, last, form, inside, known_too=all(exact[first:last]))
        return found

    def _known_from(self, text: Read, first: int) -> Iterator[tuple[int, str, Sequence[tuple[int, float]]]]:
        """Look up the runs that begin at a token, with and without the kinds of places within them."""
        words = text.words
        whole = core = ""
        start = words[first]
        longest = LONGEST + 2 if start in self._starts else 2 if _weak(start) and not is_kind(start) else MOST_SPELT
        for last in range(first, min(first + longest, len(words))):
            word = words[last]
            if word == BREAK:
                return
            whole += word
            kind = is_kind(word)
            core += "" if kind else word
            inside = words[first : last + 1]
            if kind and not core:
                form = "=" + "".join(text.said[first : last + 1])
                forms: Sequence[tuple[int, float]] = self._forms.get(form, ())
            else:
                form, forms = whole, self._look(whole, inside)
            if not forms and not kind and not is_kind(words[first]):
                telling = [w for w in inside if not is_kind(w)]
                if core != whole:
                    form, forms = core, self._look(core, telling)
                if not forms and 2 <= len(telling) <= 4:
                    form = " ".join(sorted(telling))
                    forms = self._sorted.get(form, ())
            if forms:
                yield last + 1, form, forms

    def _look(self, form: str, inside: Sequence[str]) -> Sequence[tuple[int, float]]:
        forms = self._forms.get(form, ())
        if forms and len(inside) > 1 and any(_weak(w) and not is_kind(w) for w in (inside[0], inside[-1])):
            broken = len(form) > 6 and form in self._strong and not any(w in BEFORE or w in LINKS for w in inside)
            return forms if broken or " ".join(inside) in self._spaced else ()  # "Mat umbei" is Matumbei
        return forms

    def _unknown_from(
        self, words: Sequence[str], first: int, settled: Sequence[bool]
    ) -> Iterator[tuple[int, str, list[str]]]:
        """Give the runs that begin at a token and may be a misspelt name: (end, form, telling words)."""
        start = words[first]
        if start == BREAK or is_kind(start) or start in BEFORE or start in LINKS:
            return
        form = whole = ""
        inside: list[str] = []
        for last in range(first, len(words)):
            word = words[last]
            if word == BREAK or len(inside) == MOST_SPELT or word in BEFORE or word in LINKS:
                return
            if is_kind(word):
                if inside and whole == form:
                    yield last + 1, form + word, [*inside, word]
                whole += word
                continue
            inside.append(word)
            form += word
            whole += word
            if is_verb(word) and len(inside) == 1:
                return
            if len(form) < SHORTEST or all(settled[first : last + 1]) or form in self._strong:
                continue
            if not any(is_apart(w) for w in inside):
                telling = [w for w in inside if not is_common(w)]
                if len(telling) * 2 < len(inside) or not any(len(w) > 3 for w in telling):
                    continue
            if not all(is_apart(w) or is_common(w) for w in inside):
                yield last + 1, form, inside

    def _misspelt(
        self, words: Sequence[str], first: int, last: int, form: str, inside: Sequence[str], *, known_too: bool
    ) -> Iterator[Match]:
        word = words[last - 1]
        anchors = [w for w in inside if len(w) > 3 and w in self._strong] if len(inside) > 1 else ()
        letters = _letters(inside)
        for known, quality in self.alike(form):
            if (len(word) == 1 and known[-1] != word) or (word.isdigit() and not known.endswith(word)):
                continue  # the letter of "Nyalenda B" is never the misspelt one
            if (known_too and known not in self._strong) or (anchors and not _anchored(form, known, anchors)):
                continue
            worth = quality * (_KNOWN_TOO if known_too else 1.0)
            yield Match(first, last, known, worth, letters, self._forms[known])

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
            if len(self._kinds_known) >= _REMEMBERED:
                self._kinds_known.clear()
            self._kinds_known[word] = found
        return found or None

    def apart(self, word: str) -> tuple[str, str] | None:
        """Part a word that runs two together: a name and a kind of place, or two names, the longer first one best."""
        if len(word) < 7 or word in self._forms or is_common(word) or is_person(word):
            return None
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

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a name index is built where it is used: pickle the gazetteer")


def _anchored(form: str, known: str, anchors: Sequence[str]) -> bool:
    """Tell whether a known name keeps the known words of a run, and is like the rest: "nairobi hses" is no ward."""
    for word in anchors:
        if word not in known:
            return False
        left, rest = form.replace(word, "", 1), known.replace(word, "", 1)
        if OSA.distance(left, rest) > max(1, len(left) // 4):
            return False
    return True


@lru_cache(maxsize=1 << 16)
def _weak(word: str) -> bool:
    return (word in BEFORE or word in LINKS or is_common(word)) and not is_apart(word)


def _letters(run: Sequence[str]) -> int:
    """Count the letters that tell one name from another: those of its kind do not."""
    return sum(len(w) for w in run if not is_kind(w)) or sum(map(len, run))
