"""How a text is read for places: tokens, what each says, spelling keys. Pure.

Names and texts pass through the same normalisation, so that `Ng'iya Mkt.` and `ngiya market` meet. Next on the road:
`geo.names` looks the tokens up.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from geo.everyday import COMMON, PEOPLE
from geo.vocabulary import DIRECTIONS, KINDS, LINKS, QUALIFIERS, SPELT

MAX_CHARS: Final = 2000
"""What is read of a text: twelve pages of SMS."""
MAX_TOKENS: Final = 150
MAX_WORD: Final = 40
"""Letters of the longest word that may be a name; a longer run of letters is noise."""

_APOSTROPHES: Final = str.maketrans("", "", "'`\u2019\u2018\u00b4\u02bc")
_WORD: Final = re.compile(r"[^\W_]+|[.,;:!?\n()]")
_RUN_TOGETHER: Final = re.compile(r"(?<=[a-z]{2})(?=[A-Z](?:[a-z]{2}|[A-Z]{0,2}\b))")  # "KisumuEast", "NyalendaB"
_DOUBLED: Final = re.compile(r"(.)\1+")
_FIGURES: Final = str.maketrans("013457", "oieast")

BREAK: Final = "|"
"""What stands in a text's tokens where a sentence or a list breaks: no name runs across it."""

_FORMS: Final = {**SPELT, **QUALIFIERS, **KINDS, **DIRECTIONS}
_KINDS: Final = frozenset(KINDS.values())
_DIRECTIONS: Final = frozenset(DIRECTIONS.values())
_QUALIFIERS: Final = frozenset(QUALIFIERS.values())
_PLURAL_FROM: Final = 5
_EITHER: Final = frozenset(("or", "and", "au", "ama", "na"))
_VERB: Final = re.compile(r"(?:[aiu]|wa|tu|ni|zi|ya|ha[a-z]{0,2})(?:me|li|ta|na|ka|ja|po)[a-z]{3,}[aiou]")
"""A Swahili verb with its subject and tense: "wamekwama", "inateketea", "haijaacha"."""


class Read(NamedTuple):
    """A text as tokens: `words` in one spelling, `said` as typed, in lower case."""

    words: list[str]
    said: list[str]


def read(text: str) -> Read:
    """Split a text into plain lower-case words in one spelling, with a BREAK wherever punctuation stands."""
    text = text[:MAX_CHARS]
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = _RUN_TOGETHER.sub(" ", text.translate(_APOSTROPHES).replace("@", " at "))
    words: list[str] = []
    said: list[str] = []
    last = ""
    for piece in _WORD.findall(text)[:MAX_TOKENS]:
        if not piece[0].isalnum():
            if piece != "." or len(last) > 3:  # the point of "St. Mary" or "Pri." breaks nothing
                words.append(BREAK)
                said.append(piece)
            continue
        low = last = piece.lower()
        if not low.isalpha() and not low.isdigit() and low[0].isalpha() and len(low) > 3:
            low = low.translate(_FIGURES)
        if _second_letter(words, piece):
            words.append(words[-3])
            said.append(said[-3])
        words.append(_FORMS.get(low) or low[:MAX_WORD])
        said.append(low)
    return Read(words, said)


def _second_letter(words: list[str], piece: str) -> bool:
    """Tell whether a letter names a second place of the name before it: "Nyalenda A au B" is Nyalenda A, Nyalenda B."""
    if len(piece) > 1 or len(words) < 3 or words[-1] not in _EITHER or piece == "a":  # "or a house" names no place
        return False
    name, letter = words[-3], words[-2]
    return piece.isalpha() and letter.isalpha() and len(letter) == 1 < len(name) and name not in _KINDS


def tokens(name: str) -> list[str]:
    """Split a name into plain lower-case words, words for kinds of places and directions brought to one form."""
    return [word for word in read(name).words if word != BREAK]


def phrases(text: str) -> list[str]:
    """Split a text as `tokens` does, with a BREAK wherever punctuation stands between words."""
    return read(text).words


def is_kind(token: str) -> bool:
    """Tell whether a token (as `tokens` gives it) only says what kind of place it is."""
    return token in _KINDS


def is_apart(token: str) -> bool:
    """Tell whether a token tells neighbouring places of one name apart: a direction, a letter, a number."""
    return token in _DIRECTIONS or (len(token) == 1 and token != BREAK) or token.isdigit()


def is_qualifier(token: str) -> bool:
    """Tell whether a token may be left out of a name, or tells apart what shares it."""
    return token in _QUALIFIERS or is_apart(token)


@lru_cache(maxsize=1 << 16)
def is_common(token: str) -> bool:
    """Tell whether a token is an everyday word, or says only a kind or a direction."""
    return (
        token in COMMON
        or token in _KINDS
        or token in _DIRECTIONS
        or token in LINKS
        or token.isdigit()
        or (token[-1:] == "s" and len(token) >= _PLURAL_FROM and token[:-1] in COMMON)
        or (token[-2:] == "ni" and len(token) > _PLURAL_FROM and token[:-2] in COMMON)
    )


@lru_cache(maxsize=1 << 16)
def is_verb(token: str) -> bool:
    """Tell whether a token has the form of a Swahili verb; some names have it as well."""
    return len(token) > 6 and _VERB.fullmatch(token) is not None


def is_person(token: str) -> bool:
    """Tell whether a token is among the commonest names of people."""
    return token in PEOPLE


_SOUNDS: Final = (
    ("sh", "s"), ("ch", "s"), ("ts", "s"), ("dh", "t"), ("th", "t"), ("ny", "n"), ("ph", "b"), ("gh", "k"), ("h", ""),
    ("ck", "k"),
)  # fmt: skip
_LETTERS: Final = str.maketrans("rvpfgcqdzxjweoy", "lbbbkkktssjuiui")
_VOWELS: Final = str.maketrans("", "", "aiu")


def sound(compact: str) -> str:
    """Reduce a spelling to how it sounds: what Kenyan writers exchange becomes one letter.

    l and r, b v p and f, k g and c, d t th and dh, s z sh and ch, n and ny, w and u, y and i, e and i, o and u; h goes
    and doubled letters become one.
    """
    return outspoken(_DOUBLED.sub(r"\1", compact))


def outspoken(compact: str) -> str:
    """Reduce a spelling to how it sounds with every doubled letter heard twice: a typing error may double one."""
    for typed, heard in _SOUNDS:
        if typed in compact:
            compact = compact.replace(typed, heard)
    return compact.translate(_LETTERS)


def bones(heard: str) -> str:
    """Take the vowels out of a sound; a first vowel leaves an "a"."""
    strong: str = _DOUBLED.sub(r"\1", heard.translate(_VOWELS))
    return "a" + strong if heard[:1] in ("a", "i", "u") else strong
