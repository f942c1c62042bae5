"""The wards an area crosses, their shares, what is left over, and the places inside."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import areas
from geo.crossing import Crossing, crossed, crossing
from geo.measure import km2
from geo.wards import Wards

Make = Callable[[Sequence[Any]], Wards]
GRID = [shapely.box(34 + i / 10, -1 + j / 10, 34.1 + i / 10, -0.9 + j / 10) for j in range(3) for i in range(3)]


def box(west: float, south: float, east: float, north: float) -> areas.Area:
    return areas.polygon([[(west, south), (east, south), (east, north), (west, north), (west, south)]])


def test_each_ward_is_named_with_its_share_and_the_part_of_the_area(wards_of: Make) -> None:
    found = crossing(wards_of(GRID), box(34.05, -0.95, 34.25, -0.85))
    assert [ward.row for ward in found.wards] == [4, 1, 3, 5, 0, 2]
    shares = {ward.row: ward.share for ward in found.wards}
    assert shares[1] == pytest.approx(0.5, rel=1e-4)
    assert shares[0] == pytest.approx(0.25, rel=1e-4)
    assert sum(ward.of_area for ward in found.wards) == pytest.approx(1.0)
    assert found.uncovered_km2 == 0.0
    assert found.wards[0].path.startswith("KE.042.240.")


def test_a_ward_that_is_only_touched_is_not_crossed(wards_of: Make) -> None:
    assert [ward.row for ward in crossed(wards_of(GRID), box(34.1, -1.0, 34.2, -0.9))] == [1]


def test_a_whole_ward_has_share_one_and_the_least_share_narrows(wards_of: Make) -> None:
    wards, area = wards_of(GRID), box(33.9, -1.1, 34.101, -0.9)
    found = crossing(wards, area)
    assert (found.wards[0].row, found.wards[0].share) == (0, 1.0)
    assert [ward.row for ward in crossed(wards, area, min_share=0.5)] == [0]
    assert found.uncovered_km2 == pytest.approx(area.km2 - sum(ward.km2 for ward in found.wards))


def test_nothing_is_crossed_by_an_area_between_wards(wards_of: Make) -> None:
    area = areas.circle(35.0, 0.5, 2000.0)
    assert crossing(wards_of(GRID), area) == Crossing(
        wards=(), km2=area.km2, uncovered_km2=area.km2, version=wards_of(GRID).version
    )


def star(corners: int, reach: float) -> areas.Area:
    """Needles from a middle out over all wards and beyond."""
    around = np.linspace(0.0, 2.0 * np.pi, 2 * corners, endpoint=False)
    far = np.where(np.arange(2 * corners) % 2, reach, 0.001)
    return areas.polygon([np.column_stack((34.15 + far * np.cos(around), -0.85 + far * np.sin(around))).tolist()])


def test_an_area_of_many_lines_is_overlaid_with_few_of_them_at_a_time(
    wards_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    area, overlay = star(400, 3.0), shapely.intersection
    shapes = [shapely.box(34 + i / 10, -1 + j / 10, 34.1 + i / 10, -0.9 + j / 10) for i in range(20) for j in range(20)]
    expected = [km2(overlay(shape, area.shape)) for shape in shapes]
    met: list[int] = []

    def counted(some: Any, others: Any) -> Any:
        met.append(int(shapely.get_num_coordinates(np.broadcast_arrays(some, others)[1]).sum()))
        return overlay(some, others)

    monkeypatch.setattr(shapely, "intersection", counted)
    found = {ward.row: ward.km2 for ward in crossed(wards_of(shapes), area)}
    assert [found.get(row, 0.0) for row in range(400)] == pytest.approx(expected, abs=1e-9)
    assert sum(met) < 100 * 400, "not all 801 positions with each of 400 wards"


@given(
    far=st.lists(st.floats(0.02, 0.3), min_size=30, max_size=80),
    lon=st.floats(34.0, 34.3),
    lat=st.floats(-1.0, -0.7),
)
def test_an_area_cut_down_to_each_ward_has_in_common_with_it_what_the_whole_has(
    wards_of: Make, far: list[float], lon: float, lat: float
) -> None:
    around = np.linspace(0.0, 2.0 * np.pi, len(far), endpoint=False)
    corners = np.column_stack((lon + np.array(far) * np.cos(around), lat + np.array(far) * np.sin(around)))
    area = areas.polygon([corners.tolist()])
    found = {ward.row: ward.km2 for ward in crossed(wards_of(GRID), area)}
    expected = [km2(shapely.intersection(shape, area.shape)) for shape in GRID]
    assert [found.get(row, 0.0) for row in range(9)] == pytest.approx(expected, abs=1e-8)


def test_overlapping_wards_do_not_cover_twice(wards_of: Make) -> None:
    shapes = [shapely.box(34.0, -1.0, 34.2, -0.9), shapely.box(34.1, -1.0, 34.3, -0.9)]
    area = box(33.9, -1.0, 34.3, -0.9)
    found = crossing(wards_of(shapes), area)
    assert found.uncovered_km2 == pytest.approx(area.km2 / 4)
    assert sum(ward.of_area for ward in found.wards) == pytest.approx(1.0)


def test_a_ward_without_a_shape_is_passed_over(wards_of: Make) -> None:
    assert [ward.row for ward in crossed(wards_of([None, GRID[0]]), box(34.0, -1.0, 34.05, -0.95))] == [1]


@given(lon=st.floats(33.9, 34.4), lat=st.floats(-1.1, -0.6), metres=st.floats(1.0, 40_000.0))
def test_shares_are_those_of_shapely(wards_of: Make, lon: float, lat: float, metres: float) -> None:
    area = areas.circle(lon, lat, metres)
    found = {ward.row: ward for ward in crossed(wards_of(GRID), area)}
    for row, shape in enumerate(GRID):
        common = km2(shapely.intersection(shape, area.shape))
        assert (row in found) == (common > 0.0)
        if row in found:
            assert found[row].km2 == pytest.approx(common)
            assert found[row].share == pytest.approx(common / km2(shape))


def test_the_real_wards_are_crossed_as_geopandas_overlays_them(real_wards: Wards) -> None:
    frame = geopandas.GeoDataFrame(
        {"row": [ward.row for ward in real_wards]},
        geometry=[real_wards.geometry(ward.row) for ward in real_wards],
        crs=4326,
    )
    rng = np.random.default_rng(4)
    for lon, lat, metres in zip(
        rng.uniform(34.2, 40.0, 20), rng.uniform(-3.5, 2.0, 20), 10.0 ** rng.uniform(2.0, 5.0, 20), strict=True
    ):
        area = areas.circle(float(lon), float(lat), float(metres))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # geopandas speaks of pieces that are no polygons
            laid = geopandas.overlay(
                frame, geopandas.GeoDataFrame(geometry=[area.shape], crs=4326), keep_geom_type=True
            )
        theirs = {int(row): km2(shape) for row, shape in zip(laid["row"], laid.geometry, strict=True)}
        found = crossing(real_wards, area)
        assert {ward.row for ward in found.wards if ward.km2 > 1e-9} == {r for r, size in theirs.items() if size > 1e-9}
        assert sum(ward.km2 for ward in found.wards) == pytest.approx(sum(theirs.values()), abs=1e-6)
        together = shapely.union_all(laid.geometry.to_numpy())
        assert found.uncovered_km2 == pytest.approx(area.km2 - km2(together), abs=1e-5 * area.km2)
