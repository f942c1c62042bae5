from typing import NamedTuple

from geo.matches import find
from geo.names import Names
from geo.words import read


class Found(NamedTuple):
    entry: int
    quality: float
    last: int


def found(names: Names, text: str) -> list[Found]:
    """List what each match may name, the best of every entry first."""
    hits = [Found(e, m.quality * worth, m.last) for m in find(names, read(text)) for e, worth in m.hits]
    return sorted(hits, key=lambda hit: (hit.entry, -hit.quality))


def test_the_letter_of_a_name_is_never_the_misspelt_one() -> None:
    names = Names()
    names.add(0, "Manyatta A", rooted=True)
    names.ready()
    assert found(names, "manyata a")[0].quality > 0.8
    assert all(m.last == 1 for m in found(names, "manyata b"))  # at most its root, without the letter


def test_no_name_runs_across_punctuation() -> None:
    names = Names()
    names.add(0, "Central Kisumu")
    names.ready()
    assert found(names, "flood in central kisumu")
    assert all(each.quality < 0.6 for each in found(names, "kolwa central, kisumu east"))  # Kisumu at most
    assert all(each.quality < 0.6 for each in found(names, "nice and central. kisumu is wet"))


def test_points_of_abbreviations_break_nothing() -> None:
    names = Names()
    names.add(0, "St. Mary's Primary School")
    names.ready()
    assert found(names, "st marys pri. sch.")[0].quality == 1.0


def test_a_taken_name_never_stands_for_a_longer_one() -> None:
    names = Names(taken=["Kisumu"])
    names.add(0, "Kisumu Airport")
    names.add(1, "Awasi Airport")
    names.ready()
    assert [m.entry for m in found(names, "kisumu")] == []
    assert [m.entry for m in found(names, "awasi")] == [1]


def test_each_misspelling_is_found_and_the_nearer_name_wins() -> None:
    names = Names()
    for entry, name in enumerate(["Migosi", "Migori", "Nyalenda", "Chemelil"]):
        names.add(entry, name)
    names.ready()
    for text, entry in {
        "migossi": 0,
        "mgosi": 0,
        "nyalennda": 2,
        "nayalenda": 2,
        "chemilil": 3,
        "chemelill": 3,
    }.items():
        assert [m.entry for m in found(names, text)] == [entry], text
    assert not found(names, "water")
    assert not found(names, "help please")


def test_everyday_words_are_not_taken_for_misspelt_names() -> None:
    names = Names()
    names.add(0, "Wateru")
    names.ready()
    assert not found(names, "water")
    assert found(names, "watteru")
