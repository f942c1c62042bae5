import pytest

from geo.spelling import Spelling

NAMES = ["kondele", "kibuye", "nyalendab", "khalaba", "kilibwoni", "shaurimoyokaloleni", "tseikuru", "bomet", "uran"]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling(NAMES, set(NAMES))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kondelle", "kondele"), ("gondele", "kondele"), ("kondela", "kondele"), ("kodnele", "kondele"),
        ("khalaaa", "khalaba"), ("kiliwboni", "kilibwoni"), ("tieikuru", "tseikuru"), ("vomet", "bomet"),
        ("shaurimoyokalolni", "shaurimoyokaloleni"), ("shaulimoyocaloleni", "shaurimoyokaloleni"), ("uren", "uran"),
    ],
)  # fmt: skip
def test_a_misspelt_name_is_found(spelling: Spelling, typed: str, meant: str) -> None:
    found = spelling.alike(typed)
    assert found[0][0] == meant
    assert 0.3 < found[0][1] < 1.0


def test_the_better_spelling_fits_better(spelling: Spelling) -> None:
    assert spelling.alike("gondele")[0][1] > spelling.alike("kodnele")[0][1] > 0.5


@pytest.mark.parametrize("typed", ["kondele", "water", "xyz", "", "k", "kandowele", "maboteni"])
def test_a_known_name_or_another_word_is_like_none(spelling: Spelling, typed: str) -> None:
    assert spelling.alike(typed) == []


def test_nothing_is_like_anything_where_nothing_is_known() -> None:
    assert Spelling(()).alike("kondele") == []
