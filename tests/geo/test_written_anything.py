"""Any text at all, read for positions: nothing breaks the reader, its work stays in step, and links are no words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import degree_words, written_degrees
from geo.places import in_kenya_box
from geo.written import MAX_CHARS, position, short_plus
from geo.written_links import is_short, without

PIECES = st.sampled_from(
    ["-0.09", "34.76", "0", "05", "30.1", "S", "E", "N", "lat", "long", "°", "'", '"', ",", ";", ":", "/", "+", "-",
     " ", ".", "@", "!3d", "!4d", "?q=", "geo:", "https://maps.google.com/", "36M", "37N", "696040", "9989860", "MZE",
     "6GFPWQ56+8M", "WQ56+8M", "%2C", "%", "\u2032", "\u0663", "waze.com/ul/h", "&mlat=", "&mlon=", "\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = position(text)
    short_plus(text)
    assert found is None or (in_kenya_box(found.lon, found.lat) and found.accuracy_m >= 10.0)


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "0 ",
        "9.",
        "9,",
        "-",
        "S0 ",
        "0 S ",
        "lat ",
        "lat 1 ",
        "1 lat ",
        "34.1 ",
        "0°",
        "5'",
        "''",
        "0 05 30 ",
        "gps ",
    ],
)
def test_the_work_grows_no_faster_than_the_text(piece: str) -> None:
    work = []
    for length in (2_000, 4_000, 8_000):
        reader = written_degrees.Reader(degree_words.tokens((piece * length)[:length]))
        for index in range(len(reader)):
            reader.position(index)
        work.append(reader.looked)
    assert work[2] - work[1] <= 2.2 * (work[1] - work[0]) + 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("moto goo.gl/maps/ahero sasa", "moto sasa"),
        ("https://maps.app.goo.gl/Kibuye Ahero", "Ahero"),
        ("Ahero (https://example.org/kibuye)", "Ahero ("),
        ("www.kisumu.example na Ahero", "na Ahero"),
        ("fb.com/kibuye Ahero", "Ahero"),
        ("Tuko Ahero.Kibuye/Kondele", "Tuko Ahero.Kibuye/Kondele"),
        ("look at the map.Ahero is flooded", "look at the map.Ahero is flooded"),
        ("geo: Ahero", "geo: Ahero"),
        ("moto: a.b@c.com/x", "moto: a.b@c.com/x"),
    ],
)
def test_links_are_no_words(text: str, words: str) -> None:
    assert without(text).split() == words.split()
    assert len(without(text)) == len(text)


def test_short_map_links_are_known() -> None:
    for text in ("goo.gl/maps/a", "niko https://maps.app.goo.gl/abc?g_st=iw", "MAPS.APPLE/p/x"):
        assert is_short(text)
    for text in ("goo.gl", "https://maps.google.com/?q=1,36", "https://notgoo.gl/maps", "Ahero"):
        assert not is_short(text)


def test_hostile_texts_are_read_to_an_end() -> None:
    for piece in ("9", "9.", "0 ", "!3d", "?q=1,", "geo:1,", "%", "36M 123456 ", "/place/", "34.1,", "6G", "+", " "):
        for start in ("", "https://maps.google.com/", "geo:"):
            assert position(start + piece * MAX_CHARS) is None
            assert len(without(start + piece * MAX_CHARS)) == len(start + piece * MAX_CHARS)
