"""The survey of a boundary file finds what is wrong, says how grave it is, and shows where."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import msgspec
import numpy as np
import pytest
import shapely

from geo import place_files
from geo.boundaries import read
from geo.counties import COUNTIES, WARDS_2012
from geo.labels import Finding
from geo.resolution import Place
from geo.survey import Report, survey
from geo.survey.labels import counts
from geo.survey.swaps import exchanged
from geo.wards import Wards

SHARED = Path(__file__).parents[3] / "shared" / "data"
West, East = shapely.box(34.0, 0.0, 34.5, 0.5), shapely.box(34.5, 0.0, 35.0, 0.5)
Write = Callable[..., Path]


@pytest.fixture
def surveyed(write: Write, make_feature: Any) -> Callable[..., Report]:
    """Survey wards given as (shape, name, code, constituency, constituency code, county, county code)."""

    def look(*wards: tuple[Any, ...], places: list[Place] | None = None) -> Report:
        features = []
        for shape, name, code, *rest in wards:
            made = make_feature(shape, name, code, *rest[:2])
            if len(rest) > 2:
                made["properties"] |= {"county": rest[2], "county_code": rest[3]}
            features.append(made)
        return survey(read(write(features)), places)

    return look


def of(report: Report, kind: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind == kind]


def grid(n: int, *labels: Any) -> list[tuple[Any, ...]]:
    """Wards side by side."""
    return [(shapely.box(34 + i * 0.1, 0, 34.1 + i * 0.1, 0.1), f"Ward {i}", str(i + 1), *labels) for i in range(n)]


def test_overlaps_and_gaps_are_found_and_shown(surveyed: Callable[..., Report]) -> None:
    overlapping = shapely.box(34.4, 0.0, 35.0, 0.5)
    ring = shapely.difference(shapely.box(33.9, 0.5, 35.1, 1.0), shapely.box(34.6, 0.7, 34.7, 0.8))
    report = surveyed((West, "West", "1"), (overlapping, "East", "2"), (ring, "Ring", "3"))
    (overlap,), (gap,) = of(report, "overlap"), of(report, "gap")
    assert (overlap.level, overlap.rows) == ("warning", (0, 1))
    assert overlap.area_m2 == pytest.approx(0.1 * 0.5 * 111_319 * 110_574, rel=0.001)
    assert (gap.level, gap.rows) == ("warning", (2,))
    assert gap.area_m2 == pytest.approx(0.1 * 0.1 * 111_319 * 110_574, rel=0.001)
    assert report.sound
    features = report.geojson()["features"]
    assert [f["properties"]["kind"] for f in features] == ["overlap", "gap"]
    assert features[0]["properties"]["wards"] == ["0001 West", "0002 East"]
    assert shapely.geometry.shape(features[0]["geometry"]).area == pytest.approx(0.05)


def test_an_overlap_is_shown_without_the_lines_along_which_wards_only_touch(surveyed: Callable[..., Report]) -> None:
    # They share the edge at 34.5 up to 0.3, and ground above it.
    stepped = shapely.Polygon([(34.5, 0.0), (35.0, 0.0), (35.0, 0.5), (34.4, 0.5), (34.4, 0.3), (34.5, 0.3)])
    assert shapely.intersection(West, stepped).geom_type == "GeometryCollection"
    (overlap,) = of(surveyed((West, "West", "1"), (stepped, "East", "2")), "overlap")
    assert overlap.shape.equals(shapely.box(34.4, 0.3, 34.5, 0.5))
    assert overlap.shape.geom_type == "Polygon"


def test_the_table_begins_with_the_worst_and_ends_with_the_total(surveyed: Callable[..., Report]) -> None:
    bow_tie = shapely.Polygon([(36, 0), (37, 1), (37, 0), (36, 1)])
    wards = [(*ward[:1], "Same", ward[2], f"C{n}", str(n)) for n, ward in enumerate(grid(3))]
    lines = surveyed(*wards, (bow_tie, "Bow tie", "9")).table().splitlines()
    assert lines[0].startswith("4 wards, boundary version ")
    assert lines[1] == "ERROR     invalid: 1 (1 error)"
    assert "6154.27 km2  0009 Bow tie: Self-intersection" in lines[2]
    assert "NOTE      shared-names: 1 (1 note)" in lines
    assert lines[-1] == "Total: 1 error, 2 notes"
    many = surveyed(*[(shapely.box(34, 0, 35, 1), f"W{i}", str(i)) for i in range(1, 7)]).table(most=2).splitlines()
    assert many[2:5][-1].strip() == "... and 13 more: the GeoJSON has them all"
    assert many[1].startswith("WARNING   overlap: 15, 184626")


def test_wards_that_only_touch_are_sound(surveyed: Callable[..., Report]) -> None:
    report = surveyed((West, "West", "1"), (East, "East", "2"))
    assert report.findings == ()
    assert report.table().endswith("Total: nothing found")


def test_names_that_constituencies_share_are_listed(surveyed: Callable[..., Report]) -> None:
    report = surveyed(
        (West, "Township", "1", "Here", "1"), (East, "TOWNSHIP", "2", "There", "2"), *grid(3, "Here", "1")[2:]
    )
    (shared,) = of(report, "shared-names")
    assert shared.rows == (0, 1)
    assert "1 ward name is shared by 2 wards: Township (2)" in shared.detail
    assert json.loads(json.dumps(report.geojson()))["features"][-1]["geometry"] is not None


def test_parts_slivers_and_spikes_are_found(surveyed: Callable[..., Report]) -> None:
    far = shapely.MultiPolygon([shapely.box(34, 0, 34.1, 0.1), shapely.box(34.3, 0, 34.35, 0.05)])
    near = shapely.MultiPolygon([shapely.box(35, 0, 35.1, 0.1), shapely.box(35.101, 0, 35.11, 0.01)])
    thread = shapely.MultiPolygon([shapely.box(36, 0, 36.1, 0.1), shapely.box(36.11, 0, 36.2, 0.00002)])
    spiked = shapely.Polygon([(37, 0), (37.1, 0), (37.1, 0.05), (37.2, 0.0501), (37.1, 0.0502), (37.1, 0.1), (37, 0.1)])
    report = surveyed((far, "Far", "1"), (near, "Near", "2"), (thread, "Thread", "3"), (spiked, "Spiked", "4"))
    assert [(f.rows, f.level) for f in of(report, "several-parts")] == [
        ((0,), "warning"),
        ((2,), "warning"),
        ((1,), "note"),
    ]
    assert of(report, "several-parts")[0].detail.startswith(
        "drawn as 2 separate pieces, up to 22,26"  # 0.2 degrees of longitude at the equator
    )
    (sliver,) = of(report, "sliver")
    assert (sliver.rows, sliver.detail.split(" m wide")[0]) == ((2,), "a part 2.2")
    (spike,) = of(report, "spike")
    assert spike.rows == (3,)
    assert spike.shape.equals(shapely.Point(37.2, 0.0501))


@pytest.mark.parametrize(("east", "level"), [(37.108, "note"), (37.1091, "warning")])
def test_a_spike_of_a_kilometre_is_a_warning_and_says_from_where_on(
    surveyed: Callable[..., Report], east: float, level: str
) -> None:
    ring = [(37, 0), (37.1, 0), (37.1, 0.05), (east, 0.05), (37.1, 0.05001), (37.1, 0.1), (37, 0.1)]
    (spike,) = of(surveyed((shapely.Polygon(ring), "Spiked", "1")), "spike")
    assert spike.level == level
    assert ("(from 1,000 m on a warning)" in spike.detail) == (level == "warning")


def test_pieces_that_touch_are_not_said_to_be_apart(surveyed: Callable[..., Report]) -> None:
    corners = shapely.MultiPolygon([shapely.box(34, 0, 34.1, 0.1), shapely.box(34.1, 0.1, 34.15, 0.15)])
    (found,) = of(surveyed((corners, "Corners", "1")), "several-parts")
    assert (found.level, found.detail) == ("note", "drawn as 2 separate pieces, which only touch at corners")


def test_a_number_that_is_none_is_said_without_numpys_words(tmp_path: Path) -> None:
    labels = {"ward": "W", "ward_code": "1", "constituency": "C", "county": "Kisumu"}
    path = tmp_path / "wards.gpkg"
    with np.errstate(invalid="ignore"):
        hole = shapely.Polygon([(34.1, -0.2), (34.2, -0.2), (float("nan"), -0.1), (34.1, -0.1)])
        geopandas.GeoDataFrame([labels, labels], geometry=[shapely.box(34, 0, 35, 1), hole], crs=4326).to_file(path)
    details = [each.detail for each in read(path).findings if each.kind == "reader"]
    assert details == ["a number in the file is no number"]


def test_an_area_far_from_those_of_its_county_is_noted(surveyed: Callable[..., Report]) -> None:
    wards = [(shapely.box(34 + i * 0.1, 0, 34.1 + i * 0.1, 0.1 + i * 0.005), f"W{i}", str(i + 1)) for i in range(10)]
    report = surveyed(*wards, (shapely.box(34, 2, 36, 5), "Vast", "11"))
    (odd,) = of(report, "unusual-area")
    assert (odd.rows, odd.level) == ((10,), "note")
    assert "times larger than the middle ward of Kisumu" in odd.detail


def test_a_ward_among_strangers_is_found(surveyed: Callable[..., Report]) -> None:
    wards = [
        (
            shapely.box(34 + (i % 3) * 0.1, i // 3 * 0.1, 34.1 + (i % 3) * 0.1, i // 3 * 0.1 + 0.1),
            f"W{i}",
            str(i + 1),
            "A",
            "1",
        )
        for i in range(9)
    ]
    wards[4] = (*wards[4][:3], "B", "2")
    lone = (shapely.box(36, 0, 36.1, 0.1), "Lone", "10", "B", "2")
    beside = (shapely.box(36.1, 0, 36.2, 0.1), "Beside", "11", "B", "2")
    report = surveyed(*wards, lone, beside)
    (alone,) = of(report, "constituency-among-strangers")
    assert (alone.rows, alone.level) == ((4,), "warning")
    assert "in B, as none of its 8 neighbours; 8 of them are in A" in alone.detail
    (pieces,) = of(report, "constituency-in-pieces")
    assert pieces.rows == (4,)
    county = surveyed(*wards[:4], (*wards[4][:3], "B", "2", "Siaya", "041"), *wards[5:], (*lone, "Siaya", "041"))
    assert [f.rows for f in of(county, "county-among-strangers")] == [(4,)]


def test_codes_that_contradict_each_other_are_found(surveyed: Callable[..., Report]) -> None:
    wards = grid(60, "A", "1")
    wards[30] = (*wards[30][:3], "B", "2")
    report = surveyed(*wards)
    assert [f.rows for f in of(report, "code-out-of-order")] == [(30,)]
    clash = surveyed((West, "West", "1", "A", "1"), (East, "East", "2", "B", "1"))
    assert [f.rows for f in of(clash, "constituency-clash")] == [(0, 1)]
    assert "A (Kisumu) and B (Kisumu)" in of(clash, "constituency-clash")[0].detail
    twice = surveyed((West, "West", "1", "A", "1"), (East, "East", "2", "A", "2"))
    assert "has the codes 001, 002" in of(twice, "constituency-clash")[0].detail


def test_a_national_file_has_as_many_wards_as_the_delimitation(surveyed: Callable[..., Report]) -> None:
    assert sum(WARDS_2012.values()) == 1450
    codes = [code for code, n in WARDS_2012.items() for _ in range(n)]
    assert counts({"county_code": codes}) == []
    assert counts({"county_code": codes[:-1]})[0].detail == "Nairobi has 84 wards here, 85 in the delimitation of 2012"
    assert counts({"county_code": [*codes, "901"]})[0].rows == (1450,)
    assert counts({"county_code": [code for code in COUNTIES if code != "047"]}) == []


def test_odd_names_are_shown_and_stray_signs_written_plainly(surveyed: Callable[..., Report]) -> None:
    report = surveyed(
        (West, "  Ng\u2019iya\u00a0 East ", "1"),
        (East, "Njabini\\Kiburu", "2"),
        *grid(4)[2:],
        (shapely.box(36, 0, 37, 1), "KOLWA", "9"),
    )
    assert [(f.level, f.rows) for f in of(report, "tidied-names")] == [("repaired", (0,))]
    assert report.names[0] == "0001 Ng'iya East"
    assert sorted(f.rows for f in of(report, "unusual-name")) == [(1,), (4,)]


def test_names_that_places_give_to_each_other_are_likely_exchanged(surveyed: Callable[..., Report]) -> None:
    def school(name: str, lon: float) -> Place:
        return Place(name=name, lon=lon, lat=0.05)

    wards = [
        (*ward[:1], name, *ward[2:]) for ward, name in zip(grid(3), ("Kibuye", "Upper Kibuye", "Other"), strict=True)
    ]
    crossed = [
        school("Kibuye Primary", 34.15),
        school("Upper Kibuye Market", 34.05),
        school("UPPER KIBUYE Dispensary", 34.06),
    ]
    (swap,) = of(surveyed(*wards, places=crossed), "swapped-names")
    assert (swap.rows, swap.level) == ((0, 1), "warning")
    assert "of places named after Kibuye, 1 lie in Upper Kibuye and 0 in it" in swap.detail
    straight = [school("Upper Kibuye Primary", 34.15), school("Kibuye Market", 34.05)]
    assert of(surveyed(*wards, places=crossed + straight), "swapped-names") == []
    assert of(surveyed(*wards), "swapped-names") == []
    away = [school(f"Other {n} School", 34.05) for n in ("A", "B", "C")]
    assert [f.rows for f in of(surveyed(*wards, places=away), "name-elsewhere")] == [(2, 0)]


def test_the_real_file_reports_its_known_defects(real_wards: Wards) -> None:
    report = survey(read(SHARED / "kenya_wards.fgb"))
    overlaps = [f.area_m2 or 0.0 for f in of(report, "overlap")]
    gaps = [f.area_m2 or 0.0 for f in of(report, "gap")]
    assert len(overlaps) == 33
    assert sum(overlaps) == pytest.approx(4.5e6, rel=0.02)
    assert sum(gaps) == pytest.approx(7.1e6, rel=0.02)
    assert max(overlaps) == pytest.approx(1.3e6, rel=0.02)
    assert max(gaps) == pytest.approx(3.8e6, rel=0.02)
    assert (sum(a > 1e4 for a in overlaps), sum(a > 1e4 for a in gaps)) == (17, 9)
    assert len(of(report, "several-parts")) == 14
    assert of(report, "shared-names")[0].detail.startswith("32 ward names are shared by 75 wards: Township (9), ")
    for kind in ("invalid", "duplicate-code", "ward-count", "constituency-clash", "code-out-of-order"):
        assert of(report, kind) == []
    assert report.sound
    assert next(iter(real_wards)).code in report.names[0]


def test_an_exchange_in_the_real_file_is_found(real_wards: Wards) -> None:
    places = place_files.read(SHARED / "kenya_gazetteer.csv").places
    source = real_wards.source
    rows = [real_wards.row(code) for code in ("0412", "0413")]
    names = list(source.columns["ward"])
    names[rows[0]], names[rows[1]] = names[rows[1]], names[rows[0]]
    wrong = msgspec.structs.replace(source, columns={**source.columns, "ward": tuple(names)})
    before = [f.rows for f in exchanged(source, places) if f.kind == "swapped-names"]
    after = [f.rows for f in exchanged(wrong, places) if f.kind == "swapped-names"]
    assert [each for each in after if each not in before] == [tuple(sorted(rows))]
    assert len(before) == 1
