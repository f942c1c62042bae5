"""Wards crossed by an area beside geopandas.overlay, and outlines that cover beside simplifying and buffering."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import shapely

from alerts.cap_outlines import AREA_ERROR, areas_of
from bench.table import Row, best_of, print_table
from geo import areas
from geo.crossing import crossing
from geo.facilities import Facilities
from geo.fitting import count, fit, measured
from geo.outlines import outline
from geo.place_files import read as read_places
from geo.wards import Wards

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT.parent / "shared" / "data"
REAL: Final = DATA / "kenya_wards.fgb"
DEMO: Final = ROOT / "fixtures" / "demo" / "wards.geojson"
PLACES: Final = DATA / "kenya_gazetteer.csv"


def run(rounds: int = 5) -> list[Row]:
    """Measure crossing by circles of three sizes, places inside one, and fitting at two budgets."""
    wards = Wards.load(REAL if REAL.exists() else DEMO)
    rows = [_crossing(wards, name, metres, rounds) for name, metres in (("1", 1e3), ("10", 1e4), ("100", 1e5))]
    if PLACES.exists():
        rows.append(_places(rounds))
    shapes = [wards.geometry(ward.row) for ward in wards][:: max(1, len(wards) // 100)]
    return [*rows, *(_fitting(shapes, budget) for budget in (100, 20)), _message(wards)]


def _crossing(wards: Wards, name: str, metres: float, rounds: int) -> Row:
    rng = np.random.default_rng(2026)
    middles = [wards.ward(row) for row in rng.integers(0, len(wards), 30).tolist()]
    drawn = [areas.circle(ward.lon, ward.lat, metres) for ward in middles]
    frame = geopandas.GeoDataFrame(
        {"row": range(len(wards))}, geometry=[wards.geometry(ward.row) for ward in wards], crs=4326
    )
    layers = [geopandas.GeoDataFrame(geometry=[area.shape], crs=4326) for area in drawn]
    frame.sindex  # noqa: B018  both have their index before the clock starts
    found: list[Any] = [None, None]

    def ours() -> None:
        found[0] = [crossing(wards, area) for area in drawn]

    def overlay() -> None:
        found[1] = [geopandas.overlay(frame, layer, keep_geom_type=True) for layer in layers]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # geopandas tells of pieces that are lines
        mine, theirs = best_of(rounds, ours, overlay)
    for one, other in zip(found[0], found[1], strict=True):
        assert {w.row for w in one.wards if w.of_area > 1e-9} <= set(other["row"]), "crossing and geopandas differ"
        assert {w.row for w in one.wards} >= {
            r for r, s in zip(other["row"], other.geometry, strict=True) if s.area > 1e-12
        }, "crossing and geopandas differ"
    each = np.median([len(one.wards) for one in found[0]])
    return Row(
        what=f"wards crossed by a circle of {name} km",
        ours=f"{mine / len(drawn) * 1e3:.2f} ms",
        peer=f"{theirs / len(drawn) * 1e3:.1f} ms",
        ratio=theirs / mine,
        note=f"geopandas.overlay, which gives no shares and no km2; {each:.0f} wards in the median, all the same",
    )


def _places(rounds: int) -> Row:
    places = read_places(PLACES).places
    known = Facilities(places)
    area = areas.circle(34.75, -0.1, 10_000.0)
    (mine,) = best_of(rounds, lambda: known.within(area))
    found = known.within(area)
    return Row(
        what="places inside a circle of 10 km",
        ours=f"{mine * 1e3:.1f} ms",
        note=f"{found.total} of {len(places):,} around Kisumu, by kind",
    )


def _fitting(shapes: Sequence[Any], budget: int) -> Row:
    mine = [fit(shape, budget) for shape in shapes]
    theirs = [_buffered(shape, budget) for shape in shapes]
    assert all(each.shape.covers(shape) for shape, each in zip(shapes, mine, strict=True)), "somebody is left out"
    (spent,) = best_of(1, lambda: [fit(shape, budget) for shape in shapes])
    ours, peer = (np.array([each.area_error for each in fitted]) for fitted in (mine, theirs))
    return Row(
        what=f"a ward's border in {budget} positions, nobody left out",
        ours=f"+{np.median(ours):.2%} area",
        peer=f"+{np.median(peer):.2%}",
        ratio=float(np.median(peer) / np.median(ours)),
        note=f"shapely simplify, then buffer; medians of {len(shapes)} wards; worst +{ours.max():.1%} against "
        f"+{peer.max():.1%}; {spent / len(shapes) * 1e3:.1f} ms a ward",
    )


def _buffered(shape: Any, budget: int) -> Any:
    """Simplify and buffer with the tolerance, of forty, that adds least among those that keep the budget and cover."""
    tried = [shapely.convex_hull(shape)]
    for tolerance in np.geomspace(1e-5, 0.3, 40):
        thin = shapely.simplify(shape, tolerance)
        tried.append(shapely.buffer(thin, tolerance * 1.001, join_style="mitre", mitre_limit=2.0))
    kept = [each for each in tried if count(each) <= budget and each.covers(shape)]
    return measured(shape, min(kept, key=lambda each: each.area, default=shapely.envelope(shape)))


def _message(wards: Wards) -> Row:
    rows = wards.rows_in("KE.042")
    outline.cache_clear()
    (spent,) = best_of(1, lambda: areas_of(wards, [wards.ward(row).path for row in rows]))
    drawn, (error,) = areas_of(wards, [wards.ward(row).path for row in rows])
    before = sum(count(wards.geometry(row)) for row in rows)
    after = sum(len(ring) for area in drawn for ring in area.polygons)
    said = dict(part.split("=", 1) for part in error.value.split("; "))
    return Row(
        what=f"a CAP message for the {len(rows)} wards of a county",
        ours=f"{after:,} positions",
        peer=f"{before:,}",
        ratio=before / after,
        note=f"the borders as they are; {AREA_ERROR}: +{float(said['share']):.1%}, worst ward "
        f"+{float(said['worst'].split()[1]):.1%}; {spent * 1e3:.0f} ms the first time",
    )


if __name__ == "__main__":
    print_table(run())
