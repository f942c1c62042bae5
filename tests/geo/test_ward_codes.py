"""A ward has codes under several schemes; none of them is taken for its name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely

from geo import boundaries
from geo.boundary_geojson import collection
from geo.labels import Finding
from geo.places import Rejected
from geo.ward import WardKey
from geo.ward_codes import doubts, joined, read_table
from geo.wards import Wards

SHARED = Path(__file__).parents[3] / "shared" / "data"
Write = Callable[..., Path]


def feature(make: Any, n: int, name: str, code: str, **more: str) -> Any:
    made = make(shapely.box(34 + n, 0, 35 + n, 1), name, code)
    made["properties"] |= more
    return made


@pytest.fixture
def coded(write: Write, make_feature: Any) -> Path:
    rows = [("Chuluni", "0360", "361", "ke001"), ("Nzambani", "0361", "360", ""), ("Mutito", "0362", "362", "KE003")]
    features = [feature(make_feature, n, a, b, CAW_2022=c, ADM3=d) for n, (a, b, c, d) in enumerate(rows)]
    return write(features)


def kinds(findings: list[Finding]) -> dict[str, tuple[int, ...]]:
    return {finding.kind: finding.rows for finding in findings}


def test_codes_are_labels_under_their_scheme(coded: Path, tmp_path: Path) -> None:
    told = {"code_2012": "ward_code", "code_2022": "CAW_2022", "pcode": "ADM3"}
    wards = Wards(boundaries.read(coded, told))
    assert [ward.code for ward in wards] == ["0360", "0361", "0362"]
    assert wards.ward(0).codes == {"iebc-2012": "0360", "iebc-2022": "0361", "ocha-pcode": "KE001"}
    assert wards.ward(1).codes == {"iebc-2012": "0361", "iebc-2022": "0360"}
    assert (wards.by_code("iebc-2012", "360"), wards.by_code("iebc-2022", "0360")) == (0, 1)
    assert (wards.row("KE003", "ocha-pcode"), wards.find("KE003"), wards.find("0360", "ocha-pcode")) == (2, -1, -1)
    with pytest.raises(Rejected) as refused:
        wards.by_code("iebc-2022", "9999")
    assert refused.value.code == "ward-unknown"
    wards.save(tmp_path / "index")
    assert list(Wards.load(tmp_path / "index")) == list(wards)


def test_a_key_holds_in_its_own_version_only(coded: Path) -> None:
    wards, other = Wards(boundaries.read(coded)), Wards(boundaries.read(coded, {"code_2022": "CAW_2022"}))
    key = wards.ward(1).key
    assert key == WardKey(version=wards.version, constituency="Kisumu Central", name="Nzambani")
    assert (wards.find(str(key)), other.find(str(key))) == (1, -1)
    assert wards.geojson()["features"][1]["properties"]["key"] == str(key)


def test_the_version_is_what_it_was_for_files_without_codes(coded: Path, write: Write, make_feature: Any) -> None:
    plain = write([make_feature(shapely.box(34, 0, 35, 1), "West", "1")], name="plain.geojson")
    assert boundaries.read(plain).version == "62b72c5bf50f"  # as every release before codes were known made it
    with_codes = boundaries.read(coded, {"code_2022": "CAW_2022"})
    assert with_codes.version != boundaries.read(coded).version
    kept = plain.with_name("kept.geojson")
    kept.write_bytes(msgspec.json.encode(collection(with_codes)))
    assert boundaries.read(kept).version == with_codes.version
    assert boundaries.read(kept).codes == with_codes.codes


def test_a_code_table_joins_by_constituency_and_name(coded: Path, tmp_path: Path) -> None:
    table = tmp_path / "codes.csv"
    table.write_text(
        "ward_code,caw_code_2022,ward,constituency\n0360,0361,CHULUNI,Kisumu-Central\n0361,,Nzambani,Kisumu Central\n"
        "0399,0399,Elsewhere,Kisumu Central\n"
    )
    source = boundaries.read(coded)
    codes, findings = joined(source.columns, source.codes, read_table(table))
    assert codes == {"iebc-2012": ("0360", "0361", ""), "iebc-2022": ("0361", "", "")}
    assert [(f.kind, f.rows) for f in findings] == [("codes-unmatched", ()), ("codes-unmatched", (2,))]
    assert "Elsewhere" in findings[0].detail
    kept, disagreeing = joined(source.columns, {"iebc-2022": ("0777", "", "")}, read_table(table))
    assert kept["iebc-2022"] == ("0777", "", "")
    assert kinds(disagreeing)["codes-disagree"] == (0,)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "boundaries-no-names"),
        (b"ward,constituency\nA,B\n", "codes-unreadable"),
        (b"ward,pcode\nA,B\n", "codes-unreadable"),
        (b"ward\xff,pcode\nA,B\n", "codes-unreadable"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "codes.csv").write_bytes(content)
    with pytest.raises(Rejected) as refused:
        read_table(tmp_path / "codes.csv")
    assert refused.value.code == code
    with pytest.raises(Rejected, match="none"):
        read_table(tmp_path / "none.csv")


def test_codes_that_name_two_wards_or_none_are_said(coded: Path) -> None:
    columns = boundaries.read(coded).columns
    found = kinds(doubts(columns, {"iebc-2022": ("0361", "0361", "")}))
    assert found == {"code-clash": (0, 1), "code-missing": (2,)}
    said = [f.detail for f in doubts(columns, {"iebc-2022": ("0361", "", "")}) if f.kind == "code-missing"]
    said += [f.detail for f in doubts(columns, {"iebc-2022": ("0361", "0362", "")}) if f.kind == "code-missing"]
    assert said == ["2 wards have no code in iebc-2022", "1 ward has no code in iebc-2022"]
    exchanged = doubts(columns, {"iebc-2012": ("0360", "0361", "0362"), "iebc-2022": ("0361", "0360", "")})
    assert kinds(exchanged)["codes-exchanged"] == (0, 1)
    assert kinds(exchanged)["code-without-counterpart"] == (2,)
    moved = doubts(columns, {"iebc-2012": ("0360", "0361", "0362"), "iebc-2022": ("0361", "0399", "0362")})
    assert [(f.kind, f.rows) for f in moved] == [("code-changed", (0,)), ("code-changed", (1,))]
    assert "which was the code of 0361 Nzambani" in moved[0].detail


@pytest.mark.skipif(not (SHARED / "kenya_ward_codes.csv").exists(), reason="the real codes are not on this machine")
def test_the_real_codes_say_who_exchanged_them(real_wards: Wards) -> None:
    columns = real_wards.source.columns
    codes, findings = joined(columns, {}, read_table(SHARED / "kenya_ward_codes.csv"))
    assert findings == []
    found = {f.kind: f for f in doubts(columns, codes)}
    assert len(found["codes-exchanged"].rows) == 27
    assert [columns["ward_code"][row] for row in found["code-changed"].rows] == ["0216"]
    assert [columns["ward_code"][row] for row in found["code-without-counterpart"].rows] == ["0212"]
    assert "code-clash" not in found
