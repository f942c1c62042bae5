"""Words to wards on the real wards and the whole real gazetteer; skipped where those are not."""

import csv
import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.calibration import ASSERT_FROM
from geo.gazetteer import Gazetteer, Place, Resolution
from geo.places import contains
from geo.wards import Wards

PLACES = Path(__file__).parents[3] / "shared" / "data" / "kenya_gazetteer.csv"


@pytest.fixture(scope="module")
def places() -> list[Place]:
    if not PLACES.exists():
        pytest.skip("the real gazetteer is not on this machine")
    with PLACES.open(newline="", encoding="utf-8") as file:
        return [
            Place(
                name=row["name"],
                alternatives=tuple(filter(None, row["alt_names"].split(","))),
                kind=row["kind"],
                lon=float(row["lon"]),
                lat=float(row["lat"]),
                county=row["county"],
            )
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def gazetteer(real_wards: Wards, places: list[Place]) -> Gazetteer:
    return Gazetteer(real_wards, places)


@pytest.mark.parametrize("text", ["Nyalenda A au B mafuriko", "flood at nyalenda a or b", "tuko salama asante"])
def test_either_of_two_and_everyday_words_assert_nothing(gazetteer: Gazetteer, text: str) -> None:
    assert not gazetteer.resolve(text).asserted


def names(wards: Wards, found: Resolution) -> list[str]:
    return [f"{wards.ward(c.ward_row).name}, {wards.ward(c.ward_row).county}" for c in found.candidates]


@pytest.mark.parametrize(
    ("text", "ward"),
    [
        ("karibu na Nyalenda B primary, Kisumu", "Nyalenda B, Kisumu"),
        ("water has entered houses in kondelle ksm", "Kondele, Kisumu"),
        ("moto laini saba kibra tuma fire brigade", "Laini Saba, Nairobi"),
        ("nduthi imegongwa hapa shule ya msingi exeter comlex nairobi", "Mwiki, Nairobi"),
        ("maji imejaa hukumtopanga", "Mtopanga, Mombasa"),
        ("Mat umbei ward tusaidie", "Matumbei, Trans Nzoia"),
        ("fire in garissa, township", "Township, Garissa"),
        ("S. Sakwa awendo kids have eaten poison", "South Sakwa, Migori"),
        ("pi osedonjo e udi kanyo Kolwa Central", "Kolwa Central, Kisumu"),
        ("mwaki munene kuu kamahuha ward tuteithiei", "Kamahuha, Murang'a"),
        ("good morning. ocs reports rta at kokwosasyon primary", "Weiwei, West Pokot"),
        ("2cwg+55 rumuruti flooding", "Leshau Pondo, Nyandarua"),
    ],
)
def test_messy_texts_find_their_ward(gazetteer: Gazetteer, real_wards: Wards, text: str, ward: str) -> None:
    found = gazetteer.resolve(text)
    assert names(real_wards, found)[:1] == [ward], found.candidates[:3]


@pytest.mark.parametrize(
    "text",
    [
        "township imejaa maji", "moto nyalenda", "St Marys primary school is on fire", "fire in kisumu",
        "please call mary wanjiku she is my sister", "river nzoia has burst its banks",
        "Loan approved! dial now", "mafuriko nyando", "moto moto moto", "happy new year from the barasa family",
        "my brother in Mombasa says there is no water", "floods between Matili and Mukhe market",
        "Confirmed. You have received Ksh1,200.00 from JANE WANJIRU",
    ],
)  # fmt: skip
def test_what_is_open_is_asked_and_not_asserted(gazetteer: Gazetteer, text: str) -> None:
    found = gazetteer.resolve(text)
    assert not found.asserted, found.candidates[:3]
    assert found.question
    assert found.question_sw
    assert all(c.confidence < ASSERT_FROM for c in found.candidates)


def test_a_named_county_chooses_among_wards_of_one_name(gazetteer: Gazetteer, real_wards: Wards) -> None:
    shared = [w for w in real_wards if w.name == "Township"]
    assert len(shared) > 5
    for ward in shared:
        assert (
            names(real_wards, gazetteer.resolve(f"moto township {ward.county} county"))[0] == f"Township, {ward.county}"
        )


def test_a_repeated_name_shares_its_chance(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("fire at St Marys primary school")
    assert len(found.candidates) == 10
    assert max(c.confidence for c in found.candidates) < 0.2


def test_the_place_beside_a_repeated_name_decides(gazetteer: Gazetteer, real_wards: Wards) -> None:
    alone = gazetteer.resolve("moto Kaloleni")
    beside = gazetteer.resolve("moto Kaloleni ksm karibu na Kondele")
    assert not alone.asserted
    assert "Shaurimoyo Kaloleni, Kisumu" in names(real_wards, beside)[:2]


def test_where_the_sender_was_decides_but_not_against_a_named_county(gazetteer: Gazetteer, real_wards: Wards) -> None:
    kitui = next(w for w in real_wards if w.name == "Township" and w.county == "Kitui")
    near = (kitui.lon, kitui.lat)
    assert names(real_wards, gazetteer.resolve("moto township", near=near))[0] == "Township, Kitui"
    assert names(real_wards, gazetteer.resolve("moto township wajir", near=near))[0] == "Township, Wajir"
    assert names(real_wards, gazetteer.resolve("moto township", near="KE.008"))[0] == "Township, Wajir"


def test_a_bare_county_asks_where_in_it(gazetteer: Gazetteer) -> None:
    assert (gazetteer.resolve("fire in kisumu").question or "").startswith("Where in Kisumu is it?")


def test_a_sub_county_offers_its_wards(gazetteer: Gazetteer, real_wards: Wards) -> None:
    found = gazetteer.resolve("mafuriko nyando")
    first = [real_wards.ward(c.ward_row).constituency for c in found.candidates[:5]]
    assert first == ["Nyando"] * 5


def test_a_place_by_an_edge_is_offered_in_both_wards(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("Kisumu Boys high school")
    assert sum(c.confidence > 0.1 for c in found.candidates) == 2


def test_candidates_differ_by_county_and_so_the_question_does(gazetteer: Gazetteer) -> None:
    question = gazetteer.resolve("accident in south sakwa").question or ""
    assert question in ("Which south sakwa: 1 Siaya or 2 Migori?", "Which south sakwa: 1 Migori or 2 Siaya?")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_name_of_a_county_never_brings_another_county_first(
    gazetteer: Gazetteer, real_wards: Wards, data: st.DataObject
) -> None:
    ward = data.draw(st.sampled_from(list(real_wards)))
    place = data.draw(st.sampled_from(list(real_wards))).name
    before = gazetteer.resolve(f"moto huku {place}").candidates
    after = gazetteer.resolve(f"moto huku {place}, {ward.county} county").candidates
    if before and after:
        first = after[0].path
        assert contains(f"KE.{ward.county_code}", first) or first == before[0].path


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_near_weighs_and_excludes_nothing(gazetteer: Gazetteer, real_wards: Wards, data: st.DataObject) -> None:
    ward = data.draw(st.sampled_from(list(real_wards)))
    elsewhere = data.draw(st.sampled_from(list(real_wards)))
    nears: list[tuple[float, float] | str] = [(elsewhere.lon, elsewhere.lat), elsewhere.path[:6], elsewhere.path]
    near = data.draw(st.sampled_from(nears))
    found = gazetteer.resolve(f"moto {ward.name} ward, {ward.constituency}, {ward.county} county", near=near)
    assert ward.row in [c.ward_row for c in found.candidates]


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(exclude_categories=()), max_size=400))
def test_no_text_is_too_strange(gazetteer: Gazetteer, text: str) -> None:
    found = gazetteer.resolve(text)
    confidences = [c.confidence for c in found.candidates]
    assert all(0.0 < confidence < 1.0 for confidence in confidences)
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800\udfff",
        "שלום עולם",
        "🔥" * 3000,
        "kondele " * 2000,
        "a+b " * 3000,
        "x" * 10_000,
        "1" * 10_000,
    ],
)
def test_hard_texts_are_answered(gazetteer: Gazetteer, text: str) -> None:
    assert gazetteer.resolve(text) == gazetteer.resolve(text)


def test_a_gazetteer_can_be_sent_to_another_process(real_wards: Wards, places: list[Place]) -> None:
    small = Gazetteer(real_wards, places[:500])
    again = pickle.loads(pickle.dumps(small))  # noqa: S301 what we pickled ourselves, a line before
    assert again.resolve("moto kondele kisumu") == small.resolve("moto kondele kisumu")
