"""What a report is about, how bad it sounds, and how well an incident is borne out."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import lexicon
from alerts.evidence import TRUST, Witness, evidence
from alerts.plans import SEVERITIES, Hazard, default
from alerts.scoring import classify, hoax_words, severity

PLAN = default()


@pytest.mark.parametrize(
    ("text", "hazard"),
    [
        ("Mto Nyando umefurika, watu 3 wamekwama juu ya paa Kabonyo", "flood"),
        ("FLOOD!! water has entred our house at Kobura", "flood"),
        ("floooodin in nyalenda pls hlp", "flood"),
        ("maji imeingia kwa nyumba yetu Dunga beach", "flood"),
        ("Pi opong' e ot, nyithindo omoko e osiep", "flood"),
        ("amache aichire enyomba Nyamarambe", "flood"),
        ("kuna moto Kondele sokoni", "fire"),
        ("gas explosion, shops burning near Jubilee mkt", "fire"),
        ("Ajali mbaya Awasi, matatu imegongana na lorry", "road-crash"),
        ("accdent at ahero brige, boda knocked down", "road-crash"),
        ("Maporomoko ya ardhi Kisii, nyumba tatu zimefunikwa", "landslide"),
        ("mtoto amezama ziwani Dunga", "drowning"),
        ("boat capsised off Usenge, fishermen missing", "drowning"),
        ("jengo limeporomoka Kisii town, wafanyakazi ndani", "structure-collapse"),
        ("kipindupindu Nyamasaria, watu kumi wanahara", "disease"),
        ("majambazi wamevamia duka, risasi zinasikika", "security"),
        ("mifugo wanakufa, hakuna maji kabisa Merti", "drought"),
        ("upepo mkali umetoa paa ya shule", "storm"),
        ("tetemeko la ardhi limesikika", "earthquake"),
        ("tunaomba mkutano na chifu kesho", "other"),
        ("", "other"),
    ],
)
def test_the_hazard_is_read_from_messy_words(text: str, hazard: Hazard) -> None:
    found = classify(text)
    assert found.hazard == hazard
    assert bool(found.words) == (hazard != "other")


def test_a_word_inside_a_phrase_does_not_count_again() -> None:
    assert classify("it has burst its banks").points == {"flood": 3}
    assert classify("burst, burst, burst").points == {"flood": 3}


def test_a_slip_in_the_first_letter_makes_another_word() -> None:
    assert classify("xlooding").hazard == "other"
    assert classify("floodimg").hazard == "flood"


def test_the_labelled_texts_are_mostly_understood() -> None:
    right = wrong = 0
    for path in sorted((Path(__file__).parents[2] / "fixtures" / "sms").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if classify(case["text"]).hazard == case["hazard"]:
                right += 1
            else:
                wrong += 1
    assert right + wrong > 150
    assert right >= 0.95 * (right + wrong)


def test_swahili_verbs_are_known_in_any_person_and_tense() -> None:
    for text in ("wamekwama", "tumekwama", "nimekwama", "watakwama", "amewakwama"):
        assert lexicon.stem(text) == "kwama"
    assert lexicon.stem("imeflood") == lexicon.stem("zimeflood") == "flood"
    assert lexicon.stem("imefungwa") == "imefungwa"
    assert severity("mifugo wanakufa", "drought", PLAN).severity == "Minor"
    assert severity("watu wanakufa", "drought", PLAN).severity == "Severe"


def test_names_are_not_taken_for_hazards() -> None:
    for text in ("Moro anaishi Motoine", "Fred Flores ako Maseno", "meeting at Fair hotel", "Mata na Wanga"):
        assert classify(text).hazard == "other", text


@pytest.mark.parametrize(
    ("text", "hazard", "grade"),
    [
        ("mto umefurika", "flood", "Moderate"),
        ("mafuriko kidogo tu kwa shamba", "flood", "Minor"),
        ("mafuriko, mtu mmoja amekwama", "flood", "Severe"),
        ("mafuriko, watoto wamekwama shuleni", "flood", "Extreme"),
        ("flood, 3 bodies found", "flood", "Extreme"),
        ("flood, families 12 displaced", "flood", "Severe"),
        ("flood, over 200 people displaced", "flood", "Extreme"),
        ("accident, no injuries", "road-crash", "Moderate"),
        ("ajali, hakuna aliyeumia, hakuna majeruhi", "road-crash", "Moderate"),
        ("ajali, wawili wameumia", "road-crash", "Moderate"),
        ("ajali, watu 4 wameumia", "road-crash", "Severe"),
        ("ajali, watu kumi na wawili wameumia", "road-crash", "Extreme"),
        ("storm, nobody trapped, none missing", "storm", "Moderate"),
        ("storm, one trapped", "storm", "Severe"),
        ("fire, small, under control", "fire", "Moderate"),
        ("fire, small, but two people trapped", "fire", "Severe"),
        ("water is 2 m deep at 3 pm, route 5, urgent", "flood", "Moderate"),
        ("ajali saa 12 watu wameumia", "road-crash", "Moderate"),
        ("ajali 12 watu wameumia", "road-crash", "Extreme"),
        ("call 0712345678 flood", "flood", "Moderate"),
    ],
)
def test_the_grade_follows_who_is_in_danger(text: str, hazard: Hazard, grade: str) -> None:
    assert severity(text, hazard, PLAN).severity == grade


def test_a_grade_says_what_it_is_made_of() -> None:
    grade = severity("watu 3 wamekwama, watoto pia", "flood", PLAN)
    assert [(part.name, part.value) for part in grade.parts] == [("hazard", 2), ("trapped", 3), ("vulnerable", 4)]
    assert "3 by 'wamekwama'" in grade.parts[1].why
    assert grade.rules


@given(st.text(max_size=400))
def test_any_text_gets_a_hazard_and_a_grade(text: str) -> None:
    grade = severity(text, classify(text).hazard, PLAN)
    assert grade.severity in SEVERITIES[1:]
    assert msgspec.json.encode(grade)


def test_a_long_text_costs_no_more_than_its_first_words() -> None:
    tail = " watu 500 wamekufa"
    assert severity("habari " * 400 + tail, "other", PLAN) == severity("habari " * 400, "other", PLAN)


def test_terms_stand_in_the_lists_as_the_tokens_of_a_text_come() -> None:
    terms = [term for terms in lexicon.HAZARD_TERMS.values() for term in terms]
    terms += [term for terms in lexicon.PEOPLE_TERMS.values() for term in terms]
    terms += [*lexicon.MINOR_TERMS, *lexicon.GRAVE_TERMS, *lexicon.HOAX_TERMS]
    for term in terms:
        assert " ".join(lexicon.tokens(term)) == term
        assert len(term.split()) <= 4, term


def test_tokens_fold_case_accents_apostrophes_and_stretched_letters_but_no_numbers() -> None:
    assert lexicon.tokens("FLOOOOD! Ng\u2019ombe 1000, caf\u00e9; saa 3.30pm") == [
        "flood", "ngombe", "1000", "cafe", "saa", "3.30", "pm",
    ]  # fmt: skip


def test_a_hoax_says_so() -> None:
    assert hoax_words("natania tu, ni uongo") == ("natania", "uongo")
    assert hoax_words("Fwd: dam has burst!!! Forward to ten people") == ("forward to", "fwd")
    assert hoax_words("moto mkubwa") == ()


def sms(sender: str, kind: str = "citizen", channel: str = "sms") -> Witness:
    return Witness(sender=sender, channel=channel, kind=kind)


def test_evidence_grows_with_independent_senders_and_not_with_repeats() -> None:
    one = evidence([sms("a")])
    assert one.total == TRUST["citizen"]
    assert evidence([sms("a"), sms("a"), sms("a")]) == one
    two = evidence([sms("a"), sms("b")])
    assert two.total == pytest.approx(1 - 0.7 * 0.7)
    assert [part.name for part in two.parts] == ["source", "corroboration"]
    assert evidence([sms("a", "chief")]).total == TRUST["chief"]
    assert evidence([Witness(sender="a", channel="sms", trust=0.5)]).total == 0.5


def test_evidence_grows_with_channels_and_sensors_and_falls_with_hoaxes() -> None:
    two = evidence([sms("a"), sms("b")])
    spread = evidence([sms("a"), sms("b", channel="ussd")])
    assert spread.total > two.total
    measured = evidence([sms("a"), sms("b")], sensors=1)
    assert measured.total == pytest.approx(1 - 0.49 * 0.4)
    doubted = evidence([sms("a"), sms("b")], hoaxes=1)
    assert doubted.total == pytest.approx(two.total * 0.5**0.5, abs=1e-4)
    assert evidence([sms("a")], hoaxes=1).total == pytest.approx(TRUST["citizen"] / 2)
    many = [sms(str(n)) for n in range(40)]
    assert evidence(many, hoaxes=2).total > 0.9
    assert doubted.parts[-1].value < 0
    assert evidence([]).total == 0
    assert evidence([], sensors=2).total == pytest.approx(1 - 0.4 * 0.4)


WITNESSES = st.lists(
    st.builds(
        Witness,
        sender=st.sampled_from("abcdef"),
        channel=st.sampled_from(["sms", "ussd", "web", "officer"]),
        kind=st.sampled_from([*TRUST, "stranger"]),
    ),
    max_size=10,
)


@given(WITNESSES, st.integers(0, 3), st.integers(0, 3), st.randoms(use_true_random=False))
def test_evidence_stays_within_bounds_adds_up_and_knows_no_order(
    witnesses: list[Witness], sensors: int, hoaxes: int, random: object
) -> None:
    score = evidence(witnesses, sensors=sensors, hoaxes=hoaxes)
    assert 0 <= score.total <= 1
    assert score.total == pytest.approx(sum(part.value for part in score.parts), abs=1e-9)
    assert evidence(witnesses[::-1], sensors=sensors, hoaxes=hoaxes) == score
    more = evidence([*witnesses, sms("somebody new")], sensors=sensors, hoaxes=hoaxes)
    assert more.total >= score.total
