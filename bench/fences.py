"""Fixes of people who move, judged against a thousand fences: the index beside asking shapely for every fence."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from bench.table import Row, best_of, print_table
from geo.fence_index import Fences
from geo.fences import Change, Circle, Fence, Fix, Outline
from geo.places import metres_per_degree

NOON: Final = datetime(2026, 4, 26, 9, tzinfo=UTC)
BOX: Final = (34.0, -1.0, 35.2, 0.2)
"""Kisumu and what lies around it: about 130 km each way."""


def run(fences: int = 1_000, people: int = 2_000, fixes: int = 100_000, rounds: int = 3) -> list[Row]:
    """Measure fixes a second against circles, polygons, ten times as many, and beside the plain loop."""
    rng = np.random.default_rng(2026)
    circles, outlines = _circles(rng, fences), _outlines(rng, fences)
    many = _circles(np.random.default_rng(2027), 10 * fences)
    walk = _walk(rng, people, fixes)
    rows = []
    for name, drawn in (("circles", circles), ("polygons of 24 corners", outlines)):
        # The peer is slow: it gets the first fixes of the same walk, and the same ones are compared.
        some = walk[: max(1, fixes // 50)]
        shapes, theirs = _prepared(drawn), list[tuple[str, str]]()
        mine, peer = best_of(rounds, partial(_indexed, drawn, walk), partial(_plain_into, theirs, shapes, some))
        ours = {(change.who, change.fence) for change in _indexed(drawn, some) if change.kind == "enter"}
        alike = len(ours & set(theirs)) / max(1, len(ours | set(theirs)))
        assert alike > 0.98, "the index and shapely differ by more than the plane that shapely is given"
        rate, plain = len(walk) / mine, len(some) / peer
        entered = sum(change.kind == "enter" for change in _indexed(drawn, walk))
        rows.append(
            Row(
                what=f"fixes against {fences:,} fences",
                ours=f"{rate:,.0f}/s",
                peer=f"{plain:,.0f}/s",
                ratio=rate / plain,
                note=f"shapely on prepared shapes, one by one; {name}; {entered:,} entries, {alike:.1%} the same",
            )
        )
    few, more = best_of(rounds, lambda: _indexed(circles, walk), lambda: _indexed(many, walk))
    rows.append(
        Row(
            what=f"the same against {10 * fences:,} fences, ten times as wide",
            ours=f"{len(walk) / more:,.0f}/s",
            note=f"{more / few:.2f} times as long: what is far away costs nothing",
        )
    )
    return rows


def _indexed(drawn: list[Fence], walk: list[tuple[str, Fix]]) -> list[Change]:
    index, changes = Fences(drawn), list[Change]()
    for who, fix in walk:
        changes += index.fix(who, fix)
    return changes


Prepared = list[tuple[str, BaseGeometry, BaseGeometry]]
"""Fences by name, with the edge at which one enters and the one at which one leaves."""


def _prepared(drawn: list[Fence]) -> Prepared:
    """Give shapely's own shapes, in one plane for all: within 0.6 % of the great circles that the index measures by."""
    shapes: Prepared = []
    for fence in drawn:
        if isinstance(fence.shape, Circle):
            inner = shapely.Point(_flat(fence.shape.lon, fence.shape.lat)).buffer(fence.shape.radius_m, quad_segs=64)
        else:
            inner = shapely.Polygon([_flat(*corner) for corner in _CORNERS[fence.id]])
        outer = inner.buffer(fence.exit_m)
        shapely.prepare(inner)
        shapely.prepare(outer)
        shapes.append((fence.id, inner, outer))
    return shapes


def _plain(shapes: Prepared, walk: list[tuple[str, Fix]]) -> list[tuple[str, str]]:
    """Ask every fence for every fix, as one does without an index: who came in where, with the same two edges."""
    inside: set[tuple[str, str]] = set()
    entered = []
    for who, fix in walk:
        point = shapely.Point(_flat(fix.lon, fix.lat))
        for id_, inner, outer in shapes:
            if (who, id_) in inside:
                if not shapely.intersects(outer, point):
                    inside.remove((who, id_))
            elif shapely.intersects(inner, point):
                inside.add((who, id_))
                entered.append((who, id_))
    return entered


def _plain_into(entered: list[tuple[str, str]], shapes: Prepared, walk: list[tuple[str, Fix]]) -> None:
    entered[:] = _plain(shapes, walk)


def _flat(lon: float, lat: float) -> tuple[float, float]:
    return lon * _PLANE[0], lat * _PLANE[1]


_PLANE: Final = metres_per_degree(-0.4)
_CORNERS: Final[dict[str, list[tuple[float, float]]]] = {}


def _circles(rng: np.random.Generator, count: int) -> list[Fence]:
    west, south, east, north = BOX
    # Ten times as many lie in a box of ten times the area, so that as many are near as before.
    wide = (count / 1_000) ** 0.5
    lons, lats = (
        rng.uniform(west, west + (east - west) * wide, count),
        rng.uniform(north - (north - south) * wide, north, count),
    )
    radii = rng.uniform(150.0, 1500.0, count)
    return [
        Fence(id=f"c{n}", shape=Circle(lon=lon, lat=lat, radius_m=radius), exit_m=100.0, dwell_s=600.0)
        for n, (lon, lat, radius) in enumerate(zip(lons.tolist(), lats.tolist(), radii.tolist(), strict=True))
    ]


def _outlines(rng: np.random.Generator, count: int) -> list[Fence]:
    fences = []
    for n in range(count):
        lon, lat = rng.uniform(BOX[:2], BOX[2:])
        reach = rng.uniform(0.5, 1.0, 24) * rng.uniform(0.002, 0.013)
        turn = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
        corners = list(zip((lon + reach * np.cos(turn)).tolist(), (lat + reach * np.sin(turn)).tolist(), strict=True))
        _CORNERS[f"p{n}"] = corners
        fences.append(Fence(id=f"p{n}", shape=Outline(shapely.Polygon(corners)), exit_m=100.0, dwell_s=600.0))
    return fences


def _walk(rng: np.random.Generator, people: int, fixes: int) -> list[tuple[str, Fix]]:
    """Let people walk from fix to fix, half a minute and some 400 m apart, all in turn."""
    at = rng.uniform(BOX[:2], BOX[2:], (people, 2))
    walk: list[tuple[str, Fix]] = []
    for step in range(fixes // people):
        at = at + rng.normal(0.0, 0.003, (people, 2))
        when = NOON + timedelta(seconds=30 * step)
        walk += [(f"r{n}", Fix(lon=lon, lat=lat, at=when)) for n, (lon, lat) in enumerate(at.tolist())]
    return walk


if __name__ == "__main__":
    print_table(run())
