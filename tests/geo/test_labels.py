import pytest

from geo.labels import recognise, settle, text_of
from geo.places import Rejected


def test_usual_spellings_are_recognised() -> None:
    fields = ["OBJECTID", "COUNTY_NAM", "Const. Name", "County Name", "County-Code", "WARD", "CAW_Code"]
    assert recognise(fields) == {
        "ward": "WARD",
        "ward_code": "CAW_Code",
        "constituency": "Const. Name",
        "county": "County Name",
        "county_code": "County-Code",
    }
    assert recognise(["ADM3_EN", "ADM3_PCODE", "ADM2_EN", "ADM1_PCODE"])["ward"] == "ADM3_EN"
    assert recognise(["NAME_1", "NAME_2", "NAME_3"]) == {"ward": "NAME_3", "constituency": "NAME_2", "county": "NAME_1"}


def test_a_column_told_is_not_taken_for_another() -> None:
    assert recognise(["name", "ward"], {"county": "ward"}) == {"county": "ward", "ward": "name"}


def test_no_names_are_refused() -> None:
    with pytest.raises(Rejected) as refusal:
        recognise(["id", "shape"])
    assert refusal.value.code == "boundaries-no-names"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (float("nan"), ""), (42.0, "42"), (42, "42"), ("  Kolwa \n East ", "Kolwa East"), (1.5, "1.5")],
)
def test_cells_become_clean_texts(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("code", ["7", "007", "0007", "KE0420070007", "ke 042 007 0007"])
def test_codes_of_every_form_are_padded(code: str) -> None:
    columns, findings = settle({"ward": ["A"], "ward_code": [code], "constituency_code": ["7"], "county": ["Kisumu"]})
    assert columns["ward_code"] == ("0007",)
    assert not findings


def test_missing_codes_are_numbered_by_name_and_said() -> None:
    columns, findings = settle(
        {
            "ward": ["Beta", "Alpha", "Gamma"],
            "constituency": ["South", "North", "South"],
            "county": ["Homa Bay", "HOMABAY", "homa bay"],
            "ward_code": ["", "x", "12"],
        }
    )
    assert columns["county_code"] == ("043",) * 3
    assert columns["constituency_code"] == ("502", "501", "502")
    assert columns["ward_code"] == ("5002", "5001", "0012")
    assert {(f.kind, f.level, f.rows) for f in findings} == {
        ("missing-constituency-code", "warning", (0, 1, 2)),
        ("missing-ward-code", "warning", (0, 1)),
    }


def test_a_county_that_is_not_known_gets_a_number_of_ours() -> None:
    columns, findings = settle({"ward": ["A"]})
    assert (columns["county_code"], columns["county"]) == (("901",), ("",))
    assert "missing-county-code" in {f.kind for f in findings}
    assert settle({"ward": ["A"], "county_code": ["42"]})[0]["county"] == ("Kisumu",)


def test_doubtful_labels_are_reported() -> None:
    _, findings = settle(
        {
            "ward": ["Central", "central", "", "Bura", "Bura"],
            "ward_code": ["1", "2", "3", "4", "4"],
            "constituency_code": ["1", "1", "1", "2", "3"],
            "county_code": ["42"] * 4 + ["1"],
            "county": ["Kisumu"] * 5,
        }
    )
    assert {(f.kind, f.level, f.rows) for f in findings} == {
        ("missing-name", "error", (2,)),
        ("duplicate-name", "warning", (0, 1)),
        ("duplicate-code", "error", (3, 4)),
        ("county-mismatch", "warning", (4,)),
    }


def test_a_pcode_that_begins_with_another_area_is_said() -> None:
    wards = {"ward": ["A", "B"], "ward_code": ["KE0420070007", "KE0430080009"], "county": ["Kisumu", "Kisumu"]}
    columns, findings = settle({**wards, "constituency_code": ["KE042007", "KE042008"]})
    assert (columns["constituency_code"], columns["ward_code"]) == (("007", "008"), ("0007", "0009"))
    assert [(f.kind, f.rows) for f in findings] == [("code-parts-disagree", (1,))]
