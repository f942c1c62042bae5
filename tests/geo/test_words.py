from geo.words import BREAK, bones, is_apart, is_common, is_verb, phrases, read, sound, tokens


def test_a_text_and_a_name_meet_in_one_spelling() -> None:
    assert tokens("Ng\u2019iya Mkt.") == phrases("ngiya soko") == ["ngiya", "market"]
    assert tokens("Saint Mary's Pri. Sch.") == tokens("St. Marys primary school")
    assert tokens("Umoja II") == tokens("umoja 2")


def test_punctuation_parts_and_abbreviation_does_not() -> None:
    assert phrases("moto. kondele, kisumu") == ["moto", BREAK, "kondele", BREAK, "kisumu"]
    assert BREAK not in phrases("St. Marys")


def test_what_is_run_together_or_typed_with_figures_is_read() -> None:
    assert phrases("KisumuEast NyalendaB") == ["kisumu", "east", "nyalenda", "b"]
    assert phrases("AreaIV atUsonga") == ["area", "4", "at", "usonga"]
    assert phrases("k0ndele @market") == ["kondele", "at", "market"]


def test_what_was_typed_is_kept_beside_what_is_read() -> None:
    text = read("Soko la Kibuye")
    assert (text.words, text.said) == (["market", "la", "kibuye"], ["soko", "la", "kibuye"])


def test_what_kenyan_writers_exchange_sounds_alike() -> None:
    pairs = (
        "kalamba/karamba bondo/vondo gatanga/katanga shisha/chicha thika/tika nyeri/neri mwea/muea kisii/kisi homa/oma"
    )
    for one, other in (pair.split("/") for pair in pairs.split()):
        assert sound(one) == sound(other), (one, other)
    assert sound("migori") != sound("migosi")
    assert bones(sound("kondele")) == bones(sound("kandila"))


def test_everyday_words_and_verbs_are_told_from_names() -> None:
    assert all(map(is_common, ["water", "maji", "floods", "mtoni", "market", "north", "7"]))
    assert all(map(is_verb, ["wamekwama", "inateketea", "haijaacha"]))
    assert not any(map(is_verb, ["kilibwoni", "kinakomba", "nyalenda"]))
    assert not is_apart(BREAK)
    assert all(map(is_apart, ["b", "2", "north"]))
