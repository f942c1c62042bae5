"""Shapes drawn with few positions: valid, within the budget, covering, and with their error stated as it is."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import fitting
from geo.fitting import count, fit
from geo.hulls import Outline
from geo.measure import km2
from geo.outlines import budgets, outline
from geo.wards import Wards

Make = Callable[[Sequence[Any]], Wards]
RING = shapely.box(34.0, -1.0, 34.5, -0.5).difference(shapely.box(34.2, -0.8, 34.3, -0.7))
COMB = shapely.union_all(
    [shapely.box(34.0, -1.0, 34.4, -0.99)] + [shapely.box(34 + i / 50, -1.0, 34.01 + i / 50, -0.8) for i in range(20)]
)

blobs = st.builds(
    lambda x, y, radii: shapely.make_valid(
        shapely.Polygon(
            [
                (x + r * np.cos(2 * np.pi * i / len(radii)), y + r * np.sin(2 * np.pi * i / len(radii)))
                for i, r in enumerate(radii)
            ]
        ),
        method="structure",
    ),
    st.floats(34.0, 34.4),
    st.floats(-1.0, -0.6),
    st.lists(st.floats(0.002, 0.15), min_size=3, max_size=30),
)


@st.composite
def shapes(draw: st.DrawFn) -> Any:
    """Draw a polygon or multipolygon, with bays, islands and holes."""
    shape = shapely.union_all(draw(st.lists(blobs, min_size=1, max_size=4)))
    for bite in draw(st.lists(blobs, max_size=2)):
        shape = shapely.difference(shape, bite)
    parts = [part for part in shapely.get_parts(shape).tolist() if part.geom_type == "Polygon" and part.area > 1e-9]
    return shapely.union_all(parts) if parts else shapely.box(34.0, -1.0, 34.1, -0.9)


def stated(shape: Any, fitted: fitting.Fitted) -> None:
    """Hold what is stated against shapely."""
    assert fitted.shape.is_valid
    assert fitted.vertices == count(fitted.shape)
    differs = km2(shapely.symmetric_difference(shape, fitted.shape))
    assert fitted.area_error == pytest.approx(differs / km2(shape), abs=1e-6)
    assert fitted.lost_km2 + fitted.added_km2 == pytest.approx(differs, abs=1e-6 * km2(shape))
    assert fitted.added_km2 - fitted.lost_km2 == pytest.approx(km2(fitted.shape) - km2(shape), abs=1e-9)


@given(shape=shapes(), vertices=st.integers(5, 80), slack=st.sampled_from([0.0, 0.02, 0.3]))
@settings(max_examples=150)
def test_a_covering_fit_is_valid_small_enough_and_leaves_nobody_out(shape: Any, vertices: int, slack: float) -> None:
    fitted = fit(shape, vertices, slack=slack)
    assert fitted.vertices <= vertices
    assert shapely.covers(fitted.shape, shape)
    assert fitted.lost_km2 == 0.0
    stated(shape, fitted)


def test_a_fit_knows_bays_and_not_only_the_hull() -> None:
    fitted = fit(COMB, 60)
    assert fitted.shape.area < 0.9 * shapely.convex_hull(COMB).area
    assert fit(COMB, 85).area_error < 0.01


def test_slack_takes_positions_that_are_not_worth_it() -> None:
    rough = shapely.Point(34.5, -0.5).buffer(0.2, quad_segs=64)
    assert fit(rough, 100).vertices > 90
    loose = fit(rough, 100, slack=0.02)
    assert loose.vertices < 40
    assert loose.area_error <= 0.021


def test_a_shape_that_fits_already_stays_as_it_is() -> None:
    assert fit(RING, 20).shape is RING


def test_islands_beyond_the_budget_are_joined_and_none_is_lost() -> None:
    islands = shapely.union_all([shapely.Point(34 + i / 20, -0.5 + (i % 3) / 20).buffer(0.005) for i in range(15)])
    fitted = fit(islands, 20)
    assert fitted.vertices <= 20
    assert shapely.covers(fitted.shape, islands)
    many = shapely.union_all(
        [
            shapely.box(34 + i / 100, -1 + j / 100, 34.005 + i / 100, -0.995 + j / 100)
            for i in range(20)
            for j in range(20)
        ]
    )
    assert shapely.covers(fit(many, 30).shape, many)


def test_a_shape_of_very_many_positions_is_fitted_too() -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 50_000, endpoint=False)
    wavy = 0.3 + 0.002 * np.sin(200 * angle)
    shape = shapely.Polygon(np.column_stack((36.0 + wavy * np.cos(angle), wavy * np.sin(angle))))
    fitted = fit(shape, 100)
    assert fitted.vertices <= 100
    assert shapely.covers(fitted.shape, shape)
    assert fitted.area_error < 0.05


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.Point(34.0, 0.0)])
def test_nothing_cannot_be_fitted(shape: Any) -> None:
    with pytest.raises(ValueError, match="no area"):
        fit(shape, 100)


def test_a_budget_below_a_box_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 5"):
        fit(RING, 4)


def test_a_hull_step_never_runs_into_another_line() -> None:
    spiral = shapely.LineString(
        [(34.5 + r / 300 * np.cos(r / 3), -0.5 + r / 300 * np.sin(r / 3)) for r in range(60)]
    ).buffer(0.004)
    drawn = Outline(spiral, (1.0, 1.0))
    while drawn.cost() < float("inf"):
        before = drawn.positions
        drawn.step()
        assert drawn.positions <= before
        assert drawn.polygon().is_valid
        assert shapely.covers(drawn.polygon().buffer(1e-9), spiral)


def test_an_outline_keeps_a_hole_by_cutting_through_it() -> None:
    drawn = outline(RING, 40)
    rings = [shapely.Polygon(ring) for ring in drawn.rings]
    assert len(rings) == 2
    assert all(ring.is_valid for ring in rings)
    assert shapely.union_all(rings).buffer(1e-4).covers(RING)
    assert not shapely.union_all(rings).covers(shapely.Point(34.25, -0.75))
    assert drawn.area_error < 0.001
    filled = outline(RING, 8)
    assert len(filled.rings) == 1
    assert filled.added_km2 == pytest.approx(km2(shapely.box(34.2, -0.8, 34.3, -0.7)), rel=0.01)


@given(shape=shapes(), vertices=st.integers(5, 100))
@settings(max_examples=100)
def test_an_outline_has_closed_rings_without_holes_that_leave_nobody_out(shape: Any, vertices: int) -> None:
    drawn = outline(shape, vertices)
    assert all(ring[0] == ring[-1] and len(ring) >= 4 for ring in drawn.rings)
    assert drawn.vertices == sum(map(len, drawn.rings)) <= vertices
    rings = [shapely.Polygon(ring) for ring in drawn.rings]
    assert all(ring.is_valid for ring in rings)
    together = shapely.union_all(rings)
    assert km2(shapely.difference(shape, together)) == pytest.approx(0.0, abs=1e-9)
    assert drawn.lost_km2 == pytest.approx(0.0, abs=1e-9)
    assert drawn.area_error == pytest.approx(km2(shapely.symmetric_difference(shape, together)) / km2(shape), abs=1e-6)


def test_a_message_shares_its_positions_by_need() -> None:
    assert budgets([30, 50]) == [30, 50]
    shared = budgets([100] * 19 + [10])
    assert sum(shared) <= 1000
    assert shared[-1] == 10
    assert budgets([100] * 200) == [20] * 200


def test_the_real_wards_within_a_message_budget(real_wards: Wards) -> None:
    shapes = [real_wards.geometry(row) for row in range(0, len(real_wards), 29)]
    errors = []
    for shape in shapes:
        fitted = fit(shape, 100)
        assert shapely.covers(fitted.shape, shape)
        stated(shape, fitted)
        errors.append(fitted.area_error)
    assert max(errors) < 0.03
    assert float(np.median(errors)) < 0.002
