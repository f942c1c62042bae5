"""The index against shapely itself, on positions chosen to be awkward."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity

from geo import grid, raster
from geo.edges import Edges
from geo.places import metres_per_degree
from geo.wards import Wards


def array_of(shapes: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def awkward(shapes: list[Any], rng: np.random.Generator, n: int = 400) -> tuple[Any, Any]:
    """Choose positions at random, on vertices, on and beside edges, level with vertices, and far away."""
    west, south, east, north = shapely.total_bounds(array_of(shapes))
    xy = [rng.uniform((west - 0.1, south - 0.1), (east + 0.1, north + 0.1), (n, 2))]
    vertices = shapely.get_coordinates(shapes)
    xy.append(vertices)
    segments, _ = raster.ring_edges(array_of(shapes))
    for t in (0.5, 1 / 3, rng.uniform(size=(len(segments), 1))):
        on = segments[:, :2] + t * (segments[:, 2:] - segments[:, :2])
        xy += [on, np.nextafter(on, np.inf), np.nextafter(on, -np.inf)]
    xy.append(np.column_stack([rng.uniform(west, east, len(vertices)), vertices[:, 1]]))
    xy.append(np.column_stack([vertices[:, 0], rng.uniform(south, north, len(vertices))]))
    xy.append(np.array([[0.0, 0.0], [180.0, 90.0], [-180.0, -90.0], [west, north], [east, south]]))
    both = np.concatenate(xy)
    return both[:, 0].copy(), both[:, 1].copy()


def check(wards: Wards, shapes: list[Any], xs: Any, ys: Any, by_shapely: Callable[..., Any]) -> None:
    expected = by_shapely(shapes, xs, ys)
    found = wards.locate(xs, ys)
    wrong = np.flatnonzero(found != expected)
    assert not wrong.size, [(xs[i], ys[i], found[i], expected[i]) for i in wrong[:5]]
    one = [wards.locate(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    assert one == expected.tolist()


def areas_of(shape: Any) -> Any:
    """Make what may be invalid or mixed a valid area, or an empty one."""
    parts = [shapely.make_valid(part) for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all([p for p in shapely.get_parts(shapely.get_parts(parts)) if p.geom_type == "Polygon"])


def star(rng: np.random.Generator, lon: float, lat: float, size: float, points: int) -> Any:
    angles = np.sort(rng.uniform(0, 2 * np.pi, points))
    radii = size * rng.uniform(0.2, 1.0, points)
    ring = np.column_stack([lon + radii * np.cos(angles), lat + radii * np.sin(angles)])
    return areas_of(shapely.Polygon(ring))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(3, 60), st.sampled_from([0, 1, 3, 7, 15]))
def test_overlapping_shapes_with_holes_answer_as_shapely_does(
    by_shapely: Any, wards_of: Any, seed: int, count: int, points: int, decimals: int
) -> None:
    rng = np.random.default_rng(seed)
    shapes = []
    for _ in range(count):
        shape = star(rng, rng.uniform(34, 36), rng.uniform(-1, 1), rng.uniform(0.05, 0.8), points)
        hole = star(rng, shape.centroid.x, shape.centroid.y, 0.1, 8)
        rounded = shapely.transform(shapely.difference(shape, hole), lambda xy: np.round(xy, decimals))
        shapes.append(areas_of(rounded) or shapely.box(34, 0, 35, 1))
    check(wards_of(shapes), shapes, *awkward(shapes, rng), by_shapely)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.integers(2, 9), st.booleans())
def test_shared_borders_answer_as_shapely_does(
    by_shapely: Any, wards_of: Any, seed: int, across: int, down: int, turned: bool
) -> None:
    rng = np.random.default_rng(seed)
    cells = [shapely.box(34 + i / 4, j / 4, 34.25 + i / 4, j / 4 + 0.25) for i in range(across) for j in range(down)]
    if turned:  # borders at an angle, and gaps and slivers from rounding
        cells = [affinity.rotate(c, 23.7, origin=(34.5, 0.5)) for c in cells]
    shapes = [c for c in cells if rng.uniform() > 0.15] or cells
    check(wards_of(shapes), shapes, *awkward(shapes, rng), by_shapely)


@pytest.mark.parametrize("size", [1e-9, 1e-5, 1.0, 40.0])
def test_size_does_not_matter(by_shapely: Any, wards_of: Any, size: float) -> None:
    rng = np.random.default_rng(3)
    shapes = [affinity.scale(star(rng, 35.0, 0.5, 1.0, 40), size, size, origin=(35.0, 0.5)) for _ in range(4)]
    shapes = [s if s.is_valid and s.area else shapely.box(35, 0.5, 35 + size, 0.5 + size) for s in shapes]
    check(wards_of(shapes), shapes, *awkward(shapes, rng), by_shapely)


def test_more_wards_in_a_cell_than_it_has_bits(by_shapely: Any, wards_of: Any) -> None:
    shapes = [shapely.Point(35.0, 0.5).buffer(0.001 + n * 1e-5, quad_segs=1) for n in range(raster.MAX_CANDIDATES + 20)]
    shapes.append(shapely.box(30.0, -5.0, 40.0, 5.0))
    for order in (shapes, shapes[::-1]):
        wards = wards_of(order)
        check(wards, order, *awkward(order, np.random.default_rng(5)), by_shapely)
        candidates = wards.at(35.003, 0.5, radius_m=1000.0).candidates
        assert sorted(row for row, _ in candidates) == list(range(len(order)))
        assert len({metres for _, metres in candidates}) == len(order)


@pytest.mark.parametrize("ulps", [0, 1, 2, 8])
def test_edges_at_a_reference_point_do_not_confuse_its_cell(by_shapely: Any, wards_of: Any, ulps: int) -> None:
    """Lay edges through or within rounding of the points the grid refers to, where it could lose count."""
    rng = np.random.default_rng(ulps)
    frame = shapely.box(34.0, 0.0, 35.0, 1.0)
    found = raster.rasterise(array_of([frame]))
    for i, j in rng.integers(5, 55, (200, 2)):
        x, y = found.ref_x[i] + ulps * np.spacing(found.ref_x[i]), found.ref_y[j]
        (dx, dy), long = rng.uniform((-0.02, 0.001), (0.02, 0.02)), rng.uniform(1.0, 20.0)
        if i % 4 == 0:
            dx, dy = 0.02, 0.0
        shapes = [
            shapely.Polygon([(x - dx, y - dy), (x + long * dx, y + long * dy), (34.99, 0.999), (34.99, 0.001)]),
            frame,
        ]
        if not shapes[0].is_valid:
            continue
        table = raster.rasterise(array_of(shapes))
        xs, ys = rng.uniform((x - 0.01, y - 0.01), (x + 0.01, y + 0.01), (40, 2)).T
        xs, ys = np.append(xs, x), np.append(ys, y)
        assert grid.many(table, array_of(shapes), xs, ys).tolist() == by_shapely(shapes, xs, ys).tolist()


def test_rows_without_a_shape_hold_nothing(by_shapely: Any, wards_of: Any) -> None:
    box = shapely.box(34.0, 0.0, 35.0, 1.0)
    wards = wards_of([None, box, shapely.Polygon()])
    assert wards.locate([34.5, 35.5], [0.5, 0.5]).tolist() == [1, -1]
    assert wards.at(34.5, 0.5).candidates == ((1, 0.0),)
    assert wards.at(38.0, 0.5).nearest == (1, pytest.approx(3 * metres_per_degree(0.5)[0]))


def test_every_covering_ward_is_listed(wards_of: Any) -> None:
    rng = np.random.default_rng(11)
    shapes = array_of([star(rng, 35.0, 0.5, 0.5, 12) for _ in range(6)])
    table = raster.rasterise(shapes)
    covering = grid.covering(table, grid.busy_cell(table, shapes))
    for x, y in rng.uniform((34.4, 0.0), (35.6, 1.0), (500, 2)).tolist():
        expected = tuple(np.flatnonzero(shapely.intersects_xy(shapes, x, y)).tolist())
        assert covering(x, y) == expected


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([50.0, 500.0, 20_000.0, 400_000.0]))
def test_distances_to_edges_are_those_of_shapely_in_the_scaled_plane(seed: int, radius_m: float) -> None:
    rng = np.random.default_rng(seed)
    shapes = array_of([star(rng, rng.uniform(34, 36), rng.uniform(-1, 1), 0.6, 30) for _ in range(8)])
    edges = Edges(raster.rasterise(shapes), shapes)
    for lon, lat in rng.uniform((33, -2), (37, 2), (20, 2)).tolist():
        kx, ky = metres_per_degree(lat)
        flat = array_of([affinity.scale(shape, kx, ky, origin=(0, 0)) for shape in shapes])
        metres = shapely.distance(shapely.boundary(flat), shapely.Point(lon * kx, lat * ky))
        near = edges.within(lon, lat, radius_m)
        assert sorted(near) == np.flatnonzero(metres <= radius_m).tolist()
        assert [near[row] for row in sorted(near)] == pytest.approx(metres[sorted(near)].tolist(), abs=1e-3)
        assert edges.of(3, lon, lat) == pytest.approx(metres[3], abs=1e-3)
        row, away = edges.nearest(lon, lat)
        assert away == pytest.approx(metres.min(), abs=1e-3)
        assert metres[row] == pytest.approx(metres.min(), abs=1e-3)


def test_the_real_wards_answer_as_shapely_does_on_every_vertex_and_beside_it(real_wards: Wards) -> None:
    shapes = array_of([real_wards.geometry(w.row) for w in real_wards])
    tree = shapely.STRtree(shapes)
    rng = np.random.default_rng(1)
    xy = np.concatenate(
        [
            shapely.get_coordinates(shapes),
            np.nextafter(shapely.get_coordinates(shapes), 99.0),
            rng.uniform((33.8, -4.8), (42.0, 5.5), (100_000, 2)),
        ]
    )
    at, rows = tree.query(shapely.points(xy), predicate="intersects")
    expected = np.full(len(xy), len(shapes))
    np.minimum.at(expected, at, rows)
    expected[expected == len(shapes)] = -1
    assert (real_wards.locate(xy[:, 0], xy[:, 1]) == expected).all()
    some = rng.integers(0, len(xy), 20_000)
    assert [real_wards.locate(x, y) for x, y in xy[some].tolist()] == expected[some].tolist()


def test_the_real_wards_answer_as_shapely_does_on_edges_and_in_overlaps_and_gaps(real_wards: Wards) -> None:
    shapes = array_of([real_wards.geometry(w.row) for w in real_wards])
    tree = shapely.STRtree(shapes)
    rng = np.random.default_rng(2)
    edges, _ = raster.ring_edges(shapes)
    on = edges[:, :2] + rng.uniform(size=(len(edges), 1)) * (edges[:, 2:] - edges[:, :2])
    pairs = tree.query(shapes, predicate="overlaps")
    twice = shapely.intersection(shapes[pairs[0]], shapes[pairs[1]])
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(shapely.union_all(shapes)) for ring in part.interiors]
    awkward_areas = [area for area in [*twice, *holes] if area.area > 0.0]
    assert len(holes) > 10
    assert len(awkward_areas) - len(holes) > 30
    inner = shapely.get_coordinates(shapely.point_on_surface(awkward_areas))
    around = shapely.get_coordinates(awkward_areas)
    xy = np.concatenate([on, inner, around, np.nextafter(around, 99.0), np.nextafter(around, -99.0)])
    at, rows = tree.query(shapely.points(xy), predicate="intersects")
    expected = np.full(len(xy), len(shapes))
    np.minimum.at(expected, at, rows)
    expected[expected == len(shapes)] = -1
    assert (expected[len(on) : len(on) + len(inner)] == -1).sum() > 10  # the gaps proper
    assert (real_wards.locate(xy[:, 0], xy[:, 1]) == expected).all()
    assert [real_wards.locate(x, y) for x, y in xy[len(on) :].tolist()] == expected[len(on) :].tolist()
