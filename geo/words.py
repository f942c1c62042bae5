"""How a text is read for places: tokens and spelling keys. Pure.

Names and texts pass through the same normalisation, so that `Ng'iya Mkt.` and `ngiya market` meet. Next on the road:
`geo.names` looks the tokens up.
"""

import re
import unicodedata
from typing import Final

from geo.vocabulary import COMMON, DIRECTIONS, KINDS

MAX_CHARS: Final = 2000
"""What is read of a text: twelve pages of SMS."""
MAX_TOKENS: Final = 150

_APOSTROPHES: Final = str.maketrans("", "", "'`\u2019\u2018\u00b4\u02bc")
_WORD: Final = re.compile(r"[^\W_]+|[,;:!?\n]|(?<=\w{4})\.")  # the point of "St. Mary" or "Pri." breaks nothing
_WEAK: Final = re.compile(r"[aeiouhwy]+")
_DOUBLED: Final = re.compile(r"(.)\1+")
_SOUNDS: Final = str.maketrans("cqzx", "kkss")


BREAK: Final = "|"
"""What stands in a text's tokens where a sentence or a list breaks: no name runs across it."""


def tokens(name: str) -> list[str]:
    """Split a name into plain lower-case words, words for kinds of places and directions brought to one form."""
    return [word for word in phrases(name) if word != BREAK]


def phrases(text: str) -> list[str]:
    """Split a text as `tokens` does, with a BREAK wherever punctuation stands between words."""
    plain = unicodedata.normalize("NFKD", text[:MAX_CHARS]).lower().translate(_APOSTROPHES)
    plain = "".join(c for c in plain if not unicodedata.combining(c)) if not plain.isascii() else plain
    words = _WORD.findall(plain)[:MAX_TOKENS]
    return [DIRECTIONS.get(w) or KINDS.get(w, w) if w[0].isalnum() else BREAK for w in words]


def is_kind(token: str) -> bool:
    """Tell whether a token (as `tokens` gives it) only says what kind of place it is."""
    return token in _KINDS


def is_direction(token: str) -> bool:
    """Tell whether a token tells places of one name apart: a direction, a letter, a number."""
    return token in _DIRECTIONS or len(token) == 1 or token.isdigit() or token in ("ii", "iii", "iv")


def is_common(token: str) -> bool:
    """Tell whether a token is an everyday word, or says only a kind or a direction."""
    return token in COMMON or token in _KINDS or token in _DIRECTIONS or token.isdigit()


_KINDS: Final = frozenset(KINDS.values())
_DIRECTIONS: Final = frozenset(DIRECTIONS.values())


def skeleton(compact: str) -> str:
    """Reduce a spelling to its strong consonants, after which most misspellings of one name are alike.

    Vowels, h, w and y go, doubled letters become one, c and q become k, x and z become s; a first vowel leaves an "a".
    """
    strong: str = _DOUBLED.sub(r"\1", _WEAK.sub("", compact.translate(_SOUNDS)))
    return "a" + strong if compact[:1] in "aeiou" else strong
