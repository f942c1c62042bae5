import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.gazetteer import Gazetteer, Place, Resolution
from geo.resolution import ask
from geo.wards import Wards

KISUMU = "KE.042"
NAMES = [  # name, code, constituency, constituency code, county, county code, west edge
    ("Nyalenda 'A'", "1189", "Kisumu East", "238", "Kisumu", "042", 34.0),
    ("Nyalenda B", "1201", "Kisumu Central", "240", "Kisumu", "042", 34.2),
    ("Migosi", "1197", "Kisumu Central", "240", "Kisumu", "042", 34.4),
    ("Kolwa Central", "1190", "Kisumu East", "238", "Kisumu", "042", 34.6),
    ("Shaurimoyo Kaloleni", "1198", "Kisumu Central", "240", "Kisumu", "042", 34.8),
    ("Township", "0030", "Isiolo North", "049", "Isiolo", "011", 35.0),
    ("Township", "0031", "Garissa Township", "027", "Garissa", "007", 35.2),
    ("Awasi/Onjiko", "1207", "Nyando", "242", "Kisumu", "042", 35.4),
]
PLACES = [
    Place(name="Kibuye Market", kind="market", lon=34.85, lat=0.1, alternatives=("Soko Kibuye",)),
    Place(name="Kisumu", kind="town", lon=34.25, lat=0.1),
    Place(name="Kisumu Airport", kind="airport", lon=34.05, lat=0.1),
    Place(name="Dunga Beach", kind="beach", lon=34.1, lat=-0.01),
    Place(name="Ng'iya Primary School", kind="S.SCH", lon=34.45, lat=0.1),
    Place(name="Ombeyi", kind="village", lon=35.41, lat=0.1, ward="1190"),
    Place(name="Pand Pieri", kind="estate", lon=34.201, lat=0.1, ward="1189"),
    Place(name="Far Away Reef", kind="place", lon=34.1, lat=-3.0),
]


@pytest.fixture(scope="module")
def wards(tmp_path_factory: pytest.TempPathFactory) -> Wards:
    keys = ("ward", "ward_code", "constituency", "constituency_code", "county", "county_code")
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(keys, row, strict=False)),
            "geometry": json.loads(shapely.to_geojson(shapely.box(row[-1], 0.0, row[-1] + 0.2, 0.2))),
        }
        for row in NAMES
    ]
    path = tmp_path_factory.mktemp("wards") / "wards.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return Wards.load(path)


@pytest.fixture(scope="module")
def gazetteer(wards: Wards) -> Gazetteer:
    return Gazetteer(wards, PLACES)


def first(resolution: Resolution) -> int:
    return resolution.candidates[0].ward_row if resolution.candidates else -1


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Water has entered houses in Nyalenda B, send help", 1),
        ("NYALENDA 'A' maji yamejaa", 0),
        ("nyalendab flooded", 1),
        ("nyalennda b kumefurika", 1),
        ("moto migossi karibu na shule", 2),
        ("mtaa wa migosi", 2),
        ("kolwa ya kati kolwacentral", 3),
        ("central kolwa pi osedonjo", 3),
        ("awasi ajali", 7),
        ("onjikoo maji", 7),
        ("soko la kibuye linaungua", 4),
        ("moto kibuyee mkt haraka", 4),
        ("dunga beach fish bandas under water", 0),
        ("ngiya pri sch fire", 2),
        ("Ng\u2019iya primary is burning", 2),
        ("pandpieri watu wamekwama", 0),
        ("township ward isiolo no water", 5),
        ("fire in garissa, township", 6),
    ],
)
def test_a_ward_is_asserted_from_its_name_or_a_place_in_it(gazetteer: Gazetteer, text: str, row: int) -> None:
    found = gazetteer.resolve(text)
    assert (first(found), found.asserted) == (row, True), found
    assert found.question is None
    assert found.candidates[0].confidence >= 0.6
    assert found.candidates[0].matched


@pytest.mark.parametrize(
    "text",
    ["", " ", "please help us the water is rising", "tusaidieni maji yamejaa", "konyuru pi ng'eny", "Kisumu",
     "flood in kisumu county",
     "my brother in Mombasa says water is in his house", "far away reef", "😱😱😱", "\x00\x01", "ﷺ שלום"],
)  # fmt: skip
def test_nothing_is_asserted_where_nothing_is_said(gazetteer: Gazetteer, text: str) -> None:
    found = gazetteer.resolve(text)
    assert not found.asserted
    assert found.question
    assert found.question_sw


def test_nobody_is_asked_whether_they_mean_what_nothing_speaks_for(gazetteer: Gazetteer, wards: Wards) -> None:
    found = gazetteer.resolve("Township").candidates[:2]
    doubtful, hopeless = ([msgspec.structs.replace(c, confidence=each) for c in found] for each in (0.4, 0.05))
    assert "1 " in (ask(wards, doubtful, None).question or "")
    asked = ask(wards, hopeless, None)
    assert asked.question == "Where is it? Name the ward, or a market or school near it."
    assert (asked.question_sw, asked.candidates) == (
        "Ni wapi? Taja wadi, au soko au shule iliyo karibu.",
        tuple(hopeless),
    )


def test_wards_of_one_name_are_offered_and_asked_about(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("mafuriko nyalenda")
    assert not found.asserted
    assert sorted(c.ward_row for c in found.candidates[:2]) == [0, 1]
    assert found.question is not None
    ward = {0: "Nyalenda 'A' (Kisumu East)", 1: "Nyalenda B (Kisumu Central)"}
    assert found.question.startswith(f"Which place do you mean: 1 {ward[found.candidates[0].ward_row]}, 2 ")
    assert {c.ward_row for c in gazetteer.resolve("township imejaa maji").candidates} == {5, 6}


def test_where_the_sender_was_decides_between_wards_of_one_name(gazetteer: Gazetteer) -> None:
    assert first(gazetteer.resolve("mafuriko nyalenda", near=(34.3, 0.1))) == 1
    assert first(gazetteer.resolve("mafuriko nyalenda", near=(34.05, 0.1))) == 0
    by_area = gazetteer.resolve("moto township", near="KE.011")
    assert (first(by_area), by_area.asserted) == (5, True)
    assert first(gazetteer.resolve("moto township garissa", near="KE.011")) == 6


@pytest.mark.parametrize("near", [(math.nan, 0.1), (34.3, math.inf), (-math.inf, math.inf)])
def test_where_the_sender_was_counts_for_nothing_when_it_is_no_position(
    gazetteer: Gazetteer, near: tuple[float, float]
) -> None:
    for text in ("mafuriko nyalenda", "VQ2F+2Q", "VQ2F+2Q nyalenda"):
        assert gazetteer.resolve(text, near) == gazetteer.resolve(text), text
        assert gazetteer.shares(text, near) == gazetteer.shares(text), text


def test_a_named_sub_county_offers_its_wards(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("mafuriko nyando")
    assert [c.ward_row for c in found.candidates] == [7]
    assert not found.asserted


def test_the_county_is_not_short_for_its_airport(gazetteer: Gazetteer) -> None:
    assert first(gazetteer.resolve("plane crash kisumu airport")) == 0
    assert all("Airport" not in c.why for c in gazetteer.resolve("moto kisumu").candidates)


def test_what_is_known_of_a_places_ward_goes_before_its_position_unless_far_off(gazetteer: Gazetteer) -> None:
    assert first(gazetteer.resolve("pand pieri")) == 0  # just across the border by its position
    assert first(gazetteer.resolve("ombeyi mafuriko")) == 7  # said to be in a ward 60 km away: the position wins


def test_what_is_almost_a_name_is_doubted_where_few_names_are_known(wards: Wards) -> None:
    listed = Place(name="Ombaka", kind="village", lon=34.45, lat=0.1)
    full = [Place(name=f"Place {k} {'xyzw'[k % 4]}", kind="village", lon=34.1, lat=0.1) for k in range(300)]
    thin, rich = Gazetteer(wards, [listed]), Gazetteer(wards, [listed, *full])
    text = "Mlipuko wa gesi hapa Mbaka watu wameungua"
    assert (first(thin.resolve(text, KISUMU)), thin.resolve(text, KISUMU).asserted) == (2, False)
    assert (first(rich.resolve(text, KISUMU)), rich.resolve(text, KISUMU).asserted) == (2, True)
    assert thin.resolve("moto hapa Ombaka").asserted  # as it is listed
    assert thin.resolve("maji kolwa sentral").asserted  # the longer a name, the fewer are like it


def test_a_candidate_says_where_and_why(gazetteer: Gazetteer) -> None:
    best = gazetteer.resolve("moto soko kibuye").candidates[0]
    assert (best.path, best.matched) == ("KE.042.240.1198", "soko kibuye")
    assert "Kibuye Market" in best.why
    assert (best.lon, best.lat) == (34.85, 0.1)


def test_a_position_in_the_text_is_the_answer(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve("maji nyalenda b, niko 0.1000, 34.4500")
    assert (first(found), found.asserted) == (2, True)
    assert (found.candidates[0].lon, found.candidates[0].lat) == (34.45, 0.1)
    assert found.candidates[0].confidence > 0.9
    assert "longitude stood first" in gazetteer.resolve("niko 34.4500, 0.1000").candidates[0].why
    outside = gazetteer.resolve("niko migosi 3.1, 36.2")
    assert first(outside) == 2


def test_a_position_in_the_text_has_the_chances_of_a_position(gazetteer: Gazetteer, wards: Wards) -> None:
    for text, lon, accuracy_m in (("niko 0.1000, 34.3999", 34.3999, 10.0), ("niko 0.10N 34.39E", 34.39, 787.0)):
        found = gazetteer.resolve(text)
        chances = dict(wards.at(lon, 0.1, accuracy_m=accuracy_m).chances)
        assert {c.ward_row: c.confidence for c in found.candidates} == pytest.approx(chances, abs=1e-3)
        assert 0.0 < sum(c.confidence for c in found.candidates) <= 1.0


def test_a_position_good_to_a_kilometre_is_asserted_only_far_from_an_edge(gazetteer: Gazetteer) -> None:
    exact = gazetteer.resolve("niko 0.1000, 34.3999")  # 11 m from the edge: as a phone's would be
    assert (first(exact), exact.asserted) == (1, True)
    assert [c.ward_row for c in exact.candidates] == [1, 2]
    rough = gazetteer.resolve("niko 0.10N 34.40E")  # good to 790 m, on the edge
    assert not rough.asserted
    assert {c.ward_row for c in rough.candidates} == {1, 2}
    assert "Nyalenda B" in (rough.question or "")
    assert "good to 787 m" in rough.candidates[0].why
    assert gazetteer.resolve("niko 0.10N 34.30E").asserted  # 11 km from any edge


@pytest.mark.parametrize(("words", "row"), [("migosi", 2), ("nyalenda b", 1), ("kolwa central", None)])
def test_words_part_the_wards_of_a_rough_position(gazetteer: Gazetteer, words: str, row: int | None) -> None:
    found = gazetteer.resolve(f"maji {words}, niko 0.10N 34.40E")
    assert (found.asserted, first(found) if found.asserted else None) == (row is not None, row)


def test_a_long_text_is_read_as_far_as_a_person_would(gazetteer: Gazetteer) -> None:
    assert first(gazetteer.resolve("migosi " + "maji mengi sana " * 5000)) == 2
    assert not gazetteer.resolve("x" * 100_000).candidates


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_has_an_answer_that_holds_together(gazetteer: Gazetteer, wards: Wards, text: str) -> None:
    found = gazetteer.resolve(text)
    confidences = [c.confidence for c in found.candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-3
    assert found.asserted is (found.question is None) is (found.question_sw is None)
    assert len({c.ward_row for c in found.candidates}) == len(found.candidates)
    assert all(wards.ward(c.ward_row).path == c.path for c in found.candidates)


def test_an_empty_gazetteer_still_knows_the_wards(wards: Wards) -> None:
    assert first(Gazetteer(wards).resolve("migosi")) == 2


def test_the_demo_texts_are_understood(fixtures_gazetteer: Gazetteer, demo_texts: list[dict[str, Any]]) -> None:
    known = [text for text in demo_texts if text["ward"] is not None]
    found = [(text["ward"], fixtures_gazetteer.resolve(text["text"])) for text in known]
    hits = sum(ward == r.candidates[0].path for ward, r in found if r.candidates)
    near = sum(ward in [c.path for c in r.candidates[:3]] for ward, r in found)
    wrong = sum(r.asserted and ward != r.candidates[0].path for ward, r in found)
    assert hits >= 0.8 * len(known)
    assert near >= 0.93 * len(known)
    assert wrong <= 0.02 * len(known)
    others = [text["text"] for text in demo_texts if text["ward"] is None]
    assert not [text for text in others if fixtures_gazetteer.resolve(text).asserted]


@pytest.fixture(scope="module")
def fixtures_folder() -> Path:
    return Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def demo_texts(fixtures_folder: Path) -> list[dict[str, Any]]:
    files = sorted((fixtures_folder / "sms").glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def fixtures_gazetteer(fixtures_folder: Path, read_places: Callable[[Path], list[Place]]) -> Gazetteer:
    demo = fixtures_folder / "demo"
    return Gazetteer(Wards.load(demo / "wards.geojson"), read_places(demo / "places.csv"))


@pytest.fixture(scope="module")
def read_places() -> Callable[[Path], list[Place]]:
    import csv

    def read(path: Path) -> list[Place]:
        with path.open(newline="", encoding="utf-8") as file:
            return [
                Place(
                    name=row["name"],
                    alternatives=tuple(filter(None, row["alternatives"].split(";"))),
                    kind=row["kind"],
                    lon=float(row["lon"]),
                    lat=float(row["lat"]),
                    ward=row["ward_code"],
                )
                for row in csv.DictReader(file)
            ]

    return read
