"""The words we send: asks, stand-downs, warnings, receipts, within the SMS pages they may cost.

You are where a decision becomes a text, just before `alerts.channels` takes it away: `streams` says what is to be said,
`alerts.phrases` has the sentences, `alerts.pages` counts. What does not fit is cut where it hurts least: first the
reporter's own words, then names of places; never the code, the time or what to do.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from alerts import phrases
from alerts.answers import Answer as Answer
from alerts.answers import Reply as Reply
from alerts.answers import ask_code as ask_code
from alerts.answers import parse_answer as parse_answer
from alerts.cap import Severity
from alerts.cap_rules import AREA_MOST as AREA_MOST
from alerts.cap_rules import HEADLINE_MOST
from alerts.pages import pages as pages
from alerts.pages import plain, shorten
from alerts.phrases import Language, Sentence
from alerts.plans import Hazard

VERSION: Final = "wording-1"
_NAMES_MOST: Final = 3


class Bulletin(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of one CAP info."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str


def language(code: str) -> Language:
    """Give the language to write in for an ISO 639 code or a tag such as `sw-KE`; English for one we do not have."""
    start = code.strip().lower().replace("_", "-").split("-")[0]
    return next((known for known in phrases.LANGUAGES if known == start), "en")


def choose(languages: Sequence[str]) -> Language:
    """Give the first language of a person's or ward's order that we write in; English when there is none."""
    starts = [code.strip().lower().replace("_", "-").split("-")[0] for code in languages]
    return next((known for start in starts for known in phrases.LANGUAGES if known == start), "en")


def area_text(name: str, within: str = "") -> str:
    """Name an area in at most 50 characters: `Kabonyo/Kanyagwal, Kisumu`; what lies around it is left out first."""
    full = plain(f"{name}, {within}" if within else name)
    return full if len(full) <= AREA_MOST else shorten(plain(name), AREA_MOST)


def _sentence(lang: Language, sentence: Sentence) -> str:
    while sentence not in phrases.SENTENCES[lang]:
        lang = phrases.FALLBACK[lang]
    return phrases.SENTENCES[lang][sentence]


def _instruction(lang: Language, hazard: Hazard) -> str:
    while hazard not in phrases.INSTRUCTIONS[lang]:
        lang = phrases.FALLBACK[lang]
    return phrases.INSTRUCTIONS[lang][hazard]


def span(lang: Language, minutes: float) -> str:
    """Write a span of time: minutes up to two hours, then whole hours."""
    if minutes < 120:
        return phrases.MINUTES[lang].format(n=max(1, round(minutes)))
    return phrases.HOURS[lang].format(n=round(minutes / 60))


def names(lang: Language, places: Sequence[str], most: int = _NAMES_MOST, unnamed: int = 0) -> str:
    """List places in a sentence, at most `most` of them by name; `unnamed` further ones count among the rest."""
    shown = [area_text(place) for place in dict.fromkeys(places)]
    rest = max(0, len(shown) - most) + unnamed
    if rest > 0:
        shown = [*shown[:most], phrases.MORE[lang].format(n=rest)]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} {phrases.AND[lang]} {shown[-1]}"


def _fill(template: str, **values: object) -> str:
    # Values are put in once and never read as templates: a reporter's braces stay braces.
    return plain(" ".join(template.format(**values).split()))


def _fitting(write: Callable[[str], str], text: str, most: int) -> str:
    """Write with as much of `text` as `most` pages allow, perhaps none of it."""
    text = plain(" ".join(text.split()))
    low, high = 0, len(text)
    if pages(write(text)) <= most:
        return write(text)
    while low < high:
        middle = (low + high + 1) // 2
        if pages(write(shorten(text, middle))) <= most:
            low = middle
        else:
            high = middle - 1
    return write(shorten(text, low) if low > 3 else "")


def ask(
    lang: Language,
    *,
    code: str,
    hazard: Hazard,
    severity: Severity,
    place: str,
    text: str,
    minutes: float,
    most_pages: int = 2,
) -> str:
    """Ask a responder to go; `text` are the reporter's words, cut so that the whole keeps to `most_pages`."""
    template = _sentence(lang, "ask")

    def write(words: str) -> str:
        return _fill(
            template,
            code=code,
            hazard=phrases.HAZARDS[lang][hazard],
            severity=phrases.SEVERITIES[lang][severity].lower(),
            place=area_text(place),
            text=f'"{words}"' if words else "",
            minutes=max(1, int(minutes)),
        )

    return _fitting(write, text, most_pages)


def stand_down(lang: Language, *, code: str, taken: bool) -> str:
    """Tell a responder not to go: because another one goes (`taken`), or because the incident is closed."""
    return _fill(_sentence(lang, "stand-down-taken" if taken else "stand-down-closed"), code=code)


def warning(
    lang: Language,
    *,
    hazard: Hazard,
    severity: Severity,
    places: Sequence[str],
    county: str = "",
    minutes: float | None = None,
    instruction: str = "",
    most_pages: int = 2,
) -> str:
    """Warn people: what, where, when (`minutes` until water arrives), and what to do.

    The fewer pages, the fewer places are named; what to do is never cut. `county` signs it.
    """
    template = _sentence(lang, "warning")
    arrives = "" if minutes is None else _sentence(lang, "arrives").format(minutes=span(lang, minutes))
    values = {
        "severity": phrases.SEVERITIES[lang][severity],
        "hazard": phrases.HAZARDS[lang][hazard],
        "arrives": arrives,
        "instruction": instruction or _instruction(lang, hazard),
        "county": county,
    }
    for most in range(_NAMES_MOST, 0, -1) if places else ():
        text = _fill(template, places=names(lang, places, most), **values)
        if pages(text) <= most_pages:
            return text
    return _fill(_sentence(lang, "warning-unnamed"), **values)


def over(lang: Language, *, hazard: Hazard, places: Sequence[str], county: str = "") -> str:
    """Say that a warning has ended."""
    return _fill(
        _sentence(lang, "over"), hazard=phrases.HAZARDS[lang][hazard], places=names(lang, places), county=county
    )


def acknowledgement(lang: Language, *, reference: str, place: str = "") -> str:
    """Tell a citizen that the report is here, under which reference, and where we think it is."""
    sentence = _sentence(lang, "receipt-place" if place else "receipt")
    return _fill(sentence, reference=reference, place=area_text(place))


def question(lang: Language, *, reference: str, choices: Sequence[str] = ()) -> str:
    """Ask a citizen where it is, with up to four places to choose from by number."""
    if not choices:
        return _fill(_sentence(lang, "question"), reference=reference)
    listed = ", ".join(f"{n} {area_text(choice)}" for n, choice in enumerate(choices[:4], 1))
    return _fill(_sentence(lang, "question-choice"), reference=reference, choices=listed)


def own_question(lang: Language, *, reference: str, question: str) -> str:
    """Ask a citizen what an operator wants to know about a report, in the operator's words."""
    return _fill(_sentence(lang, "question-own"), reference=reference, question=question)


def answer_refused(lang: Language, *, code: str, reason: str) -> str:
    """Tell a responder why an answer came to nothing; `reason` is `taken`, `closed`, `late` or `unknown`."""
    while lang not in phrases.REASONS:
        lang = phrases.FALLBACK[lang]
    why = phrases.REASONS[lang].get(reason, phrases.REASONS[lang]["unknown"])
    return _fill(_sentence(lang, "answer-refused"), code=code or "?", reason=why).replace("?:", ":").lstrip(": ")


def bulletin(
    lang: Language,
    *,
    hazard: Hazard,
    severity: Severity,
    places: Sequence[str],
    unnamed: int = 0,
    minutes: float | None = None,
    river: str = "",
    station: str = "",
    value: float | None = None,
    unit: str = "",
    mark: str = "",
    text: str = "",
) -> Bulletin:
    """Write the texts of a CAP info; `text` goes in front of the description, a reading follows when one is given.

    `unnamed` further places, whose names nobody knows, count in the headline.
    """
    event = phrases.HAZARDS[lang][hazard]
    headline = ""
    for most in range(_NAMES_MOST, 0, -1):
        headline = _fill(
            _sentence(lang, "headline"),
            severity=phrases.SEVERITIES[lang][severity].capitalize(),
            hazard=event.lower(),
            places=names(lang, places, most, unnamed),
        )
        if len(headline) <= HEADLINE_MOST:
            break
    said = [plain(text)] if text else []
    if value is not None and river:
        # Stations are often called "Nyando at Ahero bridge": the river is said once.
        reading, where = _sentence(lang, "river"), station.removeprefix(f"{river} at ")
        said.append(_fill(reading, river=river, station=where, value=f"{value:g}", unit=unit, mark=mark))
    elif value is not None:
        said.append(plain(f"{station}: {value:g} {unit}, '{mark}'."))
    if minutes is not None:
        said.append(_sentence(lang, "arrives").format(minutes=span(lang, minutes)).strip())
    return Bulletin(
        language=phrases.CAP_LANGUAGE[lang],
        event=event,
        headline=headline,
        description=" ".join(said) or f"{headline}.",
        instruction=_instruction(lang, hazard),
    )
