import pickle
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo.places import Rejected, distance_m, metres_per_degree
from geo.wards import Wards
from geo.wards_file import FORMAT

West, East = shapely.box(34.0, 0.0, 34.5, 0.5), shapely.box(34.5, 0.0, 35.0, 0.5)
"""Two wards side by side; the border is the meridian 34.5."""
Far = shapely.box(35.5, 0.0, 36.0, 0.5)


@pytest.fixture(scope="module")
def wards(wards_of: Callable[..., Wards]) -> Wards:
    return wards_of([West, East, Far])


def test_a_position_finds_its_row_in_the_files_own_order(wards: Wards) -> None:
    assert wards.locate(34.2, 0.2) == 0
    assert wards.locate(34.7, 0.2) == 1
    assert wards.locate(35.2, 0.2) == -1
    assert type(wards.locate(34.2, 0.2)) is int


def test_an_edge_goes_to_the_lowest_row_and_belongs_to_the_ward(wards: Wards) -> None:
    assert wards.locate(34.5, 0.2) == 0
    assert wards.locate(35.0, 0.5) == 1
    assert wards.locate(34.0, 0.0) == 0
    assert wards.locate(np.nextafter(34.5, 35.0), 0.2) == 1
    assert wards.locate(np.nextafter(34.0, 33.0), 0.2) == -1


def test_arrays_keep_their_shape_and_scalars_spread(wards: Wards) -> None:
    rows = wards.locate(np.array([[34.2, 34.7], [35.2, 35.7]]), np.full((2, 2), 0.2))
    assert rows.tolist() == [[0, 1], [-1, 2]]
    assert rows.dtype == np.int64
    assert wards.locate(np.array([34.2, 34.7]), np.float64(0.2)).tolist() == [0, 1]
    assert wards.locate([34.2], [0.2]).tolist() == [0]
    assert wards.locate([99.0], [0.2]).tolist() == [-1]
    assert wards.locate([], []).tolist() == []
    assert wards.locate(34, 0) == 0
    assert wards.locate(np.float32(34.25), np.float32(0.25)) == 0


def test_what_is_no_number_is_outside_or_refused(wards: Wards) -> None:
    nan, inf = float("nan"), float("inf")
    assert [wards.locate(x, y) for x, y in ((nan, 0.2), (34.2, nan), (inf, 0.2), (34.2, -inf))] == [-1] * 4
    assert wards.locate([nan, 34.2, inf, 1e300], [0.2, nan, 0.2, -1e300]).tolist() == [-1] * 4
    for lon, lat in (("34.2", "0.2"), (None, None), (["34.2"], [0.2])):
        with pytest.raises(Rejected) as refusal:
            wards.locate(lon, lat)  # type: ignore[arg-type]
        assert refusal.value.code == "position-not-a-number"


def test_wards_cannot_be_changed(wards: Wards) -> None:
    with pytest.raises(AttributeError):
        wards.locate = lambda lon, lat: 0  # type: ignore[assignment]


def test_a_ward_says_its_names_and_a_point_inside(wards: Wards) -> None:
    ward = wards.ward(1)
    assert (ward.row, ward.path, ward.name, ward.county) == (1, "KE.042.240.0002", "Ward 1", "Kisumu")
    assert wards.locate(ward.lon, ward.lat) == 1
    assert [w.row for w in wards] == [0, 1, 2]
    assert len(wards) == 3


def test_rows_are_found_by_path_code_and_area(wards: Wards) -> None:
    assert wards.row("KE.042.240.0002") == wards.row("0002") == 1
    assert wards.rows_in("KE") == wards.rows_in("KE.042.240") == (0, 1, 2)
    assert wards.rows_in("KE.042.240.0003") == (2,)
    assert wards.rows_in("KE.04") == ()
    assert wards.areas() == ("KE", "KE.042", "KE.042.240", *(f"KE.042.240.000{n}" for n in (1, 2, 3)))
    with pytest.raises(Rejected) as refusal:
        wards.row("9999")
    assert refusal.value.code == "ward-unknown"
    with pytest.raises(IndexError):
        wards.ward(-1)


def test_a_code_two_wards_share_means_the_lowest_row(make_feature: Any, write: Callable[..., Path]) -> None:
    wards = Wards.load(write([make_feature(West, "West", "7"), make_feature(East, "East", "7")]))
    assert (wards.row("0007"), wards.row("KE.042.240.0007")) == (0, 0)


def test_neighbours_touch(wards: Wards) -> None:
    assert (wards.neighbours(0), wards.neighbours(1), wards.neighbours(2)) == ((1,), (0,), ())


def test_a_position_near_a_border_names_both_wards(wards: Wards) -> None:
    kx, _ = metres_per_degree(0.25)
    here = wards.at(34.5 - 100.0 / kx, 0.25)
    assert (here.row, here.inside, here.nearest) == (0, True, None)
    assert here.edge_m == pytest.approx(100.0, abs=1e-6)
    assert [row for row, _ in here.candidates] == [0, 1]
    assert here.candidates[0][1] == 0.0
    assert here.candidates[1][1] == pytest.approx(100.0, abs=1e-6)
    assert here.version == wards.version
    assert wards.at(34.5 - 100.0 / kx, 0.25, radius_m=99.0).candidates == ((0, 0.0),)


def test_confidence_falls_with_the_edge_and_with_the_positions_own_error(wards: Wards) -> None:
    kx, _ = metres_per_degree(0.25)
    certain = [wards.at(34.5 - m / kx, 0.25).confidence for m in (0.0, 20.0, 100.0, 5000.0)]
    assert certain == sorted(certain)
    assert certain[0] == pytest.approx(0.5)
    assert certain[-1] == pytest.approx(1.0)
    good, bad = (wards.at(34.5 - 100.0 / kx, 0.25, accuracy_m=a).confidence for a in (5.0, 1000.0))
    assert good > 0.99
    assert 0.5 < bad < 0.6


def test_a_position_outside_gets_the_nearest_ward_however_far(wards: Wards) -> None:
    kx, ky = metres_per_degree(0.25)
    here = wards.at(35.2, 0.25)
    assert (here.row, here.inside, here.confidence) == (-1, False, 0.0)
    assert here.nearest is not None
    assert here.nearest[0] == 1
    assert here.nearest[1] == here.edge_m == pytest.approx(0.2 * kx)
    assert here.candidates == ()
    close = wards.at(35.0 + 10.0 / kx, 0.25)
    assert close.nearest == close.candidates[0] == (1, close.edge_m)
    assert close.edge_m == pytest.approx(10.0)
    assert wards.at(34.2, 0.5 + 3.0 / ky).edge_m == pytest.approx(3.0, abs=1e-3)
    assert wards.at(20.0, 10.0).edge_m == pytest.approx(distance_m(20.0, 10.0, 34.0, 0.5), rel=0.02)


def test_many_positions_are_answered_as_one_is(wards: Wards) -> None:
    rng = np.random.default_rng(4)
    xs = np.concatenate([rng.uniform(33.9, 36.1, 300), 34.5 + rng.normal(0.0, 0.002, 100), [34.5, 35.2, 20.0]])
    ys = np.concatenate([rng.uniform(-0.1, 0.6, 300), rng.uniform(0.0, 0.5, 100), [0.2, 0.2, 10.0]])
    accuracies = [None, 5.0, 3000.0, 80.0] * 100 + [None, None, 200.0]
    for radius_m in (0.0, 500.0, 40_000.0):
        many = wards.at_many(xs, ys, radius_m=radius_m, accuracy_m=accuracies)
        for x, y, accuracy, found in zip(xs.tolist(), ys.tolist(), accuracies, many, strict=True):
            one = wards.at(x, y, radius_m=radius_m, accuracy_m=accuracy)
            assert (found.row, found.chances, found.inside) == (one.row, one.chances, one.inside)
            assert found.edge_m == pytest.approx(one.edge_m)
            assert [row for row, _ in found.candidates] == [row for row, _ in one.candidates]
    assert wards.at_many(xs[:3].tolist(), ys[:3].tolist(), accuracy_m=np.array([np.nan, 5.0, 3000.0])) == [
        wards.at(x, y, accuracy_m=a) for x, y, a in zip(xs[:3], ys[:3], accuracies[:3], strict=True)
    ]
    assert wards.at_many([], []) == []
    with pytest.raises(Rejected):
        wards.at_many([34.2, 0.25], [0.2, 34.2])


def test_a_corner_and_a_wide_error_leave_less_than_the_nearest_edge_says(wards: Wards) -> None:
    kx, ky = metres_per_degree(0.0)
    corner = wards.at(34.0 + 30.0 / kx, 30.0 / ky)
    beside = wards.at(34.0 + 30.0 / kx, 0.25)
    assert corner.edge_m == pytest.approx(beside.edge_m, rel=1e-3)
    assert corner.confidence == pytest.approx(beside.confidence**2, abs=0.02)
    lost = wards.at(34.25, 0.25, accuracy_m=200_000.0)
    assert lost.confidence < 0.1
    assert 0.0 < sum(chance for _, chance in lost.chances) < 1.0
    assert {row for row, _ in lost.chances} == {0, 1, 2}


def test_every_ward_that_covers_an_overlap_is_a_candidate(wards_of: Callable[..., Wards]) -> None:
    wards = wards_of([shapely.box(34.0, 0.0, 36.0, 2.0), shapely.box(34.0, 0.0, 36.0, 2.0), Far])
    assert wards.locate(35.0, 1.0) == 0
    assert wards.at(35.0, 1.0).candidates == ((0, 0.0), (1, 0.0))
    assert wards.at(35.75, 0.25).candidates == ((0, 0.0), (1, 0.0), (2, 0.0))


def test_impossible_positions_are_refused(wards: Wards) -> None:
    for lon, lat, code in ((0.25, 34.2, "position-swapped"), (0.0, 0.0, "position-null-island")):
        with pytest.raises(Rejected) as refusal:
            wards.at(lon, lat)
        assert refusal.value.code == code


def test_approximate_boundaries_are_less_sure(make_feature: Any, write: Callable[..., Path]) -> None:
    features = [make_feature(West, "West", "1"), make_feature(East, "East", "2")]
    drawn = Wards.load(write(features, "drawn.geojson"))
    guessed = Wards.load(write(features, "guessed.geojson", approximation=True, source="by hand"))
    assert (drawn.approximate, guessed.approximate) == (False, True)
    assert guessed.about == {"source": "by hand"}
    assert guessed.at(34.49, 0.25).confidence < drawn.at(34.49, 0.25).confidence
    assert guessed.geojson()["approximation"] is True
    assert drawn.version == guessed.version


def test_geojson_has_every_ward_and_shared_borders_stay_shared(wards: Wards) -> None:
    whole = wards.geojson()
    assert whole["version"] == wards.version
    assert [f["properties"]["path"] for f in whole["features"]] == [w.path for w in wards]
    assert shapely.equals(shapely.geometry.shape(whole["features"][0]["geometry"]), West)
    assert len(wards.geojson(tolerance_deg=0.01)["features"]) == 3


def test_an_index_is_the_same_after_saving_and_in_other_processes(wards: Wards, tmp_path: Path) -> None:
    wards.save(tmp_path / "index.wards")
    for copy in (Wards.load(tmp_path / "index.wards"), pickle.loads(pickle.dumps(wards))):  # noqa: S301 - our own bytes
        assert copy.version == wards.version
        assert [*copy] == [*wards]
        assert copy.locate([34.2, 34.5, 35.2], [0.2] * 3).tolist() == [0, 0, -1]
        assert copy.at(34.499, 0.25) == wards.at(34.499, 0.25)
        assert copy.neighbours(0) == (1,)
    assert [p.name for p in tmp_path.iterdir()] == ["index.wards"]


def test_a_damaged_index_is_refused(wards: Wards, tmp_path: Path) -> None:
    path = tmp_path / "index.wards"
    wards.save(path)
    sound = path.read_bytes()
    answers = set()
    for at in range(100, len(sound) - 100, len(sound) // 97):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x55]) + sound[at + 1 :])
        try:
            answers.add(str(Wards.load(path).locate([34.2, 34.7], [0.2, 0.2]).tolist()))
        except Rejected as refusal:
            answers.add(refusal.code)
    assert "wards-file-damaged" in answers
    assert answers <= {"wards-file-damaged", "boundaries-unreadable", "[0, 1]"}  # as some bytes are read by nobody
    path.write_bytes(sound[:-30] + sound[-30:].replace(FORMAT.encode(), b"dharura-wards-0"))
    with pytest.raises(Rejected, match="layout"):
        Wards.load(path)


def test_an_index_put_together_from_two_is_refused(wards: Wards, tmp_path: Path) -> None:
    path, mixed = tmp_path / "index.wards", tmp_path / "mixed.wards"
    wards.save(path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(mixed, "w") as target:
        target.comment = source.comment
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"Ward 1", b"Ward 7"))
    with pytest.raises(Rejected, match="not of the version"):
        Wards.load(mixed)


def test_threads_share_an_index(real_wards: Wards) -> None:
    rng = np.random.default_rng(7)
    edges = shapely.get_coordinates(real_wards.geometry(654))
    xs, ys = rng.uniform(33.9, 41.9, 20_000), rng.uniform(-4.7, 5.4, 20_000)
    xs, ys = np.concatenate([xs, edges[:, 0]]), np.concatenate([ys, edges[:, 1]])
    expected = real_wards.locate(xs, ys).tolist()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: real_wards.locate(xs, ys).tolist(), range(8)))
    assert all(answer == expected for answer in answers)


def test_the_real_wards_put_the_known_report_in_kisumu(real_wards: Wards) -> None:
    assert len(real_wards) == 1450
    ward = real_wards.ward(real_wards.locate(34.7617, -0.0917))
    assert (ward.county, ward.path[:6]) == ("Kisumu", "KE.042")
    assert all(real_wards.locate(w.lon, w.lat) == w.row for w in real_wards)
