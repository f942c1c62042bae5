"""Answers by SMS, in four languages, misspelt, with and without the code of the ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.answers import Reply, ask_code
from alerts.wording import parse_answer


@pytest.mark.parametrize(
    ("text", "answer", "code"),
    [
        ("YES 4F", "accept", "4F"),
        ("  Yes, 4f. ", "accept", "4F"),
        ("4F yes", "accept", "4F"),
        ("ok #4F", "accept", "4F"),
        ("NDIYO", "accept", ""),
        ("ndio 4f", "accept", "4F"),
        ("Nakubal 4F", "accept", "4F"),
        ("sawa", "accept", ""),
        ("EE 4F", "accept", "4F"),
        ("Naancheire 4F", "accept", "4F"),
        ("no problem", "accept", ""),
        ("1", "accept", ""),
        ("1 4F", "accept", "4F"),
        ("NDIYO 42", "accept", "42"),
        ("2", "decline", ""),
        ("NO 4F", "decline", "4F"),
        ("hapana siwezi", "decline", ""),
        ("Hapna 4f", "decline", "4F"),
        ("OOYO 4F", "decline", "4F"),
        ("ok anyal 4F", "decline", "4F"),
        ("YAYA 4F", "decline", "4F"),
        ("not coming", "decline", ""),
        ("NIKO NJIANI", "enroute", ""),
        ("yes, on my way 4F", "enroute", "4F"),
        ("omw", "enroute", ""),
        ("an e yo 4F", "enroute", "4F"),
        ("Nimefika", "arrived", ""),
        ("nimefka 4F", "arrived", "4F"),
        ("arived 4F", "arrived", "4F"),
        ("achopo", "arrived", ""),
        ("DONE", "done", ""),
        ("tumemaliza 4F asante", "done", "4F"),
        ("asetieko", "done", ""),
        ("5 4F", "done", "4F"),
        ("arrived at 3pm 4F", "arrived", "4F"),
    ],
)
def test_an_answer_is_understood(text: str, answer: str, code: str) -> None:
    assert parse_answer(text) == (answer, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "4F",
        "6",
        "yes and no",
        "NDIYO 4F 5G hapana",
        "moto Kondele",
        "Mto umefurika hapa Ahero na watu wamekwama ndio tunaomba msaada haraka sana",
        "there is a fire and nobody is here yet please send somebody now",
        "2024",
        "\u200b\u202e\ufffd",
        "\U0001f44d",
    ],
)
def test_what_is_not_clearly_an_answer_is_none(text: str) -> None:
    assert parse_answer(text) is None


def test_with_two_codes_there_is_none() -> None:
    assert parse_answer("YES 4F 5G") == ("accept", "")


@given(st.text(max_size=600))
def test_any_text_is_read_without_trouble(text: str) -> None:
    reply = parse_answer(text)
    assert reply is None or isinstance(reply, Reply)


@given(
    st.uuids().map(str),
    st.sampled_from(["yes {}", "{} NDIYO", "EE {}", "Hapana {}", "niko njiani {}.", "{}: done", "ooyo {}", "YAYA {}"]),
    st.booleans(),
)
def test_every_code_we_make_is_read_back(seed: str, pattern: str, lower: bool) -> None:
    code = ask_code(seed)
    assert code == ask_code(seed)
    reply = parse_answer(pattern.format(code.lower() if lower else code))
    assert reply is not None
    assert reply.code == code
