"""What an SMS costs: GSM 7-bit and UCS-2 pages, exactly at the edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pages import measure, pages, plain, shorten


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("\u20ac" * 80, "GSM-7", 160, 1),
        ("\u20ac" * 81, "GSM-7", 162, 2),
        # An escape and its letter stay on one page: 76 of them fill 152 of 153 septets.
        ("\u20ac" * 152, "GSM-7", 304, 2),
        ("\u20ac" * 153, "GSM-7", 306, 3),
        ("a" * 152 + "{" + "a" * 152, "GSM-7", 306, 3),
        ("Ng'ombe @ \u00e9\u00e8\u00f9 \u00a7\n", "GSM-7", 16, 1),
        ("\u2019" + "a" * 69, "UCS-2", 70, 1),
        ("\u2019" + "a" * 70, "UCS-2", 71, 2),
        ("\u2019" + "a" * 133, "UCS-2", 134, 2),
        ("\u2019" + "a" * 134, "UCS-2", 135, 3),
        ("\U0001f6a8" * 35, "UCS-2", 70, 1),
        # A surrogate pair is not cut: 33 of them fill 66 of 67 units.
        ("\U0001f6a8" * 66, "UCS-2", 132, 2),
        ("\U0001f6a8" * 67, "UCS-2", 134, 3),
        ("\u00e7", "UCS-2", 1, 1),
        ("\t", "UCS-2", 1, 1),
    ],
)
def test_pages_are_counted_as_a_network_sends_them(text: str, encoding: str, units: int, count: int) -> None:
    found = measure(text)
    assert (found.encoding, found.units, found.pages) == (encoding, units, count)
    assert pages(text) == count


def test_plain_text_keeps_the_cheap_alphabet() -> None:
    text = "\u2018Mto\u2019 \u201cNyando\u201d \u2013 maji\u2026\u00a0\u200bok\x00\x07"
    assert plain(text) == "'Mto' \"Nyando\" - maji... ok"
    assert measure(plain(text)).encoding == "GSM-7"


@given(st.text(max_size=80), st.integers(0, 60))
def test_a_shortened_text_keeps_to_its_limit_and_a_short_one_is_left_alone(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit or len(" ".join(text.split())) <= limit
    if len(" ".join(text.split())) <= limit:
        assert short == " ".join(text.split())


def test_a_text_is_cut_between_words() -> None:
    assert shorten("Kabonyo Kanyagwal ward near the dyke", 24) == "Kabonyo Kanyagwal ward.."
    assert shorten("a" * 40, 10) == "aaaaaaaa.."
