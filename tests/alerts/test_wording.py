"""The texts we send: complete in every language, within their pages, never read as templates."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import phrases, wording
from alerts.pages import measure, pages
from alerts.phrases import LANGUAGES, Language
from alerts.plans import HAZARDS, SEVERITIES, Hazard

PLACES = ["Kabonyo/Kanyagwal", "Ahero", "Kobura", "Awasi/Onjiko", "East Kano/Wawidhi"]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_language_has_a_word_for_every_hazard_and_severity() -> None:
    for lang in LANGUAGES:
        assert set(phrases.HAZARDS[lang]) == set(HAZARDS)
        assert set(phrases.SEVERITIES[lang]) == set(SEVERITIES)
        for sentence in ("ask", "warning", "receipt", "receipt-place", "stand-down-taken", "stand-down-closed", "over"):
            assert sentence in phrases.SENTENCES[lang], (lang, sentence)
    assert set(phrases.INSTRUCTIONS["en"]) == set(phrases.INSTRUCTIONS["sw"]) == set(HAZARDS)


def test_a_sentence_takes_the_same_values_in_every_language() -> None:
    for lang in LANGUAGES:
        for name, template in phrases.SENTENCES[lang].items():
            assert fields(template) == fields(phrases.SENTENCES["en"][name]), (lang, name)


def test_all_we_wrote_is_in_the_cheap_alphabet() -> None:
    for lang in LANGUAGES:
        tables = (phrases.HAZARDS, phrases.SEVERITIES, phrases.SENTENCES, phrases.INSTRUCTIONS)
        for text in (text for table in tables for text in table[lang].values()):
            assert measure(text).encoding == "GSM-7", text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("hazard", HAZARDS)
def test_an_ask_keeps_its_code_its_deadline_and_its_pages(lang: Language, hazard: Hazard) -> None:
    text = wording.ask(
        lang,
        code="4F",
        hazard=hazard,
        severity="Extreme",
        place="Kabonyo/Kanyagwal, Kisumu",
        text="mto umefurika, watu watatu wamekwama juu ya paa karibu na soko " * 9,
        minutes=5.9,
    )
    assert pages(text) == 2
    assert text.startswith("4F ")
    assert text.count("4F") == 3
    assert "Kabonyo/Kanyagwal, Kisumu" in text
    assert '.."' in text
    assert " 5" in text.split('.."')[1]
    short = wording.ask(
        lang, code="4F", hazard=hazard, severity="Minor", place="Ahero", text="x" * 500, minutes=5, most_pages=1
    )
    assert pages(short) == 1


def test_the_answers_an_ask_names_are_understood() -> None:
    for lang in LANGUAGES:
        text = wording.ask(lang, code="4F", hazard="fire", severity="Severe", place="Ahero", text="", minutes=2)
        words = text.replace(",", " ").replace(".", " ").split()
        spots = [i for i, word in enumerate(words) if word == "4F" and i]
        replies = [wording.parse_answer(f"{words[i - 1]} {words[i]}") for i in spots]
        assert [reply and reply.answer for reply in replies] == ["accept", "decline"], text


def test_a_warning_names_places_while_they_fit_and_always_says_what_to_do() -> None:
    for lang in LANGUAGES:
        text = wording.warning(lang, hazard="flood", severity="Severe", places=PLACES, county="Kisumu", minutes=480)
        assert pages(text) <= 2
        assert phrases.INSTRUCTIONS[lang]["flood"] in text
        assert "Kabonyo/Kanyagwal" in text
        assert "8" in text
        long = [letter * 49 for letter in "abc"]
        text = wording.warning(lang, hazard="flood", severity="Severe", places=long, instruction="z" * 150)
        assert pages(text) == 2
        assert "a" * 49 in text
        tight = wording.warning(
            lang, hazard="flood", severity="Severe", places=["x" * 49, "y" * 49], instruction="z" * 120, most_pages=1
        )
        assert "z" * 120 in tight


def test_a_sentence_a_language_does_not_have_is_said_in_swahili() -> None:
    assert "mafuriko" not in phrases.INSTRUCTIONS["guz"].get("drought", "")
    text = wording.warning("guz", hazard="drought", severity="Severe", places=["Nyamarambe"])
    assert phrases.INSTRUCTIONS["sw"]["drought"] in text
    assert "huna la kufanya" in wording.answer_refused("luo", code="4F", reason="late").lower()


def test_a_receipt_has_the_reference_and_the_numbers_to_call() -> None:
    for lang in LANGUAGES:
        for place in ("", "Kabonyo/Kanyagwal, Kisumu"):
            text = wording.acknowledgement(lang, reference="K7Q-2MF", place=place)
            assert "K7Q-2MF" in text
            assert {"112", "999"} <= set(text.replace(".", " ").replace("?", " ").split())
            assert place in text
            assert pages(text) == 1


def test_questions_refusals_stand_downs_and_ends() -> None:
    assert "1 Ahero, 2 Kobura" in wording.question("sw", reference="K7Q-2MF", choices=["Ahero", "Kobura"])
    assert "K7Q-2MF" in wording.question("en", reference="K7Q-2MF")
    for reason in ("taken", "closed", "late", "unknown", "whatever else"):
        assert wording.answer_refused("en", code="4F", reason=reason).startswith("4F: ")
    assert wording.answer_refused("en", code="", reason="unknown") == "we do not know this ask. Nothing to do."
    assert wording.stand_down("en", code="4F", taken=True) != wording.stand_down("en", code="4F", taken=False)
    assert "Ahero and Kobura" in wording.over("en", hazard="flood", places=["Ahero", "Kobura"], county="Kisumu")


def test_a_bulletin_has_the_reading_and_the_travel_time() -> None:
    text = wording.bulletin(
        "en",
        hazard="flood",
        severity="Extreme",
        places=["Ahero", "Kobura"],
        minutes=150,
        river="Nyando",
        station="Ahero bridge",
        value=4.6,
        unit="m",
        mark="emergency",
        text="Seen by the chief.",
    )
    assert text.language == "en-KE"
    assert text.headline == "Extreme danger: flood in Ahero and Kobura"
    assert text.description == (
        "Seen by the chief. The Nyando at Ahero bridge stands at 4.6 m, over the mark 'emergency'. "
        "Water may arrive in about 2 h."
    )
    assert text.instruction == phrases.INSTRUCTIONS["en"]["flood"]


@pytest.mark.parametrize(
    ("river", "station", "said"),
    [
        ("Nyando", "Nyando at Ahero bridge", "The Nyando at Ahero bridge stands at 4.6 m, over the mark 'alarm'."),
        ("", "Kisumu rain gauge", "Kisumu rain gauge: 4.6 m, 'alarm'."),
    ],
)
def test_a_river_is_named_once(river: str, station: str, said: str) -> None:
    text = wording.bulletin(
        "en",
        hazard="flood",
        severity="Severe",
        places=["Ahero"],
        river=river,
        station=station,
        value=4.6,
        unit="m",
        mark="alarm",
    )
    assert text.description == said


def test_a_headline_fits_what_cap_allows_however_long_the_names() -> None:
    for lang in LANGUAGES:
        text = wording.bulletin(
            lang, hazard="structure-collapse", severity="Extreme", places=[c * 49 for c in "abcdef"]
        )
        assert len(text.headline) <= 160
        assert "a" * 49 in text.headline


def test_a_headline_counts_the_places_whose_names_nobody_knows() -> None:
    text = wording.bulletin("en", hazard="flood", severity="Severe", places=["Ahero", "Kobura"], unnamed=3)
    assert text.headline.endswith("Ahero, Kobura and 3 more")


def test_languages_are_chosen_by_a_persons_order() -> None:
    assert wording.choose(["kuj", "luo", "sw"]) == "luo"
    assert wording.choose(["so"]) == wording.choose([]) == "en"
    assert wording.language("SW_ke") == "sw"
    assert wording.language("xx") == "en"


def test_an_area_has_at_most_fifty_characters() -> None:
    assert wording.area_text("Kabonyo/Kanyagwal", "Kisumu") == "Kabonyo/Kanyagwal, Kisumu"
    assert wording.area_text("Kabonyo/Kanyagwal ward and its beaches", "Nyando, Kisumu County") == (
        "Kabonyo/Kanyagwal ward and its beaches"
    )
    assert len(wording.area_text("long name " * 20, "x")) <= 50


@given(st.text(max_size=300), st.sampled_from(LANGUAGES), st.integers(2, 4))
def test_whatever_a_reporter_wrote_an_ask_keeps_to_its_pages(text: str, lang: Language, most: int) -> None:
    said = wording.ask(
        lang, code="4F", hazard="flood", severity="Severe", place="Ahero", text=text, minutes=5, most_pages=most
    )
    assert pages(said) <= most
    assert said.count("4F") >= 3


def test_braces_of_a_reporter_stay_braces() -> None:
    said = wording.ask("en", code="4F", hazard="fire", severity="Minor", place="{code}", text="{hazard} {0}", minutes=5)
    assert '"{hazard} {0}"' in said
    assert ": {code}." in said
