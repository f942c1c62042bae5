"""What a responder's SMS means: yes, no, on my way, arrived or done, and to which ask.

You are on the way back from a phone: `POST /intake/sms` of a known responder comes through here before it is taken for
a report. The grammar forgives spelling and mixes four languages, and says None rather than guess: a wrong "yes" sends
nobody, a wrong "no" takes somebody away.
"""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from rapidfuzz.distance import OSA

from alerts.lexicon import tokens

Answer = Literal["accept", "decline", "enroute", "arrived", "done"]


class Reply(NamedTuple):
    """An answer and the code of the ask it names, "" when it names none."""

    answer: Answer
    code: str


_STAGES: Final[tuple[Answer, ...]] = ("accept", "enroute", "arrived", "done")

_WORDS: Final[dict[Answer, str]] = {
    "accept": (
        "yes; y; yeah; yea; yep; yes sir; ok; okay; okey; accept; accepted; sure; roger; no problem; will go; "
        "i will go; "
        "ndiyo; ndio; ndyo; naam; sawa; sawasawa; nakubali; nimekubali; nitakuja; nitaenda; hakuna shida; poa; fiti; "
        "ee; eee; eh; ayie; ayiero; abiro; abiro biro; nadhi; "
        "naancheire; nancheire; inche; ningende"
    ),
    "decline": (
        "no; n; nope; not; cannot; cant; can not; decline; declined; busy; not coming; not available; unable; sorry; "
        "hapana; la; siwezi; sitaweza; sitakuja; sipo; niko mbali; sina nafasi; "
        "ooyo; oyo; dawe; ok anyal; ok abi; ok abi biro; ok nyal; an mabor; "
        "yaya; tinkonyara; tari; tinkogenda"
    ),
    "enroute": (
        "on my way; on the way; omw; enroute; en route; moving; coming; am coming; going; leaving; left; rolling; "
        "njiani; niko njiani; tuko njiani; naenda; ninaenda; nakuja; ninakuja; naja; tunakuja; tumeondoka; nimeondoka; "
        "an e yo; e yo; wan e yo; adhi; wadhi; asewuok; "
        "ngocha; togocha; nchera; nche nchera; ingendete"
    ),
    "arrived": (
        "arrived; arived; here; on scene; onscene; on site; reached; at scene; am here; we are here; "
        "nimefika; tumefika; nimeshafika; niko hapa; tuko hapa; nishafika; "
        "achopo; wachopo; asechopo; antie ka; "
        "naika; naikire; twaika; twaikire"
    ),
    "done": (
        "done; finished; finish; complete; completed; closed; all clear; handled; resolved; over; "
        "nimemaliza; tumemaliza; imeisha; yameisha; kwisha; tayari; imekwisha; "
        "atieko; watieko; asetieko; wasetieko; orumo; oserumo; "
        "nakora; nakorire; twakora; twakorire"
    ),
}
_MENU: Final[dict[str, Answer]] = {"1": "accept", "2": "decline", "3": "enroute", "4": "arrived", "5": "done"}
_ANSWER_OF: Final = {term: answer for answer, terms in _WORDS.items() for term in terms.split("; ")}
_LONGEST: Final = max(len(term.split()) for term in _ANSWER_OF)
_SINGLE: Final = [term for term in _ANSWER_OF if " " not in term]
_CODE: Final = re.compile(
    r"(?!\d+(?:AM|PM|K?M|CM|ST|ND|RD|TH|HRS?)\b)(?=[0-9A-Z]*[0-9])(?=[0-9A-Z]*[A-Z])[0-9A-Z]{2,6}"
)
_SPLIT: Final = re.compile(r"[^0-9A-Za-z]+")
_CHARS_READ: Final = 400
_DIGITS: Final = "23456789"
_LETTERS: Final = "ABCDEFGHJKLNPQRTUVWX"
"""None that reads as a digit, as another letter, or after a digit as metres."""
_ANSWER_WORDS_MOST: Final = 8
"""Longer texts without a code are news, not answers."""


@lru_cache(maxsize=2048)
def _spelt(word: str) -> str:
    """Give the answer word that was meant: one slip in four letters or more, when only one answer is that near."""
    if word in _ANSWER_OF or len(word) < 4:
        return word
    near = [term for term in _SINGLE if len(term) >= 4 and OSA.distance(word, term, score_cutoff=1) <= 1]
    return near[0] if near and len({_ANSWER_OF[term] for term in near}) == 1 else word


def _code(parts: list[str]) -> str:
    """Find the code of the ask among the parts of a text; "" when there is none, or more than one.

    A code has letters and digits, as in `4F`. One of digits alone is taken only right beside a single other word.
    """
    codes = {part for part in parts if _CODE.fullmatch(part)}
    if not codes and len(parts) == 2:
        codes = {part for part in parts if part.isdigit() and len(part) in {2, 3}}
    return codes.pop() if len(codes) == 1 else ""


def _answers(words: list[str]) -> list[Answer]:
    """Find the answers in order, longest phrase first at each place."""
    found: list[Answer] = []
    i = 0
    while i < len(words):
        for length in range(min(_LONGEST, len(words) - i), 0, -1):
            answer = _ANSWER_OF.get(" ".join(words[i : i + length]))
            if answer is not None:
                found.append(answer)
                i += length
                break
        else:
            i += 1
    return found


def parse_answer(text: str) -> Reply | None:
    """Read an SMS as an answer and the code it names; None when it is not clearly an answer.

    `YES 4F`, `4f ndio`, `1`, `niko njiani`, `Nimefika 4F`, `done`. Of several stages the furthest counts ("yes, on my
    way"); yes and no together are no answer. Digits 1 to 5 stand for accept, decline, on the way, arrived, done.
    """
    text = text[:_CHARS_READ]
    parts = [part for part in _SPLIT.split(text.upper()) if part]
    code = _code(parts)
    words = tokens(" ".join(part for part in text.split() if _SPLIT.sub("", part).upper() != code))
    if not words or (not code and len(words) > _ANSWER_WORDS_MOST):
        return None
    if len(words) == 1 and words[0] in _MENU:
        return Reply(_MENU[words[0]], code)
    kinds = set(_answers([_spelt(word) for word in words]))
    if not kinds:
        return None
    if "decline" in kinds:
        return Reply("decline", code) if kinds == {"decline"} else None
    return Reply(max(kinds, key=_STAGES.index), code)


def ask_code(seed: str) -> str:
    """Make the code of an ask from its id: a digit and a letter, as `4F`, easy to type on twelve keys.

    The 160 codes tell a responder's few open asks apart; they are no secret and no key.
    """
    number = int.from_bytes(sha256(seed.encode()).digest()[:4])
    return _DIGITS[number % len(_DIGITS)] + _LETTERS[number // len(_DIGITS) % len(_LETTERS)]
