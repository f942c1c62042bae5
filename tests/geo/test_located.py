"""What a located position says of itself: distances beside the ellipsoid's, confidence beside what came true."""

import multiprocessing
import operator
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from numpy.typing import NDArray

from geo import doubt
from geo.located import Located
from geo.places import metres_per_degree
from geo.raster import ring_edges
from geo.wards import Wards

Floats = NDArray[np.float64]
TRIALS = 20_000


def shapes_of(wards: Wards) -> NDArray[np.object_]:
    return np.array([wards.geometry(ward.row) for ward in wards], dtype=object)


def near_edges(wards: Wards, count: int, metres: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Choose positions about so many metres beside edges, as many on short edges as on long ones."""
    edges, _ = ring_edges(shapes_of(wards))
    chosen = edges[rng.integers(0, len(edges), count)]
    at = chosen[:, :2] + rng.random((count, 1)) * (chosen[:, 2:] - chosen[:, :2])
    at += rng.normal(0.0, metres / 111_000.0, (count, 2))
    return at[:, 0].copy(), at[:, 1].copy()


def geodesic_m(boundary: Any, lon: float, lat: float, about_m: float) -> float:
    """Measure to an edge on the ellipsoid: distances from the centre of this projection are exact.

    Infinity where nothing is within twice of what it is about.
    """
    far = 2.0 * about_m / 110_000.0 + 1e-4
    part = shapely.clip_by_rect(boundary, lon - far, lat - far, lon + far, lat + far)
    if part.is_empty:
        return float("inf")
    dense = shapely.segmentize(part, 0.01)  # an edge is straight in degrees, not in the projection
    flat = pyproj.Proj(f"+proj=aeqd +lon_0={lon} +lat_0={lat} +ellps=WGS84")
    xy = shapely.transform(dense, lambda at: np.column_stack(flat(at[:, 0], at[:, 1])))
    return float(shapely.distance(xy, shapely.Point(0.0, 0.0)))


def test_distances_to_edges_are_those_on_the_ellipsoid(real_wards: Wards) -> None:
    rng = np.random.default_rng(31)
    xs, ys = near_edges(real_wards, 1_200, 2_000.0, rng)
    wide = rng.uniform((33.9, -4.7), (41.9, 5.4), (800, 2))
    xs, ys = np.concatenate([xs, wide[:, 0]]), np.concatenate([ys, wide[:, 1]])
    boundaries = shapely.boundary(shapes_of(real_wards))
    checked = [0, 0]
    for lon, lat, found in zip(xs.tolist(), ys.tolist(), real_wards.at_many(xs, ys), strict=True):
        row = found.row if found.nearest is None else found.nearest[0]
        if found.edge_m < 100_000.0:
            true = geodesic_m(boundaries[row], lon, lat, found.edge_m)
            close = true < 5_000.0
            assert found.edge_m == pytest.approx(true, rel=1e-4 if close else 5e-3, abs=1e-3)
            checked[close] += 1
    assert min(checked) > 400


def test_the_nearest_ward_is_the_nearest_on_the_ellipsoid(real_wards: Wards) -> None:
    rng = np.random.default_rng(32)
    at = rng.uniform((33.9, -4.7), (41.9, 5.4), (400, 2))
    outside = [found for found in real_wards.at_many(at[:, 0], at[:, 1]) if not found.inside][:20]
    positions = at[real_wards.locate(at[:, 0], at[:, 1]) < 0][:20].tolist()
    boundaries = shapely.boundary(shapes_of(real_wards))
    tree = shapely.STRtree(boundaries)
    assert len(outside) == 20
    for (lon, lat), found in zip(positions, outside, strict=True):
        assert found.nearest is not None
        near = tree.query(shapely.Point(lon, lat), predicate="dwithin", distance=1.03 * found.edge_m / 110_000.0)
        best = min(geodesic_m(boundaries[row], lon, lat, found.edge_m) for row in near)
        assert found.nearest[1] == pytest.approx(best, rel=5e-3)


@pytest.fixture(scope="module")
def mosaic(wards_of: Callable[[Sequence[Any]], Wards]) -> Wards:
    """Lay out wards of all sizes, from two hundred metres across, with corners of every angle."""
    rng = np.random.default_rng(33)
    seeds = np.concatenate([rng.normal((34.75, -0.1), 0.01, (60, 2)), rng.uniform((34.5, -0.3), (35.0, 0.1), (40, 2))])
    frame = shapely.box(34.4, -0.4, 35.1, 0.2)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=frame))
    return wards_of([shapely.intersection(cell, frame) for cell in cells])


def came_true(wards: Wards, accuracy_m: float) -> tuple[list[Located], NDArray[np.int64]]:
    """Locate stated positions, and find in which ward the truth was, once positions and edges have erred as assumed."""
    rng = np.random.default_rng(34)
    xs, ys = near_edges(wards, TRIALS, 2.0 * doubt.sigma_m(accuracy_m, approximate=False), rng)
    kx, ky = metres_per_degree(0.0)
    position = rng.normal(0.0, accuracy_m / doubt.RADIAL_68, (TRIALS, 2))
    edge = rng.normal(0.0, doubt.BOUNDARY_ERROR_M, (TRIALS, 2))
    east, north = (position - edge).T
    truth = wards.locate(xs + east / kx, ys + north / ky)
    return wards.at_many(xs, ys, accuracy_m=accuracy_m), truth


def reliability(stated: Floats, right: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Give for each tenth of confidence what was stated, what came true, and of how many."""
    tenth = np.minimum((stated * 10).astype(int), 9)
    parts = [tenth == n for n in range(10)]
    return [(float(stated[p].mean()), float(right[p].mean()), int(p.sum())) for p in parts if p.sum() >= 300]


@pytest.mark.parametrize("accuracy_m", [0.0, 50.0, 400.0, 3000.0])
@pytest.mark.parametrize("where", ["mosaic", "real_wards"])
def test_confidence_is_how_often_it_comes_true(request: pytest.FixtureRequest, where: str, accuracy_m: float) -> None:
    """Hold stated confidence to within 0.01 of what came true, and three standard errors of the trial."""
    found, truth = came_true(request.getfixturevalue(where), accuracy_m)
    inside = np.array([one.inside for one in found])
    stated = np.array([one.confidence for one in found])[inside]
    right = (np.array([one.row for one in found]) == truth)[inside]
    table = reliability(stated, right)
    assert sum(count for _, _, count in table) > 0.9 * inside.sum() > 0.3 * TRIALS
    for said, was, count in table:
        assert abs(said - was) < 0.01 + 3.0 * (was * (1.0 - was) / count) ** 0.5, table


def test_the_chance_of_every_other_ward_comes_true_as_well(mosaic: Wards) -> None:
    found, truth = came_true(mosaic, 400.0)
    others = [
        (chance, row == true)
        for one, true in zip(found, truth.tolist(), strict=True)
        for row, chance in one.chances
        if row != one.row
    ]
    said, was = np.array([c for c, _ in others]), np.array([right for _, right in others])
    for mean, share, count in reliability(said, was):
        assert abs(mean - share) < 0.01 + 3.0 * (share * (1.0 - share) / count) ** 0.5
    assert all(sum(chance for _, chance in one.chances) <= 1.0 + 1e-9 for one in found)


def test_many_real_positions_are_answered_as_one_is(real_wards: Wards) -> None:
    xs, ys = near_edges(real_wards, 3_000, 300.0, np.random.default_rng(35))
    for lon, lat, many in zip(xs.tolist(), ys.tolist(), real_wards.at_many(xs, ys), strict=True):
        one = real_wards.at(lon, lat)
        assert (many.row, [row for row, _ in many.chances]) == (one.row, [row for row, _ in one.chances])
        assert [row for row, _ in many.candidates] == [row for row, _ in one.candidates]
        assert many.confidence == pytest.approx(one.confidence)
        assert many.edge_m == pytest.approx(one.edge_m, rel=1e-9, abs=1e-6)


def test_other_processes_give_the_same_answers(mosaic: Wards) -> None:
    xs, ys = near_edges(mosaic, 500, 100.0, np.random.default_rng(36))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        answers = [pool.submit(operator.methodcaller("at_many", xs, ys), mosaic) for _ in range(2)]
        assert [answer.result() for answer in answers] == [mosaic.at_many(xs, ys)] * 2


def test_a_position_that_may_be_anywhere_on_earth_is_sure_of_no_ward(mosaic: Wards) -> None:
    inner = mosaic.ward(0)
    for accuracy_m in (1e7, 1e12, np.inf):
        found = mosaic.at(inner.lon, inner.lat, accuracy_m=accuracy_m)
        assert found.inside
        assert found.confidence == 0.0, accuracy_m
        assert found == mosaic.at_many([inner.lon], [inner.lat], accuracy_m=[accuracy_m])[0]


def test_an_accuracy_that_is_no_number_is_not_known(mosaic: Wards) -> None:
    edge = shapely.get_coordinates(mosaic.geometry(0))[0]
    lon, lat = float(edge[0]) + 1e-4, float(edge[1]) + 1e-4
    assert mosaic.at(lon, lat, accuracy_m=float("nan")) == mosaic.at(lon, lat)
