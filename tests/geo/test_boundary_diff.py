"""What other boundaries change is said ward by ward, with the ground that goes to another."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely

from geo.boundaries import version_of
from geo.boundary_diff import Change, Difference, difference
from geo.wards import Wards

KM2 = 111_319.5 * 110_574.3 / 1e6
"""Square kilometres of a square degree at the equator."""
Made = Callable[..., Wards]


@pytest.fixture
def made(write: Callable[..., Path], make_feature: Any) -> Made:
    """Wards given as (shape, name, code)."""

    def make(*wards: tuple[Any, str, str], constituency: str = "Here", code: str = "1") -> Wards:
        return Wards.load(write([make_feature(*ward, constituency, code) for ward in wards]))

    return make


def box(west: float, east: float, north: float = 0.1) -> Any:
    return shapely.box(west, 0.0, east, north)


def of(found: Difference, kind: str) -> list[Change]:
    return [change for change in found.changes if change.kind == kind]


def test_boundaries_do_not_differ_from_themselves(made: Made) -> None:
    wards = made((box(34.0, 34.2), "West", "1"), (box(34.1, 34.3), "East", "2"), (None, "Nowhere", "3"))
    found = difference(wards, wards)
    assert found.changes == ()
    assert found.table().endswith("Total: no change")


def test_an_edge_that_moves_says_who_gets_the_ground(made: Made) -> None:
    before = made((box(34.0, 34.2), "West", "1"), (box(34.2, 34.3), "East", "2"))
    after = made((box(34.0, 34.15), "West", "1"), (box(34.15, 34.29), "East", "2"))
    found = difference(before, after)
    east, west = of(found, "moved")  # the larger change first
    assert (west.before, west.after, west.gained_m2) == (0, 0, 0.0)
    assert west.lost_m2 / 1e6 == pytest.approx(0.05 * 0.1 * KM2, rel=0.001)
    assert west.share == pytest.approx(0.25)
    assert [row for row, _ in west.goes] == [1]
    assert east.gained_m2 == pytest.approx(west.lost_m2)
    assert [row for row, _ in east.goes] == [-1]
    assert east.share == pytest.approx(0.6)
    assert found.moved_m2 == pytest.approx(west.lost_m2 + east.lost_m2)
    table = found.table().splitlines()
    assert table[1] == "moved: 2"
    assert table[3].endswith("(25.00%); what it loses goes to 0002 East, Here 61.55 km2")
    assert "goes to no ward" in table[2]
    properties = found.geojson()["features"][1]["properties"]
    assert properties["goes_to"][0]["ward"] == "0002 East, Here"
    ground = shapely.geometry.shape(found.geojson()["features"][1]["geometry"])
    assert ground.equals(box(34.15, 34.2))


def test_wards_come_and_go(made: Made) -> None:
    before = made((box(34.0, 34.2), "West", "1"), (box(34.2, 34.3), "East", "2"))
    after = made((box(34.0, 34.2), "West", "1"), (box(35.0, 35.1), "Island", "3"))
    found = difference(before, after)
    assert [(c.kind, c.before, c.after) for c in found.changes] == [("added", -1, 1), ("removed", 1, -1)]
    assert found.moved_m2 == pytest.approx(of(found, "removed")[0].lost_m2)
    assert [f["properties"]["ward_after"] for f in found.geojson()["features"]] == ["0003 Island, Here", None]


def test_the_same_ground_under_another_name_is_renamed(made: Made) -> None:
    before = made((box(34.0, 34.2), "West", "1"), (box(34.2, 34.3), "East", "2"))
    after = made((box(34.0, 34.19), "Sunset", "1"), (box(34.2, 34.3), "East", "2"))
    found = difference(before, after)
    assert [(c.kind, c.before, c.after) for c in found.changes] == [("renamed", 0, 0), ("moved", 0, 0)]
    assert found.changes[0].detail == "West, Here, Kisumu -> Sunset, Here, Kisumu"
    little = made((box(34.0, 34.05), "Sunset", "1"), (box(34.2, 34.3), "East", "2"))
    assert [c.kind for c in difference(before, little).changes] == ["added", "removed"]


def test_another_code_is_said_and_spelling_alone_finds_the_ward(made: Made) -> None:
    before = made((box(34.0, 34.2), "Ng'iya", "1"), (box(34.2, 34.3), "East", "2"))
    after = made((box(34.2, 34.3), "East", "2"), (box(34.0, 34.2), "NGIYA", "7"))
    found = difference(before, after)
    assert [(c.kind, c.before, c.after) for c in found.changes] == [("renamed", 0, 1), ("recoded", 0, 1)]
    assert found.changes[1].detail == "KE.042.001.0001 -> KE.042.001.0007"


def test_codes_that_one_side_has_not_at_all_recode_no_ward(write: Callable[..., Path], make_feature: Any) -> None:
    def coded(name: str, *codes: str) -> Wards:
        features = [make_feature(box(34.0 + n / 10, 34.1 + n / 10), f"Ward {n}", str(n + 1)) for n in range(2)]
        for each, code in zip(features, codes, strict=False):
            each["properties"]["code_2022"] = code
        return Wards.load(write(features, name))

    plain, with_codes = coded("plain.geojson"), coded("coded.geojson", "0011", "0012")
    for pair in ((plain, with_codes), (with_codes, plain)):
        found = difference(*pair)
        assert found.changes == ()
        assert found.table().splitlines()[1:] == ["iebc-2022: on one side only", "Total: no change"]
        assert found.geojson()["codes_on_one_side_only"] == ["iebc-2022"]
    found = difference(with_codes, coded("other.geojson", "0011", "0013"))
    assert [change.detail for change in found.changes] == [
        "KE.042.240.0002, iebc-2022 0012 -> KE.042.240.0002, iebc-2022 0013"
    ]
    assert found.one_sided == ()


def test_exchanged_labels_are_seen_as_ground_that_moves(made: Made) -> None:
    before = made((box(34.0, 34.2), "West", "1"), (box(34.2, 34.4), "East", "2"))
    after = made((box(34.0, 34.2), "East", "2"), (box(34.2, 34.4), "West", "1"))
    assert [(c.kind, round(c.share, 3)) for c in difference(before, after).changes] == [("moved", 2.0), ("moved", 2.0)]


def test_what_several_may_have_is_paired_by_ground(made: Made) -> None:
    before = made((box(34.0, 34.2), "Same", "1"), (box(34.2, 34.3), "Same", "2"))
    after = made((box(34.2, 34.3), "Same", "2"), (box(34.0, 34.2), "Same", "1"))
    assert difference(before, after).changes == ()


def test_the_real_file_against_one_with_an_edge_moved(real_wards: Wards) -> None:
    source = real_wards.source
    row = real_wards.row("1189")
    shapes = source.geometries.copy()
    shapes[row] = shapely.buffer(shapes[row], -0.0005)
    other = Wards(msgspec.structs.replace(source, geometries=shapes, version=version_of(shapes, source.columns)))
    found = difference(real_wards, other)
    (moved,) = found.changes
    assert (moved.kind, moved.before, moved.gained_m2) == ("moved", row, 0.0)
    assert moved.goes[0][0] == -1
    back = difference(other, real_wards).changes[0]
    assert back.gained_m2 == pytest.approx(moved.lost_m2)
